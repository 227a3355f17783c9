// The texts about files that are linked together: what collides, and what a link takes.

#include <algorithm>
#include <string>

#include "inspect/render/init_text.h"
#include "inspect/render/render_compare.h"
#include "inspect/render/summary_text.h"
#include "support/diagnostic.h"

namespace wasmpack {
namespace {

std::string place_name(std::span<const ComparedFile> files, uint32_t file, uint32_t member) {
  return escape_controls(input_name(files[file].path, files[file].members[member].member));
}

void print_collision(llvm::raw_ostream& out, std::span<const ComparedFile> files,
                     const Collision& collision, const TextStyle& style) {
  out << '\n';
  print_finding_head(out, collision.severity, collision.id, style);
  if (!collision.name.empty()) out << '`' << show_name(collision.name) << "`: ";
  out << collision.reason << '\n';
  for (const CollisionPlace& place : collision.places)
    out << "  " << place_name(files, place.file, place.member) << ' ' << show_name(place.text)
        << '\n';
  if (collision.place_count > collision.places.size())
    out << "  and " << collision.place_count - collision.places.size() << " more\n";
  for (const std::string& command : collision.commands) out << "  part them: " << command << '\n';
  if (!collision.advice.empty()) out << "  note: " << collision.advice << '\n';
  if (collision.manifest.empty()) return;
  out << "  in the manifest of `wasmpack pack`:\n";
  llvm::StringRef left(collision.manifest);
  while (!left.empty()) {
    const auto [line, rest] = left.split('\n');
    out << "    " << line << '\n';
    left = rest;
  }
}

}  // namespace

void render_conflicts_text(llvm::raw_ostream& out, std::span<const ComparedFile> files,
                           const Conflicts& conflicts, const TextStyle& style) {
  const auto errors = static_cast<size_t>(
      std::ranges::count(conflicts.collisions, Severity::error, &Collision::severity));
  const size_t warnings = conflicts.collisions.size() - errors;
  if (conflicts.collisions.empty()) {
    out << paint("nothing collides", "\x1b[32m", style) << " in " << plural(files.size(), "file")
        << '\n';
    return;
  }
  std::string verdict = errors == 0 ? "" : plural(errors, "collision");
  if (errors == 0)
    out << paint("nothing collides that breaks a link", "\x1b[33m", style) << ", ";
  else
    out << paint(verdict, "\x1b[31m", style) << (warnings == 0 ? "" : ", ");
  if (warnings > 0) out << plural(warnings, "warning");
  out << " in " << plural(files.size(), "file") << '\n';
  for (const Collision& collision : conflicts.collisions)
    print_collision(out, files, collision, style);
  if (conflicts.commands.empty()) return;
  out << '\n' << make_heading("All at once", style) << '\n';
  for (const std::string& command : conflicts.commands) out << "  " << command << '\n';
}

void render_link_line_text(llvm::raw_ostream& out, std::span<const ComparedFile> files,
                           const LinkLine& line, std::span<const Diagnostic> findings,
                           const TextStyle& style) {
  size_t members = 0;
  size_t taken = 0;
  for (const LineInput& input : line.inputs) {
    if (!files[input.file].is_archive) continue;
    ++members;
    if (input.is_taken) ++taken;
  }
  out << paint(findings.empty()
                   ? "no constructor is dropped"
                   : plural(findings.size(), "member") + (findings.size() == 1 ? " has" : " have") +
                         " constructors that are dropped",
               findings.empty() ? "\x1b[32m" : "\x1b[33m", style)
      << ": " << taken << " of " << plural(members, "archive member")
      << (taken == 1 || members == 1 ? " is" : " are") << " taken\n\n";
  for (const LineInput& input : line.inputs) {
    if (!input.is_taken) continue;
    out << "  " << place_name(files, input.file, input.member);
    if (!input.symbol.empty()) {
      out << ", pulled by ";
      if (input.puller) {
        const LineInput& puller = line.inputs[*input.puller];
        out << place_name(files, puller.file, puller.member) << ": ";
      } else {
        out << "the link: ";
      }
      out << '`' << show_name(input.symbol) << '`';
    }
    out << '\n';
  }
  for (const Diagnostic& finding : findings) {
    out << '\n';
    print_finding_head(out, finding.severity, finding.id, style);
    out << escape_controls(describe(finding.where)) << ": " << escape_controls(finding.message)
        << '\n';
    if (!finding.help.empty()) out << "  help: " << escape_controls(finding.help) << '\n';
  }
}

}  // namespace wasmpack
