#include "object/validate.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "object/function_calls.h"
#include "object/read.h"
#include "support/byte_writer.h"
#include "support/child_process.h"

namespace wasmpack {
namespace {

// A child ends with this where wabt aborted or crashed (children/wabt_child.cpp).
constexpr int kValidatorDied = 3;
constexpr unsigned kMaxRestarts = 16;

// What wabt 1.0.32 says of what came into WebAssembly after it, or what it implements in part: its
// rules there are not those of core specification 3.0.
constexpr std::string_view kUnknownToWabt[] = {
    "unexpected opcode",
    "invalid section code",
    "unexpected type form",
    "invalid type form",
    "expected valid ",
    "must be a reference type",
    "must have reference types",
    "must have funcref type",
    "invalid global type",
    "malformed import kind",
    "malformed memory limits flag",
    "malformed table limits flag",
    "tables may not be",
    "invalid export external kind",
    "invalid elem segment flags",
    "segment elem type must be func",
    "expected ref.null or ref.func",
    "invalid elem expression",
    "tag attribute must be 0",
    "initializer expression can only reference",
    "instruction not valid in initializer expression",
};

// Whether our own reader knows every section, type and instruction, those of proposals that wabt
// lacks included.
bool understands(Bytes bytes) {
  const Result<LenientObject> module = read_object_leniently(bytes, "module");
  if (!module) return false;
  const Object& object = module->object;
  const uint32_t first = object.imported_count(ExternKind::function);
  for (uint32_t i = 0; i < object.code.size(); ++i) {
    if (!find_function_calls(object.function_body(first + i)).is_complete) return false;
  }
  return true;
}

// LLVM's 64-bit objects declare the imported entries of the GOT as i32 and use them as i64: the
// linker makes globals of the right type of them.
bool has_narrow_got(Bytes bytes) {
  const Result<LenientObject> module = read_object_leniently(bytes, "module");
  if (!module || !module->object.has_linking || !module->object.is64()) return false;
  return std::ranges::any_of(module->object.imports, [](const Import& import) {
    return import.kind == ExternKind::global && import.module.starts_with("GOT.") &&
           as_string(import.global.value_type) == "\x7f";
  });
}

// One line of the child: "valid", or "0x1f4: text", or "text".
Validation read_answer(std::string_view line, Bytes module) {
  Validation answer;
  if (line == "valid") {
    answer.state = ModuleState::valid;
    return answer;
  }
  if (line.starts_with("0x")) {
    uint64_t offset = 0;
    size_t at = 2;
    for (; at < line.size() && at < 18 && line[at] != ':'; ++at) {
      const char digit = line[at];
      offset = offset << 4 |
               static_cast<uint64_t>(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
    }
    if (line.substr(at).starts_with(": ")) {
      answer.offset = offset;
      line.remove_prefix(at + 2);
    }
  }
  answer.message = line;
  const bool is_unknown = std::ranges::any_of(kUnknownToWabt, [line](std::string_view text) {
    return line.find(text) != std::string_view::npos;
  });
  answer.state = is_unknown ? ModuleState::not_validated : ModuleState::invalid;
  if (is_unknown) {
    answer.is_understood = understands(module);
  } else if (has_narrow_got(module)) {
    answer.state = ModuleState::not_validated;
    answer.message =
        "its entries of the GOT have 32-bit types, which the linker puts right: " + answer.message;
  }
  return answer;
}

ChildRun prepare_run(Bytes file, std::span<const ModuleRange> modules, ByteWriter& table) {
  for (const auto& [offset, size] : modules) {
    for (const uint64_t value : {offset, size}) {
      table.write_u32_le(static_cast<uint32_t>(value));
      table.write_u32_le(static_cast<uint32_t>(value >> 32));
    }
  }
  ChildRun run;
  run.input = file;
  run.files = {table.bytes()};
  run.arguments = {child_file_name(0)};
  run.limits.memory_bytes += 64 * file.size();
  // wabt reads tens of megabytes a second.
  run.limits.cpu_seconds = static_cast<unsigned>(std::min<uint64_t>(20 + (file.size() >> 20), 600));
  return run;
}

}  // namespace

std::vector<Validation> validate_modules(Bytes file, std::span<const ModuleRange> modules) {
  std::vector<Validation> answers;
  const auto give_up = [&](size_t until, const Diagnostic& why) {
    while (answers.size() < until)
      answers.push_back({ModuleState::not_validated, why.message, {}, false, why});
  };
  for (unsigned runs = 0; answers.size() < modules.size(); ++runs) {
    if (runs > kMaxRestarts) {
      give_up(modules.size(),
              fail("child-died", {}, "the validator failed on too many modules before").value());
      break;
    }
    ByteWriter table;
    const Result<ChildResult> result =
        run_child("wasmpack-wabt", prepare_run(file, modules.subspan(answers.size()), table));
    if (!result) {
      give_up(modules.size(), result.error());
      break;
    }
    std::string_view lines = as_string(result->output);
    for (size_t end;
         answers.size() < modules.size() && (end = lines.find('\n')) != std::string_view::npos;) {
      const auto& [offset, size] = modules[answers.size()];
      answers.push_back(read_answer(lines.substr(0, end), file.subspan(offset, size)));
      lines.remove_prefix(end + 1);
    }
    if (answers.size() == modules.size()) break;
    give_up(answers.size() + 1,
            fail("child-died", {},
                 result->exit_code == kValidatorDied ? "the validator crashed on the module"
                                                     : "the validator gave no answer")
                .value());
  }
  return answers;
}

Validation validate_module(Bytes module) {
  const ModuleRange whole{0, module.size()};
  return validate_modules(module, {&whole, 1}).front();
}

BackgroundValidation::BackgroundValidation(Bytes file, std::vector<ModuleRange> modules)
    : file_(file), modules_(std::move(modules)) {
  if (!modules_.empty())
    thread_ = std::thread([this] { results_ = validate_modules(file_, modules_); });
}

BackgroundValidation::~BackgroundValidation() {
  if (thread_.joinable()) thread_.join();
}

std::vector<Validation> BackgroundValidation::wait() {
  if (thread_.joinable()) thread_.join();
  return std::move(results_);
}

}  // namespace wasmpack
