#include "packager/oci_check.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "object/file_kind.h"
#include "packager/oci_files.h"
#include "support/input_file.h"

namespace wasmpack {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDockerManifestType =
    "application/vnd.docker.distribution.manifest.v2+json";
constexpr unsigned kMaxNesting = 4;  // of indexes
constexpr size_t kMostListed = 20;   // blobs that nothing names
// Several manifests may name one blob, which is parsed for each of them.
constexpr size_t kMaxManifests = 1000;
constexpr uint64_t kLayerCost = 4 << 10;

std::optional<OciMediaTypes> find_config_type(std::string_view media_type) {
  for (const OciMediaTypes types : {OciMediaTypes::cncf, OciMediaTypes::legacy})
    if (oci_type_names(types).config == media_type) return types;
  return std::nullopt;
}

bool is_wasm_layer(const OciDescriptor& layer) {
  return std::ranges::any_of(
      kOciTypeNames, [&](const OciTypeNames& types) { return types.layer == layer.media_type; });
}

// Whether a program that names a file after it may write somewhere else.
bool is_bad_title(std::string_view title) {
  return title.empty() || title == "." || title == ".." ||
         title.find_first_of(std::string_view("/\\\0", 3)) != title.npos;
}

class LayoutChecker {
 public:
  LayoutChecker(std::string folder, std::vector<Diagnostic>& problems)
      : folder_(std::move(folder)), problems_(problems) {}

  Result<OciLayoutFacts> run() {
    if (Result<void> is_layout = open_folder(); !is_layout)
      return tl::unexpected(is_layout.error());
    check_layout_file();
    const bool is_readable = check_index();
    // Those of indexes in the index, too.
    const bool has_wasm = std::ranges::any_of(
        manifests_, [](const auto& known) { return known.second.facts.types.has_value(); });
    if (is_readable && !has_wasm && problems_.empty()) {
      complain("oci-no-artifact", folder_, "no Wasm artifact is in this layout",
               "`wasmpack oci write MODULE DIR` adds one");
    }
    list_blobs(/*complain_unused=*/is_readable);
    return std::move(facts_);
  }

 private:
  void complain(std::string_view id, std::string file, std::string message, std::string help = {}) {
    problems_.push_back(
        fail(id, {.file = std::move(file)}, std::move(message), std::move(help)).value());
  }

  void warn(std::string_view id, std::string file, std::string message, std::string help = {}) {
    complain(id, std::move(file), std::move(message), std::move(help));
    problems_.back().severity = Severity::warning;
  }

  Result<void> open_folder() const {
    std::error_code error;
    const fs::file_status status = fs::status(folder_, error);
    if (!fs::exists(status)) {
      return fail("cannot-read", {.file = folder_},
                  error ? error.message() : "there is no such folder");
    }
    const char* what = nullptr;
    if (!fs::is_directory(status)) {
      what = "it is a file; an OCI layout is a folder";
    } else {
      const fs::path folder = folder_;
      const bool has_any = fs::exists(fs::symlink_status(folder / kOciIndexFile, error)) ||
                           fs::exists(fs::symlink_status(folder / kOciLayoutFile, error));
      if (!has_any) what = "it is no OCI layout: neither oci-layout nor index.json is there";
    }
    if (what != nullptr) return fail("oci-not-a-layout", {.file = folder_}, what);
    return {};
  }

  // The file, or its problem is kept.
  std::optional<InputFile> open(const std::string& path) { return keep(InputFile::open(path)); }
  std::optional<InputFile> open_json(const std::string& path) { return keep(open_oci_json(path)); }
  std::optional<InputFile> keep(Result<InputFile> file) {
    if (file) return std::move(*file);
    problems_.push_back(std::move(file.error()));
    return std::nullopt;
  }

  void keep_problem(Diagnostic problem) { problems_.push_back(std::move(problem)); }

  void check_layout_file() {
    const std::string path = path_in_layout(folder_, kOciLayoutFile);
    const std::optional<InputFile> file = open_json(path);
    if (!file) return;
    if (Result<void> checked = check_oci_layout_file(file->bytes(), {.file = path}); !checked)
      keep_problem(std::move(checked.error()));
  }

