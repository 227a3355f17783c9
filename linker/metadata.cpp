#include "linker/metadata.h"

#include <algorithm>
#include <map>
#include <set>

#include "support/version.h"

namespace wasmpack {

std::vector<TargetFeature> merge_features(const std::vector<Input>& inputs, DiagnosticSink& sink) {
  // By name, the first input that uses and the first that forbids it.
  struct Uses {
    const Input* used = nullptr;
    const Input* forbidden = nullptr;
    char prefix = '+';
  };
  std::map<std::string_view, Uses> features;
  for (const Input& input : inputs) {
    for (const TargetFeature& feature : input.object.features) {
      Uses& uses = features[feature.name];
      const Input*& first = feature.prefix == '-' ? uses.forbidden : uses.used;
      if (first == nullptr) first = &input;
      if (feature.prefix == '=') uses.prefix = '=';
    }
  }
  std::vector<TargetFeature> merged;
  for (const auto& [name, uses] : features) {
    merged.push_back({uses.used != nullptr ? uses.prefix : '-', name});
    if (uses.used == nullptr || uses.forbidden == nullptr) continue;
    Diagnostic diagnostic;
    diagnostic.id = "feature-conflict";
    diagnostic.where = uses.forbidden->locate("target_features");
    diagnostic.message = "target feature `" + std::string(name) + "` is forbidden here, but " +
                         uses.used->name() + " uses it";
    diagnostic.notes = {"used by " + uses.used->name(), "forbidden by " + uses.forbidden->name()};
    diagnostic.help = name == "shared-mem"
                          ? "compile all inputs with -pthread (-matomics -mbulk-memory), or none"
                          : "compile both with the same -m options";
    sink.report(std::move(diagnostic));
  }
  return merged;
}

std::vector<ProducerField> merge_producers(const std::vector<Input>& inputs) {
  std::vector<ProducerField> merged;
  std::map<std::string_view, size_t> fields;
  std::set<std::pair<std::string_view, std::string_view>> known;
  const auto add = [&](std::string_view field_name, const ProducerValue& value) {
    const auto [field, is_new] = fields.emplace(field_name, merged.size());
    if (is_new) merged.push_back({field_name, {}});
    if (known.emplace(field_name, value.name).second) merged[field->second].values.push_back(value);
  };
  for (const Input& input : inputs)
    for (const ProducerField& field : input.object.producers)
      for (const ProducerValue& value : field.values) add(field.name, value);
  add("processed-by", {"wasmpack", kVersion});
  return merged;
}

}  // namespace wasmpack
