#include "tools/inspect_gather.h"

#include <string>
#include <utility>

#include "inspect/facts/linking_problems.h"
#include "object/file_kind.h"
#include "object/read.h"

namespace wasmpack {
namespace {

std::vector<ModuleRange> find_ranges(Bytes file, std::span<const Bytes> modules) {
  std::vector<ModuleRange> ranges;
  for (const Bytes module : modules) {
    if (is_core_module(module))
      ranges.push_back({static_cast<uint64_t>(module.data() - file.data()), module.size()});
  }
  return ranges;
}

}  // namespace

bool is_core_module(Bytes bytes) {
  const FileKind kind = identify_file(bytes);
  const bool is_cut_module =
      kind == FileKind::truncated && bytes.size() >= 8 && as_string(bytes).starts_with('\0');
  return kind == FileKind::object || kind == FileKind::module || kind == FileKind::shared ||
         is_cut_module;
}

Result<Facts> gather_file_facts(Bytes bytes, std::string_view file, std::string_view member) {
  const FileKind kind = identify_file(bytes);
  if (kind == FileKind::component) return make_component_facts(bytes, file, member);
  if (!is_core_module(bytes)) {
    return tl::make_unexpected(describe_wrong_input(
        kind, {.file = std::string(file), .member = std::string(member)}, bytes));
  }
  Result<LenientObject> read = read_object_leniently(bytes, file, member);
  if (!read) return tl::make_unexpected(std::move(read.error()));
  Facts facts = gather_facts(read->object);
  facts.linking_problems = find_linking_problems(*read);
  return facts;
}

ValidityFact make_validity(Validation validation) {
  ValidityFact fact;
  switch (validation.state) {
    case ModuleState::valid:
      fact.state = Validity::valid;
      break;
    case ModuleState::invalid:
      fact.state = Validity::invalid;
      break;
    case ModuleState::not_validated:
      fact.state = Validity::not_validated;
      break;
  }
  fact.message = std::move(validation.message);
  fact.offset = validation.offset;
  return fact;
}

FactsValidation::FactsValidation(Bytes file, std::span<const Bytes> modules)
    : validation_(file, find_ranges(file, modules)) {
  for (const Bytes module : modules) is_asked_.push_back(is_core_module(module));
}

void FactsValidation::finish(std::span<Facts* const> facts) {
  std::vector<Validation> answers = validation_.wait();
  size_t next = 0;
  for (size_t i = 0; i < is_asked_.size() && i < facts.size(); ++i) {
    if (!is_asked_[i]) continue;
    Validation& answer = answers[next++];
    if (facts[i] != nullptr) facts[i]->validity = make_validity(std::move(answer));
  }
}

}  // namespace wasmpack
