#include "packager/inputs.h"

#include <array>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/SHA256.h>

#include "packager/manifest_paths.h"
#include "support/parallel.h"
#include "support/suggest.h"
#include "support/tar_file.h"

namespace wasmpack {
namespace {

// A manifest may list 100,000 files that are not there, and each gets a suggestion from its folder.
constexpr int kMostUnreadable = 20;
// Hashing a byte takes as long as copying so many.
constexpr size_t kHashWeight = 8;

class InputOpener {
 public:
  InputOpener(const Manifest& manifest, const LibraryRequest& library, bool allow_outside,
              DiagnosticSink& sink)
      : manifest_(manifest), library_(library), allow_outside_(allow_outside), sink_(sink) {}

  LibraryInputs open() {
    for (const PlacedString& input : library_.inputs) {
      if (unreadable_ == kMostUnreadable) break;
      if (library_.has_literal_inputs) {
        open_file(input.text, input);
        continue;
      }
      for (const std::string& path : expand_manifest_path(manifest_, input, sink_))
        open_file(path, input);
    }
    hash_files();
    report_unused_pins();
    return std::move(inputs_);
  }

 private:
  static std::string normal(const std::string& path) {
    return std::filesystem::path(path).lexically_normal().string();
  }

  void open_file(const std::string& path, const PlacedString& input) {
    if (!seen_.insert(normal(path)).second) return;
    if (!allow_outside_ && !check_inside(manifest_, input, path, sink_)) return;
    Result<InputFile> file = InputFile::open(path);
    if (!file) {
      Diagnostic problem = std::move(file.error());
      problem.notes.push_back("input of library `" + library_.name.text + "` at " +
                              describe(text_location(manifest_.path, input.place)));
      sink_.report(std::move(problem));
      ++unreadable_;
      return;
    }
    inputs_.paths.push_back(path);
    contents_.push_back(file->bytes());
    Result<std::optional<std::vector<InputFile>>> members = unpack_tar_file(*file);
    if (!members) return sink_.report(std::move(members.error()));
    if (!*members) return inputs_.files.push_back({std::move(*file), library_.whole_archives});
    for (InputFile& member : **members)
      inputs_.files.push_back({std::move(member), library_.whole_archives});
    tars_.push_back(std::move(*file));
  }

  void hash_files() {
    size_t bytes = 0;
    for (const Bytes content : contents_) bytes += content.size();
    inputs_.hashes.resize(contents_.size());
    parallel_for(contents_.size(), kHashWeight * bytes,
                 [&](size_t i) { inputs_.hashes[i] = hash_text(contents_[i]); });
    for (size_t i = 0; i < contents_.size(); ++i) check_pin(inputs_.paths[i], inputs_.hashes[i]);
  }

  // The path of a pin as inputs_.paths has it.
  std::string pinned_path(const HashPin& pin) const {
    if (pin.path.text.starts_with('/')) return normal(pin.path.text);
    return normal((std::filesystem::path(manifest_.path).parent_path() / pin.path.text).string());
  }

  void check_pin(const std::string& path, const std::string& hash) {
    for (const HashPin& pin : library_.pins) {
      if (pinned_path(pin) != normal(path) || pin.hash == hash) continue;
      sink_.report(fail("wrong-hash", text_location(manifest_.path, pin.path.place),
                        path + ": the sha256 is " + hash + ", the manifest says " + pin.hash,
                        "this is not the file that the manifest was written for")
                       .value());
    }
  }

  // A pin that pins nothing is a mistyped path.
  void report_unused_pins() {
    for (const HashPin& pin : library_.pins) {
      if (seen_.contains(pinned_path(pin))) continue;
      const std::vector<std::string_view> paths(inputs_.paths.begin(), inputs_.paths.end());
      sink_.report(fail("wrong-hash", text_location(manifest_.path, pin.path.place),
                        "`" + pin.path.text + "` is none of the library's inputs",
                        suggest_sentence(pin.path.text, paths))
                       .value());
    }
  }

  const Manifest& manifest_;
  const LibraryRequest& library_;
  const bool allow_outside_;
  DiagnosticSink& sink_;
  LibraryInputs inputs_;
  std::set<std::string> seen_;
  int unreadable_ = 0;
  std::vector<Bytes> contents_;  // of inputs_.paths
  std::vector<InputFile> tars_;  // kept for contents_
};

}  // namespace

LibraryInputs open_library_inputs(const Manifest& manifest, const LibraryRequest& library,
                                  bool allow_outside, DiagnosticSink& sink) {
  return InputOpener(manifest, library, allow_outside, sink).open();
}

std::string hash_text(Bytes bytes) {
  const std::array<uint8_t, 32> hash =
      llvm::SHA256::hash(llvm::ArrayRef<uint8_t>(bytes.data(), bytes.size()));
  return llvm::toHex(hash, /*LowerCase=*/true);
}

}  // namespace wasmpack
