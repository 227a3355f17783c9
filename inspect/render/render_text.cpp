#include <algorithm>
#include <cstdint>
#include <vector>

#include "inspect/render/long_tables.h"
#include "inspect/render/render.h"
#include "inspect/render/summary_text.h"
#include "inspect/render/tables_text.h"

namespace wasmpack {
namespace {

// Of an overview: rows of each table, and members of an archive.
constexpr size_t kOverviewRows = 20;

bool is_remarkable(const Inspected& member) {
  return !member.facts.constructors.empty() || !member.findings.empty();
}

void print_tables(llvm::raw_ostream& out, const Facts& facts, const TextTables& tables,
                  const TextStyle& style) {
  const size_t limit = tables.is_overview ? kOverviewRows : SIZE_MAX;
  if (tables.constructors) print_constructors(out, facts, limit, style);
  if (tables.registry) print_registry(out, facts, limit, style);
  if (tables.exports) print_exports(out, facts, limit, style);
  if (tables.imports) print_imports(out, facts, limit, style);
  if (tables.memory) print_memory(out, facts, style);
  TextWriter writer(out);
  if (tables.sections) print_sections(writer, facts, style);
  if (tables.functions) print_functions(writer, facts, style);
  if (tables.segments) print_segments(writer, facts, style);
  if (tables.symbols) print_symbols(writer, facts, style);
  if (tables.relocations) print_relocations(writer, facts, style);
}

// Which members an overview shows: those with constructors or findings before the others.
std::vector<bool> choose_members(const std::vector<Inspected>& members) {
  std::vector<bool> chosen(members.size());
  size_t left = kOverviewRows;
  for (const bool wanted : {true, false}) {
    for (size_t i = 0; i < members.size() && left != 0; ++i) {
      if (is_remarkable(members[i]) != wanted) continue;
      chosen[i] = true;
      --left;
    }
  }
  return chosen;
}

void render_overview(llvm::raw_ostream& out, const std::vector<Inspected>& members,
                     const TextStyle& style) {
  const std::vector<bool> chosen = choose_members(members);
  size_t findings_left = kOverviewRows;
  for (size_t i = 0; i < members.size(); ++i) {
    if (!chosen[i]) continue;
    const Inspected& member = members[i];
    print_title(out, member.facts, style);
    if (!member.facts.constructors.empty()) print_answer(out, member.facts);
    print_findings(out, member.findings, findings_left, style);
    findings_left -= std::min(findings_left, member.findings.size());
  }
  if (members.size() > kOverviewRows) {
    out << "and " << plural(members.size() - kOverviewRows, "more member")
        << " (--exports, --symbols and the like show all)\n";
  }
}

}  // namespace

void render_facts_text(llvm::raw_ostream& out, const Inspected& inspected, const TextTables& tables,
                       const TextStyle& style) {
  const Facts& facts = inspected.facts;
  print_title(out, facts, style);
  print_answer(out, facts);
  print_findings(out, inspected.findings, kOverviewRows, style);
  print_offers(out, facts, style);
  print_tables(out, facts, tables, style);
}

void render_archive_text(llvm::raw_ostream& out, const InspectedArchive& archive,
                         const TextTables& tables, const TextStyle& style) {
  const auto& members = archive.inspected;
  const auto has_constructors = [](const Inspected& member) {
    return !member.facts.constructors.empty();
  };
  out << make_heading(escape_controls(archive.file), style) << ": archive, "
      << plural(members.size(), "member") << ", constructors in "
      << static_cast<size_t>(std::ranges::count_if(members, has_constructors)) << '\n';
  if (!tables.has_any()) return;  // other questions were asked
  if (tables.is_overview) {
    if (!members.empty()) out << '\n';
    return render_overview(out, members, style);
  }
  for (const Inspected& member : members) {
    out << '\n';
    render_facts_text(out, member, tables, style);
  }
}

}  // namespace wasmpack
