// Linking.md "Relocation Sections", "Linking Metadata Section", "Target Features Section";
// ProducersSection.md.
#include <algorithm>
#include <string>

#include "inspect/facts/linking_rules.h"
#include "object/name_section.h"

namespace wasmpack {
namespace {

// Above this many features the rest is not compared: LLVM knows twenty.
constexpr size_t kMaxFeatures = 1000;

void check_order(const Object& object, ProblemList& problems) {
  const int linking = object.find_custom_section("linking");
  const int producers = object.find_custom_section("producers");
  const int features = object.find_custom_section("target_features");
  if (linking >= 0) {
    for (size_t i = static_cast<size_t>(linking) + 1; i < object.sections.size(); ++i) {
      const Section& section = object.sections[i];
      if (section.is_custom()) continue;
      problems.add_rule("linking", object.sections[static_cast<size_t>(linking)].header_offset,
                        "the section stands before " + std::string(section.name) +
                            "; it must come after the DATA section and all others that it "
                            "describes");
      break;
    }
  }
  if (features >= 0 && producers > features)
    problems.add_rule("target_features",
                      object.sections[static_cast<size_t>(features)].header_offset,
                      "the section stands before `producers`; it must come after it");
  const int names = object.find_custom_section("name");
  if (producers >= 0 && names > producers) {
    if (problems.add_rule("producers",
                          object.sections[static_cast<size_t>(producers)].header_offset,
                          "the section stands before `name`; it must come after it"))
      problems.lower_severity(Severity::warning);
  }
}

// Relocations mean nothing without symbols.
void check_relocations_without_linking(const Object& object, ProblemList& problems) {
  if (object.has_linking) return;
  for (const Section& section : object.sections) {
    if (!section.is_custom() || !section.name.starts_with("reloc.")) continue;
    if (!problems.add_rule(section.name, section.header_offset,
                           "relocations without a `linking` section: they name symbols",
                           "a module linked with --emit-relocs is no object; link its objects"))
      return;
  }
}

void check_features(const Object& object, ProblemList& problems) {
  const int position = object.find_custom_section("target_features");
  if (position < 0) return;
  const Section& section = object.sections[static_cast<size_t>(position)];
  std::vector<std::string_view> names;
  for (const TargetFeature& feature : object.features) {
    if (names.size() == kMaxFeatures) break;
    names.push_back(feature.name);
  }
  std::ranges::sort(names);
  for (auto at = std::ranges::adjacent_find(names); at != names.end();
       at = std::adjacent_find(std::upper_bound(at, names.end(), *at), names.end())) {
    if (!problems.add_rule(section.name, section.content_offset,
                           "the feature `" + std::string(*at) + "` is listed twice"))
      return;
  }
}

void check_producers(const Object& object, ProblemList& problems) {
  constexpr std::string_view kFields[] = {"language", "processed-by", "sdk"};
  const int position = object.find_custom_section("producers");
  if (position < 0) return;
  const Section& section = object.sections[static_cast<size_t>(position)];
  size_t seen[std::size(kFields)] = {};
  for (const ProducerField& field : object.producers) {
    const auto known = std::ranges::find(kFields, field.name);
    std::string problem;
    if (known == std::end(kFields))
      problem =
          "the field `" + std::string(field.name) + "` is none of language, processed-by and sdk";
    else if (seen[known - std::begin(kFields)]++ != 0)
      problem = "the field `" + std::string(field.name) + "` occurs twice";
    if (problem.empty()) continue;
    if (!problems.add_rule(section.name, section.content_offset, std::move(problem))) return;
    problems.lower_severity(Severity::warning);
  }
}

// Names are hints: reading the module passes over their damage.
void check_names(const Object& object, ProblemList& problems) {
  const NameSection names = read_name_section(object);
  if (names.failure != nullptr && problems.add_rule("name", names.failure_offset, names.failure))
    problems.lower_severity(Severity::warning);
}

}  // namespace

void check_section_rules(const Object& object, ProblemList& problems) {
  check_order(object, problems);
  check_relocations_without_linking(object, problems);
  check_features(object, problems);
  check_producers(object, problems);
  check_names(object, problems);
}

}  // namespace wasmpack
