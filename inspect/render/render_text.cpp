#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "inspect/render/long_tables.h"
#include "inspect/render/render.h"
#include "inspect/render/summary_text.h"
#include "inspect/render/tables_text.h"

namespace wasmpack {
namespace {

// Of an overview: rows of each table, and members of an archive.
constexpr size_t kOverviewRows = 20;

// 0 for the members that an overview shows before all others.
constexpr int kRanks = 3;
int rank_member(const Inspected& member) {
  const auto is_error = [](const Diagnostic& finding) {
    return finding.severity == Severity::error;
  };
  if (!member.facts.constructors.empty() || std::ranges::any_of(member.findings, is_error))
    return 0;
  return member.findings.empty() ? 2 : 1;
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

// Positions of the members that an overview shows, those with constructors or errors first.
std::vector<size_t> choose_members(const std::vector<Inspected>& members) {
  std::vector<size_t> chosen;
  for (int rank = 0; rank < kRanks; ++rank) {
    for (size_t i = 0; i < members.size() && chosen.size() < kOverviewRows; ++i)
      if (rank_member(members[i]) == rank) chosen.push_back(i);
  }
  return chosen;
}

void render_overview(llvm::raw_ostream& out, const std::vector<Inspected>& members,
                     const TextStyle& style) {
  size_t findings_left = kOverviewRows;
  for (const size_t i : choose_members(members)) {
    const Inspected& member = members[i];
    print_title(out, member.facts, style);
    if (!member.facts.constructors.empty()) print_answer(out, member.facts);
    // They are sorted by severity. Notes are for those who look at the member.
    const auto is_note = [](const Diagnostic& finding) {
      return finding.severity == Severity::note;
    };
    const auto end = std::ranges::find_if(member.findings, is_note);
    const std::span<const Diagnostic> findings(member.findings.begin(), end);
    print_findings(out, findings, findings_left, style);
    findings_left -= std::min(findings_left, findings.size());
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
  if (!inspected.findings.empty()) {
    out << '\n';
    print_findings(out, inspected.findings, kOverviewRows, style);
    out << '\n';
  }
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
