#include "inspect/render/summary_text.h"

#include <algorithm>
#include <array>

#include "inspect/render/init_text.h"

namespace wasmpack {
namespace {

constexpr size_t kMaxTextShown = 200;  // of a description
constexpr size_t kMaxNamesListed = 4;
constexpr size_t kLabelWidth = 14;

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
  const size_t padding = label.size() < kLabelWidth ? kLabelWidth - label.size() : 1;
  out.indent(static_cast<unsigned>(padding)) << text << '\n';
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
  text += (text.empty() ? "" : ", ") + plural(bundle.kernels.size(), "kernel");
  if (!bundle.params.empty()) text += ", " + plural(bundle.params.size(), "param");
  return text;
}

std::string validity_text(const ValidityFact& validity) {
  switch (validity.state) {
    case Validity::not_checked:
      return {};
    case Validity::valid:
      return "yes";
    case Validity::invalid:
      return "NO: " + show_name(validity.message);
    case Validity::not_validated:
      return "not known: " + show_name(validity.message);
  }
  return {};
}

// "3: 2 functions, 1 memory"
template <class Entries>
std::string count_kinds(const Entries& entries) {
  std::array<size_t, 5> counts{};
  for (const auto& entry : entries) ++counts[static_cast<size_t>(entry.kind)];
  std::string text = std::to_string(entries.size());
  bool is_first = true;
  for (size_t kind = 0; kind < counts.size(); ++kind) {
    if (counts[kind] == 0) continue;
    const std::string_view name = extern_kind_name(static_cast<ExternKind>(kind));
    text += is_first ? ": " : ", ";
    text += name == "memory" && counts[kind] > 1 ? std::to_string(counts[kind]) + " memories"
                                                 : plural(counts[kind], name);
    is_first = false;
  }
  return text;
}

// The modules that it imports from, each once, in order; the walk ends when enough are known.
std::string import_modules_text(const Facts& facts) {
  std::vector<std::string_view> modules;
  for (const ImportFact& import : facts.imports) {
    if (modules.size() > kMaxNamesListed) break;
    if (std::ranges::find(modules, import.module) == modules.end())
      modules.push_back(import.module);
  }
  if (modules.empty()) return {};
  std::string text;
  for (size_t i = 0; i < std::min(modules.size(), kMaxNamesListed); ++i)
    text += (i == 0 ? ", from " : ", ") + show_name(modules[i]);
  return text + (modules.size() > kMaxNamesListed ? ", ..." : "");
}

// Undefined symbols are what an object needs, whether they are imports or not.
std::string undefined_text(const Facts& facts) {
  size_t count = 0;
  std::string names;
  for (const SymbolFact& symbol : facts.symbols) {
    if (!(symbol.flags & kSymbolUndefined)) continue;
    if (count++ < kMaxNamesListed) names += (names.empty() ? "" : ", ") + show_name(symbol.name);
  }
  if (count == 0) return {};
  if (count > kMaxNamesListed) names += ", " + std::to_string(count - kMaxNamesListed) + " more";
  return plural(count, "symbol") + ": " + names;
}

std::string layout_text(const LayoutFacts& layout) {
  std::string text;
  const auto add = [&text](std::string_view label, const std::optional<uint64_t>& value,
                           std::string_view unit) {
    if (value)
      text += (text.empty() ? "" : ", ") + std::string(label) + std::to_string(*value) +
              std::string(unit);
  };
  add("", layout.memory_minimum, " bytes");
  add("at most ", layout.memory_maximum, "");
  add("stack ", layout.stack_size, "");
  if (layout.data_begin && layout.data_end) add("data ", *layout.data_end - *layout.data_begin, "");
  add("heap from ", layout.heap_base, "");
  add("table ", layout.table_minimum, "");
  return text;
}

std::string dylink_text(const DylinkFacts& dylink) {
  if (!dylink.problem.empty()) return "cannot be read: " + show_name(dylink.problem);
  std::string text = "memory " + std::to_string(dylink.memory_size) + ", table " +
                     std::to_string(dylink.table_size);
  for (size_t i = 0; i < std::min(dylink.needed.size(), kMaxNamesListed); ++i)
    text += (i == 0 ? ", needs " : ", ") + show_name(dylink.needed[i]);
  if (dylink.needed.size() > kMaxNamesListed)
    text += ", " + std::to_string(dylink.needed.size() - kMaxNamesListed) + " more";
  return text;
}

// "error[ctor-rerun]: ...": without the file, which stands in the title.
void print_finding(llvm::raw_ostream& out, const Diagnostic& finding, const TextStyle& style) {
  Location where = finding.where;
  where.file.clear();
  where.member.clear();
  print_finding_head(out, finding.severity, finding.id, style);
  if (const std::string place = describe(where); !place.empty())
    out << escape_controls(place) << ": ";
  out << escape_controls(finding.message) << '\n';
  for (const std::string& note : finding.notes) out << "  note: " << escape_controls(note) << '\n';
  if (!finding.help.empty()) out << "  help: " << escape_controls(finding.help) << '\n';
}

}  // namespace

