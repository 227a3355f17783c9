// What a snapshot cannot hold is refused, and the message names the reason and the constructor.
#include <string>

#include <gtest/gtest.h>

#include "packager/snapshot.h"
#include "tests/packager/snapshot_modules.h"

namespace wasmpack {
namespace {

// The message must hold each part.
void expect_parts(const std::string& message, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts)
    EXPECT_NE(message.find(part), std::string::npos) << "no " << part << " in:\n" << message;
}

struct Refused {
  const char* what;
  const char* fields;  // define $bad, the second of three constructors
  const char* reason;
};

constexpr Refused kRefused[] = {
    {"import", "(func $bad (call $log (i32.const 1)))", "calls the import `env.log`"},
    {"tail call of an import", "(func $bad (return_call $log (i32.const 1)))",
     "calls the import `env.log`"},
    {"import in the table",
     "(table 1 funcref) (elem (i32.const 0) $log)"
     "(func $bad (call_indirect (param i32) (i32.const 1) (i32.const 0)))",
     "calls the import `env.log`"},
    {"unreachable", "(func $bad unreachable)", "traps: unreachable executed"},
    {"out of bounds", "(func $bad (drop (i32.load (i32.const 65536))))",
     "traps: out of bounds memory access"},
    {"endless recursion", "(func $bad (call $bad))", "traps: call stack exhausted"},
    {"exception", "(tag $tag) (func $bad (throw $tag))",
     "throws an exception that nothing catches"},
    {"table.set",
     "(table 2 funcref) (elem (i32.const 0) $bad)"
     "(func $bad (table.set 0 (i32.const 0) (ref.null func)))",
     "changes a table"},
    {"table.grow",
     "(table 2 funcref) (func $bad (drop (table.grow 0 (ref.null func) (i32.const 1))))",
     "changes a table"},
    {"table.init",
     "(table 2 funcref) (elem $e func $bad)"
     "(func $bad (table.init $e (i32.const 0) (i32.const 0) (i32.const 1)))",
     "changes a table"},
    {"elem.drop", "(elem $e func $bad) (func $bad (elem.drop $e))", "drops an element segment"},
    {"funcref",
     "(global $g (mut funcref) (ref.null func)) (elem declare func $bad)"
     "(func $bad (global.set $g (ref.func $bad)))",
     "changes a global that holds a reference"},
};

TEST(SnapshotRefusals, NameTheConstructor) {
  for (const Refused& refused : kRefused) {
    const std::string fields =
        std::string("(func $good) (func $later unreachable)") + refused.fields;
    const std::string message = refusal(assemble(chain_module(
        "$good $bad $later", fields, "(import \"env\" \"log\" (func $log (param i32)))")));
    SCOPED_TRACE(refused.what);
    expect_parts(message, {"constructor `bad` ", refused.reason, "help: "});
    EXPECT_EQ(message.find("later"), std::string::npos) << message;
  }
}

TEST(SnapshotRefusals, NameTheFunctionInWhichItHappens) {
  const char* const fields = "(func $outer (call $inner)) (func $inner unreachable)";
  expect_parts(refusal(assemble(chain_module("$outer", fields))),
               {"constructor `outer` traps", "it happens in `inner`"});
  // Of several chains on the stack the innermost one counts.
  const char* const nested =
      "(func $outer (call $__wasm_call_ctors)) (global $n (mut i32) (i32.const 0))"
      "(func $first (global.set $n (i32.add (global.get $n) (i32.const 1)))"
      "  (if (i32.eq (global.get $n) (i32.const 2)) (then unreachable)))";
  expect_parts(refusal(assemble(chain_module("$first $outer", nested))),
               {"constructor `first` traps"});
}

TEST(SnapshotRefusals, WithoutNamesFunctionsHaveTheirIndex) {
  // The chain is not known by its name then; function 0 is _initialize.
  const std::vector<uint8_t> module = assemble(chain_module("$bad", "(func $bad unreachable)"), {});
  expect_parts(refusal(module), {"constructor function 1 traps", "it happens in function 2"});
}

TEST(SnapshotRefusals, AnInlinedChainStillNamesTheConstructor) {
  const std::string text =
      "(module (memory (export \"memory\") 1) (func $bad unreachable)"
      "(func $__wasmpack_initialize (call $bad))"
      "(func (export \"_initialize\") (call $__wasmpack_initialize)))";
  expect_parts(refusal(assemble(text)), {"constructor `bad` traps"});
}

TEST(SnapshotRefusals, WhatCanBeSeenWithoutRunning) {
  const auto module = [](const std::string& fields) {
    return assemble("(module " + fields + "(func (export \"_initialize\")))");
  };
  const std::string memory = "(memory (export \"memory\") 1)";
  expect_parts(refusal(module("(import \"env\" \"memory\" (memory 1))")),
               {"imports the memory `env.memory`"});
  expect_parts(refusal(module("(import \"env\" \"g\" (global i32))" + memory)),
               {"imports the global `env.g`"});
  expect_parts(refusal(module(memory + "(data \"passive\")")), {"a passive data segment"});
  expect_parts(refusal(module(memory + "(data $d (i32.const 0) \"x\") (func $f (data.drop $d))")),
               {"`f` uses data.drop"});
  expect_parts(refusal(module(memory + "(data $d (i32.const 0) \"x\")"
                                       "(func $f (memory.init $d (i32.const 0) (i32.const 0) "
                                       "(i32.const 0)))")),
               {"`f` uses memory.init"});
  expect_parts(refusal(module("(memory 1 2 shared)")), {"its memory is shared"});
  expect_parts(refusal(module("(memory i64 1)")), {"64-bit addresses"});
  expect_parts(refusal(module("(memory 1) (memory 1)")), {"exactly one memory"});
  expect_parts(refusal(module("")), {"exactly one memory"});
  expect_parts(refusal(module(memory + "(func $s) (start $s)")), {"a start function"});
  expect_parts(refusal(module(memory + "(table 4000000000 funcref)")),
               {"a table of 4000000000 entries"});
  expect_parts(refusal(module("(memory 65536)")), {"65536 pages", "1024 MiB"});
  expect_parts(refusal(assemble("(module (memory 1))")), {"no function `_initialize`"});
  expect_parts(refusal(assemble("(module (memory 1) (func (export \"_initialize\") (param i32)))")),
               {"no function `_initialize` of type ()->()"});
}

TEST(SnapshotRefusals, AModuleThatCannotBeInstantiated) {
  expect_parts(refusal(assemble(chain_module("", "(data (i32.const 65536) \"x\")"))),
               {"cannot be instantiated", "data segment is out of bounds"});
}

TEST(SnapshotRefusals, WhatTheInterpreterDoesNotKnow) {
  // ref.as_non_null, of the typed function references that wabt reads but does not run.
  std::vector<uint8_t> module =
      assemble(chain_module("$a", "(func $a (drop (ref.null func)) nop)"));
  for (size_t i = 0; i + 3 < module.size(); ++i) {
    if (module[i] == 0xd0 && module[i + 1] == 0x70 && module[i + 2] == 0x1a &&
        module[i + 3] == 0x01)
      module[i + 2] = 0xd4, module[i + 3] = 0x1a;
  }
  expect_parts(refusal(module), {"wabt's interpreter cannot run this module", "0xd4"});
}

// ---- Limits -------------------------------------------------------------------------------------

TEST(SnapshotLimits, InstructionsEndALoop) {
  const std::vector<uint8_t> module = assemble(chain_module("$spin", "(func $spin (loop (br 0)))"));
  SnapshotLimits limits;
  limits.instructions = 100'000;
  const std::string message = refusal(module, limits);
  expect_parts(message,
               {"constructor `spin` did not end within the budget of 100000 instructions"});
  EXPECT_EQ(refusal(module, limits), message);
}

TEST(SnapshotLimits, InstructionsAreCountedExactly) {
  // 10 rounds of a loop; the budget is found by trying, and one less must not do.
  const std::vector<uint8_t> module = assemble(chain_module("$a", R"((func $a (local i32)
    (loop (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.lt_u (i32.const 10)) (br_if 0))))"));
  const auto fits = [&](uint64_t instructions) {
    DiagnosticSink sink;
    SnapshotLimits limits;
    limits.instructions = instructions;
    return take_snapshot(module, limits, sink).has_value();
  };
  uint64_t low = 0, high = 1000;  // low does not fit, high does
  ASSERT_TRUE(fits(high));
  while (high - low > 1) (fits((low + high) / 2) ? high : low) = (low + high) / 2;
  EXPECT_GE(high, 60u);  // ten rounds of six instructions
  EXPECT_LT(high, 100u);
}

TEST(SnapshotLimits, ProcessorTimeEndsWhatInstructionsDoNotCount) {
  const char* const fields =
      "(func $fill (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 67108864)) (br 0)))";
  SnapshotLimits limits;
  limits.cpu_seconds = 1;
  const std::string message = refusal(assemble(chain_module("$fill", fields, "", "1024")), limits);
  expect_parts(message, {"constructors could not be run", "more than 1 s of processor time"});
}

TEST(SnapshotLimits, MemoryThatGrowsTooFar) {
  const char* const fields =
      "(func $grow (loop (br_if 0 (i32.ne (memory.grow (i32.const 100)) (i32.const -1)))))";
  SnapshotLimits limits;
  limits.memory_bytes = 16 << 20;
  expect_parts(refusal(assemble(chain_module("$grow", fields)), limits),
               {"constructor `grow` needs more memory", "16 MiB"});
  const char* const once = "(func $grow (drop (memory.grow (i32.const 256))))";
  expect_parts(refusal(assemble(chain_module("$grow", once)), limits), {"needs more memory"});
}

TEST(SnapshotLimits, TooMuchData) {
  const char* const fields =
      "(func $fill (memory.fill (i32.const 0) (i32.const 1) (i32.const 65535)))";
  SnapshotLimits limits;
  limits.segment_bytes = 1000;  // the interpreter stops at it
  expect_parts(refusal(assemble(chain_module("$fill", fields)), limits), {"bytes of data", "1000"});
  limits.segment_bytes = 65000;  // the writer sees it
  expect_parts(refusal(assemble(chain_module("$fill", fields)), limits),
               {"bytes of data", "65000"});
  limits.segment_bytes = 66000;
  take(assemble(chain_module("$fill", fields)), limits);
}

// Every byte of a small module changed, its end cut off: an error, or a snapshot that wasm-validate
// accepts.
TEST(SnapshotLimits, DamagedModules) {
  const std::vector<uint8_t> module = assemble(
      chain_module("$a",
                   "(global $__stack_pointer (mut i32) (i32.const 1024)) (table 2 funcref)"
                   "(elem (i32.const 0) $a) (data (i32.const 1024) \"x\")"
                   "(func $a (i32.store (i32.const 2000) (i32.add (memory.grow (i32.const 1))"
                   " (global.get $__stack_pointer))))"),
      /*options=*/{});
  SnapshotLimits limits;
  limits.instructions = 10'000;
  limits.memory_bytes = 1 << 20;
  size_t errors = 0;
  for (size_t i = 8; i < module.size(); ++i) {
    std::vector<uint8_t> damaged = module;
    damaged[i] = static_cast<uint8_t>(damaged[i] + (i % 2 == 0 ? 1 : 0x80));
    DiagnosticSink sink;
    const std::optional<std::vector<uint8_t>> snapshot = take_snapshot(damaged, limits, sink);
    ASSERT_NE(snapshot.has_value(), sink.has_errors()) << i;
    errors += sink.has_errors();
    if (snapshot) expect_valid(*snapshot);
    const std::vector<uint8_t> cut(module.begin(), module.begin() + static_cast<ptrdiff_t>(i));
    DiagnosticSink cut_sink;
    const bool taken = take_snapshot(cut, limits, cut_sink).has_value();
    EXPECT_NE(taken, cut_sink.has_errors()) << i;
  }
  EXPECT_GT(errors, module.size() / 4);
}

}  // namespace
}  // namespace wasmpack
