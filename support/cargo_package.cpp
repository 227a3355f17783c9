#include "support/cargo_package.h"

#include <string>

#include "support/toml_reader.h"
#include "support/toml_text.h"

namespace wasmpack {
namespace {

constexpr std::string_view kId = "bad-cargo-manifest";

bool names_cdylib(const toml::node* types) {
  const toml::array* array = types == nullptr ? nullptr : types->as_array();
  if (array == nullptr) return false;
  for (const toml::node& type : *array)
    if (type.value<std::string_view>() == "cdylib") return true;
  return false;
}

}  // namespace

Result<CargoPackage> parse_cargo_package(Bytes bytes, std::string_view path) {
  if (Result<void> checked = check_toml_text(bytes, path, "a Cargo.toml", kId); !checked)
    return tl::make_unexpected(std::move(checked.error()));
  const toml::parse_result parsed = toml::parse(as_string(bytes));
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return fail(kId, text_location(path, place_of(error.source())),
                "not TOML: " + std::string(error.description()));
  }
  CargoPackage package;
  const toml::table& root = parsed.table();
  if (const toml::table* library = root["lib"].as_table()) {
    // Cargo takes both spellings.
    package.has_cdylib =
        names_cdylib(library->get("crate-type")) || names_cdylib(library->get("crate_type"));
  }
  if (const toml::array* bins = root["bin"].as_array()) package.has_bin_table = !bins->empty();
  package.has_links = root["package"]["links"].is_string();
  return package;
}

}  // namespace wasmpack
