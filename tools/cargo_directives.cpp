#include "tools/cargo_directives.h"

#include <algorithm>
#include <filesystem>

namespace wasmpack {

CargoTarget read_cargo_target(std::string_view triple) {
  CargoTarget target;
  target.is_wasm = triple.starts_with("wasm");
  target.is_wide = triple.starts_with("wasm64");
  target.is_wasi = triple.find("-wasi") != triple.npos;
  target.is_emscripten = triple.find("-emscripten") != triple.npos;
  return target;
}

std::string cargo_witness_name(std::string_view package, std::string_view library) {
  std::string name = "wasmpack_link_deps_is_missing_in_the_final_build_script_for_";
  if (!package.empty()) name.append(package).append("_");
  return name.append(library);
}

std::string print_cargo_entry(const CargoTarget& target, CargoEntry entry, bool has_cdylib,
                              const std::string& entry_object) {
  if (entry == CargoEntry::none) return {};
  std::string_view directive = "cargo:rustc-link-arg=";
  if (entry == CargoEntry::automatic) {
    if (target.is_emscripten) return {};
    if (target.is_wasi) {
      // Without a cdylib, cargo would pass it to the cdylibs of dependents, with a warning.
      if (!has_cdylib) return {};
      directive = "cargo:rustc-link-arg-cdylib=";
    }
  }
  return std::string(directive).append(entry_object).append("\n");
}

std::string print_cargo_objects(const std::vector<std::string>& objects) {
  std::string text;
  std::vector<std::string> folders;
  for (const std::string& object : objects) {
    std::string folder = std::filesystem::path(object).parent_path().string();
    if (std::ranges::find(folders, folder) != folders.end()) continue;
    // As an argument: cargo would hand a rustc-link-search on to dependents, and with it the
    // witness.
    text.append("cargo:rustc-link-arg=-L").append(folder).append("\n");
    folders.push_back(std::move(folder));
  }
  for (const std::string& object : objects)
    text.append("cargo:rustc-link-arg=").append(object).append("\n");
  return text;
}

}  // namespace wasmpack
