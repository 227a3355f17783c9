#include "tools/entry_object.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "linker/link.h"
#include "support/output_file.h"

namespace wasmpack {
namespace {

// The smallest object: a module with nothing but a `linking` section of version 2.
constexpr uint8_t kEmptyObject[] = {0, 'a', 's', 'm', 1,   0,   0,   0,   0, 9,
                                    7, 'l', 'i', 'n', 'k', 'i', 'n', 'g', 2};

class EntryOutput final : public LinkOutput {
 public:
  explicit EntryOutput(OutputFile& file) : file_(file) {}
  Result<void> begin() override { return {}; }
  Result<void> write(uint64_t offset, Bytes bytes) override { return file_.write(offset, bytes); }
  Result<void> finish(uint64_t) override { return {}; }

 private:
  OutputFile& file_;
};

}  // namespace

Result<void> write_entry_object(const std::string& path) {
  std::vector<LinkInput> inputs;
  inputs.push_back({InputFile::from_bytes("entry", kEmptyObject), /*is_whole_archive=*/true});
  LinkOptions options;
  options.init_guard = {"_initialize", "wapc_init"};
  Result<OutputFile> file = OutputFile::create(path);
  if (!file) return tl::make_unexpected(std::move(file.error()));
  EntryOutput output(*file);
  LinkReport report;
  DiagnosticSink sink;
  if (!link_objects(inputs, options, output, report, sink))
    return tl::make_unexpected(sink.take_sorted().front());
  return file->commit();
}

}  // namespace wasmpack
