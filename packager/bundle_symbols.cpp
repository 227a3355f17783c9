#include "packager/bundle_symbols.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "object/reserved_names.h"
#include "support/glob.h"

namespace wasmpack {
namespace {

constexpr ContractExport kContract[] = {
    {"memory", ExternKind::memory, ""},
    {"__indirect_function_table", ExternKind::table, ""},
    {"_initialize", ExternKind::function, ":"},
    {"wasmpack_query", ExternKind::function, "i:i"},
    {"wasmpack_find", ExternKind::function, "ii:i"},
    {"wasmpack_entry", ExternKind::function, "i:i"},
    {"wasmpack_alloc", ExternKind::function, "ii:i"},
    {"wasmpack_free", ExternKind::function, "i:"},
    {"wasmpack_error", ExternKind::function, "i:i"},
    // From here on the waPC adapter's (runtime/wapc.c).
    {"wapc_init", ExternKind::function, ":"},
    {"__guest_call", ExternKind::function, "ii:i"},
};
constexpr size_t kWapcExports = 2;
constexpr std::string_view kWapcImports[] = {"wapc.__guest_request", "wapc.__guest_response",
                                             "wapc.__guest_error"};

// Names that hosts give a meaning: no kernel may have them.
constexpr std::string_view kHostNames[] = {"_start", "wapc_init", "__guest_call"};

bool is_reserved(std::string_view name) {
  const bool is_contract = std::ranges::any_of(
      kContract, [&](const ContractExport& entry) { return entry.name == name; });
  return is_contract || std::ranges::find(kHostNames, name) != std::end(kHostNames) ||
         is_linker_owned(name) || name.starts_with("__wasmpack_");
}

void report(DiagnosticSink& sink, std::string_view id, Location where, std::string message,
            std::string help) {
  sink.report(fail(id, std::move(where), std::move(message), std::move(help)).value());
}

// Symbols of comdat groups may be defined by several libraries: one copy is taken.
std::unordered_set<std::string_view> comdat_members(const Object& object) {
  std::unordered_set<uint32_t> functions, segments;
  for (const Comdat& comdat : object.comdats) {
    for (const ComdatEntry& entry : comdat.entries) {
      if (entry.kind == ComdatKind::function) functions.insert(entry.index);
      if (entry.kind == ComdatKind::data) segments.insert(entry.index);
    }
  }
  std::unordered_set<std::string_view> names;
  for (const Symbol& symbol : object.symbols) {
    if (symbol.is_undefined()) continue;
    if ((symbol.kind == SymbolKind::function && functions.contains(symbol.index)) ||
        (symbol.kind == SymbolKind::data && segments.contains(symbol.index)))
      names.insert(symbol.name);
  }
  return names;
}

bool is_global_definition(const Symbol& symbol) {
  return symbol.is_defined() && !symbol.is_local() && symbol.kind != SymbolKind::section;
}

}  // namespace

std::span<const ContractExport> contract_exports(const BundleOptions& options) {
  return std::span(kContract).first(std::size(kContract) - (options.has_wapc ? 0 : kWapcExports));
}

std::span<const std::string_view> adapter_imports(const BundleOptions& options) {
  return options.has_wapc ? std::span(kWapcImports) : std::span<const std::string_view>();
}

std::vector<const Kernel*> order_kernels(std::span<const LinkedLibrary> libraries,
                                         const Manifest& manifest, DiagnosticSink& sink) {
  std::vector<const Kernel*> kernels;
  for (const LinkedLibrary& library : libraries) {
    for (const Kernel& kernel : library.kernels) kernels.push_back(&kernel);
  }
  // Bytewise: std::string compares its chars as unsigned.
  std::ranges::stable_sort(kernels, {},
                           [](const Kernel* kernel) -> const std::string& { return kernel->name; });
  const auto place_of = [&](const Kernel& kernel) {
    const TextPlace place = kernel.request != nullptr ? kernel.request->symbol.place
                                                      : libraries[kernel.library].request->place;
    return text_location(manifest.path, place);
  };
  const auto library_of = [&](const Kernel& kernel) { return libraries[kernel.library].title(); };
  const std::string way_out =
      manifest.path.empty() ? "write a manifest (`wasmpack pack --init`): there libraries have a "
                              "`prefix`, and kernels "
                              "another name with `as`"
                            : "give the library a `prefix`, or the kernel another name with `as`";
  for (size_t i = 0; i < kernels.size(); ++i) {
    const Kernel& kernel = *kernels[i];
    if (is_reserved(kernel.name)) {
      report(sink, "reserved-name", place_of(kernel),
             "kernel `" + kernel.name + "` of " + library_of(kernel) +
                 ": hosts or the linker give this name a meaning of its own",
             way_out);
    }
    if (i == 0 || kernels[i - 1]->name != kernel.name) continue;
    const Kernel& first = *kernels[i - 1];
    report(sink, "duplicate-kernel", place_of(kernel),
           "two kernels have the name `" + kernel.name + "`: `" + first.symbol + "` of " +
               library_of(first) + " and `" + kernel.symbol + "` of " + library_of(kernel),
           first.library == kernel.library ? "give one of them another name with `as`" : way_out);
  }
  return kernels;
}

bool is_exported(const Manifest& manifest, const Kernel& kernel) {
  return manifest.libraries[kernel.library].export_kernels.value_or(manifest.bundle.export_kernels);
}

void check_definitions(std::span<const BundlePart> parts, DiagnosticSink& sink) {
  std::unordered_map<std::string_view, const BundlePart*> owners;
  for (const BundlePart& part : parts) {
    const std::unordered_set<std::string_view> in_comdat = comdat_members(*part.object);
    for (const Symbol& symbol : part.object->symbols) {
      if (!is_global_definition(symbol) || symbol.is_weak() || in_comdat.contains(symbol.name))
        continue;
      const auto [first, is_new] = owners.try_emplace(symbol.name, &part);
      if (is_new || first->second == &part) continue;
      report(sink, "duplicate-symbol", {},
             std::string(symbol_kind_name(symbol.kind)) + " `" + std::string(symbol.name) +
                 "` is defined by " + first->second->title + " and by " + part.title,
             "seal the libraries, or keep the symbol global in one of them only");
    }
  }
}

UndefinedFunctions find_undefined_functions(std::span<const BundlePart> parts,
                                            const std::unordered_set<std::string_view>& builtins,
                                            const BundleOptions& options) {
  std::unordered_set<std::string_view> defined = builtins;
  for (const BundlePart& part : parts) {
    for (const Symbol& symbol : part.object->symbols) {
      if (is_global_definition(symbol)) defined.insert(symbol.name);
    }
  }
  const PatternList allowed =
      PatternList::create(options.allow_imports, "allow-imports").value_or(PatternList());
  UndefinedFunctions undefined;
  for (const BundlePart& part : parts) {
    if (part.is_adapter) continue;
    for (const Symbol& symbol : part.object->symbols) {
      if (symbol.kind != SymbolKind::function || symbol.is_defined() || symbol.is_weak() ||
          is_linker_owned(symbol.name) || defined.contains(symbol.name))
        continue;
      undefined.any_import = true;
      // With an explicit name the object itself says where the function is imported from.
      if (symbol.has_explicit_name()) continue;
      const Import* import = part.object->find_import(ExternKind::function, symbol.index);
      if (import == nullptr) continue;
      const std::string place = std::string(import->module) + "." + std::string(import->field);
      if (options.undefined == UndefinedPolicy::import || allowed.matches(place))
        undefined.imported.emplace_back(symbol.name);
    }
  }
  std::ranges::sort(undefined.imported);
  const auto repeated = std::ranges::unique(undefined.imported);
  undefined.imported.erase(repeated.begin(), repeated.end());
  return undefined;
}

}  // namespace wasmpack
