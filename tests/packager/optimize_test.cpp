// Optimized modules against what the system's wasm-opt makes of the same module, against what they
// were before, and what happens when Binaryen cannot or does not do its work. The modules are made
// by clang, wasm-ld and wat2wasm.
#include "packager/optimize.h"

#include <algorithm>
#include <map>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "object/name_section.h"
#include "object/read.h"
#include "object/write.h"
#include "packager/compare_modules.h"
#include "tests/support/test_files.h"

namespace wasmpack {
namespace {

constexpr OptimizeLevel kLevels[] = {OptimizeLevel::O1, OptimizeLevel::O2, OptimizeLevel::O3,
                                     OptimizeLevel::O4, OptimizeLevel::Os, OptimizeLevel::Oz};
constexpr const char* kLevelNames[] = {"-O1", "-O2", "-O3", "-O4", "-Os", "-Oz"};

// -O1 leaves Binaryen something to do; `host` is imported, `counter` has state, `work` loops and
// calls through the table.
constexpr const char* kSource = R"(
  int host(int);
  static int counter = 7;
  static int add(int a, int b) { return a + b; }
  static int mul(int a, int b) { return a * b; }
  int (*volatile operations[])(int, int) = {add, mul};
  __attribute__((export_name("count"))) int count(int by) { return counter += by; }
  __attribute__((export_name("ask"))) int ask(int x) { return host(x) + 1; }
  __attribute__((export_name("work"))) int work(int n, float *v) {
    float sum = 0;
    for (int i = 0; i < n; ++i) sum += v[i] * v[i];
    return operations[n & 1]((int)sum, n);
  }
)";

class Optimize : public testing::Test {
 protected:
  // The module that wasm-ld makes of C source.
  std::string link(const std::string& source, const std::string& options = "") {
    write_test_file(folder_.file("a.c"), source);
    run_or_throw("cd " + folder_.path() + " && clang-22 --target=wasm32 -O1 -ffreestanding " +
                 options +
                 " -c a.c -o a.o && wasm-ld-22 --no-entry --export-table --allow-undefined a.o -o "
                 "a.wasm");
    return read_test_file(folder_.file("a.wasm"));
  }

  std::string assemble(const std::string& text, const std::string& options = "") {
    write_test_file(folder_.file("t.wat"), text);
    run_or_throw("wat2wasm --enable-all " + options + " " + folder_.file("t.wat") + " -o " +
                 folder_.file("t.wasm"));
    return read_test_file(folder_.file("t.wasm"));
  }

  // The optimized module; "" if there is none. What was reported is in diagnostics_.
  std::string optimize(const std::string& module, const OptimizeOptions& options) {
    DiagnosticSink sink;
    const std::optional<std::vector<uint8_t>> bytes =
        optimize_module(as_bytes(module), options, sink);
    const bool has_errors = sink.has_errors();
    diagnostics_ = sink.take_sorted();
    EXPECT_EQ(bytes.has_value(), !has_errors);
    return bytes ? std::string(as_string(*bytes)) : "";
  }

  // The only diagnostic there is.
  Diagnostic only() const {
    EXPECT_EQ(diagnostics_.size(), 1u);
    return diagnostics_.empty() ? Diagnostic() : diagnostics_[0];
  }

  void expect_valid(const std::string& module) {
    write_test_file(folder_.file("valid.wasm"), module);
    run_or_throw("wasm-validate --enable-all " + folder_.file("valid.wasm"));
  }

  // A program that stands for a wasm-opt.
  OptimizeOptions use_script(const std::string& body) {
    const std::string path = folder_.file("wasm-opt.sh");
    write_test_file(path, "#!/bin/sh\n" + body + "\n");
    EXPECT_EQ(::chmod(path.c_str(), 0755), 0);
    return {.level = OptimizeLevel::O2, .wasm_opt = path};
  }

