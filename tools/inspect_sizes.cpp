#include "tools/inspect_sizes.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "inspect/render/render_sizes.h"
#include "support/suggest.h"
#include "tools/report.h"

namespace wasmpack {
namespace {

SizeOwner owner_of(const std::string& sizes) {
  if (sizes == "section") return SizeOwner::section;
  return sizes == "library" ? SizeOwner::library : SizeOwner::symbol;
}

}  // namespace

void add_size_options(CLI::App& app, SizeOptions& options) {
  constexpr char kGroup[] = "Sizes and references";
  CLI::Option* sizes =
      app.add_flag(
             "--sizes{symbol}", options.sizes,
             "Where the bytes go: section, symbol (default), library; or retained, what would "
             "go with each function")
          ->check(one_of({"section", "symbol", "library", "retained"}))
          ->group(kGroup);
  app.add_flag("--csv", options.csv, "The table of --sizes as CSV, all rows, and nothing else")
      ->needs(sizes)
      ->excludes("--json")
      ->group(kGroup);
  app.add_option("--top", options.top, "Rows of the table of --sizes as text, 0: all (default 40)")
      ->group(kGroup);
  app.add_option("--why", options.why, "The way from a root to the function or data of that name")
      ->option_text("NAME")
      ->take_all()
      ->expected(1)
      ->group(kGroup);
}

void gather_size_facts(const Object& object, const SizeOptions& options, Facts& facts) {
  const bool is_by_section = options.sizes.empty() || options.sizes == "section";
  if (!is_by_section || options.wants_symbols)
    facts.sizes = measure_sizes(object, facts, SizeDetail::symbols);
  if (is_by_section && options.why.empty() && !options.wants_graph) return;
  const bool want_retained = options.sizes == "retained" || !options.why.empty();
  facts.graph = gather_graph(object, want_retained);
  for (const std::string& name : options.why) {
    std::vector<WhyFact> answers = find_why(facts, *facts.graph, name);
    std::ranges::move(answers, std::back_inserter(facts.why));
  }
}

void SizeReporter::note_file(const Facts& facts) { note_names({&facts}); }

void SizeReporter::add_file(const Facts& facts) {
  note_names({&facts});
  if (options_.sizes == "retained") {
    print_retained(facts);
  } else if (!options_.sizes.empty()) {
    const Sizes* sizes[] = {&facts.sizes};
    print_table(facts.file, group_sizes(sizes, owner_of(options_.sizes)), facts.size);
  }
  if (options_.csv) return;
  if (!options_.sizes.empty() && facts.graph) render_unreached(out_, facts.graph->unreached);
  if (facts.graph) render_why(out_, *facts.graph, facts.why);
}

void SizeReporter::add_archive(const InspectedArchive& archive) {
  std::vector<const Facts*> files;
  std::vector<const Sizes*> sizes;
  for (const Inspected& member : archive.inspected) {
    files.push_back(&member.facts);
    sizes.push_back(&member.facts.sizes);
  }
  note_names(files);
  if (options_.sizes == "retained") {
    for (const Facts* facts : files) print_retained(*facts);
  } else if (!options_.sizes.empty()) {
    std::vector<std::string> names;  // rows only refer to them
    uint64_t used = 0;
    for (const MemberFact& member : archive.members) {
      used += member.size;
      names.push_back("[member " + std::string(member.name) + ']');
    }
    std::vector<SizeRow> more;
    for (size_t i = 0; i < names.size(); ++i)
      if (!archive.members[i].is_read) more.push_back({names[i], archive.members[i].size, 1});
    if (used < archive.size) more.push_back({"[archive headers]", archive.size - used, 1});
    print_table(archive.file, group_sizes(sizes, owner_of(options_.sizes), more), archive.size);
  }
  if (options_.csv) return;
  for (const Facts* facts : files) {
    if (facts->why.empty()) continue;
    out_ << '\n' << escape_controls(input_name(facts->file, facts->member)) << ':';
    render_why(out_, *facts->graph, facts->why);
  }
}

std::vector<Diagnostic> SizeReporter::finish() const {
  std::vector<Diagnostic> problems;
  for (size_t i = 0; i < options_.why.size(); ++i) {
    if (is_found_[i]) continue;
    problems.push_back(
        fail("unknown-name", {},
             "--why: no function, data, global or export is named '" + options_.why[i] + "'",
             i < suggestions_.size() ? suggestions_[i] : std::string())
            .value());
  }
  return problems;
}

void SizeReporter::print_table(std::string_view file, std::vector<SizeRow> rows, uint64_t total) {
  const SizeTable table{file, options_.sizes, std::move(rows), total};
  if (!options_.csv) return render_size_table(out_, table, options_.top, color_);
  if (!has_heading_) render_size_csv_heading(out_, options_.sizes);
  has_heading_ = true;
  render_size_csv(out_, table);
}

void SizeReporter::print_retained(const Facts& facts) {
  if (options_.csv && !has_heading_) render_retained_csv_heading(out_);
  has_heading_ = true;
  if (!facts.graph) return;
  const std::string name = input_name(facts.file, facts.member);
  if (options_.csv) return render_retained_csv(out_, name, *facts.graph);
  if (!facts.member.empty()) out_ << '\n' << escape_controls(name) << ':';
  render_retained_table(out_, *facts.graph, facts.size, options_.top, color_);
}

void SizeReporter::note_names(const std::vector<const Facts*>& files) {
  for (const Facts* facts : files) {
    for (const WhyFact& answer : facts->why) {
      const auto asked = std::ranges::find(options_.why, answer.asked);
      if (asked != options_.why.end())
        is_found_[static_cast<size_t>(asked - options_.why.begin())] = true;
    }
  }
  if (!suggestions_.empty() || std::ranges::count(is_found_, false) == 0) return;
  std::vector<std::string_view> names;
  for (const Facts* facts : files) {
    if (!facts->graph) continue;
    const std::vector<std::string_view> more = list_why_names(*facts, *facts->graph);
    names.insert(names.end(), more.begin(), more.end());
  }
  for (const std::string& name : options_.why)
    suggestions_.push_back(suggest_sentence(name, names));
}

}  // namespace wasmpack
