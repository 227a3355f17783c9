// Snapshots: what the constructors did is in the module, and nothing else changed.
#include "packager/snapshot.h"

#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "object/name_section.h"
#include "object/read.h"
#include "tests/packager/snapshot_modules.h"

namespace wasmpack {
namespace {

uint32_t word(const std::vector<uint8_t>& memory, size_t at) {
  uint32_t value = 0;
  std::memcpy(&value, &memory.at(at), sizeof value);
  return value;
}

std::vector<uint8_t> vector_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

// Every type of global, changed by constructors in a way that shows how often they ran.
const char* const kEveryGlobal = R"(
  (global $i (mut i32) (i32.const 1)) (global $l (mut i64) (i64.const 2))
  (global $f (mut f32) (f32.const 3)) (global $d (mut f64) (f64.const 4))
  (global $v (mut v128) (v128.const i32x4 0 0 0 0)) (global $same (mut i32) (i32.const 77))
  (global $const i32 (i32.const 123456))
  (func $a
    (global.set $i (i32.sub (global.get $i) (i32.const 8)))
    (global.set $l (i64.mul (global.get $l) (i64.const -5000000000)))
    (global.set $f (f32.div (global.get $f) (f32.const -0.5))))
  (func $b
    (global.set $d (f64.reinterpret_i64 (i64.const 0x7ff4000000000abc)))
    (global.set $v (i32x4.add (global.get $v) (v128.const i32x4 1 -2 3 0x80000000))))
  (func (export "i") (result i32) (global.get $i)) (func (export "l") (result i64) (global.get $l))
  (func (export "f") (result f32) (global.get $f)) (func (export "d") (result f64) (global.get $d))
  (func (export "v") (result v128) (global.get $v))
  (func (export "same") (result i32) (global.get $same))
  (func (export "const") (result i32) (global.get $const)))";

TEST(Snapshot, GlobalsOfEveryTypeHaveTheirValues) {
  const std::vector<uint8_t> original = assemble(chain_module("$a $b", kEveryGlobal));
  const Taken taken = take(original);
  const std::vector<Global>& globals = taken.module.globals;
  ASSERT_EQ(globals.size(), 7u);
  const std::vector<uint8_t> expected[] = {
      {0x41, 0x79, 0x0b},                                            // i32.const -7
      {0x42, 0x80, 0xb8, 0xd0, 0xdf, 0x5a, 0x0b},                    // i64.const -10^10
      {0x43, 0x00, 0x00, 0xc0, 0xc0, 0x0b},                          // f32.const -6
      {0x44, 0xbc, 0x0a, 0x00, 0x00, 0x00, 0x00, 0xf4, 0x7f, 0x0b},  // a signalling NaN, unquieted
      {0xfd, 0x0c, 1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 3, 0, 0, 0, 0, 0, 0, 0x80, 0x0b},
      {0x41, 0xcd, 0x00, 0x0b},        // i32.const 77
      {0x41, 0xc0, 0xc4, 0x07, 0x0b},  // i32.const 123456
  };
  for (size_t i = 0; i < globals.size(); ++i)
    EXPECT_EQ(vector_of(globals[i].init), expected[i]) << "global " << i;
  // wasm-interp calls _initialize of both, which must do nothing in the snapshot.
  EXPECT_EQ(run_exports(taken.bytes), run_exports(original));
}

TEST(Snapshot, MemoryHoldsWhatConstructorsWrote) {
  const char* const fields = R"(
    (data (i32.const 1024) "constant data") (data (i32.const 40000) "\01\02\03\04")
    (func $count (i32.store (i32.const 2000) (i32.add (i32.load (i32.const 2000)) (i32.const 1))))
    (func $copy (memory.copy (i32.const 3000) (i32.const 1024) (i32.const 13)))
    (func $erase (memory.fill (i32.const 40000) (i32.const 0) (i32.const 4)))
    (func (export "counter") (result i32) (i32.load (i32.const 2000)))
    (func (export "copied") (result i64) (i64.load (i32.const 3005)))
    (func (export "erased") (result i32) (i32.load (i32.const 40000))))";
  const std::vector<uint8_t> original = assemble(chain_module("$count $copy $erase", fields));
  const Taken taken = take(original);
  std::vector<uint8_t> expected(65536);
  std::memcpy(&expected[1024], "constant data", 13);
  std::memcpy(&expected[3000], "constant data", 13);
  expected[2000] = 1;
  expected[65535] = 1;  // the guard
  EXPECT_EQ(taken.memory(), expected);
  EXPECT_EQ(run_exports(taken.bytes), run_exports(original));
}