  bool check_index() {
    const std::string path = path_in_layout(folder_, kOciIndexFile);
    const std::optional<InputFile> file = open_json(path);
    if (!file) return false;
    Result<std::vector<OciDescriptor>> entries = parse_oci_index(file->bytes(), {.file = path});
    if (!entries) {
      keep_problem(std::move(entries.error()));
      return false;
    }
    std::set<std::string> tags;
    for (OciDescriptor& entry : *entries) {
      OciFacts facts;
      facts.tag = entry.tag();
      facts.entry = std::move(entry);
      if (facts.entry.annotations.contains(std::string(kOciRefName))) {
        if (!is_oci_tag(facts.tag)) {
          complain("oci-tag", path, "'" + facts.tag + "' is no reference name of a layout",
                   "words of letters and digits, separated by one of - . _ : @ + / or by --");
        }
        if (!tags.insert(facts.tag).second)
          complain("oci-tag", path, "two entries have the tag '" + facts.tag + "'");
      }
      check_entry(facts.entry, path, 0, &facts);
      facts_.artifacts.push_back(std::move(facts));
    }
    return true;
  }

  // What `by` names: a manifest, an index or anything else. `facts` is filled for an entry of
  // index.json. What several entries name is checked once.
  void check_entry(const OciDescriptor& entry, const std::string& by, unsigned depth,
                   OciFacts* facts) {
    const bool is_docker = entry.media_type == kDockerManifestType;
    if (entry.media_type == kOciManifestType || is_docker) {
      const auto [known, is_first] = manifests_.try_emplace(entry.digest);
      CheckedManifest& manifest = known->second;
      if (is_first) manifest = check_manifest(entry, by);
      if (facts != nullptr) facts->types = manifest.facts.types;
      if (facts == nullptr && !is_first) return;
      if (!can_list(manifest.cost, by)) {
        if (is_first) manifest.facts = {.types = manifest.facts.types};
      } else if (facts != nullptr) {
        facts->manifest = manifest.facts.manifest;
        facts->config = manifest.facts.config;
      }
      return;
    }
    const std::optional<InputFile> file = open_blob(entry, by);
    if (!file || entry.media_type != kOciIndexType || !indexes_.insert(entry.digest).second) return;
    if (depth == kMaxNesting) {
      complain("oci-malformed", file->path(), "indexes are nested more than 4 deep");
      return;
    }
    Result<std::vector<OciDescriptor>> entries =
        parse_oci_index(file->bytes(), {.file = file->path()});
    if (!entries) return keep_problem(std::move(entries.error()));
    for (const OciDescriptor& nested : *entries)
      check_entry(nested, file->path(), depth + 1, nullptr);
  }

  // A small manifest may be named by thousands of entries, each of which would repeat it.
  bool can_list(uint64_t cost, const std::string& by) {
    if (cost <= kMaxOciListed - listed_) {
      listed_ += cost;
      return true;
    }
    if (!std::exchange(is_list_full_, true)) {
      complain("oci-malformed", by,
               "its entries repeat more than 64 MiB of manifests; the later ones are not listed");
    }
    return false;
  }

  struct CheckedManifest {
    OciFacts facts;
    uint64_t cost = 0;  // of kMaxOciListed
  };