  TempFolder folder_;
  std::vector<Diagnostic> diagnostics_;
};

// The raw bytes of the sections that are no custom sections.
std::string core_sections(const std::string& module) {
  const Result<Object> object = read_object(as_bytes(module), "module");
  EXPECT_TRUE(object.has_value());
  std::string bytes;
  for (const Section& section : object->sections)
    if (!section.is_custom()) bytes += as_string(section.raw);
  return bytes;
}

std::vector<std::pair<std::string, std::string>> custom_sections(const std::string& module) {
  const Result<Object> object = read_object(as_bytes(module), "module");
  EXPECT_TRUE(object.has_value());
  std::vector<std::pair<std::string, std::string>> sections;
  for (const Section& section : object->sections)
    if (section.is_custom()) sections.emplace_back(section.name, as_string(section.raw));
  return sections;
}

std::string with_section(const std::string& module, const std::string& name,
                         const std::string& content) {
  ByteWriter out;
  append_custom_section(out, name, as_bytes(content));
  return module + std::string(as_string(out.bytes()));
}

TEST_F(Optimize, EveryLevelIsWhatWasmOptMakes) {
  const std::string module = link(kSource);
  for (size_t i = 0; i < std::size(kLevels); ++i) {
    const std::string built_in = optimize(module, {.level = kLevels[i]});
    EXPECT_TRUE(diagnostics_.empty());
    // By hand: here wasm-opt takes the features from the module, and reads every section.
    run_or_throw("wasm-opt " + folder_.file("a.wasm") + " " + kLevelNames[i] + " -o " +
                 folder_.file("o.wasm"));
    EXPECT_EQ(core_sections(built_in), core_sections(read_test_file(folder_.file("o.wasm"))))
        << kLevelNames[i];
    EXPECT_LT(core_sections(built_in).size(), core_sections(module).size());
    expect_valid(built_in);
    for (const bool keep_names : {false, true}) {
      const OptimizeOptions options = {
          .level = kLevels[i], .wasm_opt = "", .keep_names = keep_names};
      OptimizeOptions external = options;
      external.wasm_opt = "/usr/bin/wasm-opt";
      EXPECT_EQ(optimize(module, options), optimize(module, external)) << kLevelNames[i];
      EXPECT_TRUE(diagnostics_.empty());
    }
  }
}

TEST_F(Optimize, LevelsDiffer) {
  // A call that only -O3 and above inline, and a loop that shrinking leaves alone.
  const std::string module = link(kSource);
  std::map<std::string, int> results;
  for (const OptimizeLevel level : kLevels) ++results[optimize(module, {.level = level})];
  EXPECT_GE(results.size(), 3u);
  EXPECT_EQ(optimize(module, {}), module);
}

TEST_F(Optimize, IsDeterministic) {
  const std::string module = link(kSource);
  const OptimizeOptions options = {.level = OptimizeLevel::O3};
  const std::string first = optimize(module, options);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(optimize(module, options), first);
  // Names of functions are no input of the passes.
  EXPECT_EQ(core_sections(optimize(module, {.level = OptimizeLevel::O3, .keep_names = true})),
            core_sections(first));
}

TEST_F(Optimize, TheProgramDoesTheSame) {
  const std::string script = R"(
    const module = new WebAssembly.Module(require('fs').readFileSync(process.argv[1]));
    const {exports} = new WebAssembly.Instance(module, {env: {host: x => x * 3}});
    const floats = new Float32Array(exports.memory.buffer, 4096, 64);
    floats.forEach((_, i) => floats[i] = i / 2);
    console.log(exports.count(1), exports.count(40), exports.ask(5), exports.work(8, 4096),
                exports.work(9, 4096), exports.__indirect_function_table.length);
  )";
  const auto run = [&](const std::string& module) {
    write_test_file(folder_.file("run.wasm"), module);
    write_test_file(folder_.file("run.cjs"), script);
    return run_or_throw("cd " + folder_.path() + " && node -e \"$(cat run.cjs)\" run.wasm");
  };
  const std::string module = link(kSource);
  const std::string expected = run(module);
  EXPECT_EQ(expected, "8 48 16 43 459 3\n");  // 35 + 8; 51 * 9
  for (const OptimizeLevel level : kLevels)
    EXPECT_EQ(run(optimize(module, {.level = level})), expected);
}

