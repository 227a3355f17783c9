#include "support/input_file.h"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/Path.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/suggest.h"

namespace wasmpack {
namespace {

// The way out for a path that cannot be read: what else is there, or what was meant.
std::string suggest_path(const std::string& path, std::error_code reason) {
  if (reason == std::errc::is_a_directory) return "name the files in it";
  if (reason != std::errc::no_such_file_or_directory) return {};
  const llvm::StringRef folder = llvm::sys::path::parent_path(path);
  std::vector<std::string> names;
  std::error_code error;
  llvm::sys::fs::directory_iterator end;
  for (llvm::sys::fs::directory_iterator at(folder.empty() ? "." : folder, error);
       !error && at != end; at.increment(error))
    names.push_back(llvm::sys::path::filename(at->path()).str());
  std::sort(names.begin(), names.end());
  return suggest_sentence(llvm::sys::path::filename(path).str(),
                          std::vector<std::string_view>(names.begin(), names.end()));
}

using Buffer = std::unique_ptr<llvm::MemoryBuffer>;

// Devices are no files: a terminal or /dev/null is shorter than this, /dev/zero never ends.
constexpr size_t kDeviceBytes = size_t{16} << 20;
// How long a pipe may be without anybody who writes into it.
constexpr int kPipePatience = 500;  // ms

std::error_code last_error() { return {errno, std::generic_category()}; }

// Reads a pipe, or a device of at most `limit` bytes, to its end.
std::error_code read_stream(int descriptor, size_t limit, std::vector<char>& content) {
  constexpr size_t kPiece = size_t{64} << 10;
  for (;;) {
    const size_t size = content.size();
    if (size > limit) return std::make_error_code(std::errc::file_too_large);
    content.resize(size + kPiece);
    const ssize_t got = ::read(descriptor, content.data() + size, kPiece);
    content.resize(size + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return {};
    if (got < 0 && errno != EINTR) return last_error();
  }
}

// The same for a descriptor that was opened without waiting: from then on it waits.
Result<Buffer> read_special(const std::string& path, int descriptor, bool is_pipe) {
  const auto refuse = [&](const std::string& reason) {
    return fail("cannot-read", {.file = path}, "cannot read: " + reason);
  };
  std::vector<char> content;
  if (is_pipe) {
    pollfd entry{descriptor, POLLIN, 0};
    const bool is_silent = ::poll(&entry, 1, kPipePatience) == 0;
    // With a writer that is still silent the system says "try again", without one "end of file".
    const std::error_code error = read_stream(descriptor, SIZE_MAX, content);
    if (error && error != std::errc::resource_unavailable_try_again) return refuse(error.message());
    if (!error && is_silent && content.empty()) return refuse("nobody writes into this pipe");
  }
  ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) & ~O_NONBLOCK);
  if (const std::error_code error =
          read_stream(descriptor, is_pipe ? SIZE_MAX : kDeviceBytes, content))
    return refuse(error.message());
  return llvm::MemoryBuffer::getMemBufferCopy(llvm::StringRef(content.data(), content.size()));
}

Result<Buffer> open_buffer(const std::string& path) {
  const auto refuse = [&](std::error_code reason) {
    return fail("cannot-read", {.file = path}, "cannot read: " + reason.message(),
                suggest_path(path, reason));
  };
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return refuse(last_error());
  struct stat status{};
  const auto open_any = [&]() -> Result<Buffer> {
    if (::fstat(descriptor, &status) != 0) return refuse(last_error());
    if (S_ISDIR(status.st_mode)) return refuse(std::make_error_code(std::errc::is_a_directory));
    if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
      return read_special(path, descriptor, S_ISFIFO(status.st_mode));
    auto buffer = llvm::MemoryBuffer::getOpenFile(descriptor, path, static_cast<uint64_t>(-1),
                                                  /*RequiresNullTerminator=*/false);
    if (!buffer) return refuse(buffer.getError());
    return std::move(*buffer);
  };
  Result<Buffer> buffer = open_any();
  ::close(descriptor);
  return buffer;
}

// Bytes that were made in memory.
class OwnedBuffer final : public llvm::MemoryBuffer {
 public:
  explicit OwnedBuffer(std::vector<uint8_t> bytes) : bytes_(std::move(bytes)) {
    const auto* begin = reinterpret_cast<const char*>(bytes_.data());
    init(begin, begin + bytes_.size(), /*RequiresNullTerminator=*/false);
  }
  BufferKind getBufferKind() const override { return MemoryBuffer_Malloc; }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace

InputFile::InputFile(std::string path, std::unique_ptr<llvm::MemoryBuffer> buffer)
    : path_(std::move(path)), buffer_(std::move(buffer)) {}
InputFile::InputFile(InputFile&&) noexcept = default;
InputFile& InputFile::operator=(InputFile&&) noexcept = default;
InputFile::~InputFile() = default;

Result<InputFile> InputFile::open(const std::string& path) {
  if (path == "-") {
    auto buffer = llvm::MemoryBuffer::getSTDIN();
    if (buffer) return InputFile("<stdin>", std::move(*buffer));
    return fail("cannot-read", {.file = "<stdin>"}, "cannot read: " + buffer.getError().message());
  }
  Result<Buffer> buffer = open_buffer(path);
  if (!buffer) return tl::unexpected(std::move(buffer.error()));
  return InputFile(path, std::move(*buffer));
}

InputFile InputFile::from_bytes(std::string name, Bytes bytes) {
  const std::string_view text = as_string(bytes);
  return {std::move(name),
          llvm::MemoryBuffer::getMemBufferCopy(llvm::StringRef(text.data(), text.size()))};
}

InputFile InputFile::take_bytes(std::string name, std::vector<uint8_t> bytes) {
  return {std::move(name), std::make_unique<OwnedBuffer>(std::move(bytes))};
}

Bytes InputFile::bytes() const {
  const llvm::StringRef text = buffer_->getBuffer();
  return as_bytes({text.data(), text.size()});
}

}  // namespace wasmpack