  CheckedManifest check_manifest(const OciDescriptor& entry, const std::string& by) {
    CheckedManifest checked;
    OciFacts& facts = checked.facts;
    const std::optional<InputFile> file = open_blob(entry, by);
    if (!file) return checked;
    if (manifests_.size() > kMaxManifests) {
      complain("oci-malformed", file->path(), "only 1000 manifests of a layout are checked");
      return checked;
    }
    const std::string& path = file->path();
    Result<OciManifest> parsed = parse_oci_manifest(file->bytes(), {.file = path});
    if (!parsed) {
      keep_problem(std::move(parsed.error()));
      return checked;
    }
    const OciManifest& manifest = *parsed;
    std::optional<OciMediaTypes> types = find_config_type(manifest.config.media_type);
    const bool has_wasm = std::ranges::any_of(manifest.layers, is_wasm_layer);
    if (!types && !has_wasm) {  // an image, a signature: not ours to judge
      open_blob(manifest.config, path);
      for (const OciDescriptor& layer : manifest.layers) open_blob(layer, path);
      return checked;
    }
    if (manifest.media_type != kOciManifestType || entry.media_type != kOciManifestType) {
      complain("oci-media-type", path,
               "the `mediaType` of the manifest is '" + manifest.media_type + "', and '" +
                   entry.media_type + "' where it is named; readers of Wasm artifacts take " +
                   std::string(kOciManifestType) + " only");
    }
    if (!types) {
      complain("oci-media-type", path,
               "the config is '" + manifest.config.media_type + "', that of a Wasm artifact is " +
                   std::string(kOciTypeNames[0].config));
      types = manifest.layers.front().media_type == kOciTypeNames[1].layer ? OciMediaTypes::legacy
                                                                           : OciMediaTypes::cncf;
    }
    facts.types = types;
    const std::optional<InputFile> config = open_blob(manifest.config, path);
    if (config && config->bytes().size() <= kMaxOciConfig) {
      const std::string_view layer =
          manifest.layers.empty() ? std::string_view() : manifest.layers.front().digest;
      facts.config = std::make_shared<const OciConfig>(
          check_oci_config(config->bytes(), *types, layer, {.file = config->path()}, problems_));
      checked.cost += config->bytes().size();
    } else if (config) {
      complain("oci-config", config->path(), "it has more than 256 KiB, too much for a config");
    }
    check_layers(manifest, *types, facts.config.get(), path);
    const size_t more_layers = manifest.layers.empty() ? 0 : manifest.layers.size() - 1;
    checked.cost += file->bytes().size() + kLayerCost * more_layers;
    facts.manifest = std::make_shared<const OciManifest>(std::move(*parsed));
    return checked;
  }

  void check_layers(const OciManifest& manifest, OciMediaTypes types, const OciConfig* config,
                    const std::string& path) {
    if (manifest.layers.size() != 1) {
      complain("oci-layer", path,
               "it has " + std::to_string(manifest.layers.size()) +
                   " layers; a Wasm artifact has one, and readers refuse others");
    }
    const bool is_component = config != nullptr && config->os == "wasip2";
    for (const OciDescriptor& layer : manifest.layers) {
      if (layer.media_type != oci_type_names(types).layer) {
        complain("oci-media-type", path,
                 "the layer is '" + layer.media_type + "'; with this config it is " +
                     std::string(oci_type_names(types).layer));
      }
      const std::optional<InputFile> file = open_blob(layer, path);
      // The first one is the entry point.
      if (file && &layer == manifest.layers.data()) check_module(*file, layer.digest, is_component);
      const auto title = layer.annotations.find(std::string(kOciTitle));
      if (title != layer.annotations.end() && is_bad_title(title->second)) {
        warn("oci-layer", path,
             "the layer's title '" + title->second +
                 "' is no plain file name; programs that name a file after it may refuse it");
      }
    }
  }

  void check_module(const InputFile& file, const std::string& digest, bool is_component) {
    const auto [known, is_first] = kinds_.try_emplace(digest);
    if (is_first) known->second = identify_file(file.bytes());
    const FileKind kind = known->second;
    const bool is_module = kind == FileKind::module || kind == FileKind::shared;
    if (is_component ? kind == FileKind::component : is_module) return;
    complain("oci-layer", file.path(),
             "the layer is " + std::string(file_kind_name(kind)) + ", and by its config " +
                 (is_component ? "a component" : "a core module"));
  }

