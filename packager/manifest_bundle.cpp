// [bundle] of the manifest.
#include <algorithm>

#include "packager/manifest_tables.h"
#include "support/suggest.h"

namespace wasmpack {
namespace {

constexpr std::string_view kTitle = "[bundle]";
constexpr std::string_view kAdapters[] = {"wapc"};

// A size in whole pages of at most 4 GiB.
std::optional<uint64_t> take_memory_size(const TomlReader& reader, std::string_view key,
                                         const TomlReport& report) {
  const std::optional<uint64_t> size = reader.find_size(key);
  if (!size) return std::nullopt;
  if (*size == 0 || *size > uint64_t{1} << 32) {
    report.error(reader.place(key), "a memory has 1 byte to 4 GiB");
    return std::nullopt;
  }
  return (*size + kWasmPage - 1) / kWasmPage * kWasmPage;
}

void parse_memory(const toml::table& table, BundleOptions& bundle, const TomlReport& report) {
  const TomlReader sizes(table, "memory", manifest_keys(kTitle, "memory"), report);
  bundle.initial_memory = take_memory_size(sizes, "initial", report);
  bundle.maximum_memory = take_memory_size(sizes, "max", report);
  bundle.import_memory = sizes.find_bool("import").value_or(false);
  if (bundle.initial_memory && bundle.maximum_memory &&
      *bundle.initial_memory > *bundle.maximum_memory)
    report.error(sizes.place("max"), "`max` is less than `initial`");
  if (bundle.import_memory && bundle.init == InitMode::snapshot) {
    report.error(sizes.place("import"),
                 "init = \"snapshot\" stores the memory in the module, so it cannot be imported");
  }
}

void parse_adapters(const TomlReader& reader, BundleOptions& bundle, const TomlReport& report) {
  for (const PlacedString& adapter : reader.find_strings("adapters")) {
    if (adapter.text != kAdapters[0]) {
      std::string help = suggest_sentence(adapter.text, kAdapters);
      if (help.empty()) help = "there is one: `wapc`, for waPC hosts";
      report.error(
          adapter.place,
          "this version of wasmpack has no adapter `" + escape_controls(adapter.text) + "`",
          std::move(help));
    } else if (bundle.has_wapc) {
      report.error(adapter.place, "the adapter `wapc` stands there twice");
    } else {
      bundle.has_wapc = true;
    }
  }
}

}  // namespace

std::string_view init_mode_name(InitMode mode) {
  return manifest_choices(kTitle, "init")[static_cast<size_t>(mode)];
}

BundleOptions parse_bundle_table(const toml::table& table, const TomlReport& report) {
  const TomlReader reader(table, kTitle, manifest_keys(kTitle), report);
  BundleOptions bundle;
  // The values of each enum stand in the order of its choices.
  const auto take_choice = [&](std::string_view key, auto& value) {
    const std::span<const std::string_view> choices = manifest_choices(kTitle, key);
    if (const std::optional<size_t> choice = reader.find_choice(key, choices))
      value = static_cast<std::remove_reference_t<decltype(value)>>(*choice);
  };
  take_choice("init", bundle.init);
  take_choice("undefined", bundle.undefined);
  take_choice("signature-mismatch", bundle.signature_mismatch);
  take_choice("optimize", bundle.optimize);
  take_choice("strip", bundle.strip);
  if (const toml::table* memory = reader.find_table("memory"))
    parse_memory(*memory, bundle, report);
  if (const std::optional<uint64_t> size = reader.find_size("stack-size")) {
    // lld asks for a multiple of 16; the stack must leave room in 32 bits.
    bundle.stack_size = (*size + 15) / 16 * 16;
    if (*size == 0 || *size > uint64_t{1} << 31)
      report.error(reader.place("stack-size"), "a stack has 1 byte to 2 GiB");
  }
  bundle.global_base = reader.find_size("global-base");
  if (bundle.global_base && *bundle.global_base > uint64_t{1} << 31)
    report.error(reader.place("global-base"), "static data begins below 2 GiB");
  if (bundle.global_base && *bundle.global_base < bundle.stack_size) {
    report.error(reader.place("global-base"),
                 "static data cannot begin within the stack, which lies first and has " +
                     std::to_string(bundle.stack_size) + " bytes",
                 "raise `global-base`, or lower `stack-size`");
  }
  bundle.export_kernels = reader.find_bool("export-kernels").value_or(true);
  for (PlacedString& pattern : take_patterns(reader, "allow-imports", report))
    bundle.allow_imports.push_back(std::move(pattern.text));
  parse_adapters(reader, bundle, report);
  return bundle;
}

}  // namespace wasmpack
