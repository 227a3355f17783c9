// Merges what objects say of themselves: target features and producers.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "linker/input.h"

namespace wasmpack {

// The union of all entries, sorted by name ('-' and '=' entries survive). A feature that one input
// uses and another forbids is an error that names both.
std::vector<TargetFeature> merge_features(const std::vector<Input>& inputs, DiagnosticSink& sink);

// The union by field and value name, in order of first appearance (ProducersSection.md: a value
// name occurs once in a field), with this tool added to processed-by.
std::vector<ProducerField> merge_producers(const std::vector<Input>& inputs);

}  // namespace wasmpack
