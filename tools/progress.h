// A line on the terminal that says what a long run is doing.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace wasmpack {

// Shows nothing unless standard error is a terminal and a phase takes long; the line is gone before
// anything else is printed. Call stop() before that.
class ProgressLine {
 public:
  explicit ProgressLine(std::string_view command);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine() { stop(); }

  // Says which phase begins.
  void begin(std::string_view phase);
  void stop();

 private:
  void run();

  const std::string command_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string phase_;
  unsigned phase_number_ = 0;
  bool is_stopped_ = false;
  std::thread thread_;
};

}  // namespace wasmpack
