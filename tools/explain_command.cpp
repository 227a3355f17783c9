// `wasmpack explain ID`: what a diagnostic or a check means.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <llvm/ADT/StringRef.h>
#include <CLI/CLI.hpp>

#include "inspect/checks/check.h"
#include "support/suggest.h"
#include "tools/command.h"
#include "tools/diagnostics_page.h"
#include "tools/report.h"

namespace wasmpack {
namespace {

struct ExplainOptions {
  std::vector<std::string> ids;
  bool wants_list = false;
  ReportOptions report;
};

// Where an id's section of the page is, without its heading.
struct Section {
  std::string_view id;
  std::string_view text;
};

std::vector<Section> list_sections(std::string_view page) {
  constexpr std::string_view kMark = "\n## ";
  std::vector<Section> sections;
  for (size_t at = page.find(kMark); at != page.npos;) {
    page.remove_prefix(at + kMark.size());
    at = page.find(kMark);
    const std::string_view whole = page.substr(0, at);
    const size_t line_end = std::min(whole.find('\n'), whole.size());
    std::string_view text = whole.substr(line_end);
    text.remove_prefix(std::min(text.find_first_not_of('\n'), text.size()));
    text = text.substr(0, text.find_last_not_of('\n') + 1);
    sections.push_back({whole.substr(0, line_end), text});
  }
  return sections;
}

std::string explain_check(const Check& check) {
  std::string text = std::string(severity_name(check.severity)) + ": " + std::string(check.reason);
  text.append(".\n\n").append(check.page);
  while (text.ends_with('\n')) text.pop_back();
  return text + "\n\nWay out: " + std::string(check.fix) +
         ".\n\nIt is a check of `wasmpack inspect`: docs/checks.md, docs/rules.md.";
}

// What is known of `id`, or nothing. An id that two parts of the tool use has both explanations.
std::optional<std::string> explain(std::string_view id, const std::vector<Section>& sections) {
  std::string text;
  for (const Section& section : sections) {
    if (section.id == id) text += std::string(section.text) + "\n";
  }
  if (const Check* check = find_check(id); check != nullptr)
    text += (text.empty() ? "" : "\n") + explain_check(*check) + "\n";
  if (text.empty()) return std::nullopt;
  return text;
}

std::vector<std::string_view> list_ids(const std::vector<Section>& sections) {
  std::vector<std::string_view> ids;
  for (const Section& section : sections) ids.push_back(section.id);
  for (const Check* check : all_checks()) ids.push_back(check->id);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

int explain_all(const ExplainOptions& options) {
  const std::vector<Section> sections = list_sections(diagnostics_page());
  const std::vector<std::string_view> ids = list_ids(sections);
  std::string out;
  if (options.wants_list) {
    for (const std::string_view id : ids) out.append(id).append("\n");
    return print_output(out, options.report) ? kExitDone : kExitFailed;
  }
  if (options.ids.empty()) {
    print_diagnostic(
        fail("usage", {}, "no id given", "ids stand in messages: error[duplicate-symbol]").value(),
        options.report);
    return kExitUsage;
  }
  for (const std::string& word : options.ids) {
    // As it is copied from a message: "error[bad-tar]".
    std::string_view id = word;
    if (const size_t open = id.find('['); open != id.npos && id.ends_with(']'))
      id = id.substr(open + 1, id.size() - open - 2);
    const std::string lower = llvm::StringRef(id).lower();
    id = lower;
    const std::optional<std::string> text = explain(id, sections);
    if (!text) {
      std::string help = suggest_sentence(id, ids);
      if (help.empty()) help = "'wasmpack explain --list' has all ids";
      print_diagnostic(fail("unknown-name", {},
                            "no message of wasmpack has the id '" + std::string(id) + "'", help)
                           .value(),
                       options.report);
      return kExitUsage;
    }
    out.append(out.empty() ? "" : "\n").append(id).append("\n\n").append(*text);
  }
  return print_output(out, options.report) ? kExitDone : kExitFailed;
}

}  // namespace

int run_explain(int argc, char** argv) {
  CLI::App app(
      "Says what an error, warning or finding means, why it matters and what to do about it.",
      "wasmpack explain");
  app.footer("Examples:\n  wasmpack explain duplicate-symbol\n  wasmpack explain --list");
  ExplainOptions options;
  app.add_option("ID", options.ids,
                 "What stands in brackets in a message: error[duplicate-symbol]");
  app.add_flag("--list", options.wants_list, "Print all ids");
  add_report_options(app, options.report);
  if (const std::optional<int> code = parse_arguments(app, argc, argv)) return *code;
  return explain_all(options);
}

}  // namespace wasmpack
