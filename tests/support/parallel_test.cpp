#include "support/parallel.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace wasmpack {
namespace {

constexpr size_t kHeavy = size_t{1} << 30;

TEST(ParallelFor, CallsEachIndexOnce) {
  set_thread_count(4);
  std::vector<std::atomic<int>> calls(10'000);
  parallel_for(calls.size(), kHeavy, [&](size_t i) { ++calls[i]; });
  for (const std::atomic<int>& count : calls) ASSERT_EQ(count, 1);
}

TEST(ParallelFor, KeepsLittleWorkOnThisThreadAndInOrder) {
  set_thread_count(4);
  std::vector<size_t> order;
  const std::thread::id self = std::this_thread::get_id();
  parallel_for(100, 1000, [&](size_t i) {
    EXPECT_EQ(std::this_thread::get_id(), self);
    order.push_back(i);
  });
  ASSERT_EQ(order.size(), 100u);
  for (size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], i);
}

TEST(ParallelFor, OneThreadRunsInOrder) {
  set_thread_count(1);
  EXPECT_EQ(thread_count(), 1u);
  std::vector<size_t> order;
  parallel_for(100, kHeavy, [&](size_t i) { order.push_back(i); });
  for (size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], i);
}

TEST(ParallelFor, DoesNothingForNothing) {
  parallel_for(0, kHeavy, [](size_t) { FAIL(); });
}

}  // namespace
}  // namespace wasmpack
