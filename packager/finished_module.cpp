#include "packager/finished_module.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <llvm/ADT/ArrayRef.h>
#include <llvm/Support/SHA256.h>

#include "object/module_editor.h"
#include "object/write.h"
#include "packager/bundle_manifest.h"
#include "packager/library.h"

namespace wasmpack {
namespace {

constexpr std::string_view kProducersSection = "producers";
constexpr std::string_view kFeaturesSection = "target_features";
constexpr size_t kBuildIdBytes = 20;

bool is_stripped(const Section& section, StripPolicy strip) {
  // Of what describes the whole bundle the inputs may have their own, which describes only them.
  constexpr std::string_view kOwn[] = {"authors",        "description",     "licenses", "source",
                                       "homepage",       "revision",        "version",  "build_id",
                                       kManifestSection, kLinkRecordSection};
  if (std::ranges::find(kOwn, section.name) != std::end(kOwn)) return true;
  const bool is_debug = section.name.starts_with(".debug_") ||
                        section.name == "external_debug_info" || section.name == "sourceMappingURL";
  if (is_debug) return strip != StripPolicy::none;
  return section.name == "name" && strip == StripPolicy::all;
}

ByteWriter make_producers(const Object& module) {
  ByteWriter content;
  encode_producers(content, add_wasmpack_producer(module.producers));
  return content;
}

void append_metadata(ByteWriter& out, const PackageInfo& package) {
  std::string authors;
  for (const std::string& author : package.authors)
    authors += (authors.empty() ? "" : ", ") + author;
  const std::pair<std::string_view, std::string_view> sections[] = {
      {"authors", authors},           {"description", package.description},
      {"licenses", package.license},  {"source", package.source},
      {"homepage", package.homepage}, {"revision", package.revision},
      {"version", package.version}};
  for (const auto& [name, text] : sections) {
    if (!text.empty()) append_custom_section(out, name, as_bytes(text));
  }
}

void append_build_id(ByteWriter& out) {
  const Bytes bytes = out.bytes();
  const std::array<uint8_t, 32> hash =
      llvm::SHA256::hash(llvm::ArrayRef<uint8_t>(bytes.data(), bytes.size()));
  ByteWriter content;
  content.write_sized(Bytes(hash).first(kBuildIdBytes));
  append_custom_section(out, "build_id", content.bytes());
}

}  // namespace

std::vector<uint8_t> finish_module(const Object& module, const Manifest& manifest,
                                   std::string_view bundle_manifest) {
  ByteWriter out;
  out.reserve(module.bytes.size() + bundle_manifest.size() + 1024);
  out.write_bytes(kWasmHeader);
  bool has_producers = false;
  const auto write_producers = [&] {
    if (!std::exchange(has_producers, true))
      append_custom_section(out, kProducersSection, make_producers(module).bytes());
  };
  for (const Section& section : module.sections) {
    if (section.is_custom()) {
      if (section.name == kProducersSection) {
        write_producers();
        continue;
      }
      if (is_stripped(section, manifest.bundle.strip)) continue;
      // It has its place behind `producers`.
      if (section.name == kFeaturesSection) write_producers();
    }
    out.write_bytes(section.raw);
  }
  write_producers();
  append_metadata(out, manifest.package);
  append_custom_section(out, kManifestSection, as_bytes(bundle_manifest));
  append_build_id(out);
  return out.take();
}

}  // namespace wasmpack
