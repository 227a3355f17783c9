#include "packager/lto.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "object/archive.h"
#include "object/file_kind.h"
#include "support/child_process.h"

namespace wasmpack {
namespace {

constexpr std::string_view kChild = "wasmpack-lto";

// Turns the child's lines into diagnostics: "error: TEXT", "warning: TEXT", "help: TEXT" for the
// one before. A text that is about a file begins with the child's name of it and ": ".
class MessageReader {
 public:
  explicit MessageReader(std::span<const NamedBytes> files) {
    for (size_t i = 0; i < files.size(); ++i)
      names_.emplace_back(child_file_name(i), files[i].name);
    // The name of file 12 begins with that of file 1.
    std::ranges::reverse(names_);
  }

  void add(std::string_view line) {
    if (take_prefix(line, "help: ") && !diagnostics_.empty()) {
      diagnostics_.back().help = name_files(line);
      return;
    }
    Diagnostic diagnostic = fail("lto", {}, "").value();
    if (take_prefix(line, "warning: ")) diagnostic.severity = Severity::warning;
    take_prefix(line, "error: ");
    for (const auto& [file, name] : names_) {
      if (!line.starts_with(file + ": ")) continue;
      diagnostic.where.file = name;
      line.remove_prefix(file.size() + 2);
      break;
    }
    diagnostic.message = name_files(line);
    diagnostics_.push_back(std::move(diagnostic));
  }

  std::vector<Diagnostic> take() { return std::move(diagnostics_); }

  // The text with the files' names in place of the child's.
  std::string name_files(std::string_view line) const {
    std::string text(line);
    for (const auto& [file, name] : names_) {
      for (size_t at = 0; (at = text.find(file, at)) != std::string::npos; at += name.size())
        text.replace(at, file.size(), name);
    }
    return text;
  }

 private:
  static bool take_prefix(std::string_view& line, std::string_view prefix) {
    if (!line.starts_with(prefix)) return false;
    line.remove_prefix(prefix.size());
    return true;
  }

  std::vector<std::pair<std::string, std::string>> names_;
  std::vector<Diagnostic> diagnostics_;
};

// What stands in the place of one input: bitcode files, or the input as it is if there are none.
struct Place {
  std::vector<NamedBytes> bitcode;
};

tl::unexpected<Diagnostic> fail_mixed(const std::string& path, std::string_view bitcode,
                                      std::string_view other) {
  return fail("mixed-archive", {.file = path},
              "the member `" + std::string(bitcode) + "` is LLVM bitcode, `" + std::string(other) +
                  "` is not",
              "make the archive of one kind, or give its members as inputs");
}

// The bitcode in one input. An archive that cannot be read is left to the linker's messages.
Result<Place> find_bitcode(const LinkInput& input) {
  Place place;
  const std::string& path = input.file.path();
  const Bytes bytes = input.file.bytes();
  if (is_bitcode(bytes)) place.bitcode.push_back({path, bytes});
  if (!is_archive(bytes) || is_thin_archive(bytes)) return place;
  const Result<std::vector<ArchiveMember>> members = read_archive(bytes, path);
  if (!members) return place;
  const ArchiveMember* other = nullptr;
  const ArchiveMember* first = nullptr;
  for (const ArchiveMember& member : *members) {
    if (is_rust_metadata(member.name)) continue;
    if (!is_bitcode(member.bytes)) {
      other = &member;
      continue;
    }
    if (first == nullptr) first = &member;
    place.bitcode.push_back({input_name(path, member.name), member.bytes});
  }
  if (first == nullptr) return place;
  if (other != nullptr) return fail_mixed(path, first->name, other->name);
  if (!input.whole_archive) {
    return fail("lazy-bitcode", {.file = path},
                "an archive of LLVM bitcode cannot be linked on demand",
                "write `archives = \"whole\"`, or compile its members to objects (without -flto)");
  }
  return place;
}

std::string name_compiled(const std::vector<NamedBytes>& files) {
  std::string name = files.front().name;
  if (files.size() > 1) name += " and " + std::to_string(files.size() - 1) + " more";
  return name + " (compiled)";
}

}  // namespace

bool is_bitcode(Bytes bytes) { return identify_file(bytes) == FileKind::bitcode; }

std::optional<std::vector<uint8_t>> compile_bitcode(std::span<const NamedBytes> files,
                                                    DiagnosticSink& sink) {
  ChildRun run;
  uint64_t bytes = 0;
  for (const NamedBytes& file : files) {
    run.files.push_back(file.bytes);
    bytes += file.bytes.size();
  }
  run.arguments = {std::to_string(files.size())};
  run.limits.memory_bytes += 256 * bytes;
  run.limits.cpu_seconds += static_cast<unsigned>(bytes >> 13);
  run.limits.wall_seconds += static_cast<unsigned>(bytes >> 13);
  Result<ChildResult> result = run_child(kChild, run);
  MessageReader reader(files);
  if (!result) {
    for (std::string& note : result.error().notes) note = reader.name_files(note);
    sink.report(std::move(result.error()));
    return std::nullopt;
  }
  for (std::string_view rest = result->messages; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    if (end != 0) reader.add(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  bool has_error = false;
  for (Diagnostic& diagnostic : reader.take()) {
    if (result->exit_code == 0) diagnostic.severity = Severity::warning;
    has_error |= diagnostic.severity == Severity::error;
    sink.report(std::move(diagnostic));
  }
  if (result->exit_code == 0) return std::move(result->output);
  if (!has_error) {
    sink.report(fail("lto", {},
                     "LLVM failed to compile the bitcode, with exit code " +
                         std::to_string(result->exit_code) + " and no message")
                    .value());
  }
  return std::nullopt;
}

std::optional<std::vector<LinkInput>> compile_bitcode_inputs(const std::vector<LinkInput>& inputs,
                                                             DiagnosticSink& sink) {
  std::vector<Place> places;
  bool has_bitcode = false, has_errors = false;
  for (const LinkInput& input : inputs) {
    Result<Place> place = find_bitcode(input);
    if (place) {
      has_bitcode |= !place->bitcode.empty();
      places.push_back(std::move(*place));
    } else {
      has_errors = true;
      sink.report(std::move(place.error()));
    }
  }
  if (has_errors || !has_bitcode) return std::nullopt;

  std::vector<LinkInput> compiled;
  std::vector<NamedBytes> files;  // of the run of bitcode that is being gathered
  const auto finish_run = [&] {
    if (files.empty()) return true;
    const std::optional<std::vector<uint8_t>> object = compile_bitcode(files, sink);
    if (object) compiled.push_back({InputFile::from_bytes(name_compiled(files), *object)});
    files.clear();
    return object.has_value();
  };
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!places[i].bitcode.empty()) {
      std::ranges::move(places[i].bitcode, std::back_inserter(files));
      continue;
    }
    if (!finish_run()) return std::nullopt;
    const InputFile& file = inputs[i].file;
    compiled.push_back({InputFile::from_bytes(file.path(), file.bytes()), inputs[i].whole_archive});
  }
  if (!finish_run()) return std::nullopt;
  return compiled;
}

}  // namespace wasmpack
