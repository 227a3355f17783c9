// Close to what engines accept.
//
// Source: WebAssembly JavaScript Interface, "Implementation-defined Limits" (2024: imports and
// exports as many as functions).

#include <algorithm>

#include "inspect/checks/check_table.h"
#include "inspect/checks/finding_text.h"
#include "support/cursor.h"

namespace wasmpack {
namespace {

struct Counted {
  std::string_view what;
  uint64_t count;
  uint64_t limit;
};

// Runs of locals of one body; a hostile one could have millions.
constexpr unsigned kLocalRunsRead = 1000;

uint64_t count_locals(Bytes body) {
  Cursor cursor(body);
  const uint32_t runs = cursor.read_varuint32();
  uint64_t locals = 0;
  for (uint32_t i = 0; i < std::min(runs, kLocalRunsRead) && cursor.ok(); ++i) {
    locals += cursor.read_varuint32();
    // Types of references to others are longer than a byte; such a body is not counted further.
    const uint8_t type = cursor.read_u8();
    if (type == 0x63 || type == 0x64) break;
  }
  return locals;
}

uint64_t imported_minimum(const Object& object, ExternKind kind) {
  uint64_t most = 0;
  for (const uint32_t position : object.imported[static_cast<size_t>(kind)]) {
    const Import& import = object.imports[position];
    most = std::max(
        most, kind == ExternKind::memory ? import.memory.minimum : import.table.limits.minimum);
  }
  return most;
}

std::vector<Counted> count_all(const Object& object) {
  const auto total = [&](ExternKind kind, size_t defined) {
    return uint64_t{object.imported_count(kind)} + defined;
  };
  uint64_t body = 0, locals = 0, name = 0, params = 0, results = 0;
  const int code = object.find_section(SectionId::code);
  for (const FunctionBody& function : object.code) {
    body = std::max<uint64_t>(body, function.size);
    const uint64_t start =
        object.sections[static_cast<size_t>(code)].content_offset + function.offset;
    locals = std::max(locals, count_locals(object.bytes.subspan(start, function.size)));
  }
  for (const Import& import : object.imports)
    name = std::max<uint64_t>(name, std::max(import.module.size(), import.field.size()));
  for (const Export& entry : object.exports) name = std::max<uint64_t>(name, entry.name.size());
  for (const FuncType& type : object.types) {
    if (!type.is_function || !type.is_simple) continue;
    params = std::max<uint64_t>(params, type.params.size());
    results = std::max<uint64_t>(results, type.results.size());
  }
  uint64_t table = imported_minimum(object, ExternKind::table);
  for (const Table& entry : object.tables) table = std::max(table, entry.type.limits.minimum);
  uint64_t pages = imported_minimum(object, ExternKind::memory);
  for (const Limits& memory : object.memories)
    if (!memory.is64 && !memory.page_size_log2) pages = std::max(pages, memory.minimum);
  return {
      {"bytes", object.bytes.size(), uint64_t{1} << 30},
      {"types", object.types.size(), 1'000'000},
      {"functions", total(ExternKind::function, object.functions.size()), 1'000'000},
      {"imports", object.imports.size(), 1'000'000},
      {"exports", object.exports.size(), 1'000'000},
      {"globals", total(ExternKind::global, object.globals.size()), 1'000'000},
      {"tags", total(ExternKind::tag, object.tags.size()), 1'000'000},
      {"data segments", object.data.size(), 100'000},
      {"element segments", object.elements.size(), 100'000},
      {"tables", total(ExternKind::table, object.tables.size()), 100},
      {"memories", total(ExternKind::memory, object.memories.size()), 100},
      {"bytes in one function body", body, 7'654'321},
      {"locals in one function", locals, 50'000},
      {"parameters of one function", params, 1'000},
      {"results of one function", results, 1'000},
      {"bytes in one name", name, 100'000},
      {"entries in one table", table, 10'000'000},
      {"pages of memory at the start", pages, 65'536},
  };
}

void find_near_limits(const CheckInput& input, std::vector<Diagnostic>& findings) {
  // Engines load no objects; these have one data segment for each variable.
  if (input.object == nullptr || input.facts.kind == WasmKind::object) return;
  for (const Counted& entry : count_all(*input.object)) {
    if (entry.count < entry.limit / 5 * 4) continue;
    const bool is_over = entry.count > entry.limit;
    Diagnostic finding = make_finding(
        kEngineLimit, input.facts,
        std::to_string(entry.count) + " " + std::string(entry.what) + ": engines accept " +
            std::to_string(entry.limit) +
            (is_over
                 ? ""
                 : ", which is near (" + std::to_string(entry.count * 100 / entry.limit) + " %)"));
    if (!is_over) finding.severity = Severity::warning;
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const Check kEngineLimit = {
    .id = "engine-limit",
    .severity = Severity::error,
    .reason = "browsers and other engines refuse a module beyond these limits",
    .fix = "split the module, or the function, in two; `-Os` and --gc-sections make both smaller",
    .page =
        "The limits of the WebAssembly JavaScript interface: a warning from 80 % on, an error "
        "beyond. Engines other than browsers may have lower ones.",
    .run = find_near_limits,
};

}  // namespace wasmpack
