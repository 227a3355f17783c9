// [[library]] of the manifest, with its kernels.
#include <utility>

#include "packager/manifest_tables.h"

namespace wasmpack {
namespace {

std::vector<TensorArgument> parse_tensors(const TomlReader& kernel, std::string_view key,
                                          const TomlReport& report) {
  std::vector<TensorArgument> tensors;
  for (const toml::table* table : kernel.find_tables(key)) {
    const TomlReader reader(*table, key, manifest_keys("a tensor"), report);
    TensorArgument tensor;
    tensor.name = take_plain_text(reader.require_string("name"), "a tensor's name", report);
    tensor.type = take_data_type(reader, "dtype", report);
    if (!reader.has("dtype")) report.error(reader.place("dtype"), "a tensor needs `dtype`");
    for (const PlacedInteger& size : reader.find_integers("shape")) {
      if (size.value < -1)
        report.error(size.place, "a size in a shape is at least 0, or -1 for any");
      tensor.shape.push_back(size.value);
    }
    tensor.layout = take_plain_text(reader.find_string("layout"), "a layout", report);
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

KernelRequest parse_kernel(const toml::table& table, const TomlReport& report) {
  const TomlReader reader(table, "[[library.kernel]]", manifest_keys("[[library.kernel]]"), report);
  KernelRequest kernel;
  const std::optional<PlacedString> symbol = reader.require_string("symbol");
  take_plain_text(symbol, "a symbol", report);
  kernel.symbol = symbol.value_or(PlacedString{});
  kernel.as = reader.find_string("as");
  take_plain_text(kernel.as, "a kernel's name", report);
  if (kernel.as && kernel.as->text.empty())
    report.error(kernel.as->place, "a kernel's name must not be empty");
  if (kernel.as && is_pattern(kernel.symbol.text)) {
    report.error(kernel.as->place,
                 "`as` renames one exact symbol, `" + kernel.symbol.text + "` is a pattern");
  }
  kernel.signature = reader.find_string("signature");
  take_plain_text(kernel.signature, "a signature", report);
  if (const std::optional<PlacedString> doc = reader.find_string("doc")) kernel.doc = doc->text;
  kernel.args = parse_tensors(reader, "args", report);
  kernel.results = parse_tensors(reader, "results", report);
  return kernel;
}

std::vector<HashPin> parse_pins(const toml::table& table, const TomlReport& report) {
  std::vector<HashPin> pins;
  for (const auto& [key, value] : table) {
    const TextPlace place = place_of(value.source());
    const auto* text = value.as_string();
    if (text == nullptr) {
      report.error(place, "`sha256` gives each path a hash as text");
      continue;
    }
    const PlacedString hash = {text->get(), place};
    if (check_hash(hash, report))
      pins.push_back({{std::string(key.str()), place_of(key.source())}, hash.text});
  }
  return pins;
}

}  // namespace

LibraryRequest parse_library_table(const toml::table& table, const TomlReport& report) {
  const TomlReader reader(table, "[[library]]", manifest_keys("[[library]]"), report);
  LibraryRequest library;
  library.place = place_of(table.source());
  const std::optional<PlacedString> name = reader.require_string("name");
  take_plain_text(name, "a library's name", report);
  library.name = name.value_or(PlacedString{"", library.place});
  library.inputs = reader.find_strings("inputs");
  for (const PlacedString& input : library.inputs) {
    take_plain_text(input, "a path", report);
    if (input.text.empty()) report.error(input.place, "an empty path");
  }
  if (library.inputs.empty() && (!reader.has("inputs") || table.get("inputs")->is_array()))
    report.error(reader.place("inputs"), "[[library]] needs `inputs`, at least one");
  library.whole_archives =
      reader.find_choice("archives", manifest_choices("[[library]]", "archives")) != size_t{1};
  library.prefix = take_plain_text(reader.find_string("prefix"), "a prefix", report);
  library.seal = reader.find_bool("seal").value_or(true);
  library.keep_global = take_patterns(reader, "keep-global", report);
  if (const std::optional<size_t> abi =
          reader.find_choice("abi", manifest_choices("[[library]]", "abi")))
    library.abi = static_cast<AbiRequest>(*abi);
  if (std::optional<PlacedString> text = reader.find_string("producer"))
    library.producer = std::move(text->text);
  if (std::optional<PlacedString> text = reader.find_string("license"))
    library.license = std::move(text->text);
  library.export_kernels = reader.find_bool("export");
  if (const toml::table* pins = reader.find_table("sha256"))
    library.pins = parse_pins(*pins, report);
  for (const toml::table* kernel : reader.find_tables("kernel"))
    library.kernels.push_back(parse_kernel(*kernel, report));
  return library;
}

}  // namespace wasmpack