TEST(Snapshot, NothingElseChanges) {
  const char* const fields = R"(
    (table 4 funcref) (elem (i32.const 1) $a $a) (global i32 (i32.const 5))
    (global $g (mut i32) (i32.const 1)) (data $first (i32.const 1024) "x")
    (func $a (global.set $g (i32.const 9)) (i32.store (i32.const 4096) (i32.const 1)))
    (func $bulk (memory.copy (i32.const 0) (i32.const 0) (i32.const 0))))";
  std::vector<uint8_t> original =
      assemble(chain_module("$a", fields, "(import \"env\" \"f\" (func))"));
  const uint8_t custom[] = {0, 7, 4, 'n', 'o', 't', 'e', 1, 2};  // a custom section behind all
  original.insert(original.end(), std::begin(custom), std::end(custom));
  const Taken taken = take(original);
  const Result<Object> before = read_object(original, "original");
  ASSERT_TRUE(before.has_value());
  ASSERT_EQ(taken.module.sections.size(), before->sections.size());
  size_t compared = 0;
  for (size_t i = 0; i < before->sections.size(); ++i) {
    const Section& old = before->sections[i];
    EXPECT_EQ(taken.module.sections[i].id, old.id);
    if (old.id == SectionId::global || old.id == SectionId::data || old.name == "name") continue;
    EXPECT_EQ(vector_of(taken.module.sections[i].raw), vector_of(old.raw)) << old.name;
    ++compared;
  }
  EXPECT_EQ(compared, 9u);  // type import function table memory export element code note
  EXPECT_EQ(taken.module.find_section(SectionId::data_count), -1);
  // The name of segment `first` is gone, those of functions are not.
  EXPECT_NE(as_string(original).find("first"), std::string_view::npos);
  EXPECT_EQ(as_string(taken.bytes).find("first"), std::string_view::npos);
  EXPECT_EQ(read_name_section(taken.module).functions, read_name_section(*before).functions);
}

TEST(Snapshot, AModuleWithoutDataGetsItsSection) {
  const Taken taken = take(assemble(chain_module("$a", "(func $a)")));
  ASSERT_EQ(taken.module.data.size(), 1u);
  EXPECT_EQ(word(taken.memory(), 65532), 0x01000000u);  // the guard alone
}

TEST(Snapshot, TheDataCountFollows) {
  const char* const fields = R"((func $a (i32.store (i32.const 8) (i32.const 7)))
    (data (i32.const 1024) "x") (data (i32.const 1025) "y") (data (i32.const 9000) "z"))";
  std::vector<uint8_t> module = assemble(chain_module("$a", fields));
  // wat2wasm writes the section only for memory.init, so it goes in by hand, before the code.
  const Result<Object> object = read_object(module, "module");
  const auto code = static_cast<size_t>(
      object->sections[static_cast<size_t>(object->find_section(SectionId::code))].header_offset);
  const uint8_t count[] = {12, 1, 3};
  module.insert(module.begin() + static_cast<ptrdiff_t>(code), std::begin(count), std::end(count));
  const Taken taken = take(module);
  EXPECT_EQ(taken.module.data.size(), 4u);
  EXPECT_EQ(taken.module.data_count, 4u);
}

