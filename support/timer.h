// Wall-clock time of the phases of a run, for `-v`.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace wasmpack {

struct PhaseTime {
  std::string name;
  double milliseconds;
};
using PhaseTimes = std::vector<PhaseTime>;

// Measures from construction to destruction and appends to `times`.
class PhaseTimer {
 public:
  PhaseTimer(PhaseTimes& times, std::string_view name)
      : times_(times), name_(name), start_(std::chrono::steady_clock::now()) {}
  PhaseTimer(const PhaseTimer&) = delete;
  PhaseTimer& operator=(const PhaseTimer&) = delete;
  ~PhaseTimer() {
    const std::chrono::duration<double, std::milli> spent =
        std::chrono::steady_clock::now() - start_;
    times_.push_back({std::string(name_), spent.count()});
  }

 private:
  PhaseTimes& times_;
  std::string_view name_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace wasmpack
