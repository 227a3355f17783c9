#include "packager/oci_artifact.h"

#include <ctime>
#include <optional>
#include <utility>

#include "object/read.h"
#include "packager/bundle_manifest.h"
#include "support/bounded_json.h"
#include "support/json_text.h"

namespace wasmpack {
namespace {

using JsonArray = llvm::json::Array;
using JsonObject = llvm::json::Object;

constexpr std::string_view kPrefix = "org.opencontainers.image.";

// Which section is which annotation: wasm-metadata's, as `wkg publish` reads them.
struct SectionAnnotation {
  std::string_view section, annotation;
};
constexpr SectionAnnotation kSectionAnnotations[] = {
    {"version", "version"},   {"description", "description"},
    {"licenses", "licenses"}, {"source", "source"},
    {"homepage", "url"},      {"authors", "authors"},
    {"revision", "revision"}};

// The package's name in a bundle's manifest section; nothing if this is no bundle of ours.
std::optional<std::string> find_package_name(Bytes section) {
  const tl::expected<llvm::json::Value, std::string> value = parse_bounded_json(as_string(section));
  const JsonObject* root = value ? value->getAsObject() : nullptr;
  const JsonObject* package = root == nullptr ? nullptr : root->getObject("package");
  if (package == nullptr) return std::nullopt;
  const std::optional<llvm::StringRef> name = package->getString("name");
  return name && !name->empty() ? std::optional(name->str()) : std::nullopt;
}

OciAnnotations describe_module(const Object& module, std::string_view fallback_name) {
  OciAnnotations annotations;
  std::string name = as_json_text(fallback_name);
  for (const Section& section : module.sections) {
    if (!section.is_custom()) continue;
    if (section.name == kManifestSection) {
      if (std::optional<std::string> package = find_package_name(section.content))
        name = std::move(*package);
    }
    for (const auto& [known, annotation] : kSectionAnnotations) {
      if (section.name == known && !section.content.empty())
        annotations[std::string(kPrefix) + std::string(annotation)] =
            as_json_text(as_string(section.content));
    }
  }
  annotations[std::string(kOciTitle)] = std::move(name);
  return annotations;
}

// RFC 3339, UTC.
std::string time_text(uint64_t seconds) {
  const std::time_t time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[32];
  const size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text, length};
}

}  // namespace

Result<OciArtifact> make_oci_artifact(Bytes module, std::string_view file,
                                      std::string_view fallback_name, const OciOptions& options) {
  const Result<Object> object = read_object(module, file);
  if (!object) return tl::unexpected(object.error());
  OciAnnotations annotations = describe_module(*object, fallback_name);
  const std::string created = time_text(options.has_time ? options.time : 0);
  if (options.has_time) annotations[std::string(kPrefix) + "created"] = created;
  const OciTypeNames& types = oci_type_names(options.types);

  OciArtifact artifact;
  artifact.layer_digest = oci_digest(module);
  JsonObject config{{"architecture", "wasm"},
                    {"os", "wasip1"},
                    {"created", created},
                    {"layerDigests", JsonArray{artifact.layer_digest}}};
  if (const auto authors = annotations.find(std::string(kPrefix) + "authors");
      authors != annotations.end())
    config["author"] = authors->second;
  artifact.config = compact_json(std::move(config));
  if (artifact.config.size() > kMaxOciConfig) {
    return fail("oci-malformed", {.file = std::string(file)},
                "its section `authors` makes a config of more than 256 KiB, too much for a config");
  }
  artifact.config_digest = oci_digest(as_bytes(artifact.config));

  const OciDescriptor layer{
      .media_type = std::string(types.layer),
      .digest = artifact.layer_digest,
      .size = module.size(),
      .annotations = {
          {std::string(kOciTitle), module_file_name(annotations[std::string(kOciTitle)])}}};
  const OciDescriptor config_entry{.media_type = std::string(types.config),
                                   .digest = artifact.config_digest,
                                   .size = artifact.config.size(),
                                   .annotations = {}};
  JsonObject texts;
  for (auto& [key, text] : annotations) texts[key] = std::move(text);
  JsonObject manifest{{"schemaVersion", 2},
                      {"mediaType", std::string(kOciManifestType)},
                      {"config", describe_oci_descriptor(config_entry)},
                      {"layers", JsonArray{describe_oci_descriptor(layer)}},
                      {"annotations", std::move(texts)}};
  artifact.manifest = compact_json(std::move(manifest));
  if (artifact.manifest.size() + artifact.config.size() > kMaxOciJson) {
    return fail(
        "oci-malformed", {.file = std::string(file)},
        "its metadata sections make a manifest of more than 4 MiB, which no registry takes");
  }
  artifact.entry = {.media_type = std::string(kOciManifestType),
                    .digest = oci_digest(as_bytes(artifact.manifest)),
                    .size = artifact.manifest.size(),
                    .annotations = {{std::string(kOciRefName), options.tag}}};
  return artifact;
}

}  // namespace wasmpack
