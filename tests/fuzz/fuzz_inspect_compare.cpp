// Any bytes as one of the files that inspect compares: with itself, with a module that holds
// nothing, as an object of a link and as the member of an archive.
#include <llvm/Support/raw_ostream.h>

#include "inspect/render/render_compare.h"
#include "object/read.h"
#include "tests/fuzz/section_mutator.h"

using namespace wasmpack;

namespace {

void compare(const ComparedFile& old_file, const ComparedFile& new_file, llvm::raw_ostream& out) {
  const Comparison comparison = compare_files(old_file, new_file);
  render_diff_text(out, old_file, new_file, comparison, {.color = true, .width = 80});
  render_diff_json(out, old_file, new_file, comparison);
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  return mutate_sections(data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Result<Object> object = read_object(Bytes(data, size), "fuzz.wasm");
  if (!object) return 0;
  std::vector<ComparedFile> files;
  for (const bool is_archive : {false, true}) {
    ComparedFile& file = files.emplace_back(ComparedFile{"fuzz.wasm", size, is_archive, {}, {}});
    file.members.push_back(gather_facts(*object));
    file.sizes.push_back(measure_sizes(*object, file.members[0], SizeDetail::symbols));
  }
  ComparedFile empty{"empty.wasm", 8, false, {}, {}};
  empty.members.emplace_back();
  std::string text;
  llvm::raw_string_ostream out(text);
  compare(files[0], empty, out);
  compare(empty, files[0], out);
  compare(files[0], files[1], out);
  if (!object->has_linking) return 0;
  const Conflicts conflicts = find_conflicts(files);
  render_conflicts_text(out, files, conflicts, {.color = true, .width = 80});
  render_conflicts_json(out, files, conflicts);
  const std::vector<std::string> roots = {"main"};
  const LinkLine line = follow_link_line(files, roots);
  render_link_line_text(out, files, line, {}, {.color = true, .width = 80});
  render_link_line_json(out, files, line, {});
  return 0;
}
