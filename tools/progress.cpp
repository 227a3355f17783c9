#include "tools/progress.h"

#include <chrono>
#include <cstdlib>
#include <cstring>

#include <unistd.h>

namespace wasmpack {
namespace {

constexpr std::chrono::milliseconds kPatience{1000};  // a phase this short is not worth a line

bool is_terminal() {
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) != 0 && terminal != nullptr && std::strcmp(terminal, "dumb") != 0;
}

void print(std::string_view text) {
  // What does not reach the terminal is no loss.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

ProgressLine::ProgressLine(std::string_view command) : command_(command) {
  if (is_terminal()) thread_ = std::thread([this] { run(); });
}

void ProgressLine::begin(std::string_view phase) {
  const std::lock_guard lock(mutex_);
  phase_ = phase;
  ++phase_number_;
  changed_.notify_all();
}

void ProgressLine::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void ProgressLine::run() {
  std::unique_lock lock(mutex_);
  bool is_shown = false;
  while (!is_stopped_) {
    const unsigned number = phase_number_;
    const auto has_changed = [&] { return is_stopped_ || phase_number_ != number; };
    if (!changed_.wait_for(lock, kPatience, has_changed) && !phase_.empty()) {
      print("\r\x1b[K" + command_ + ": " + phase_ + " ...");
      is_shown = true;
      changed_.wait(lock, has_changed);
    }
    if (is_shown) print("\r\x1b[K");
    is_shown = false;
  }
}

}  // namespace wasmpack
