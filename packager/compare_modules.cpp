#include "packager/compare_modules.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "object/write.h"

namespace wasmpack {
namespace {

// The encoded type of an entry of an index space: two are equal if their types are.
std::string encode_type(const Object& module, ExternKind kind, uint32_t index) {
  ByteWriter out;
  out.write_u8(static_cast<uint8_t>(kind));
  const Import* import = module.find_import(kind, index);
  const uint32_t defined = index - (import == nullptr ? module.imported_count(kind) : 0);
  switch (kind) {
    case ExternKind::function:
      encode_func_type(out, module.types[module.function_type(index)]);
      break;
    case ExternKind::table:
      encode_table_type(out, import != nullptr ? import->table : module.tables[defined].type);
      break;
    case ExternKind::memory:
      encode_limits(out, import != nullptr ? import->memory : module.memories[defined]);
      break;
    case ExternKind::global:
      encode_global_type(out, import != nullptr ? import->global : module.globals[defined].type);
      break;
    case ExternKind::tag:
      encode_func_type(out,
                       module.types[import != nullptr ? import->type_index : module.tags[defined]]);
      break;
  }
  return std::string(as_string(out.bytes()));
}

std::optional<std::string> find_export_change(const Object& before, const Object& after) {
  std::map<std::string_view, std::string> expected;
  for (const Export& entry : before.exports)
    expected.emplace(entry.name, encode_type(before, entry.kind, entry.index));
  for (const Export& entry : after.exports) {
    const std::string name = "the export `" + std::string(entry.name) + "`";
    const auto found = expected.find(entry.name);
    if (found == expected.end()) return name + " is new";
    if (found->second != encode_type(after, entry.kind, entry.index))
      return name + " has another type";
    expected.erase(found);
  }
  if (!expected.empty())
    return "the export `" + std::string(expected.begin()->first) + "` is missing";
  return std::nullopt;
}

// An import is identified by its names and its type. One that is no longer called may be gone.
std::set<std::string> list_imports(const Object& module) {
  std::set<std::string> imports;
  uint32_t counts[5] = {};
  for (const Import& import : module.imports) {
    const uint32_t index = counts[static_cast<size_t>(import.kind)]++;
    imports.insert(std::string(import.module) + "." + std::string(import.field) + '\0' +
                   encode_type(module, import.kind, index));
  }
  return imports;
}

std::optional<std::string> find_new_import(const Object& before, const Object& after) {
  const std::set<std::string> known = list_imports(before);
  for (const std::string& import : list_imports(after)) {
    if (!known.contains(import))
      return "the import `" + import.substr(0, import.find('\0')) + "` is new";
  }
  return std::nullopt;
}

std::optional<std::string> find_space_change(const Object& before, const Object& after,
                                             ExternKind kind, size_t before_count,
                                             size_t after_count) {
  const std::string what = std::string(extern_kind_name(kind));
  const bool is_exported =
      std::ranges::any_of(before.exports, [&](const Export& entry) { return entry.kind == kind; });
  if (after_count > before_count || (is_exported && after_count < before_count))
    return "the number of its " + what + " entries changed";
  // What is left of several hidden ones may have moved.
  if (after_count < before_count) return std::nullopt;
  for (uint32_t i = 0; i < after_count; ++i) {
    if (encode_type(before, kind, i) != encode_type(after, kind, i))
      return "the type of its " + what + " " + std::to_string(i) + " changed";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_interface_change(const Object& before, const Object& after) {
  if (auto change = find_export_change(before, after)) return change;
  if (auto change = find_new_import(before, after)) return change;
  if (before.start.has_value() != after.start.has_value())
    return before.start ? "the start function is missing" : "the start function is new";
  if (auto change =
          find_space_change(before, after, ExternKind::memory,
                            before.memories.size() + before.imported_count(ExternKind::memory),
                            after.memories.size() + after.imported_count(ExternKind::memory)))
    return change;
  return find_space_change(before, after, ExternKind::table,
                           before.tables.size() + before.imported_count(ExternKind::table),
                           after.tables.size() + after.imported_count(ExternKind::table));
}

}  // namespace wasmpack
