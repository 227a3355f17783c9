// `wasmpack link`: command line in, one linked object out.
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "linker/link.h"
#include "object/archive.h"
#include "support/output_file.h"
#include "support/parallel.h"
#include "support/tar_file.h"
#include "tools/command.h"
#include "tools/link_arguments.h"
#include "tools/link_command.h"
#include "tools/link_side_files.h"
#include "tools/make_rule.h"
#include "tools/report.h"

namespace wasmpack {
namespace {

// The linked object itself.
class ObjectOutput final : public LinkOutput {
 public:
  explicit ObjectOutput(OutputFile& file) : file_(file) {}
  Result<void> begin() override { return {}; }
  Result<void> write(uint64_t offset, Bytes bytes) override { return file_.write(offset, bytes); }
  Result<void> finish(uint64_t) override { return {}; }

 private:
  OutputFile& file_;
};

// An archive with the object as its only member. The member's name never depends on the output's,
// so that the bytes do not.
class ArchiveOutput final : public LinkOutput {
 public:
  ArchiveOutput(OutputFile& file, const LinkReport& report) : file_(file), report_(report) {}

  Result<void> begin() override {
    // The size inside the prefix is not known yet, but its fields have a fixed width.
    member_at_ = make_prefix(0).size();
    return {};
  }
  Result<void> write(uint64_t offset, Bytes bytes) override {
    return file_.write(member_at_ + offset, bytes);
  }
  Result<void> finish(uint64_t size) override {
    if (Result<void> written = file_.write(0, make_prefix(size)); !written) return written;
    if (archive_padding(size) == 0) return {};
    return file_.write(member_at_ + size, Bytes(&kArchivePaddingByte, 1));
  }

 private:
  std::vector<uint8_t> make_prefix(uint64_t size) const {
    const std::vector<std::string_view> symbols(report_.index_symbols.begin(),
                                                report_.index_symbols.end());
    return make_archive_prefix("linked.o", size, symbols);
  }

  OutputFile& file_;
  const LinkReport& report_;
  uint64_t member_at_ = 0;
};

void print_report(const LinkReport& report) {
  for (const std::string& name : report.kept_exported)
    std::fprintf(stderr, "kept global (exported or used): %s\n", escape_controls(name).c_str());
  for (const std::string& line : report.dropped)
    std::fprintf(stderr, "dropped: %s\n", escape_controls(line).c_str());
  double total = 0;
  for (const PhaseTime& phase : report.times) total += phase.milliseconds;
  for (const PhaseTime& phase : report.times)
    std::fprintf(stderr, "%9.2f ms  %s\n", phase.milliseconds, phase.name.c_str());
  std::fprintf(stderr, "%9.2f ms  total\n", total);
}

// Unreadable input and wrong usage are told apart from a link that failed.
int exit_code_for(const std::vector<Diagnostic>& diagnostics) {
  int code = kExitDone;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != Severity::error) continue;
    for (const std::string_view id : {"cannot-read", "bad-option", "bad-pattern"})
      if (diagnostic.id == id) return kExitUsage;
    code = kExitFailed;
  }
  return code;
}

class LinkRun {
 public:
  // Adds what was read to `read_files`.
  LinkRun(const LinkArguments& arguments, std::vector<std::string>& read_files)
      : arguments_(arguments), read_files_(read_files) {}

  int run() {
    set_thread_count(arguments_.threads);
    const std::vector<LinkInput> inputs = open_files();
    for (std::string& path : list_paths(inputs)) read_files_.push_back(std::move(path));
    if (sink_.has_errors()) return finish();
    if (!arguments_.reproduce.empty())
      keep_error(write_reproduction(arguments_.reproduce, arguments_.words, list_files(inputs)));
    const std::string path = arguments_.output.empty() ? "linked.o" : arguments_.output;
    Result<OutputFile> file = OutputFile::create(path);
    if (!file) keep_error(tl::unexpected<Diagnostic>(file.error()));
    if (sink_.has_errors()) return finish();
    if (!link(inputs, *file, path)) return finish();
    write_side_files(inputs, path);
    if (!sink_.has_errors()) keep_error(file->commit());
    if (arguments_.output.empty() && !sink_.has_errors())
      print_output(path + "\n", arguments_.report);
    return finish();
  }

