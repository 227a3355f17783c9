#include "inspect/render/tables_text.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "inspect/render/init_text.h"
#include "inspect/render/text_table.h"
#include "inspect/render/text_writer.h"

namespace wasmpack {
namespace {

constexpr size_t kMaxListed = 4;  // of what one row lists

template <class T>
std::string optional_number(const std::optional<T>& value) {
  return value ? std::to_string(*value) : std::string();
}

std::string hex(uint64_t value) {
  char text[18];
  return {text, TextWriter::format_hex(text, value, 1)};
}

// "a, b, c, d, +7"
template <class Items, class Show>
std::string list_some(const Items& items, Show show) {
  std::string text;
  for (size_t i = 0; i < std::min(items.size(), kMaxListed); ++i)
    text += (i == 0 ? "" : ", ") + show(items[i]);
  if (items.size() > kMaxListed) text += ", +" + std::to_string(items.size() - kMaxListed);
  return text;
}

// A row of each of the first `limit` items.
template <class Items, class MakeRow>
void add_rows(TextTable& table, const Items& items, size_t limit, std::string_view option,
              MakeRow make_row) {
  const size_t shown = std::min(items.size(), limit);
  for (size_t i = 0; i < shown; ++i) table.add_row(make_row(items[i]));
  table.add_more(items.size() - shown, option);
}

std::string join_shape(const std::vector<int64_t>& shape) {
  std::string text;
  for (size_t i = 0; i < std::min(shape.size(), size_t{8}); ++i)
    text += (i == 0 ? "" : "x") + std::to_string(shape[i]);
  return text + (shape.size() > 8 ? "x..." : "");
}

void print_kernels(llvm::raw_ostream& out, const BundleFacts& bundle, size_t limit,
                   const TextStyle& style) {
  TextTable table("Kernels", {">handle", "library", "type", "name", "symbol"});
  add_rows(table, bundle.kernels, limit, "--registry", [](const KernelFact& kernel) {
    return std::vector<std::string>{optional_number(kernel.handle), show_name(kernel.library),
                                    show_name(kernel.type), show_name(kernel.name),
                                    show_name(kernel.symbol)};
  });
  table.print(out, style);
}

void print_params(llvm::raw_ostream& out, const BundleFacts& bundle, size_t limit,
                  const TextStyle& style) {
  TextTable table("Params", {"dtype", "shape", ">bytes", "name", "file"});
  add_rows(table, bundle.params, limit, "--registry", [](const ParamFact& param) {
    return std::vector<std::string>{show_name(param.dtype), join_shape(param.shape),
                                    optional_number(param.bytes), show_name(param.name),
                                    show_name(param.file)};
  });
  table.print(out, style);
}

void print_registrations(llvm::raw_ostream& out, const Facts& facts, size_t limit,
                         const TextStyle& style) {
  std::vector<std::pair<const ConstructorFact*, const RegistrationFact*>> all;
  for (const ConstructorFact& constructor : facts.constructors)
    for (const RegistrationFact& entry : constructor.registers)
      all.emplace_back(&constructor, &entry);
  TextTable table("Registered by constructors",
                  {">order", "constructor", "registrar", "name", "function"});
  add_rows(table, all, limit, "--registry", [](const auto& pair) {
    const auto& [constructor, entry] = pair;
    return std::vector<std::string>{
        std::to_string(constructor->order), show_function(constructor->function),
        show_name(entry->registrar), show_name(entry->name), show_function(entry->function)};
  });
  table.print(out, style);
}

std::vector<std::string> layout_row(std::string_view what, const std::optional<uint64_t>& value,
                                    bool is_address) {
  return {is_address ? hex(*value) : "", is_address ? "" : std::to_string(*value),
          std::string(what)};
}

void print_layout(llvm::raw_ostream& out, const LayoutFacts& layout, const TextStyle& style) {
  TextTable table("Memory layout", {">address", ">bytes", "what"});
  const auto add = [&table](std::string_view what, const std::optional<uint64_t>& value,
                            bool is_address) {
    if (value) table.add_row(layout_row(what, value, is_address));
  };
  if (layout.data_begin && layout.data_end) {
    table.add_row({hex(*layout.data_begin), std::to_string(*layout.data_end - *layout.data_begin),
                   "data, from the first active segment to the end of the last"});
  }
  add("stack pointer at the start", layout.stack_pointer, true);
  add("stack", layout.stack_size, false);
  add("heap begins (__heap_base)", layout.heap_base, true);
  add("memory at the start", layout.memory_minimum, false);
  add("memory at most", layout.memory_maximum, false);
  table.print(out, style);
}

void print_spaces(llvm::raw_ostream& out, const Facts& facts, const TextStyle& style) {
  TextTable table("Memories, tables, globals, tags",
                  {"kind", ">index", "type", ">value", "from", "name"});
  for (const SpaceFact& space : facts.spaces) {
    table.add_row({std::string(extern_kind_name(space.kind)), std::to_string(space.index),
                   show_name(space.type), optional_number(space.value),
                   space.is_imported ? "import" : "", show_name(space.name)});
  }
  table.print(out, style);
}

}  // namespace

void print_constructors(llvm::raw_ostream& out, const Facts& facts, size_t limit,
                        const TextStyle& style) {
  TextTable table("Constructors, in the order they run",
                  {">order", ">priority", "symbol", "calls", "from", "registers"});
  const std::string own_name = input_name(facts.file, facts.member);
  add_rows(table, facts.constructors, limit, "--ctors", [&](const ConstructorFact& constructor) {
    // An object's come from itself, which its title says.
    const bool is_own = constructor.origin == own_name || constructor.origin == facts.member;
    const auto show_registration = [](const RegistrationFact& entry) {
      return show_name(entry.name);
    };
    return std::vector<std::string>{
        std::to_string(constructor.order),
        optional_number(constructor.priority),
        show_function(constructor.function),
        constructor.calls ? list_some(*constructor.calls, show_function) : "?",
        is_own ? std::string() : show_name(constructor.origin),
        list_some(constructor.registers, show_registration)};
  });
  table.print(out, style);
}

void print_exports(llvm::raw_ostream& out, const Facts& facts, size_t limit,
                   const TextStyle& style) {
  TextTable table("Exports", {"kind", "type", "name"});
  add_rows(table, facts.exports, limit, "--exports", [](const ExportFact& entry) {
    std::string name = show_name(entry.name);
    if (!entry.internal_name.empty() && entry.internal_name != entry.name)
      name += " (" + show_name(entry.internal_name) + ')';
    if (entry.by_flag) name += " (by symbol flag, at the final link)";
    return std::vector<std::string>{std::string(extern_kind_name(entry.kind)),
                                    show_name(entry.type), name};
  });
  table.print(out, style);
}

void print_imports(llvm::raw_ostream& out, const Facts& facts, size_t limit,
                   const TextStyle& style) {
  TextTable table("Imports", {"kind", "type", "name"});
  add_rows(table, facts.imports, limit, "--imports", [](const ImportFact& import) {
    return std::vector<std::string>{std::string(extern_kind_name(import.kind)),
                                    show_name(import.type),
                                    show_name(import.module) + '.' + show_name(import.name)};
  });
  table.print(out, style);
}

void print_registry(llvm::raw_ostream& out, const Facts& facts, size_t limit,
                    const TextStyle& style) {
  if (facts.bundle) {
    print_kernels(out, *facts.bundle, limit, style);
    print_params(out, *facts.bundle, limit, style);
  }
  print_registrations(out, facts, limit, style);
}

void print_memory(llvm::raw_ostream& out, const Facts& facts, const TextStyle& style) {
  print_layout(out, facts.layout, style);
  print_spaces(out, facts, style);
}

}  // namespace wasmpack
