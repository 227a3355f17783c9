#include "packager/oci_format.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "packager/inputs.h"
#include "support/bounded_json.h"
#include "support/json_text.h"

namespace wasmpack {
namespace {

using JsonArray = llvm::json::Array;
using JsonObject = llvm::json::Object;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

llvm::StringRef as_ref(std::string_view text) { return {text.data(), text.size()}; }

tl::unexpected<Diagnostic> malformed(const Location& where, std::string message) {
  return fail("oci-malformed", where, std::move(message));
}

Result<OciAnnotations> read_annotations(const JsonObject& object, const Location& where) {
  OciAnnotations annotations;
  const llvm::json::Value* value = object.get("annotations");
  if (value == nullptr || value->kind() == llvm::json::Value::Null) return annotations;
  const JsonObject* entries = value->getAsObject();
  if (entries == nullptr) return malformed(where, "`annotations` is not an object");
  for (const auto& [key, text] : *entries) {
    const std::optional<llvm::StringRef> content = text.getAsString();
    if (!content) return malformed(where, "the annotation `" + key.str() + "` is not a text");
    annotations.emplace(key.str(), content->str());
  }
  return annotations;
}

Result<OciDescriptor> read_descriptor(const llvm::json::Value* value, const std::string& what,
                                      const Location& where) {
  const JsonObject* object = value == nullptr ? nullptr : value->getAsObject();
  if (object == nullptr) return malformed(where, what + " is missing or not an object");
  OciDescriptor descriptor;
  const std::optional<llvm::StringRef> type = object->getString("mediaType");
  if (!type || type->empty()) return malformed(where, what + " has no `mediaType`");
  descriptor.media_type = type->str();
  const std::optional<llvm::StringRef> digest = object->getString("digest");
  if (!digest) return malformed(where, what + " has no `digest`");
  descriptor.digest = digest->str();
  if (!is_oci_digest(descriptor.digest)) {
    return malformed(where, what + ": '" + descriptor.digest +
                                "' is not sha256: and 64 digits of 0-9 and a-f, the only digest "
                                "that is read here");
  }
  const std::optional<int64_t> size = object->getInteger("size");
  if (!size || *size < 0) return malformed(where, what + " has no `size` in bytes");
  descriptor.size = static_cast<uint64_t>(*size);
  Result<OciAnnotations> annotations = read_annotations(*object, where);
  if (!annotations) return tl::unexpected(annotations.error());
  descriptor.annotations = std::move(*annotations);
  return descriptor;
}

Result<std::vector<OciDescriptor>> read_descriptors(const JsonObject& object, llvm::StringRef key,
                                                    const Location& where) {
  const JsonArray* array = object.getArray(key);
  if (array == nullptr) return malformed(where, "`" + key.str() + "` is missing or not a list");
  std::vector<OciDescriptor> descriptors;
  for (const llvm::json::Value& value : *array) {
    const std::string what = key.str() + "[" + std::to_string(descriptors.size()) + "]";
    Result<OciDescriptor> descriptor = read_descriptor(&value, what, where);
    if (!descriptor) return tl::unexpected(descriptor.error());
    descriptors.push_back(std::move(*descriptor));
  }
  return descriptors;
}

Result<void> check_schema_version(const JsonObject& object, const Location& where) {
  if (object.getInteger("schemaVersion") == std::optional<int64_t>(2)) return {};
  return malformed(where, "`schemaVersion` is not 2");
}

// For a message: many manifests may name one config, each with its own messages.
std::string quote(std::string_view text) {
  constexpr size_t kLongest = 100;
  const std::string_view end = text.size() > kLongest ? "'..." : "'";
  return "'" + std::string(text.substr(0, kLongest)) + std::string(end);
}

// Of a date and time of this shape: whether its numbers are those of a calendar and a clock.
bool is_date_and_time(std::string_view text) {
  const auto number = [&](size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  const auto year = std::chrono::year(number(0) * 100 + number(2));
  const auto month = std::chrono::month(static_cast<unsigned>(number(5)));
  const auto day = std::chrono::day(static_cast<unsigned>(number(8)));
  const bool is_date = std::chrono::year_month_day(year, month, day).ok();
  return is_date && number(11) < 24 && number(14) < 60 && number(17) <= 60;  // 60: a leap second
}

// "1970-01-01T00:00:00Z", with or without a fraction, "Z" or "+01:00" at the end.
bool is_rfc3339(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  if (text.size() <= kShape.size()) return false;
  const auto fits = [](std::string_view part, std::string_view shape) {
    return part.size() == shape.size() &&
           std::equal(part.begin(), part.end(), shape.begin(), [](char c, char wanted) {
             return wanted == '0' ? c >= '0' && c <= '9' : c == wanted;
           });
  };
  const std::string_view time = text.substr(0, kShape.size());
  if (!fits(time, kShape) || !is_date_and_time(time)) return false;
  text.remove_prefix(kShape.size());
  if (text.front() == '.') {
    const size_t end = text.find_first_not_of("0123456789", 1);
    if (end == 1 || end == text.npos) return false;
    text.remove_prefix(end);
  }
  if (!fits(text, "+00:00") && !fits(text, "-00:00")) return text == "Z";
  return text.substr(1, 2) < "24" && text.substr(4, 2) < "60";
}

}  // namespace

std::string oci_digest(Bytes bytes) { return std::string(kOciDigestPrefix) + hash_text(bytes); }

bool is_oci_digest(std::string_view text) {
  return text.size() == kOciDigestPrefix.size() + 64 && text.starts_with(kOciDigestPrefix) &&
         text.find_first_not_of("0123456789abcdef", kOciDigestPrefix.size()) == text.npos;
}

bool is_oci_tag(std::string_view text) {
  constexpr std::string_view kSeparators = "-._:@+/";
  if (text.empty() || !is_alphanumeric(text.front()) || !is_alphanumeric(text.back())) return false;
  for (size_t i = 1; i < text.size(); ++i) {
    if (is_alphanumeric(text[i])) continue;
    if (kSeparators.find(text[i]) == kSeparators.npos) return false;
    const bool is_doubled = text[i] == '-' && text[i + 1] == '-';
    if (is_doubled) ++i;
    if (!is_alphanumeric(text[i + 1])) return false;
  }
  return true;
}

std::string module_file_name(std::string_view package) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  std::string name;
  for (const char c : package) name += kPlain.find(c) == kPlain.npos ? '-' : c;
  return name + ".wasm";
}

std::string OciDescriptor::tag() const {
  const auto found = annotations.find(std::string(kOciRefName));
  return found == annotations.end() ? std::string() : found->second;
}

Result<JsonObject> parse_oci_json(Bytes bytes, const Location& where) {
  const std::string_view text = as_string(bytes);
  if (text.size() > kMaxOciJson)
    return malformed(where, "it has more than 4 MiB, which no registry takes");
  if (static_cast<size_t>(std::ranges::count(text, '{')) > kMaxOciObjects)
    return malformed(where, "it has more than " + std::to_string(kMaxOciObjects) + " objects");
  tl::expected<llvm::json::Value, std::string> value = parse_bounded_json(text);
  if (!value) return malformed(where, value.error());
  JsonObject* object = value->getAsObject();
  if (object == nullptr) return malformed(where, "it is not a JSON object");
  return std::move(*object);
}

Result<std::vector<OciDescriptor>> parse_oci_index(Bytes text, const Location& where) {
  const Result<JsonObject> object = parse_oci_json(text, where);
  if (!object) return tl::unexpected(object.error());
  if (const Result<void> version = check_schema_version(*object, where); !version)
    return tl::unexpected(version.error());
  if (object->get("mediaType") != nullptr &&
      object->getString("mediaType") != std::optional(as_ref(kOciIndexType)))
    return malformed(where, "`mediaType` is not " + std::string(kOciIndexType));
  return read_descriptors(*object, "manifests", where);
}

Result<OciManifest> parse_oci_manifest(Bytes text, const Location& where) {
  const Result<JsonObject> object = parse_oci_json(text, where);
  if (!object) return tl::unexpected(object.error());
  if (const Result<void> version = check_schema_version(*object, where); !version)
    return tl::unexpected(version.error());
  OciManifest manifest;
  if (const std::optional<llvm::StringRef> type = object->getString("mediaType"))
    manifest.media_type = type->str();
  Result<OciDescriptor> config = read_descriptor(object->get("config"), "`config`", where);
  if (!config) return tl::unexpected(config.error());
  manifest.config = std::move(*config);
  Result<std::vector<OciDescriptor>> layers = read_descriptors(*object, "layers", where);
  if (!layers) return tl::unexpected(layers.error());
  manifest.layers = std::move(*layers);
  Result<OciAnnotations> annotations = read_annotations(*object, where);
  if (!annotations) return tl::unexpected(annotations.error());
  manifest.annotations = std::move(*annotations);
  return manifest;
}

Result<void> check_oci_layout_file(Bytes text, const Location& where) {
  const Result<JsonObject> object = parse_oci_json(text, where);
  if (!object) return tl::unexpected(object.error());
  const std::optional<llvm::StringRef> version = object->getString("imageLayoutVersion");
  if (!version) return malformed(where, "it has no `imageLayoutVersion`");
  if (*version != "1.0.0")
    return malformed(where, "the layout's version is '" + version->str() + "', known is 1.0.0");
  return {};
}

OciConfig check_oci_config(Bytes text, OciMediaTypes types, std::string_view layer_digest,
                           const Location& where, std::vector<Diagnostic>& problems) {
  OciConfig config;
  const bool is_required = types == OciMediaTypes::cncf;
  const auto complain = [&](std::string message) {
    problems.push_back(fail("oci-config", where, std::move(message)).value());
  };
  const Result<JsonObject> object = parse_oci_json(text, where);
  if (!object) {
    problems.push_back(object.error());
    return config;
  }
  const auto read_text = [&](llvm::StringRef key, bool must_be) {
    const llvm::json::Value* value = object->get(key);
    if (value == nullptr || value->kind() == llvm::json::Value::Null) {
      if (must_be) complain("`" + key.str() + "` is missing");
      return std::string();
    }
    const std::optional<llvm::StringRef> content = value->getAsString();
    if (!content) complain("`" + key.str() + "` is not a text");
    if (content && content->empty() && must_be) complain("`" + key.str() + "` is empty");
    return content ? content->str() : std::string();
  };
  config.architecture = read_text("architecture", is_required);
  config.os = read_text("os", is_required);
  config.created = read_text("created", false);
  config.author = read_text("author", false);
  if (!config.architecture.empty() && config.architecture != "wasm")
    complain("`architecture` is " + quote(config.architecture) + ", not wasm");
  if (!config.os.empty() && config.os != "wasip1" && config.os != "wasip2")
    complain("`os` is " + quote(config.os) + ", neither wasip1 nor wasip2");
  if (config.created.empty() && is_required) {
    complain("`created` is missing, which wkg and others need to read a config");
    problems.back().severity = Severity::warning;
  }
  if (!config.created.empty() && !is_rfc3339(config.created))
    complain("`created` is " + quote(config.created) + ", not a time like 1970-01-01T00:00:00Z");

  if (const llvm::json::Value* digests = object->get("layerDigests")) {
    const JsonArray* list = digests->getAsArray();
    const bool fits = list != nullptr && list->size() == 1 &&
                      (*list)[0].getAsString() == std::optional(as_ref(layer_digest));
    if (!fits) complain("`layerDigests` is not the list of the one layer's digest");
  } else if (is_required) {
    complain("`layerDigests` is missing");
  }
  config.has_component = object->getObject("component") != nullptr;
  if (config.os == "wasip2" && is_required && !config.has_component)
    complain("`os` is wasip2, and `component` does not say what the component imports and exports");
  return config;
}

JsonObject describe_oci_descriptor(const OciDescriptor& descriptor) {
  JsonObject object{{"mediaType", descriptor.media_type},
                    {"digest", descriptor.digest},
                    {"size", static_cast<int64_t>(descriptor.size)}};
  if (!descriptor.annotations.empty()) {
    JsonObject annotations;
    for (const auto& [key, text] : descriptor.annotations) annotations[key] = text;
    object["annotations"] = std::move(annotations);
  }
  return object;
}

Result<std::string> add_to_oci_index(std::optional<Bytes> old_text, const OciDescriptor& artifact,
                                     const Location& where) {
  JsonObject index{
      {"schemaVersion", 2}, {"mediaType", as_ref(kOciIndexType)}, {"manifests", JsonArray()}};
  if (old_text) {
    if (const Result<std::vector<OciDescriptor>> known = parse_oci_index(*old_text, where); !known)
      return tl::unexpected(known.error());
    Result<JsonObject> object = parse_oci_json(*old_text, where);
    if (!object) return tl::unexpected(object.error());
    index = std::move(*object);
  }
  JsonArray& entries = *index.getArray("manifests");
  JsonObject added = describe_oci_descriptor(artifact);
  added["platform"] = JsonObject{{"architecture", "wasm"}, {"os", "wasip1"}};
  const auto has_tag = [&](const llvm::json::Value& entry) {
    const JsonObject* annotations = entry.getAsObject()->getObject("annotations");
    return annotations != nullptr && annotations->getString(as_ref(kOciRefName)) ==
                                         std::optional<llvm::StringRef>(artifact.tag());
  };
  JsonArray kept;
  bool is_placed = false;
  for (llvm::json::Value& entry : entries) {
    if (!has_tag(entry))
      kept.push_back(std::move(entry));
    else if (!std::exchange(is_placed, true))
      kept.push_back(JsonObject(added));
  }
  if (!is_placed) kept.push_back(std::move(added));
  index["manifests"] = std::move(kept);
  std::string text = compact_json(std::move(index));
  if (text.size() > kMaxOciJson)
    return malformed(where, "with this artifact it would have more than 4 MiB");
  // A number of the old text may be too large to be written again.
  if (const Result<std::vector<OciDescriptor>> written = parse_oci_index(as_bytes(text), where);
      !written)
    return tl::unexpected(written.error());
  return text;
}

}  // namespace wasmpack