TEST_F(Optimize, CustomSectionsStay) {
  std::string module = link(kSource);
  module = with_section(module, "wasmpack.manifest", "{\"kernels\": []}");
  module = with_section(module, "description", std::string("\0\xff text", 7));
  module = with_section(module, "wasmpack.manifest", "a second one of that name");
  const auto before = custom_sections(module);
  for (const bool keep_names : {false, true}) {
    const std::string optimized =
        optimize(module, {.level = OptimizeLevel::O2, .keep_names = keep_names});
    EXPECT_TRUE(diagnostics_.empty());
    const auto after = custom_sections(optimized);
    auto expected = before;
    std::erase_if(expected, [](const auto& section) { return section.first == "name"; });
    auto kept = after;
    const auto names =
        std::erase_if(kept, [](const auto& section) { return section.first == "name"; });
    EXPECT_EQ(kept, expected);
    EXPECT_EQ(names, keep_names ? 1u : 0u);
    // Among them what Binaryen 108 drops from it.
    EXPECT_NE(optimized.find("call-indirect-overlong"), optimized.npos);
    EXPECT_NE(optimized.find("bulk-memory-opt"), optimized.npos);
  }
}

TEST_F(Optimize, NamesFollowTheirFunctions) {
  const std::string module = link(kSource);
  const std::string optimized = optimize(module, {.level = OptimizeLevel::O2, .keep_names = true});
  const Result<Object> object = read_object(as_bytes(optimized), "optimized");
  ASSERT_TRUE(object.has_value());
  const NameSection names = read_name_section(*object);
  EXPECT_EQ(names.failure, nullptr);
  for (const Export& entry : object->exports) {
    if (entry.kind != ExternKind::function) continue;
    EXPECT_EQ(names.functions.at(entry.index), entry.name);
  }
}

TEST_F(Optimize, DebugInformationIsDropped) {
  std::string module = link(kSource, "-g");
  module = with_section(module, "sourceMappingURL",
                        "\x05"
                        "a.map");
  module = with_section(module, "metadata.code.branch_hint", std::string(1, '\0'));
  const std::string optimized = optimize(module, {.level = OptimizeLevel::O2});
  for (const auto& [name, raw] : custom_sections(optimized))
    EXPECT_TRUE(name == "producers" || name == "target_features") << name;
  const Diagnostic note = only();
  EXPECT_EQ(note.severity, Severity::note);
  for (const char* name :
       {"`.debug_info`", "`.debug_line`", "`sourceMappingURL`", "`metadata.code.branch_hint`"})
    EXPECT_NE(std::ranges::find(note.notes, name), note.notes.end()) << name;
  // The same code as without debug information, which wasm-opt -g would have kept from changing.
  EXPECT_EQ(core_sections(optimized),
            core_sections(optimize(link(kSource), {.level = OptimizeLevel::O2})));
}

// ---- Features -----------------------------------------------------------------------------------

TEST_F(Optimize, OnlyTheModulesFeaturesAreGiven) {
  const std::string module = assemble("(module (func (export \"f\")))");
  const auto arguments = [&](const std::string& features, bool keep_names) {
    OptimizeOptions options = use_script("echo \"$@\" > " + folder_.file("arguments") + "; cat");
    options.keep_names = keep_names;
    optimize(with_section(module, "target_features", features), options);
    EXPECT_TRUE(diagnostics_.empty());
    return read_test_file(folder_.file("arguments"));
  };
  EXPECT_EQ(arguments(std::string("\0", 1), false), "/proc/self/fd/0 -o - -O2 --mvp-features\n");
  EXPECT_EQ(arguments("\x03+\x08sign-ext-\x07simd128=\x07"
                      "atomics",
                      true),
            "/proc/self/fd/0 -o - -O2 -g --mvp-features --enable-sign-ext --enable-threads\n");
  EXPECT_EQ(arguments("\x04+\x0f"
                      "bulk-memory-opt+\x16"
                      "call-indirect-overlong"
                      "+\x13nontrapping-fptoint+\x0b"
                      "bulk-memory",
                      false),
            "/proc/self/fd/0 -o - -O2 --mvp-features --enable-bulk-memory "
            "--enable-nontrapping-float-to-int\n");
}

