#include "support/child_process.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wasmpack {
namespace {

constexpr int kFirstFile = 3;  // descriptors 0 to 2 are the standard streams

class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() { reset(); }

  void reset() {
    if (value_ >= 0) ::close(value_);
    value_ = -1;
  }
  int get() const { return value_; }
  bool is_open() const { return value_ >= 0; }

 private:
  int value_;
};

tl::unexpected<Diagnostic> fail_with_errno(const std::string& program, std::string_view what) {
  const std::string reason = std::generic_category().message(errno);
  return fail("child-not-started", {.file = program}, std::string(what) + ": " + reason);
}

// A file in memory with that content, read from its beginning. Its number is at least `lowest`, so
// that it is not in the way when the child puts descriptors in their places.
Descriptor make_memory_file(Bytes content, int lowest) {
  const Descriptor low(::memfd_create("wasmpack", MFD_CLOEXEC));
  if (!low.is_open()) return Descriptor();
  Descriptor file(::fcntl(low.get(), F_DUPFD_CLOEXEC, lowest));
  while (file.is_open() && !content.empty()) {
    const ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return Descriptor();
    }
    content = content.subspan(static_cast<size_t>(written));
  }
  if (file.is_open()) ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

// The first `limit` bytes of a file.
std::vector<uint8_t> read_memory_file(const Descriptor& file, uint64_t limit) {
  const off_t end = ::lseek(file.get(), 0, SEEK_END);
  const auto size = std::min(limit, static_cast<uint64_t>(std::max<off_t>(end, 0)));
  std::vector<uint8_t> content(static_cast<size_t>(size));
  size_t done = 0;
  while (done < content.size()) {
    const ssize_t got =
        ::pread(file.get(), content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<size_t>(got);
  }
  content.resize(done);
  return content;
}

// One descriptor for each library of a large bundle: more than the usual soft limit of 1024.
void raise_descriptor_limit(size_t needed) {
  rlimit limit;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > needed) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, std::max<rlim_t>(limit.rlim_cur, needed + 64));
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// What the forked process needs, computed before the fork: other threads may hold any lock at that
// moment, so between fork and exec only system calls are allowed.
struct Launch {
  const char* path;
  char* const* arguments;
  char* const* environment;
  std::vector<int> places;  // places[n] becomes descriptor n
  ChildLimits limits;
  pid_t parent;
};

// `slack`: how much higher the hard limit is.
void set_limit(int resource, uint64_t value, uint64_t slack = 0) {
  rlimit limit;
  ::getrlimit(static_cast<__rlimit_resource_t>(resource), &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, value);
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, value + slack);
  ::setrlimit(static_cast<__rlimit_resource_t>(resource), &limit);
}

[[noreturn]] void start_child(const Launch& launch) {
  // The child must not outlive us: Ctrl-C or a kill of the command ends it, too.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != launch.parent) ::_exit(127);
  for (const int signal : {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP}) ::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  set_limit(RLIMIT_AS, launch.limits.memory_bytes);
  // At the hard limit the signal would be SIGKILL, which does not say why.
  set_limit(RLIMIT_CPU, launch.limits.cpu_seconds, /*slack=*/2);
  set_limit(RLIMIT_FSIZE, launch.limits.output_bytes);
  set_limit(RLIMIT_CORE, 0);
  for (size_t place = 0; place < launch.places.size(); ++place) {
    if (::dup2(launch.places[place], static_cast<int>(place)) < 0) ::_exit(127);
  }
  // What our own parent left open is none of its business; old kernels just leave it.
  ::close_range(static_cast<unsigned>(launch.places.size()), ~0U, 0);
  ::execve(launch.path, launch.arguments, launch.environment);
  ::_exit(127);
}

// Waits until the other end of `alive`, which only the child holds, is closed. False: it took
// longer than `seconds`.
bool wait_for_end(const Descriptor& alive, unsigned seconds) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point deadline = Clock::now() + std::chrono::seconds(seconds);
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd wanted = {.fd = alive.get(), .events = POLLIN, .revents = 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(std::min<int64_t>(left, 1 << 30)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;
  }
}

std::string describe_signal(int signal, const ChildLimits& limits) {
  if (signal == SIGXCPU)
    return "used more than " + std::to_string(limits.cpu_seconds) + " s of processor time";
  if (signal == SIGXFSZ) return "wrote more than " + std::to_string(limits.output_bytes) + " bytes";
  return "was ended by signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
}

// The last lines of what a child said before it died: the first ones are often a stack trace's.
std::vector<std::string> last_lines(std::string_view text, size_t count) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end != 0) lines.emplace_back(text.substr(0, std::min<size_t>(end, 400)));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  if (lines.size() > count) lines.erase(lines.begin(), lines.end() - static_cast<ptrdiff_t>(count));
  return lines;
}