// A stack that ends at 8192; the constructor leaves traces in it.
std::string stack_module(const std::string& ctor, const std::string& data = "8192") {
  return chain_module(
      "$a", "(global $__stack_pointer (mut i32) (i32.const 8192)) (data (i32.const " + data +
                ") \"data\") (func $a (i32.store (i32.const 1000) (i32.const "
                "-1)) (i32.store (i32.const 8188) (i32.const -1))" +
                ctor + ")");
}

TEST(Snapshot, TheDeadStackIsCleared) {
  const Taken taken = take(assemble(stack_module("")));
  const std::vector<uint8_t> memory = taken.memory();
  EXPECT_EQ(word(memory, 1000), 0u);
  EXPECT_EQ(word(memory, 8188), 0u);
  EXPECT_EQ(word(memory, 8192), 0x61746164u);  // "data"
}

TEST(Snapshot, WhatLivesOnTheStackStays) {
  const Taken taken =
      take(assemble(stack_module("(global.set $__stack_pointer (i32.const 8176))")));
  EXPECT_EQ(word(taken.memory(), 1000), 0u);
  EXPECT_EQ(word(taken.memory(), 8188), UINT32_MAX);
}

TEST(Snapshot, MemoryThatMayBeNoStackStays) {
  // Without its name, and with data below it.
  for (const std::vector<uint8_t>& module :
       {assemble(stack_module(""), {}), assemble(stack_module("", "4096"))}) {
    const Taken taken = take(module);
    EXPECT_EQ(word(taken.memory(), 1000), UINT32_MAX);
    EXPECT_EQ(word(taken.memory(), 8188), UINT32_MAX);
  }
}

TEST(Snapshot, GrownMemoryIsTheInitialSize) {
  const char* const fields = R"(
    (func $a (i32.store (i32.const 4) (memory.grow (i32.const 3)))
             (i32.store (i32.const 8) (memory.grow (i32.const 3)))
             (i32.store (i32.const 262140) (i32.const 99)))
    (func (export "size") (result i32) (memory.size))
    (func (export "first") (result i32) (i32.load (i32.const 4)))
    (func (export "second") (result i32) (i32.load (i32.const 8))))";
  const std::vector<uint8_t> original = assemble(chain_module("$a", fields, "", "1 5"));
  const Taken taken = take(original);
  EXPECT_EQ(taken.module.memories.at(0).minimum, 4u);
  EXPECT_EQ(taken.module.memories.at(0).maximum, 5u);
  EXPECT_EQ(word(taken.memory(), 262140), 99u);
  EXPECT_EQ(run_exports(taken.bytes), run_exports(original));
}

TEST(Snapshot, IsTheSameEveryTimeAndOfItself) {
  const std::vector<uint8_t> original = assemble(chain_module("$a $b", kEveryGlobal));
  const Taken first = take(original);
  EXPECT_EQ(take(original).bytes, first.bytes);
  EXPECT_EQ(take(first.bytes).bytes, first.bytes);  // nothing is left to run
}

TEST(Snapshot, AnImportThatNobodyCallsStays) {
  const Taken taken =
      take(assemble(chain_module("$a", "(func $a) (func (export \"later\") (call $log))",
                                 "(import \"env\" \"log\" (func $log))")));
  EXPECT_EQ(taken.module.imports.size(), 1u);
}

TEST(Snapshot, ADeepRecursionIsNoProblem) {
  const char* const fields = R"((func $a (i32.store (i32.const 4) (call $down (i32.const 9000))))
    (func $down (param i32) (result i32)
      (if (result i32) (local.get 0)
        (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1)))))
        (else (i32.const 0)))))";
  EXPECT_EQ(word(take(assemble(chain_module("$a", fields))).memory(), 4), 9000u);
}

}  // namespace
}  // namespace wasmpack
