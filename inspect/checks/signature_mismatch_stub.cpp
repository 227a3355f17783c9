// Calls that the linker replaced by a trap, since caller and function had different types.

#include <algorithm>
#include <utility>

#include "inspect/checks/check_table.h"
#include "inspect/checks/finding_text.h"
#include "inspect/facts/type_text.h"
#include "object/name_section.h"

namespace wasmpack {
namespace {

// What wasm-ld calls such a function.
constexpr std::string_view kPrefix = "signature_mismatch:";

void find_traps(const CheckInput& input, std::vector<Diagnostic>& findings) {
  NameList bad;
  const auto look_at = [&bad](std::string_view name) {
    if (name.starts_with(kPrefix)) bad.add(name.substr(kPrefix.size()));
  };
  if (input.facts.kind == WasmKind::object) {
    for (const Symbol& symbol : input.object->symbols)
      if (symbol.kind == SymbolKind::function && symbol.is_defined()) look_at(symbol.name);
  } else {
    for (const std::string_view name : read_name_section(*input.object).functions) look_at(name);
  }
  if (bad.empty()) return;
  findings.push_back(
      make_finding(kSignatureMismatchStub, input.facts,
                   "calls of " + bad.text() +
                       " trap: the linker found callers and function of different types"));
}

// Undefined functions of one name with several types: the final link will do it.
void find_two_types(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const Object& object = *input.object;
  std::vector<std::pair<std::string_view, uint32_t>> undefined;  // name, function
  for (const Symbol& symbol : object.symbols)
    if (symbol.kind == SymbolKind::function && symbol.is_undefined())
      undefined.emplace_back(symbol.name, symbol.index);
  std::ranges::sort(undefined);
  size_t count = 0;
  for (size_t i = 1; i < undefined.size(); ++i) {
    if (undefined[i].first != undefined[i - 1].first) continue;
    const uint32_t one = object.function_type(undefined[i - 1].second);
    const uint32_t other = object.function_type(undefined[i].second);
    if (object.types[one] == object.types[other] || ++count > kFindingsShown) continue;
    findings.push_back(make_finding(kSignatureMismatchStub, input.facts,
                                    "the undefined function " + cite_name(undefined[i].first) +
                                        " has two types, " +
                                        cut_text(render_function_type(object, one)) + " and " +
                                        cut_text(render_function_type(object, other)) +
                                        ": a linker makes a trap of one of them"));
  }
}

void find_mismatches(const CheckInput& input, std::vector<Diagnostic>& findings) {
  if (input.object == nullptr) return;
  find_traps(input, findings);
  if (input.facts.kind == WasmKind::object) find_two_types(input, findings);
}

}  // namespace

const Check kSignatureMismatchStub = {
    .id = "signature-mismatch-stub",
    .severity = Severity::error,
    .reason = "the program traps when it makes the call",
    .fix =
        "make declaration and definition agree and link again; `wasmpack link` and wasm-ld's "
        "--fatal-warnings refuse such a link",
    .page =
        "wasm-ld warns of a `function signature mismatch` and puts a function "
        "`signature_mismatch:NAME` with nothing but `unreachable` in the place of the call. With "
        "`-r` it does so in an object. Stripped modules do not tell.",
    .run = find_mismatches,
};

}  // namespace wasmpack
