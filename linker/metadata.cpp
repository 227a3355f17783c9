#include "linker/metadata.h"

#include <algorithm>
#include <map>

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
    diagnostic.notes = {"used by " + uses.used->name(),
                        "forbidden by " + uses.forbidden->name()};
    diagnostic.help = name == "shared-mem"
                          ? "compile all inputs with -pthread (-matomics -mbulk-memory), or none"
                          : "compile both with the same -m options";
    sink.report(std::move(diagnostic));
  }
  return merged;
}

std::vector<ProducerField> merge_producers(const std::vector<Input>& inputs) {
  std::vector<ProducerField> merged;
  const auto add = [&](std::string_view field_name, const ProducerValue& value) {
    auto field = std::ranges::find(merged, field_name, &ProducerField::name);
    if (field == merged.end()) field = merged.insert(merged.end(), {field_name, {}});
    const bool is_known = std::ranges::any_of(
        field->values, [&](const ProducerValue& known) { return known.name == value.name; });
    if (!is_known) field->values.push_back(value);
  };
  for (const Input& input : inputs)
    for (const ProducerField& field : input.object.producers)
      for (const ProducerValue& value : field.values) add(field.name, value);
  add("processed-by", {"wasmpack", kVersion});
  return merged;
}

}  // namespace wasmpack