void print_finding_head(llvm::raw_ostream& out, Severity severity, std::string_view id,
                        const TextStyle& style) {
  const char* const color = severity == Severity::error     ? "\x1b[1;31m"
                            : severity == Severity::warning ? "\x1b[1;35m"
                                                            : "\x1b[1;36m";
  const std::string head = std::string(severity_name(severity)) + '[' + std::string(id) + ']';
  out << paint(head, color, style) << ": ";
}

std::string plural(size_t count, std::string_view noun) {
  return std::to_string(count) + ' ' + std::string(noun) + (count == 1 ? "" : "s");
}

void print_title(llvm::raw_ostream& out, const Facts& facts, const TextStyle& style) {
  out << make_heading(escape_controls(input_name(facts.file, facts.member)), style) << ": "
      << kind_text(facts) << ", ";
  if (facts.kind == WasmKind::component) {
    out << plural(facts.size, "byte") << "; " << facts.init.reason << '\n';
    return;
  }
  out << (facts.is64 ? "wasm64, " : "wasm32, ") << plural(facts.size, "byte") << ", "
      << plural(facts.function_count, "function");
  if (facts.kind == WasmKind::object) out << ", " << plural(facts.symbols.size(), "symbol");
  out << '\n';
}

void print_answer(llvm::raw_ostream& out, const Facts& facts) {
  if (facts.kind == WasmKind::component) return;
  if (facts.bundle) print_line(out, "bundle", bundle_text(*facts.bundle));
  print_line(out, "constructors", describe_constructors(facts));
}

void print_findings(llvm::raw_ostream& out, std::span<const Diagnostic> findings, size_t limit,
                    const TextStyle& style) {
  for (const Diagnostic& finding : findings.first(std::min(findings.size(), limit)))
    print_finding(out, finding, style);
  if (findings.size() > limit)
    out << "and " << plural(findings.size() - limit, "more finding") << " (--json has all)\n";
}

void print_offers(llvm::raw_ostream& out, const Facts& facts, const TextStyle& style) {
  if (facts.kind == WasmKind::component) return;
  print_line(out, "valid", validity_text(facts.validity));
  print_line(out, "exports", count_kinds(facts.exports));
  print_line(out, "imports", count_kinds(facts.imports) + import_modules_text(facts));
  print_line(out, "undefined", undefined_text(facts));
  print_line(out, "memory", layout_text(facts.layout));
  if (facts.dylink) print_line(out, "dylink", dylink_text(*facts.dylink));
  print_line(out, "features", features_text(facts));
  print_line(out, "made by", producers_text(facts));
  print_line(out, "module name", show_name(facts.module_name));
  for (const MetadataFact& entry : facts.metadata) {
    const size_t room = style.width == 0 ? kMaxTextShown : style.width - kLabelWidth - 2;
    print_line(out, show_name(entry.name), cut_middle(show_name(entry.value), room));
  }
}

}  // namespace wasmpack
