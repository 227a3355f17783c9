#include "packager/feature_policy.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wasmpack {
namespace {

// Why `feature` may not be used; empty if it may.
std::string find_objection(const FeaturePolicy& policy, std::string_view feature) {
  if (std::ranges::find(policy.deny, feature) != policy.deny.end())
    return "`deny` in [features] lists it";
  if (policy.allow && std::ranges::find(*policy.allow, feature) == policy.allow->end())
    return "`allow` in [features] does not list it";
  return {};
}

void report(const Manifest& manifest, TextPlace place, std::string message, std::string help,
            DiagnosticSink& sink) {
  sink.report(fail("feature-not-allowed", text_location(manifest.path, place), std::move(message),
                   std::move(help))
                  .value());
}

}  // namespace

void check_features(const Manifest& manifest, std::span<const LinkedLibrary> libraries,
                    DiagnosticSink& sink) {
  for (const LinkedLibrary& library : libraries) {
    for (const TargetFeature& feature : library.object.features) {
      if (feature.prefix == '-') continue;
      const std::string objection = find_objection(manifest.features, feature.name);
      if (objection.empty()) continue;
      report(manifest, library.request->place,
             library.title() + " uses the feature `" + std::string(feature.name) + "`, but " +
                 objection,
             "compile it with -mno-" + std::string(feature.name) + ", or allow the feature", sink);
    }
  }
}

void check_module_features(const Manifest& manifest, const Object& module, DiagnosticSink& sink) {
  for (const TargetFeature& feature : module.features) {
    if (feature.prefix == '-') continue;
    const std::string objection = find_objection(manifest.features, feature.name);
    if (objection.empty()) continue;
    report(manifest, {},
           "the module uses the feature `" + std::string(feature.name) + "`, but " + objection,
           "the functions of wasmpack's builtins (math, compiler-rt) need it: link the libraries "
           "with their own, or allow the feature",
           sink);
  }
}

}  // namespace wasmpack
