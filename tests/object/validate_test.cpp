// Validation by wabt in a child: what is valid, what is not, and what nobody can tell.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "object/validate.h"
#include "object/write.h"

namespace wasmpack {
namespace {

using Buffer = std::vector<uint8_t>;

// A module with one function ()->() of that body, local declarations first.
Buffer with_body(const Buffer& body) {
  ByteWriter out;
  out.write_bytes(kWasmHeader);
  append_section(out, SectionId::type, Buffer{1, 0x60, 0, 0});
  append_section(out, SectionId::function, Buffer{1, 0});
  ByteWriter code;
  code.write_u8(1);
  code.write_sized(body);
  append_section(out, SectionId::code, code.bytes());
  return out.take();
}

const Buffer kNothing = {0x00, 0x0b};
const Buffer kLeavesAValue = {0x00, 0x41, 0x00, 0x0b};
const Buffer kTryTable = {0x00, 0x1f, 0x40, 0x00, 0x0b, 0x0b};
const Buffer kNoInstruction = {0x00, 0xff, 0x0b};

TEST(Validate, AValidModule) {
  const Validation answer = validate_module(with_body(kNothing));
  EXPECT_EQ(answer.state, ModuleState::valid);
  EXPECT_EQ(answer.message, "");
}

TEST(Validate, AnInvalidOneWithItsPlace) {
  const Buffer module = with_body(kLeavesAValue);
  const Validation answer = validate_module(module);
  EXPECT_EQ(answer.state, ModuleState::invalid);
  EXPECT_NE(answer.message.find("type mismatch"), std::string::npos) << answer.message;
  ASSERT_TRUE(answer.offset.has_value());
  EXPECT_EQ(*answer.offset, module.size());
}

// try_table is in core specification 3.0 and not in wabt 1.0.32.
TEST(Validate, WhatWabtDoesNotKnowIsNotInvalid) {
  const Validation known = validate_module(with_body(kTryTable));
  EXPECT_EQ(known.state, ModuleState::not_validated);
  EXPECT_TRUE(known.is_understood);
  EXPECT_NE(known.message.find("unexpected opcode"), std::string::npos) << known.message;
  // An instruction of the future, for all we know.
  const Validation unknown = validate_module(with_body(kNoInstruction));
  EXPECT_EQ(unknown.state, ModuleState::not_validated);
  EXPECT_FALSE(unknown.is_understood);
}

TEST(Validate, CustomSectionsAreNoMatterOfValidity) {
  ByteWriter out;
  out.write_bytes(with_body(kNothing));
  append_custom_section(out, "linking", Buffer{1, 2, 3});
  append_custom_section(out, "reloc.CODE", Buffer{0xff});
  append_custom_section(out, "name", Buffer{1, 99});
  EXPECT_EQ(validate_module(out.take()).state, ModuleState::valid);
}

TEST(Validate, EachModuleOfAFileHasItsOwnAnswer) {
  Buffer file = {'!'};
  std::vector<ModuleRange> ranges;
  for (const Buffer& body : {kNothing, kLeavesAValue, kTryTable, kNothing}) {
    const Buffer module = with_body(body);
    ranges.push_back({file.size(), module.size()});
    file.insert(file.end(), module.begin(), module.end());
  }
  const std::vector<Validation> answers = BackgroundValidation(file, ranges).wait();
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_EQ(answers[0].state, ModuleState::valid);
  EXPECT_EQ(answers[1].state, ModuleState::invalid);
  EXPECT_EQ(*answers[1].offset, ranges[1].size);  // counts from the module's start
  EXPECT_EQ(answers[2].state, ModuleState::not_validated);
  EXPECT_EQ(answers[3].state, ModuleState::valid);
}

TEST(Validate, NoModulesNoAnswers) {
  EXPECT_TRUE(validate_modules({}, {}).empty());
  EXPECT_EQ(validate_module({}).state, ModuleState::invalid);
}

}  // namespace
}  // namespace wasmpack