 private:
  void keep_error(Result<void> result) {
    if (!result) sink_.report(std::move(result.error()));
  }

  // Everything that was read: the inputs, then the files of options.
  std::vector<const InputFile*> list_files(const std::vector<LinkInput>& inputs) const {
    std::vector<const InputFile*> files;
    size_t at = 0;
    for (const NamedFile& named : named_files_) {
      files.push_back(named.tar ? &*named.tar : &inputs[at].file);
      at += named.inputs;
    }
    for (const InputFile& file : arguments_.list_files) files.push_back(&file);
    return files;
  }

  std::vector<std::string> list_paths(const std::vector<LinkInput>& inputs) const {
    std::vector<std::string> paths;
    for (const InputFile* file : list_files(inputs)) paths.push_back(file->path());
    return paths;
  }

  std::vector<LinkInput> open_files() {
    std::vector<LinkInput> inputs;
    uint32_t order = 0;
    for (const LinkArguments::InputName& name : arguments_.inputs) {
      Result<InputFile> file = InputFile::open(name.path);
      if (Result<void> added = file.and_then(
              [&](InputFile& opened) { return add_inputs(opened, name.whole_archive, inputs); });
          !added) {
        added.error().where.order = order;
        sink_.report(std::move(added.error()));
      }
      ++order;
    }
    return inputs;
  }

  Result<void> add_inputs(InputFile& file, bool whole_archive, std::vector<LinkInput>& inputs) {
    return unpack_tar_file(file).map([&](std::optional<std::vector<InputFile>> members) {
      if (members) {
        named_files_.push_back({std::move(file), members->size()});
        for (InputFile& member : *members) inputs.push_back({std::move(member), whole_archive});
      } else {
        named_files_.push_back({std::nullopt, 1});
        inputs.push_back({std::move(file), whole_archive});
      }
    });
  }

  bool link(const std::vector<LinkInput>& inputs, OutputFile& file, const std::string& path) {
    report_.want_map = !arguments_.map.empty();
    report_.want_index = path.ends_with(".a");
    ObjectOutput object(file);
    ArchiveOutput archive(file, report_);
    LinkOutput& output = report_.want_index ? static_cast<LinkOutput&>(archive) : object;
    const bool ok = link_objects(inputs, arguments_.link, output, report_, sink_);
    for (const std::string& line : report_.traces)
      print_output(escape_controls(line) + "\n", arguments_.report);
    if (arguments_.verbose) print_report(report_);
    return ok;
  }

  void write_side_files(const std::vector<LinkInput>& inputs, const std::string& path) {
    if (!arguments_.map.empty())
      keep_error(write_whole_file(arguments_.map, as_bytes(report_.map)));
    if (!arguments_.depfile.empty())
      keep_error(
          write_whole_file(arguments_.depfile, as_bytes(make_rule(path, list_paths(inputs)))));
  }

  int finish() {
    const std::vector<Diagnostic> diagnostics = sink_.take_sorted();
    print_diagnostics(diagnostics, arguments_.report);
    return exit_code_for(diagnostics);
  }

  // A file of the command line: one input, or a tar file of so many.
  struct NamedFile {
    std::optional<InputFile> tar;
    size_t inputs;
  };

  const LinkArguments& arguments_;
  std::vector<std::string>& read_files_;
  std::vector<NamedFile> named_files_;
  DiagnosticSink sink_;
  LinkReport report_;
};

}  // namespace

int run_link(int argc, char** argv, std::vector<std::string>& read_files) {
  LinkArguments arguments;
  if (std::optional<int> code = parse_link_arguments(argc, argv, arguments)) return *code;
  return LinkRun(arguments, read_files).run();
}

int run_link(int argc, char** argv) {
  std::vector<std::string> read_files;
  return run_link(argc, argv, read_files);
}

}  // namespace wasmpack