// The folder of this program, "" if the system does not tell.
std::string program_folder() {
  std::string path(4096, '\0');
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0 || static_cast<size_t>(size) == path.size()) return {};
  path.resize(static_cast<size_t>(size));
  return path.substr(0, path.rfind('/'));
}

}  // namespace

std::string child_file_name(size_t index) {
  return "/proc/self/fd/" + std::to_string(kFirstFile + index);
}

Result<ChildResult> run_program(const std::string& path, const ChildRun& run) {
  // Names of files in memory, and the way to our own folder, are in it.
  if (::access("/proc/self/fd", X_OK) != 0) {
    return fail("child-not-started", {.file = path},
                "cannot start this helper program: /proc is not mounted",
                "helper programs get their files by it; in a chroot, "
                "`mount -t proc proc FOLDER/proc` first");
  }
  if (::access(path.c_str(), X_OK) != 0) {
    const std::string reason = std::generic_category().message(errno);
    return fail("child-missing", {.file = path}, "cannot run this helper program: " + reason,
                "wasmpack expects it in ../libexec/wasmpack/ beside its own folder: build all "
                "targets, or install with `cmake --install`");
  }
  raise_descriptor_limit(2 * (run.files.size() + run.scratch_files) + 16);
  const size_t file_count = run.files.size() + run.scratch_files;
  const int places = kFirstFile + static_cast<int>(file_count) + 1;
  std::vector<Descriptor> files;
  files.push_back(make_memory_file(run.input, places));
  files.push_back(make_memory_file({}, places));
  files.push_back(make_memory_file({}, places));
  for (const Bytes file : run.files) files.push_back(make_memory_file(file, places));
  for (size_t i = 0; i < run.scratch_files; ++i) files.push_back(make_memory_file({}, places));

  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_with_errno(path, "cannot make a pipe");
  const Descriptor alive(ends[0]);
  Descriptor low_end(ends[1]);
  files.emplace_back(::fcntl(low_end.get(), F_DUPFD_CLOEXEC, places));
  low_end.reset();

  Launch launch;
  for (const Descriptor& file : files) {
    if (!file.is_open()) return fail_with_errno(path, "cannot make a file in memory");
    launch.places.push_back(file.get());
  }
  // An empty environment: what a bundle holds does not depend on it.
  std::string library_path;
  std::vector<char*> environment;
  if (const char* value = std::getenv("LD_LIBRARY_PATH"); value != nullptr) {
    library_path = std::string("LD_LIBRARY_PATH=") + value;
    environment.push_back(library_path.data());
  }
  environment.push_back(nullptr);
  std::vector<std::string> texts = {path};
  texts.insert(texts.end(), run.arguments.begin(), run.arguments.end());
  std::vector<char*> arguments;
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  launch.path = path.c_str();
  launch.arguments = arguments.data();
  launch.environment = environment.data();
  launch.limits = run.limits;
  launch.parent = ::getpid();

  const pid_t child = ::fork();
  if (child < 0) return fail_with_errno(path, "cannot start this helper program");
  if (child == 0) start_child(launch);
  files.back().reset();  // the pipe's writing end: the child's is the only one now

  const bool in_time = wait_for_end(alive, run.limits.wall_seconds);
  if (!in_time) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return fail_with_errno(path, "cannot wait for this helper program");
  }

  ChildResult result;
  const std::vector<uint8_t> messages = read_memory_file(files[2], kMessageBytes);
  result.messages = as_string(messages);
  if (WIFEXITED(status) && in_time && WEXITSTATUS(status) != 127) {
    result.exit_code = WEXITSTATUS(status);
    result.output = read_memory_file(files[1], run.limits.output_bytes);
    for (size_t i = run.files.size(); i < file_count; ++i) {
      const Descriptor& file = files[static_cast<size_t>(kFirstFile) + i];
      result.scratch.push_back(read_memory_file(file, run.limits.output_bytes));
    }
    return result;
  }
  std::string what = !in_time ? "took longer than " + std::to_string(run.limits.wall_seconds) + " s"
                     : WIFSIGNALED(status) ? describe_signal(WTERMSIG(status), run.limits)
                                           : "could not be started";
  auto failure =
      fail(in_time ? "child-died" : "child-timeout", {.file = path}, "this helper program " + what);
  failure.value().notes = last_lines(result.messages, 8);
  return failure;
}

Result<ChildResult> run_child(std::string_view name, const ChildRun& run) {
  const std::string folder = program_folder();
  const size_t parent = folder.rfind('/');
  const std::string root = parent == std::string::npos ? std::string() : folder.substr(0, parent);
  return run_program(root + "/libexec/wasmpack/" + std::string(name), run);
}

}  // namespace wasmpack
