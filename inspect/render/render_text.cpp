#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <llvm/ADT/StringExtras.h>

#include "inspect/render/init_text.h"
#include "inspect/render/render.h"
#include "support/diagnostic.h"

namespace wasmpack {
namespace {

constexpr size_t kMaxColumnWidth = 48;  // a longer entry sticks out rather than widen its column
constexpr size_t kMaxCallsShown = 4;

// A table whose columns are as wide as they must be.
class Table {
 public:
  // A heading that begins with '>' is of a column of numbers, which stand at its right.
  Table(std::string title, std::vector<std::string> headings) : title_(std::move(title)) {
    for (std::string& heading : headings) {
      is_right_.push_back(heading.starts_with('>'));
      if (is_right_.back()) heading.erase(0, 1);
    }
    rows_.push_back(std::move(headings));
  }

  void add_row(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  // Prints nothing if no row was added.
  void print(llvm::raw_ostream& out, bool color) const {
    if (rows_.size() == 1) return;
    const std::vector<size_t> widths = measure();
    out << '\n' << (color ? "\x1b[1m" : "") << title_ << (color ? "\x1b[0m" : "") << '\n';
    for (const std::vector<std::string>& row : rows_) {
      std::string line;
      for (size_t i = 0; i < row.size(); ++i) {
        const size_t used = display_width(row[i]);
        const std::string padding(widths[i] > used ? widths[i] - used : 0, ' ');
        line += "  " + (is_right_[i] ? padding + row[i] : row[i] + padding);
      }
      line.erase(line.find_last_not_of(' ') + 1);
      out << line << '\n';
    }
  }

 private:
  // Code points, which is right for all but the rare name in wide or combining characters.
  static size_t display_width(const std::string& text) {
    return static_cast<size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
  }

  std::vector<size_t> measure() const {
    std::vector<size_t> widths(is_right_.size());
    for (const std::vector<std::string>& row : rows_) {
      for (size_t i = 0; i < row.size(); ++i)
        widths[i] = std::max(widths[i], std::min(display_width(row[i]), kMaxColumnWidth));
    }
    return widths;
  }

  std::string title_;
  std::vector<bool> is_right_;
  std::vector<std::vector<std::string>> rows_;
};

std::string hex(uint64_t value) {
  std::string text;
  llvm::raw_string_ostream(text) << "0x" << llvm::utohexstr(value, /*LowerCase=*/true);
  return text;
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

template <class T>
std::string optional_number(const std::optional<T>& value) {
  return value ? std::to_string(*value) : std::string();
}

std::string plural(size_t count, std::string_view noun) {
  return std::to_string(count) + ' ' + std::string(noun) + (count == 1 ? "" : "s");
}

std::string_view kind_text(const Facts& facts) {
  switch (facts.kind) {
    case WasmKind::object:
      return "relocatable object";
    case WasmKind::shared:
      return "shared module (dylink.0)";
    case WasmKind::component:
      return "component";
    case WasmKind::bundle:
      return "bundle of kernels";
    case WasmKind::module:
      break;
  }
  switch (facts.init.model) {
    case InitModel::command:
      return "finished module, a command (exports _start)";
    case InitModel::reactor:
      return "finished module, a reactor (exports _initialize)";
    default:
      return "finished module";
  }
}

void print_line(llvm::raw_ostream& out, std::string_view label, const std::string& text) {
  if (text.empty()) return;
  out << "  " << label;
  out.indent(static_cast<unsigned>(14 - label.size())) << text << '\n';
}

std::string features_text(const Facts& facts) {
  std::string text;
  for (const TargetFeature& feature : facts.features)
    text += (text.empty() ? "" : " ") + (feature.prefix + show_name(feature.name));
  return text;
}

std::string producers_text(const Facts& facts) {
  std::string text;
  for (const ProducerField& field : facts.producers) {
    for (const ProducerValue& value : field.values) {
      text += (text.empty() ? "" : ", ") + show_name(value.name);
      if (!value.version.empty()) text += ' ' + show_name(value.version);
    }
  }
  return text;
}

std::string bundle_text(const BundleFacts& bundle) {
  if (!bundle.problem.empty())
    return "its wasmpack.manifest cannot be read: " + show_name(bundle.problem);
  std::string text = show_name(bundle.name);
  if (!bundle.version.empty()) text += ' ' + show_name(bundle.version);
  return text + (text.empty() ? "" : ", ") + plural(bundle.kernels.size(), "kernel");
}

void print_title(llvm::raw_ostream& out, const std::string& name, bool color) {
  out << (color ? "\x1b[1m" : "") << escape_controls(name) << (color ? "\x1b[0m" : "") << ": ";
}

void print_summary(llvm::raw_ostream& out, const Facts& facts, bool color) {
  print_title(out, input_name(facts.file, facts.member), color);
  out << kind_text(facts) << ", ";
  if (facts.kind == WasmKind::component) {
    out << plural(facts.size, "byte") << "; " << facts.init.reason << '\n';
    return;
  }
  out << (facts.is64 ? "wasm64, " : "wasm32, ") << plural(facts.size, "byte") << ", "
      << plural(facts.function_count, "function");
  if (facts.kind == WasmKind::object) out << ", " << plural(facts.symbols.size(), "symbol");
  out << '\n';
  if (facts.bundle) print_line(out, "bundle", bundle_text(*facts.bundle));
  print_line(out, "constructors", describe_constructors(facts));
  print_line(out, "exports", std::to_string(facts.exports.size()));
  print_line(out, "imports", std::to_string(facts.imports.size()));
  print_line(out, "features", features_text(facts));
  print_line(out, "made by", producers_text(facts));
}

void print_kernels(llvm::raw_ostream& out, const BundleFacts& bundle, bool color) {
  Table table("Kernels", {"library", "type", "name", "symbol"});
  for (const KernelFact& kernel : bundle.kernels)
    table.add_row({show_name(kernel.library), show_name(kernel.type), show_name(kernel.name),
                   show_name(kernel.symbol)});
  table.print(out, color);
}

const char* severity_color(Severity severity) {
  return severity == Severity::error     ? "\x1b[1;31m"
         : severity == Severity::warning ? "\x1b[1;35m"
                                         : "\x1b[1;36m";
}

// "error[ctor-rerun]: ...": without the file, which stands in the title.
void print_findings(llvm::raw_ostream& out, const std::vector<Diagnostic>& findings, bool color) {
  if (!findings.empty()) out << '\n';
  for (const Diagnostic& finding : findings) {
    Location where = finding.where;
    where.file.clear();
    where.member.clear();
    if (color) out << severity_color(finding.severity);
    out << severity_name(finding.severity) << '[' << finding.id << ']';
    if (color) out << "\x1b[0m";
    out << ": ";
    if (const std::string place = describe(where); !place.empty())
      out << escape_controls(place) << ": ";
    out << escape_controls(finding.message) << '\n';
    for (const std::string& note : finding.notes)
      out << "  note: " << escape_controls(note) << '\n';
    if (!finding.help.empty()) out << "  help: " << escape_controls(finding.help) << '\n';
  }
}

void print_constructors(llvm::raw_ostream& out, const Facts& facts, bool color) {
  Table table("Constructors, in the order they run", {">order", ">priority", "symbol", "calls"});
  for (const ConstructorFact& constructor : facts.constructors) {
    std::string calls = constructor.calls ? "" : "?";
    if (constructor.calls) {
      const size_t count = constructor.calls->size();
      for (size_t i = 0; i < std::min(count, kMaxCallsShown); ++i)
        calls += (i == 0 ? "" : ", ") + show_function((*constructor.calls)[i]);
      if (count > kMaxCallsShown) calls += ", +" + std::to_string(count - kMaxCallsShown);
    }
    table.add_row({std::to_string(constructor.order), optional_number(constructor.priority),
                   show_function(constructor.function), calls});
  }
  table.print(out, color);
}

void print_exports(llvm::raw_ostream& out, const Facts& facts, bool color) {
  Table table("Exports", {"kind", "type", "name"});
  for (const ExportFact& entry : facts.exports) {
    std::string name = show_name(entry.name);
    if (!entry.internal_name.empty() && entry.internal_name != entry.name)
      name += " (" + show_name(entry.internal_name) + ')';
    if (entry.by_flag) name += " (by symbol flag, at the final link)";
    table.add_row({std::string(extern_kind_name(entry.kind)), show_name(entry.type), name});
  }
  table.print(out, color);
}

void print_imports(llvm::raw_ostream& out, const Facts& facts, bool color) {
  Table table("Imports", {"kind", "type", "name"});
  for (const ImportFact& import : facts.imports) {
    table.add_row({std::string(extern_kind_name(import.kind)), show_name(import.type),
                   show_name(import.module) + '.' + show_name(import.name)});
  }
  table.print(out, color);
}

void print_sections(llvm::raw_ostream& out, const Facts& facts, bool color) {
  Table table("Sections", {">offset", ">size", ">relocations", "name"});
  for (const SectionFact& section : facts.sections) {
    table.add_row({hex(section.offset), std::to_string(section.size),
                   optional_number(section.relocations), show_name(section.name)});
  }
  table.print(out, color);
}

void print_symbols(llvm::raw_ostream& out, const Facts& facts, bool color) {
  Table table("Symbols", {"kind", ">index", ">size", "flags", "name"});
  for (const SymbolFact& symbol : facts.symbols) {
    std::string name = show_name(symbol.name);
    if (symbol.segment)
      name += " (segment " + std::to_string(*symbol.segment) + " + " + hex(*symbol.offset) + ')';
    else if (symbol.offset)
      name += " (address " + hex(*symbol.offset) + ')';
    table.add_row({std::string(symbol_kind_name(symbol.kind)), optional_number(symbol.index),
                   optional_number(symbol.size), join(symbol_flag_words(symbol.flags)), name});
  }
  table.print(out, color);
}

}  // namespace

void render_archive_summary(llvm::raw_ostream& out, std::string_view file,
                            const std::vector<Inspected>& members, bool color) {
  const auto count_if = [&members](auto has) {
    return static_cast<size_t>(std::ranges::count_if(members, has));
  };
  print_title(out, std::string(file), color);
  out << "archive, " << plural(members.size(), "member") << ", constructors in "
      << count_if([](const Inspected& member) { return !member.facts.constructors.empty(); })
      << '\n';
}

void render_facts_text(llvm::raw_ostream& out, const Inspected& inspected, const TextTables& tables,
                       bool color) {
  const Facts& facts = inspected.facts;
  print_summary(out, facts, color);
  print_findings(out, inspected.findings, color);
  if (tables.constructors) print_constructors(out, facts, color);
  if (tables.exports && facts.bundle) print_kernels(out, *facts.bundle, color);
  if (tables.exports) print_exports(out, facts, color);
  if (tables.imports) print_imports(out, facts, color);
  if (tables.sections) print_sections(out, facts, color);
  if (tables.symbols) print_symbols(out, facts, color);
}

}  // namespace wasmpack