  // The content of a blob that `by` names, if it is what the descriptor says. Each blob is hashed
  // once, and complained about once.
  std::optional<InputFile> open_blob(const OciDescriptor& wanted, const std::string& by) {
    const auto [seen, is_first] = blobs_.try_emplace(wanted.digest);
    BlobState& state = seen->second;
    const std::string path = oci_blob_path(folder_, wanted.digest);
    if (is_first) state = verify_blob(path, wanted, by);
    if (!state.is_sound) return std::nullopt;
    if (wanted.size != state.size) {
      complain("oci-blob", path,
               "it has " + std::to_string(state.size) + " bytes, " + by + " says " +
                   std::to_string(wanted.size));
      return std::nullopt;
    }
    return open(path);
  }

  struct BlobState {
    bool is_sound = false;
    uint64_t size = 0;
  };

  BlobState verify_blob(const std::string& path, const OciDescriptor& wanted,
                        const std::string& by) {
    for (const std::string& folder : blob_folders()) {
      const Result<bool> is_folder = is_plain_folder(folder);
      if (is_folder) continue;
      if (unsafe_folders_.insert(folder).second) keep_problem(is_folder.error());
      return {};
    }
    const Result<std::optional<uint64_t>> size = find_plain_file(path);
    if (!size) {
      keep_problem(size.error());
      return {};
    }
    if (!size->has_value()) {
      complain("oci-blob", path, "this blob is missing; it is named in " + by);
      return {};
    }
    if (**size != wanted.size) {
      complain("oci-blob", path,
               "it has " + std::to_string(**size) + " bytes, " + by + " says " +
                   std::to_string(wanted.size));
      return {};
    }
    if (**size > kMaxOciBytes - bytes_read_) {
      complain("oci-blob", path, "it was not checked: only 16 GiB of a layout are read");
      return {};
    }
    bytes_read_ += **size;
    const std::optional<InputFile> file = open(path);
    if (!file) return {};
    if (const std::string digest = oci_digest(file->bytes()); digest != wanted.digest) {
      complain("oci-blob", path, "it is damaged: its digest is " + digest);
      return {};
    }
    ++facts_.blobs;
    facts_.bytes += **size;
    return {.is_sound = true, .size = **size};
  }

  // Of which a symbolic link may be one.
  std::vector<std::string> blob_folders() const {
    const std::string blobs = path_in_layout(folder_, kOciBlobFolder);
    return {fs::path(blobs).parent_path().string(), blobs};
  }

  void list_blobs(bool complain_unused) {
    for (const std::string& folder : blob_folders()) {
      const Result<bool> is_folder = is_plain_folder(folder);
      if (!is_folder && unsafe_folders_.insert(folder).second) keep_problem(is_folder.error());
      if (!is_folder || !*is_folder) return;
    }
    if (!complain_unused) return;
    std::vector<std::string> unused;
    const std::string folder = path_in_layout(folder_, kOciBlobFolder);
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {  // ++ would throw
      const std::string name = entry->path().filename().string();
      if (!blobs_.contains(std::string(kOciDigestPrefix) + name))
        unused.push_back(entry->path().string());
    }
    if (error) complain("cannot-read", folder, error.message());
    std::ranges::sort(unused);
    const std::string help = "`skopeo copy oci:DIR:TAG oci:NEW:TAG` makes a layout without them";
    for (size_t i = 0; i < unused.size() && i < kMostListed; ++i)
      warn("oci-unused-blob", unused[i], "nothing in this layout names it", help);
    if (unused.size() > kMostListed) {
      warn("oci-unused-blob", folder_,
           "and " + std::to_string(unused.size() - kMostListed) + " more blobs that nothing names",
           help);
    }
  }

  std::string folder_;
  std::vector<Diagnostic>& problems_;
  OciLayoutFacts facts_;
  uint64_t bytes_read_ = 0;
  uint64_t listed_ = 0;
  bool is_list_full_ = false;
  std::map<std::string, BlobState> blobs_;            // by digest
  std::map<std::string, CheckedManifest> manifests_;  // by digest
  std::map<std::string, FileKind> kinds_;             // of layers, by digest
  std::set<std::string> indexes_, unsafe_folders_;
};

}  // namespace

Result<OciLayoutFacts> check_oci_layout(const std::string& folder,
                                        std::vector<Diagnostic>& problems) {
  return LayoutChecker(folder, problems).run();
}

}  // namespace wasmpack
