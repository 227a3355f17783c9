#include "tools/oci_report.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <llvm/Support/JSON.h>

#include "support/json_text.h"

namespace wasmpack {
namespace {

using JsonArray = llvm::json::Array;
using JsonObject = llvm::json::Object;

constexpr int kReportSchema = 1;
constexpr std::string_view kAnnotationPrefix = "org.opencontainers.image.";

llvm::json::Value text_or_null(const std::string& text) {
  return text.empty() ? llvm::json::Value(nullptr) : llvm::json::Value(as_json_text(text));
}

std::string count_of(uint64_t number, std::string_view word) {
  return std::to_string(number) + " " + std::string(word) + (number == 1 ? "" : "s");
}

std::string title_of(const OciDescriptor& layer) {
  const auto title = layer.annotations.find(std::string(kOciTitle));
  return title == layer.annotations.end() ? std::string() : title->second;
}

void append_row(std::string& out, std::string_view key, const std::string& text) {
  std::string row = "    " + std::string(key);
  row.append(key.size() < 14 ? 14 - key.size() : 1, ' ');
  out += row + escape_controls(text) + "\n";
}

void append_artifact(std::string& out, const OciFacts& facts) {
  out += "  " + (facts.tag.empty() ? "(no tag)" : escape_controls(facts.tag)) + "  " +
         facts.entry.digest + "\n";
  if (!facts.manifest) {
    append_row(out, facts.types ? "manifest" : "other", facts.entry.media_type);
    return;
  }
  for (const OciDescriptor& layer : facts.manifest->layers) {
    const std::string title = title_of(layer);
    append_row(
        out, "module",
        (title.empty() ? "" : title + ", ") + count_of(layer.size, "byte") + ", " + layer.digest);
  }
  append_row(out, "media types", std::string(oci_type_names(*facts.types).option));
  if (facts.config) {
    append_row(out, "os", facts.config->os);
    append_row(out, "created", facts.config->created);
  }
  for (const auto& [key, text] : facts.manifest->annotations) {
    std::string_view name = key;
    if (name.starts_with(kAnnotationPrefix)) name.remove_prefix(kAnnotationPrefix.size());
    append_row(out, escape_controls(name), text);
  }
}

JsonObject describe_artifact(const OciFacts& facts) {
  JsonObject object{{"tag", text_or_null(facts.tag)},
                    {"digest", facts.entry.digest},
                    {"size", static_cast<int64_t>(facts.entry.size)},
                    {"media_type", facts.entry.media_type},
                    {"media_types", nullptr},
                    {"config", nullptr},
                    {"layers", nullptr},
                    {"annotations", nullptr}};
  if (facts.types) object["media_types"] = std::string(oci_type_names(*facts.types).option);
  if (facts.config) {
    object["config"] = JsonObject{{"architecture", text_or_null(facts.config->architecture)},
                                  {"os", text_or_null(facts.config->os)},
                                  {"created", text_or_null(facts.config->created)},
                                  {"author", text_or_null(facts.config->author)}};
  }
  if (facts.manifest) {
    JsonArray layers;
    for (const OciDescriptor& layer : facts.manifest->layers)
      layers.push_back(JsonObject{{"digest", layer.digest},
                                  {"size", static_cast<int64_t>(layer.size)},
                                  {"media_type", layer.media_type},
                                  {"title", text_or_null(title_of(layer))}});
    object["layers"] = std::move(layers);
    JsonObject annotations;
    for (const auto& [key, text] : facts.manifest->annotations) annotations[key] = text;
    object["annotations"] = std::move(annotations);
  }
  return object;
}

}  // namespace

bool has_errors(std::span<const Diagnostic> problems) {
  return std::ranges::any_of(
      problems, [](const Diagnostic& problem) { return problem.severity == Severity::error; });
}

std::string render_oci_text(const std::string& folder, const OciLayoutFacts& facts) {
  std::string out =
      escape_controls(folder) + ": OCI layout, " + count_of(facts.artifacts.size(), "artifact") +
      ", " + count_of(facts.blobs, "sound blob") + " of " + count_of(facts.bytes, "byte") + "\n";
  for (const OciFacts& artifact : facts.artifacts) append_artifact(out, artifact);
  return out;
}

std::string render_oci_json(const std::string& folder, const OciLayoutFacts& facts,
                            std::span<const Diagnostic> problems) {
  JsonArray artifacts;
  for (const OciFacts& artifact : facts.artifacts) artifacts.push_back(describe_artifact(artifact));
  JsonArray described;
  for (const Diagnostic& problem : problems)
    described.push_back(JsonObject{{"severity", severity_name(problem.severity)},
                                   {"id", problem.id},
                                   {"file", as_json_text(problem.where.file)},
                                   {"message", as_json_text(problem.message)},
                                   {"help", text_or_null(problem.help)}});
  JsonObject root{{"schema", kReportSchema},
                  {"folder", as_json_text(folder)},
                  {"ok", !has_errors(problems)},
                  {"artifacts", std::move(artifacts)},
                  {"blobs", static_cast<int64_t>(facts.blobs)},
                  {"bytes", static_cast<int64_t>(facts.bytes)},
                  {"problems", std::move(described)}};
  return compact_json(std::move(root)) + "\n";
}

}  // namespace wasmpack