TEST_F(Optimize, FeaturesThatClangCanMake) {
  // lime1 has bulk-memory-opt without bulk-memory: memory.copy, which Binaryen must accept.
  const std::string copy =
      "__attribute__((export_name(\"f\"))) void f(char *a, char *b, unsigned long n) {"
      "  __builtin_memcpy(a, b, n); }";
  for (const char* options :
       {"-mcpu=lime1", "-mcpu=generic -msimd128", "-mcpu=mvp", "-mcpu=generic -mtail-call",
        "-mcpu=generic -mextended-const", "-mcpu=generic -matomics"}) {
    const std::string module = link(copy + kSource, options);
    const std::string optimized = optimize(module, {.level = OptimizeLevel::O2});
    EXPECT_TRUE(diagnostics_.empty()) << options << ": " << only().message;
    EXPECT_LT(core_sections(optimized).size(), core_sections(module).size()) << options;
    expect_valid(optimized);
  }
}

TEST_F(Optimize, AModuleWithoutTheSectionHasWhatItsSectionsNeed) {
  for (const char* text : {
           "(module (func (export \"f\") (result i32) (i32.add (i32.const 1) (i32.const 2))))",
           "(module (func (export \"f\") (result i32 i32) (i32.const 1) (i32.const 2)))",
           "(module (global (export \"g\") (mut i32) (i32.const 1)))",
           "(module (import \"a\" \"g\" (global (mut i32))) (export \"g\" (global 0)))",
           "(module (func (export \"f\") (param v128) (result v128) (local.get 0)))",
           "(module (global (export \"g\") externref (ref.null extern)))",
           "(module (table (export \"t\") 3 externref))",
           "(module (table (export \"a\") 1 funcref) (table 2 funcref) (func $f (export \"f\")"
           "  (table.set 1 (i32.const 0) (ref.null func))))",
           "(module (memory (export \"m\") 1) (data \"passive\") (func (export \"f\")"
           "  (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 3))))",
           "(module (table (export \"t\") 1 funcref) (elem (i32.const 0) funcref (ref.null func)))",
           "(module (memory (export \"m\") 1 2 shared))",
           "(module (tag (export \"e\") (param i32)))",
       }) {
    const std::string module = assemble(text);
    const std::string optimized = optimize(module, {.level = OptimizeLevel::O2});
    EXPECT_TRUE(diagnostics_.empty()) << text << ": " << only().message;
    expect_valid(optimized);
    EXPECT_TRUE(custom_sections(optimized).empty()) << text;
  }
}

TEST_F(Optimize, UnknownFeaturesAreANoteAndChangeNothing) {
  const std::string module = link(R"(
    #include <wasm_simd128.h>
    __attribute__((export_name("f"))) v128_t f(v128_t a, v128_t b, v128_t c) {
      return wasm_f32x4_relaxed_madd(a, b, c);
    })",
                                  "-msimd128 -mrelaxed-simd");
  EXPECT_EQ(optimize(module, {.level = OptimizeLevel::O2}), module);
  const Diagnostic note = only();
  EXPECT_EQ(note.severity, Severity::note);
  EXPECT_NE(note.message.find("cannot read the target feature `relaxed-simd`"), std::string::npos)
      << note.message;
  EXPECT_NE(note.help.find("--wasm-opt FILE"), std::string::npos);
  EXPECT_NE(note.help.find("WASM_OPT"), std::string::npos);

  // With the feature named, a wasm-opt is tried; that of Debian has other opcodes for it.
  EXPECT_EQ(optimize(module, {.level = OptimizeLevel::O2, .wasm_opt = "/usr/bin/wasm-opt"}),
            module);
  EXPECT_EQ(only().severity, Severity::warning);

  std::string several = assemble("(module (func (export \"f\")))");
  several = with_section(several, "target_features",
                         "\x03+\x0bnovel-thing+\x02gc-\x04"
                         "fp16");
  EXPECT_EQ(optimize(several, {.level = OptimizeLevel::O2}), several);
  EXPECT_NE(only().message.find("`gc`, `novel-thing`"), std::string::npos) << only().message;
  EXPECT_EQ(only().message.find("fp16"), std::string::npos);  // disallowed, so not used
}

