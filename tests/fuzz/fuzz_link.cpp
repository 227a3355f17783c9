// Two inputs made of the data, and options: what is linked without an error must verify, and link
// again to something that verifies.
//
// Data that begins like an object or an archive is both inputs at once, under options that its
// bytes decide. Otherwise: "W2", two bytes of options, two bytes of the first input's size, the
// inputs.
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "linker/link.h"
#include "object/read.h"
#include "object/verify.h"
#include "support/parallel.h"
#include "tests/fuzz/section_mutator.h"

using namespace wasmpack;

namespace {

constexpr size_t kHeader = 6;

struct FuzzInput {
  uint16_t options = 0;
  Bytes first, second;
};

FuzzInput split(const uint8_t* data, size_t size) {
  FuzzInput input;
  if (size >= kHeader && std::memcmp(data, "W2", 2) == 0) {
    std::memcpy(&input.options, data + 2, 2);
    uint16_t length = 0;
    std::memcpy(&length, data + 4, 2);
    const Bytes rest(data + kHeader, size - kHeader);
    input.first = rest.first(std::min<size_t>(length, rest.size()));
    input.second = rest.subspan(input.first.size());
    return input;
  }
  for (size_t i = 0; i < size; ++i)
    input.options = static_cast<uint16_t>(input.options * 31 + data[i]);
  input.first = input.second = Bytes(data, size);
  return input;
}

LinkOptions make_options(uint16_t bits) {
  LinkOptions options;
  options.allow_multiple_definition = !(bits & 1);
  options.gc = bits & 2;
  options.strip_debug = bits & 4;
  options.report_undefined = (bits & 0x38) == 0x38;
  if (bits & 0x40) options.edits.keep_global = {"f", "shown", "use*"};
  if (bits & 0x80) options.edits.localize = {"*a*", "hidden"};
  if (bits & 0x100) options.edits.prefix = "p_";
  if (bits & 0x200) options.init_guard = std::vector<std::string>{"_initialize", "wapc_init"};
  if (bits & 0x400) options.edits.localize_hidden = true;
  if (bits & 0x800) options.edits.globalize = {"*"};
  if (bits & 0x1000) options.edits.weaken = {"d*", "call"};
  if (bits & 0x2000)
    options.edits.redefine = {{"f", "g"}, {"undefined_data", "other"}, {"shared", "f"}};
  if (bits & 0x4000) options.edits.export_ = {"s*"}, options.edits.retain = {"k*"};
  if (bits & 0x8000)
    options.edits.unexport = {"shown"}, options.remove_sections = {"n*", ".debug_l*"};
  return options;
}

std::optional<std::vector<uint8_t>> link(std::vector<LinkInput> inputs, const LinkOptions& options,
                                         std::string& messages) {
  LinkReport report;
  report.want_map = true;
  report.want_index = true;
  DiagnosticSink sink;
  std::optional<std::vector<uint8_t>> output = link_to_memory(inputs, options, report, sink);
  for (const Diagnostic& diagnostic : sink.take_sorted()) {
    messages += render_text(diagnostic, false);
  }
  return output;
}

// What we write, we can read, and its relocations hold.
void check(const std::vector<uint8_t>& output) {
  const Result<Object> object = read_object(output, "linked.o");
  if (!object || !object->has_linking || !verify_object(*object)) __builtin_trap();
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  if (size < kHeader + 16 || std::memcmp(data, "W2", 2) != 0)
    return mutate_sections(data, size, max_size, seed);
  // A pair: another set of options, or a change to one of the two.
  uint16_t length = 0;
  std::memcpy(&length, data + 4, 2);
  const size_t first_size = std::min<size_t>(length, size - kHeader);
  const unsigned what = seed % 8;
  if (what == 0) {
    data[2 + (seed / 8) % 2] ^= static_cast<uint8_t>(1u << (seed / 16) % 8);
    return size;
  }
  std::vector<uint8_t> first(data + kHeader, data + kHeader + first_size);
  std::vector<uint8_t> second(data + kHeader + first_size, data + size);
  std::vector<uint8_t>& changed = what & 1 ? first : second;
  const size_t old = changed.size();
  changed.resize(old + 64);
  changed.resize(mutate_sections(changed.data(), old, changed.size(), seed / 8));
  if (kHeader + first.size() + second.size() > max_size || first.size() > 0xffff) return size;
  length = static_cast<uint16_t>(first.size());
  std::memcpy(data + 4, &length, 2);
  if (!first.empty()) std::memcpy(data + kHeader, first.data(), first.size());
  if (!second.empty()) std::memcpy(data + kHeader + first.size(), second.data(), second.size());
  return kHeader + first.size() + second.size();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  set_thread_count(1);
  const FuzzInput input = split(data, size);
  const LinkOptions options = make_options(input.options);
  std::vector<LinkInput> inputs;
  inputs.push_back({InputFile::from_bytes("first", input.first), true});
  inputs.push_back({InputFile::from_bytes("second", input.second), (input.options & 0x38) != 0x10});
  std::string messages;
  const auto output = link(std::move(inputs), options, messages);
  if (!output) return 0;
  check(*output);

  std::vector<LinkInput> alone;
  alone.push_back({InputFile::from_bytes("linked.o", *output), true});
  messages.clear();
  const auto again = link(std::move(alone), LinkOptions(), messages);
  if (!again) {
    std::fputs(messages.c_str(), stderr);
    __builtin_trap();
  }
  check(*again);
  return 0;
}
