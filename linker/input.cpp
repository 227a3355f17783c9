#include "linker/input.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "linker/lazy_archives.h"
#include "linker/linkable.h"
#include "object/archive.h"
#include "object/file_kind.h"
#include "object/read.h"
#include "object/verify.h"
#include "support/parallel.h"

namespace wasmpack {
namespace {

// A file or archive member before it is read.
struct Candidate {
  std::string_view file;
  std::string_view member;
  Bytes bytes;
  uint32_t order;
  uint32_t archive;  // counts the lazy archives; kNotLazy for what is linked in any case
};

std::vector<Candidate> list_candidates(const std::vector<LinkInput>& files, DiagnosticSink& sink) {
  std::vector<Candidate> candidates;
  uint32_t lazy_archives = 0;
  for (uint32_t order = 0; order < files.size(); ++order) {
    const LinkInput& input = files[order];
    const std::string_view path = input.file.path();
    const Bytes bytes = input.file.bytes();
    if (!is_archive(bytes) || is_thin_archive(bytes)) {
      candidates.push_back({path, {}, bytes, order, kNotLazy});
      continue;
    }
    Result<std::vector<ArchiveMember>> members = read_archive(bytes, path, order);
    if (!members) {
      sink.report(members.error());
      continue;
    }
    const uint32_t archive = input.whole_archive ? kNotLazy : lazy_archives++;
    for (const ArchiveMember& member : *members)
      if (!is_rust_metadata(member.name))
        candidates.push_back({path, member.name, member.bytes, order, archive});
  }
  return candidates;
}

struct ReadInput {
  std::optional<Input> input;
  std::optional<Diagnostic> problem;
};

ReadInput read_candidate(const Candidate& candidate) {
  const FileKind kind = identify_file(candidate.bytes);
  if (kind != FileKind::object)
    return {std::nullopt, describe_wrong_input(kind,
                                               {.file = std::string(candidate.file),
                                                .member = std::string(candidate.member),
                                                .order = candidate.order},
                                               candidate.bytes)};
  Input input;
  input.order = candidate.order;
  Result<Object> object =
      read_object(candidate.bytes, candidate.file, candidate.member, candidate.order);
  if (!object) return {std::nullopt, std::move(object.error())};
  input.object = std::move(*object);
  Result<std::vector<uint8_t>> uses = verify_object(input.object, candidate.order);
  if (!uses) return {std::nullopt, std::move(uses.error())};
  input.uses = std::move(*uses);
  if (std::optional<Diagnostic> problem = find_unlinkable(input))
    return {std::nullopt, std::move(problem)};
  return {std::move(input), std::nullopt};
}

// All inputs must have addresses of one width; the first one decides.
void check_address_width(std::vector<Input>& inputs, DiagnosticSink& sink) {
  const Input* first = nullptr;
  for (const Input& input : inputs) {
    const bool has_memory =
        input.object.imported_count(ExternKind::memory) != 0 || !input.object.memories.empty();
    if (!has_memory) continue;
    if (first == nullptr) first = &input;
    if (input.object.is64() == first->object.is64()) continue;
    Diagnostic diagnostic;
    diagnostic.id = "mixed-address-width";
    diagnostic.where = input.locate();
    diagnostic.message = input.object.is64() ? "a wasm64 object among wasm32 ones"
                                             : "a wasm32 object among wasm64 ones";
    diagnostic.notes = {"the first input is " + first->name()};
    diagnostic.help = "compile all inputs with the same --target";
    sink.report(std::move(diagnostic));
  }
}

}  // namespace

Location Input::locate(std::string_view section) const {
  return {.file = std::string(object.file),
          .member = std::string(object.member),
          .section = std::string(section),
          .offset = std::nullopt,
          .order = order};
}

std::vector<uint32_t> list_turns(const std::vector<Input>& inputs) {
  std::vector<uint32_t> order(inputs.size());
  std::iota(order.begin(), order.end(), 0);
  const auto turn = [&](uint32_t i) { return inputs[i].turn; };
  if (!std::ranges::is_sorted(order, {}, turn)) std::ranges::stable_sort(order, {}, turn);
  return order;
}

std::vector<Input> open_inputs(const std::vector<LinkInput>& files,
                               std::span<const std::string> wanted, DiagnosticSink& sink) {
  const std::vector<Candidate> candidates = list_candidates(files, sink);
  size_t weight = 0;
  for (const Candidate& candidate : candidates) weight += candidate.bytes.size();
  std::vector<ReadInput> read(candidates.size());
  parallel_for(candidates.size(), weight,
               [&](size_t i) { read[i] = read_candidate(candidates[i]); });

  std::vector<LazyCandidate> lazy;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (read[i].problem)
      sink.report(std::move(*read[i].problem));
    else
      lazy.push_back({&*read[i].input, candidates[i].archive});
  }
  std::vector<Input> inputs;
  for (Input* chosen : choose_inputs(lazy, wanted)) inputs.push_back(std::move(*chosen));
  check_address_width(inputs, sink);
  return inputs;
}

}  // namespace wasmpack