TEST_F(Optimize, WhatTheFeaturesDoNotAllowIsAWarning) {
  // It copies memory, but says that it uses sign extension at most.
  std::string module = assemble(
      "(module (memory 1) (func (export \"f\")"
      "  (memory.copy (i32.const 0) (i32.const 1) (i32.const 2))))");
  module = with_section(module, "target_features", std::string("\x01+\x08sign-ext", 11));
  EXPECT_EQ(optimize(module, {.level = OptimizeLevel::O2}), module);
  const Diagnostic warning = only();
  EXPECT_EQ(warning.severity, Severity::warning);
  EXPECT_NE(warning.message.find("was not optimized: Binaryen failed with exit code 1"),
            std::string::npos);
  EXPECT_FALSE(warning.notes.empty());
}

TEST_F(Optimize, InstructionsThatBinaryenDoesNotKnowAreAWarning) {
  // clang cannot be made to hide relaxed-simd, so a body is patched: 0xfd 0x85 0x02.
  std::string module = assemble(
      "(module (func (export \"f\") (param v128 v128 v128) (result v128)"
      "  (v128.bitselect (local.get 0) (local.get 1) (local.get 2)) (v128.not)))");
  const size_t at = module.find("\xfd\x52\xfd\x4d");
  ASSERT_NE(at, std::string::npos);
  module.replace(at, 4, "\xfd\x85\x02\x01");
  EXPECT_EQ(optimize(module, {.level = OptimizeLevel::O2}), module);
  EXPECT_EQ(only().severity, Severity::warning);
}

// ---- A wasm-opt that fails ----------------------------------------------------------------------

TEST_F(Optimize, AProgramThatFailsLeavesTheModuleAsItWas) {
  const std::string module = assemble("(module (func (export \"f\")))");
  EXPECT_EQ(optimize(module, use_script("echo last words >&2; kill -9 $$")), module);
  EXPECT_EQ(only().severity, Severity::warning);
  EXPECT_EQ(only().id, "child-died");
  EXPECT_EQ(only().notes,
            (std::vector<std::string>{"last words", "so the module was not optimized"}));

  EXPECT_EQ(optimize(module, use_script("echo no such option >&2; exit 3")), module);
  EXPECT_EQ(only().severity, Severity::warning);
  EXPECT_NE(only().message.find("wasm-opt.sh failed with exit code 3"), std::string::npos);
  EXPECT_EQ(only().notes, std::vector<std::string>{"no such option"});
}

TEST_F(Optimize, AProgramThatIsNoneIsAnError) {
  const std::string module = assemble("(module (func (export \"f\")))");
  for (const std::string path : {"/nowhere/wasm-opt", "wasm-opt"}) {
    EXPECT_EQ(optimize(module, {.level = OptimizeLevel::O2, .wasm_opt = path}), "");
    EXPECT_EQ(only().severity, Severity::error);
    EXPECT_EQ(only().where.file, path);
    EXPECT_NE(only().message.find("No such file"), std::string::npos);
    EXPECT_NE(only().help.find("PATH is not searched"), std::string::npos);
  }
}

