#include "support/output_file.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <llvm/Support/Process.h>
#include <llvm/Support/Signals.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wasmpack {
namespace {

std::string system_reason(int error) { return std::generic_category().message(error); }

tl::unexpected<Diagnostic> cannot_write(const std::string& path, const std::string& reason,
                                        std::string help = {}) {
  return fail("cannot-write", {.file = path}, "cannot write: " + reason, std::move(help));
}

// The folder a path's last component is in.
std::string parent_folder(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The descriptor that "-", /dev/stdout, /dev/fd/3 and the like stand for. What is behind it may be
// a regular file (`> out.o`), but the name is not that file's: it is written to, never replaced.
std::optional<int> open_descriptor(std::string_view path) {
  if (path == "-" || path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(folder)) continue;
    path.remove_prefix(folder.size());
    int descriptor = -1;
    const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), descriptor);
    if (error == std::errc{} && end == path.data() + path.size() && descriptor >= 0)
      return descriptor;
  }
  return std::nullopt;
}

// `path` with its own symbolic links followed, even to a file that does not exist yet; not those of
// its folders, which the system follows.
std::string follow_links(std::string path) {
  constexpr int kMaxLinks = 40;  // what Linux allows
  for (int i = 0; i < kMaxLinks; ++i) {
    char buffer[4096];
    const ssize_t length = readlink(path.c_str(), buffer, sizeof buffer);
    if (length < 0) break;
    const std::string target(buffer, static_cast<size_t>(length));
    path = target.starts_with('/') ? target : parent_folder(path) + "/" + target;
  }
  return path;
}

// Registers `file` for removal by a signal. LLVM installs its handlers with the first file, over
// signals that were ignored too; those stay ignored (`nohup` ignores SIGHUP, a shell without job
// control SIGINT). SIGXFSZ becomes an error of the write instead of the end of the process.
void remove_on_signal(const std::string& file) {
  constexpr int kSignals[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2};
  bool ignored[std::size(kSignals)];
  for (size_t i = 0; i < std::size(kSignals); ++i) {
    struct sigaction action;
    ignored[i] = sigaction(kSignals[i], nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
  }
  llvm::sys::RemoveFileOnSignal(file);
  for (size_t i = 0; i < std::size(kSignals); ++i)
    if (ignored[i]) std::signal(kSignals[i], SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

// Waits until a non-blocking descriptor takes bytes again.
void wait_until_writable(int descriptor) {
  pollfd entry{descriptor, POLLOUT, 0};
  poll(&entry, 1, -1);
}

// Zero, or the error number. `offset` is absent for a stream.
int write_all(int descriptor, Bytes bytes, std::optional<uint64_t> offset) {
  while (!bytes.empty()) {
    // Linux moves at most 2 GiB a call; less is a short write, not an error.
    const ssize_t written =
        offset ? pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(*offset))
               : ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN && !offset) {
        wait_until_writable(descriptor);
        continue;
      }
      return errno;
    }
    bytes = bytes.subspan(static_cast<size_t>(written));
    if (offset) *offset += static_cast<uint64_t>(written);
  }
  return 0;
}

}  // namespace

