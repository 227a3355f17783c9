#include "packager/manifest_for_files.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <llvm/Support/JSON.h>

#include "packager/libraries.h"
#include "packager/manifest_paths.h"

namespace wasmpack {
namespace {

namespace fs = std::filesystem;

// "build/libconv.a" -> "conv"
std::string library_name(const std::string& file, std::set<std::string>& taken) {
  std::string name = fs::path(file).stem().string();
  if (name.starts_with("lib") && name.size() > 3) name.erase(0, 3);
  for (char& c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '-';
  }
  if (name.empty()) name = "library";
  const std::string base = name;
  for (int i = 2; !taken.insert(name).second; ++i) name = base + "-" + std::to_string(i);
  return name;
}

// Text as a TOML basic string, which JSON's strings are, too.
std::string quote(std::string_view text) {
  std::string out;
  llvm::raw_string_ostream(out) << llvm::json::Value(llvm::json::fixUTF8(text));
  return out;
}

std::string describe_kernel(const Kernel& kernel, std::string_view comment) {
  std::string text;
  text += std::string(comment) + "[[library.kernel]]\n";
  text += std::string(comment) + "symbol = " + quote(kernel.symbol) + "\n";
  text += std::string(comment) + "signature = " + quote(kernel.type) + "\n";
  return text;
}

// The kernels of a library; if it offers none, what it could offer.
std::string describe_kernels(const LinkedLibrary& library) {
  std::string text;
  if (!library.kernels.empty()) {
    text += "# It offers the following. Without any [[library.kernel]] all of it is taken.\n";
    for (const Kernel& kernel : library.kernels) text += describe_kernel(kernel, "# ");
    return text;
  }
  text +=
      "# None of its functions is exported or has default visibility, so its kernels must be\n"
      "# named. It has these functions:\n";
  for (const Symbol& symbol : library.object.symbols) {
    if (symbol.kind != SymbolKind::function || symbol.is_undefined() || symbol.is_local() ||
        symbol.is_weak())
      continue;
    text += "# [[library.kernel]]\n# symbol = " + quote(symbol.name) + "\n";
  }
  return text;
}

constexpr std::string_view kHead =
    "# What `wasmpack pack` makes a bundle of; docs/manifest.md has all keys.\n"
    "schema = 1\n\n";
constexpr std::string_view kBundle =
    "[bundle]\n"
    "# When constructors run: initialize (at the host's _initialize or its first lookup), lazy "
    "(also\n"
    "# at the first call of any kernel), start (at instantiation) or snapshot (now, when "
    "packing).\n"
    "init = \"initialize\"\n"
    "# memory = { initial = \"1MiB\", max = \"64MiB\" }\n"
    "# stack-size = \"64KiB\"\n"
    "# What the finished module may import; anything else that is undefined is an error.\n"
    "# allow-imports = [\"wasi_snapshot_preview1.*\"]\n"
    "# optimize = \"O2\"\n\n";

}  // namespace

Manifest make_manifest_for_files(std::span<const std::string> files,
                                 std::span<const std::string> kernels, std::string package) {
  Manifest manifest;
  manifest.package.name = std::move(package);
  manifest.package.version = "0.0.0";
  std::set<std::string> taken;
  for (const std::string& file : files) {
    LibraryRequest library;
    library.name.text = library_name(file, taken);
    library.inputs.push_back({file, {}});
    library.has_literal_inputs = true;
    library.may_offer_nothing = true;
    for (const std::string& kernel : kernels) {
      KernelRequest request;
      request.symbol.text = kernel;
      request.may_match_nothing = true;
      library.kernels.push_back(std::move(request));
    }
    manifest.libraries.push_back(std::move(library));
  }
  return manifest;
}

std::string draft_manifest(std::span<const std::string> files, const std::string& folder,
                           std::string package, DiagnosticSink& sink) {
  const Manifest manifest = make_manifest_for_files(files, {}, package);
  PackOptions options;
  options.allow_outside = true;
  const std::vector<LinkedLibrary> libraries = link_libraries(manifest, options, sink);
  if (sink.has_errors()) return {};
  std::string text(kHead);
  text += "[package]\nname = " + quote(package) + "\nversion = \"0.1.0\"\n\n";
  text += kBundle;
  for (const LinkedLibrary& library : libraries) {
    std::error_code failure;
    const fs::path relative =
        fs::relative(files[library.index], folder.empty() ? "." : folder, failure);
    const std::string path = failure ? files[library.index] : relative.string();
    text += "[[library]]\n";
    if (path.starts_with("..") || path.starts_with("/"))
      text += "# Outside of this manifest's folder: pack with --allow-outside.\n";
    text += "name = " + quote(library.name()) + "\ninputs = [" + quote(escape_manifest_path(path)) +
            "]\n";
    text += "# prefix = " + quote(library.name() + "_") +
            "   # before its kernels' names, where libraries share names\n";
    if (library.tvm) text += "# TVM generated it (" + std::string(library.tvm->generation) + ").\n";
    text += describe_kernels(library) + "\n";
  }
  return text;
}

}  // namespace wasmpack
