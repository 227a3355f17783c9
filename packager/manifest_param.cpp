// [[param]] of the manifest.
#include <bit>

#include "packager/manifest_tables.h"

namespace wasmpack {
namespace {

constexpr uint64_t kLargestAlignment = 65536;
// A module's data cannot be larger than its memory.
constexpr uint64_t kMostBytes = UINT32_MAX;

// What `shape` elements take; reports sizes that are negative or too much.
uint64_t count_bytes(const TomlReader& reader, ParamRequest& param, const TomlReport& report) {
  uint64_t bytes = param.type != nullptr ? param.type->bytes : 0;
  bool is_too_large = false;
  for (const PlacedInteger& size : reader.find_integers("shape")) {
    if (size.value < 0) {
      report.error(size.place, "a size in a param's shape is at least 0");
      return 0;
    }
    const auto count = static_cast<uint64_t>(size.value);
    param.shape.push_back(count);
    is_too_large |= count != 0 && bytes > kMostBytes / count;
    bytes *= is_too_large ? 0 : count;
  }
  if (is_too_large) report.error(reader.place("shape"), "a param has less than 4 GiB");
  return bytes;
}

}  // namespace

ParamRequest parse_param_table(const toml::table& table, const TomlReport& report) {
  const TomlReader reader(table, "[[param]]", manifest_keys("[[param]]"), report);
  ParamRequest param;
  param.place = place_of(table.source());
  const std::optional<PlacedString> name = reader.require_string("name");
  take_plain_text(name, "a param's name", report);
  param.name = name.value_or(PlacedString{"", param.place});
  const std::optional<PlacedString> path = reader.require_string("path");
  take_plain_text(path, "a path", report);
  param.path = path.value_or(PlacedString{"", param.place});
  param.offset = reader.find_size("offset").value_or(0);
  param.is_slice = reader.has("offset");
  param.type = take_data_type(reader, "dtype", report);
  for (const std::string_view key : {"dtype", "shape"}) {
    if (!reader.has(key))
      report.error(param.place, "[[param]] needs the key `" + std::string(key) + "`");
  }
  param.bytes = count_bytes(reader, param, report);
  param.is_embedded =
      reader.find_choice("embed", manifest_choices("[[param]]", "embed")) != size_t{1};
  if (const std::optional<uint64_t> align = reader.find_integer("align")) {
    param.align = *align;
    if (!std::has_single_bit(*align) || *align > kLargestAlignment)
      report.error(reader.place("align"), "`align` is a power of two of at most 65536");
  }
  param.hash = reader.find_string("sha256");
  if (param.hash) check_hash(*param.hash, report);
  return param;
}

}  // namespace wasmpack
