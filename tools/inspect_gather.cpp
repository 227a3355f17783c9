#include "tools/inspect_gather.h"

#include <string>
#include <utility>

#include "inspect/checks/check.h"
#include "inspect/facts/chain_run.h"
#include "inspect/facts/linking_problems.h"
#include "object/archive.h"
#include "object/file_kind.h"
#include "object/read.h"
#include "tools/inspect_sizes.h"

namespace wasmpack {
namespace {

// Whether the bytes are a core module, to be read and validated.
bool is_core_module(Bytes bytes) {
  const FileKind kind = identify_file(bytes);
  const bool is_cut_module =
      kind == FileKind::truncated && bytes.size() >= 8 && as_string(bytes).starts_with('\0');
  return kind == FileKind::object || kind == FileKind::module || kind == FileKind::shared ||
         is_cut_module;
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

// The core modules among `modules`, as ranges of the file that holds them.
std::vector<ModuleRange> find_ranges(Bytes file, const std::vector<Bytes>& modules) {
  std::vector<ModuleRange> ranges;
  for (const Bytes module : modules) {
    if (is_core_module(module))
      ranges.push_back({static_cast<uint64_t>(module.data() - file.data()), module.size()});
  }
  return ranges;
}

// Inspects the modules of one file: the validator works on all of them while facts are gathered.
class InputInspector {
 public:
  InputInspector(const InputFile& file, std::vector<Bytes> modules, const InspectOptions& options)
      : file_(file),
        options_(options),
        modules_(std::move(modules)),
        validation_(file.bytes(), options.no_validate ? std::vector<ModuleRange>()
                                                      : find_ranges(file.bytes(), modules_)) {}

  void gather_module(size_t i, std::string_view member) {
    gathered_.push_back(gather_file(modules_[i], file_.path(), member));
    Result<GatheredFile>& gathered = gathered_.back();
    if (!gathered || !gathered->object) return;
    gather_size_facts(*gathered->object, options_.sizes, gathered->facts);
    if (options_.run) confirm_runs(*gathered->object, gathered->facts);
  }

  // One result for each module, in their order.
  std::vector<Result<Inspected>> judge() {
    std::vector<Validation> answers = validation_.wait();
    std::vector<Result<Inspected>> judged;
    size_t next = 0;
    for (size_t i = 0; i < gathered_.size(); ++i) {
      const bool is_asked = next < answers.size() && is_core_module(modules_[i]);
      Validation* answer = is_asked ? &answers[next++] : nullptr;
      Result<GatheredFile>& gathered = gathered_[i];
      if (!gathered) {
        judged.push_back(tl::make_unexpected(std::move(gathered.error())));
        continue;
      }
      Facts& facts = gathered->facts;
      if (answer != nullptr) facts.validity = make_validity(std::move(*answer));
      const Object* object = gathered->object ? &*gathered->object : nullptr;
      std::vector<Diagnostic> findings = check_facts({facts, object, options_.rules});
      judged.push_back(Inspected{std::move(facts), std::move(findings)});
    }
    return judged;
  }

 private:
  const InputFile& file_;
  const InspectOptions& options_;
  std::vector<Bytes> modules_;
  BackgroundValidation validation_;
  std::vector<Result<GatheredFile>> gathered_;
};

void inspect_archive(const InputFile& file, const InspectOptions& options, InspectedInput& input) {
  const Result<std::vector<ArchiveMember>> members = read_archive(file.bytes(), file.path());
  if (!members) {
    input.problems.push_back(members.error());
    return;
  }
  InspectedArchive& archive = input.archive.emplace();
  archive.file = file.path();
  archive.size = file.bytes().size();
  std::vector<Bytes> modules;
  std::vector<size_t> position;  // of each module among the members
  for (const ArchiveMember& member : *members) {
    const auto offset = static_cast<uint64_t>(member.bytes.data() - file.bytes().data());
    if (!is_rust_metadata(member.name)) {
      position.push_back(archive.members.size());
      modules.push_back(member.bytes);
    }
    archive.members.push_back({member.name, offset, member.bytes.size(), false});
  }
  InputInspector inspector(file, std::move(modules), options);
  for (size_t i = 0; i < position.size(); ++i)
    inspector.gather_module(i, archive.members[position[i]].name);
  std::vector<Result<Inspected>> judged = inspector.judge();
  for (size_t i = 0; i < judged.size(); ++i) {
    if (!judged[i]) {
      input.problems.push_back(std::move(judged[i].error()));
      continue;
    }
    archive.members[position[i]].is_read = true;
    archive.inspected.push_back(std::move(*judged[i]));
  }
}

}  // namespace

Result<GatheredFile> gather_file(Bytes bytes, std::string_view file, std::string_view member) {
  const FileKind kind = identify_file(bytes);
  if (kind == FileKind::component)
    return GatheredFile{std::nullopt, make_component_facts(bytes, file, member)};
  if (!is_core_module(bytes)) {
    return tl::make_unexpected(describe_wrong_input(
        kind, {.file = std::string(file), .member = std::string(member)}, bytes));
  }
  Result<LenientObject> read = read_object_leniently(bytes, file, member);
  if (!read) return tl::make_unexpected(std::move(read.error()));
  Facts facts = gather_facts(read->object);
  facts.linking_problems = find_linking_problems(*read);
  return GatheredFile{std::move(read->object), std::move(facts)};
}

InspectedInput inspect_input(const InputFile& file, const InspectOptions& options) {
  InspectedInput input;
  if (identify_file(file.bytes()) == FileKind::archive) {
    inspect_archive(file, options, input);
    return input;
  }
  InputInspector inspector(file, {file.bytes()}, options);
  inspector.gather_module(0, {});
  Result<Inspected> judged = std::move(inspector.judge()[0]);
  if (judged)
    input.file = std::move(*judged);
  else
    input.problems.push_back(std::move(judged.error()));
  return input;
}

}  // namespace wasmpack