TEST_F(Optimize, AnotherModuleIsAnError) {
  const std::string module = assemble(
      "(module (import \"a\" \"h\" (func $h (param i32))) (memory (export \"m\") 1 2)"
      "  (table (export \"t\") 1 1 funcref) (func $s) (start $s)"
      "  (func (export \"f\") (param i32) (call $h (local.get 0))))");
  const struct {
    const char* text;
    const char* problem;
  } rows[] = {
      {"(module)", "the export `f` is missing"},
      {"(module (import \"a\" \"h\" (func $h (param i32))) (memory (export \"m\") 1 2)"
       "  (table (export \"t\") 1 1 funcref) (func $s) (start $s)"
       "  (func (export \"f\") (param i64)))",
       "the export `f` has another type"},
      {"(module (import \"a\" \"h\" (func $h (param i32))) (memory (export \"m\") 1 3)"
       "  (table (export \"t\") 1 1 funcref) (func $s) (start $s)"
       "  (func (export \"f\") (param i32)))",
       "the export `m` has another type"},
      {"(module (import \"a\" \"h\" (func $h (param i32))) (memory (export \"m\") 1 2)"
       "  (table (export \"t\") 2 2 funcref) (func $s) (start $s)"
       "  (func (export \"f\") (param i32)))",
       "the export `t` has another type"},
      {"(module (import \"a\" \"h\" (func $h (param i32))) (memory (export \"m\") 1 2)"
       "  (table (export \"t\") 1 1 funcref) (func $s)"
       "  (func (export \"f\") (param i32)))",
       "the start function is missing"},
      {"(module (import \"a\" \"i\" (func $h (param i32))) (memory (export \"m\") 1 2)"
       "  (table (export \"t\") 1 1 funcref) (func $s) (start $s)"
       "  (func (export \"f\") (param i32)))",
       "the import `a.i` is new"},
      {"(module (memory (export \"m\") 1 2) (table (export \"t\") 1 1 funcref)"
       "  (table 1 1 funcref) (func $s) (start $s) (func (export \"f\") (param i32)))",
       "the number of its table entries changed"},
      {"(module (memory (export \"m\") 1 2) (table (export \"t\") 1 1 funcref)"
       "  (func $s) (start $s) (func (export \"f\") (export \"x\") (param i32)))",
       "the export `x` is new"},
  };
  for (const auto& row : rows) {
    const OptimizeOptions options = use_script("cat " + folder_.file("t.wasm"));
    const std::string other = assemble(row.text);
    EXPECT_EQ(optimize(module, options), "");
    EXPECT_EQ(only().severity, Severity::error);
    EXPECT_NE(only().message.find(row.problem), std::string::npos)
        << only().message << "\nexpected: " << row.problem;
  }
  // An import that is no longer used may go.
  assemble(
      "(module (memory (export \"m\") 1 2) (table (export \"t\") 1 1 funcref) (func $s) (start $s)"
      "  (func (export \"f\") (param i32)))");
  EXPECT_NE(optimize(module, use_script("cat " + folder_.file("t.wasm"))), "");
  EXPECT_TRUE(diagnostics_.empty());
}

TEST_F(Optimize, AnErrorOfBinaryenIsFound) {
  // Version 108 writes index 0 for every exported table.
  const std::string module =
      assemble("(module (table (export \"a\") 1 funcref) (table (export \"b\") 2 funcref))");
  EXPECT_EQ(optimize(module, {.level = OptimizeLevel::O2}), "");
  EXPECT_NE(only().message.find("the export `b` has another type"), std::string::npos);
}

TEST_F(Optimize, OutputThatIsNoModuleIsAnError) {
  const std::string module = assemble("(module (func (export \"f\")))");
  for (const char* script : {"echo hello", ":"}) {
    EXPECT_EQ(optimize(module, use_script(script)), "");
    EXPECT_NE(only().where.file.find("the output of "), std::string::npos);
  }
}

TEST_F(Optimize, InputThatIsNoFinishedModuleIsAnError) {
  link(kSource);
  EXPECT_EQ(optimize("text", {.level = OptimizeLevel::O2}), "");
  EXPECT_EQ(optimize(read_test_file(folder_.file("a.o")), {.level = OptimizeLevel::O2}), "");
  EXPECT_NE(only().message.find("this is an object"), std::string::npos);
}

}  // namespace
}  // namespace wasmpack