OutputFile::OutputFile(std::string path)
    : path_(path == "-" ? "<stdout>" : path), destination_(std::move(path)) {}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      destination_(std::move(other.destination_)),
      temporary_(std::exchange(other.temporary_, {})),
      collected_(std::move(other.collected_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      is_stream_(other.is_stream_) {}

OutputFile& OutputFile::operator=(OutputFile&& other) noexcept {
  if (this == &other) return *this;
  discard();
  path_ = std::move(other.path_);
  destination_ = std::move(other.destination_);
  temporary_ = std::exchange(other.temporary_, {});
  collected_ = std::move(other.collected_);
  descriptor_ = std::exchange(other.descriptor_, -1);
  is_stream_ = other.is_stream_;
  return *this;
}

OutputFile::~OutputFile() { discard(); }

Result<OutputFile> OutputFile::create(const std::string& path) {
  OutputFile output(path);
  if (path.empty()) return fail("cannot-write", {}, "the name of an output file is empty");

  if (const std::optional<int> descriptor = open_descriptor(path)) {
    if (fcntl(*descriptor, F_GETFD) < 0) return cannot_write(output.path_, system_reason(errno));
    output.descriptor_ = *descriptor;
    output.is_stream_ = true;
    return output;
  }

  struct stat status{};
  const bool exists = stat(path.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) return cannot_write(path, system_reason(errno));
  if (path.ends_with('/') || (exists && S_ISDIR(status.st_mode)))
    return cannot_write(path, "it names a folder", "name a file in it");
  if (exists && !S_ISREG(status.st_mode)) {
    output.is_stream_ = true;
    return output;
  }

  output.destination_ = follow_links(path);
  const unsigned permissions = exists ? status.st_mode & 0777 : 0666;
  if (Result<void> created = output.create_temporary(permissions, exists); !created)
    return tl::unexpected(created.error());
  return output;
}

// Not llvm::sys::fs::TempFile: that replaces each '%' in the folders' names by a random digit.
Result<void> OutputFile::create_temporary(unsigned permissions, bool is_replacement) {
  const std::string folder = parent_folder(destination_);
  for (int attempt = 0;; ++attempt) {
    char random[17];
    std::snprintf(random, sizeof random, "%08x%08x", llvm::sys::Process::GetRandomNumber(),
                  llvm::sys::Process::GetRandomNumber());
    const std::string name = folder + "/.wasmpack-" + random + ".tmp";
    // Registered before it exists: no signal comes too early.
    remove_on_signal(name);
    descriptor_ = open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions);
    if (descriptor_ >= 0) {
      temporary_ = name;
      break;
    }
    const int error = errno;
    llvm::sys::DontRemoveFileOnSignal(name);
    if (error == EEXIST && attempt < 100) continue;
    if (error == ENOENT)
      return cannot_write(path_, "the folder '" + folder + "' does not exist",
                          "create it first: `mkdir -p " + folder + "`");
    return cannot_write(
        path_, "no file can be created in the folder '" + folder + "': " + system_reason(error));
  }
  // open() took the umask off, which does not concern a file that was there before. Should this
  // fail, then the permissions are only stricter.
  if (is_replacement) (void)fchmod(descriptor_, permissions);
  return {};
}

Result<void> OutputFile::write(uint64_t offset, Bytes bytes) {
  if (bytes.empty()) return {};
  if (is_stream_) {
    const std::lock_guard lock(*collected_mutex_);
    if (offset + bytes.size() > collected_.size()) collected_.resize(offset + bytes.size());
    std::memcpy(collected_.data() + offset, bytes.data(), bytes.size());
    return {};
  }
  if (const int error = write_all(descriptor_, bytes, offset))
    return cannot_write(path_, system_reason(error));
  return {};
}

Result<void> OutputFile::commit() {
  if (is_stream_) return write_collected();

  // Some file systems tell only here that the disk is full.
  if (close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR)
    return cannot_write(path_, system_reason(errno));
  if (rename(temporary_.c_str(), destination_.c_str()) != 0)
    return cannot_write(path_, system_reason(errno));
  llvm::sys::DontRemoveFileOnSignal(temporary_);
  temporary_.clear();
  return {};
}

Result<void> OutputFile::write_collected() {
  int descriptor = descriptor_;
  if (descriptor < 0) {
    // Opened this late, since opening a pipe waits for its reader.
    do {
      descriptor = open(destination_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    } while (descriptor < 0 && errno == EINTR);
    if (descriptor < 0) return cannot_write(path_, system_reason(errno));
  }
  int error = write_all(descriptor, collected_, std::nullopt);
  if (descriptor != descriptor_ && close(descriptor) != 0 && errno != EINTR && error == 0)
    error = errno;
  collected_ = {};
  if (error != 0) return cannot_write(path_, system_reason(error));
  return {};
}

void OutputFile::discard() {
  // The descriptor of a stream belongs to whoever opened it.
  if (!is_stream_ && descriptor_ >= 0) close(std::exchange(descriptor_, -1));
  if (temporary_.empty()) return;
  unlink(temporary_.c_str());
  llvm::sys::DontRemoveFileOnSignal(temporary_);
  temporary_.clear();
}

Result<void> write_whole_file(const std::string& path, Bytes bytes) {
  return OutputFile::create(path).and_then([&](OutputFile output) -> Result<void> {
    if (Result<void> written = output.write(0, bytes); !written) return written;
    return output.commit();
  });
}

}  // namespace wasmpack
