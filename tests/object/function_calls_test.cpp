// Bodies written out byte by byte; that every instruction's length is right is shown by
// modules_test.py on code that wabt encoded. Here: what wabt 1.0.32 does not know yet, and damage.
#include "object/function_calls.h"

#include <gtest/gtest.h>

#include <vector>

namespace wasmpack {
namespace {

using Callees = std::vector<uint32_t>;

FunctionCalls find(std::vector<uint8_t> body) { return find_function_calls(body); }

// No locals, the instruction, `call 5`, end. Its bytes hold 0x10, the opcode of call, where they
// can.
void expect_skipped(std::vector<uint8_t> instruction) {
  std::vector<uint8_t> body = {0};
  body.insert(body.end(), instruction.begin(), instruction.end());
  body.insert(body.end(), {0x10, 5, 0x0b});
  const FunctionCalls calls = find_function_calls(body);
  EXPECT_TRUE(calls.is_complete) << "opcode " << int{instruction[0]};
  EXPECT_EQ(calls.callees, Callees{5}) << "opcode " << int{instruction[0]};
  EXPECT_FALSE(calls.is_plain);
}

TEST(FunctionCalls, ChainOfCallsIsPlain) {
  const FunctionCalls calls = find({0, 0x10, 1, 0x10, 0x80, 1, 0x1a, 0x01, 0x10, 1, 0x0b});
  EXPECT_EQ(calls.callees, (Callees{1, 128, 1}));
  EXPECT_TRUE(calls.is_plain);
  EXPECT_TRUE(calls.is_complete);
}

TEST(FunctionCalls, NewInstructions) {
  // Core specification 5.4; the numbers in the middle are type, label, field and tag indices.
  expect_skipped({0x0a});                                                  // throw_ref
  expect_skipped({0x14, 0x10});                                            // call_ref
  expect_skipped({0x15, 0x10});                                            // return_call_ref
  expect_skipped({0x1f, 0x40, 3, 0, 0x10, 0x10, 1, 0x10, 0x10, 2, 0x10});  // try_table, 3 catches
  expect_skipped({0x1f, 0x40, 1, 3, 0x10});           // try_table with catch_all_ref
  expect_skipped({0x02, 0x63, 0x10});                 // block (result (ref null 16))
  expect_skipped({0x02, 0x64, 0x70});                 // block (result (ref func))
  expect_skipped({0x1c, 1, 0x63, 0x10});              // select (result (ref null 16))
  expect_skipped({0x28, 0x42, 0x10, 0x10});           // i32.load of memory 16, offset 16
  expect_skipped({0xd0, 0x6d});                       // ref.null eq
  expect_skipped({0xd3});                             // ref.eq
  expect_skipped({0xd5, 0x10});                       // br_on_null
  expect_skipped({0xfb, 0x00, 0x10});                 // struct.new
  expect_skipped({0xfb, 0x02, 0x10, 0x10});           // struct.get
  expect_skipped({0xfb, 0x08, 0x10, 0x10});           // array.new_fixed
  expect_skipped({0xfb, 0x0f});                       // array.len
  expect_skipped({0xfb, 0x11, 0x10, 0x10});           // array.copy
  expect_skipped({0xfb, 0x14, 0x6d});                 // ref.test
  expect_skipped({0xfb, 0x18, 3, 0x10, 0x6e, 0x6d});  // br_on_cast
  expect_skipped({0xfb, 0x1c});                       // ref.i31
  expect_skipped({0xfc, 0x13});                       // i64.add128
  expect_skipped({0xfd, 0x80, 0x02});                 // i8x16.relaxed_swizzle
}

TEST(FunctionCalls, LocalsOfEveryType) {
  EXPECT_EQ(find({2, 0x10, 0x7f, 0x10, 0x63, 0x10, 0x10, 7, 0x0b}).callees, Callees{7});
}

TEST(FunctionCalls, StopsAtWhatItDoesNotKnow) {
  for (const uint8_t unknown : std::vector<uint8_t>{0x16, 0x27, 0xc5, 0xe0, 0xff}) {
    const FunctionCalls calls = find({0, 0x10, 3, unknown, 0x10, 4, 0x0b});
    EXPECT_EQ(calls.callees, Callees{3});
    EXPECT_FALSE(calls.is_complete);
  }
  EXPECT_FALSE(find({0, 0xfb, 0x7f, 0x0b}).is_complete);
  EXPECT_FALSE(find({0, 0xfc, 0x7f, 0x0b}).is_complete);
  EXPECT_FALSE(find({0, 0xfe, 0x7f, 0, 0, 0x0b}).is_complete);
}

TEST(FunctionCalls, EveryCutIsNoticedOrHarmless) {
  const std::vector<uint8_t> body = {
      1, 2, 0x7f, 0x10, 0x85, 0x01, 0x0e, 2,  0,    1, 0, 0xfd, 0x0c, 0, 1, 2, 3, 4,    5, 6,   7,
      8, 9, 10,   11,   12,   13,   14,   15, 0x44, 0, 0, 0,    0,    0, 0, 0, 0, 0x10, 9, 0x0b};
  EXPECT_EQ(find(body).callees, (Callees{133, 9}));
  for (size_t size = 0; size < body.size(); ++size) {
    const FunctionCalls calls = find_function_calls(Bytes(body).first(size));
    EXPECT_LE(calls.callees.size(), 2u);
  }
  EXPECT_FALSE(find({}).is_complete);
  EXPECT_FALSE(find({0xff, 0xff, 0xff, 0xff, 0x0f}).is_complete);           // locals without end
  EXPECT_FALSE(find({0, 0x0e, 0xff, 0xff, 0xff, 0xff, 0x0f}).is_complete);  // labels without end
}

}  // namespace
}  // namespace wasmpack
