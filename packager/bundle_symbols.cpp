#include "packager/bundle_symbols.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "linker/reserved_names.h"
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
};

// Names that hosts give a meaning: no kernel may have them.
constexpr std::string_view kHostNames[] = {"_start", "wapc_init", "__guest_call"};

bool is_reserved(std::string_view name) {
  const bool is_contract = std::ranges::any_of(
      kContract, [&](const ContractExport& entry) { return entry.name == name; });
  return is_contract || std::ranges::find(kHostNames, name) != std::end(kHostNames) ||
         is_linker_owned(name) || name.starts_with("__wasmpack_");
}

void report(DiagnosticSink& sink, std::string_view id, std::string_view path, std::string message,
            std::string help) {
  sink.report(fail(id, {.file = std::string(path)}, std::move(message), std::move(help)).value());
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

std::span<const ContractExport> contract_exports() { return kContract; }

std::vector<const Kernel*> order_kernels(std::span<const PreparedLibrary> libraries,
                                         const Manifest& manifest, DiagnosticSink& sink) {
  std::vector<const Kernel*> kernels;
  for (const PreparedLibrary& library : libraries) {
    for (const Kernel& kernel : library.kernels) kernels.push_back(&kernel);
  }
  // Bytewise: std::string compares its chars as unsigned.
  std::ranges::stable_sort(kernels, {},
                           [](const Kernel* kernel) -> const std::string& { return kernel->name; });
  const auto library_of = [&](const Kernel& kernel) {
    return "library `" + libraries[kernel.library].name + "`";
  };
  for (size_t i = 0; i < kernels.size(); ++i) {
    const Kernel& kernel = *kernels[i];
    if (is_reserved(kernel.name)) {
      report(sink, "reserved-name", manifest.path,
             "kernel `" + kernel.name + "` of " + library_of(kernel) +
                 ": hosts or the linker give this name a meaning of its own",
             "give the library a `prefix`, or the kernel another name with `as`");
    }
    if (i == 0 || kernels[i - 1]->name != kernel.name) continue;
    const Kernel& first = *kernels[i - 1];
    report(sink, "duplicate-kernel", manifest.path,
           "two kernels have the name `" + kernel.name + "`: `" + first.symbol + "` of " +
               library_of(first) + " and `" + kernel.symbol + "` of " + library_of(kernel),
           "give one of the libraries another `prefix`, or the kernel another name with `as`");
  }
  return kernels;
}

void check_definitions(std::span<const PreparedLibrary> libraries, std::span<const Object> runtime,
                       DiagnosticSink& sink) {
  std::unordered_map<std::string_view, std::string> owners;
  const auto add = [&](const Object& object, const std::string& title) {
    const std::unordered_set<std::string_view> in_comdat = comdat_members(object);
    for (const Symbol& symbol : object.symbols) {
      if (!is_global_definition(symbol) || symbol.is_weak() || in_comdat.contains(symbol.name))
        continue;
      const auto [first, is_new] = owners.try_emplace(symbol.name, title);
      if (is_new || first->second == title) continue;
      report(sink, "duplicate-symbol", {},
             std::string(symbol_kind_name(symbol.kind)) + " `" + std::string(symbol.name) +
                 "` is defined by " + first->second + " and by " + title,
             "seal the libraries, or keep the symbol global in one of them only");
    }
  };
  for (const Object& object : runtime) add(object, "the bundle's runtime");
  for (const PreparedLibrary& library : libraries)
    add(library.object, "library `" + library.name + "`");
}

UndefinedFunctions find_undefined_functions(std::span<const PreparedLibrary> libraries,
                                            std::span<const Object> runtime,
                                            const BundleOptions& options) {
  std::unordered_set<std::string_view> defined;
  const auto add_definitions = [&](const Object& object) {
    for (const Symbol& symbol : object.symbols) {
      if (is_global_definition(symbol)) defined.insert(symbol.name);
    }
  };
  for (const Object& object : runtime) add_definitions(object);
  for (const PreparedLibrary& library : libraries) add_definitions(library.object);

  const PatternList allowed =
      PatternList::create(options.allow_imports, "allow-imports").value_or(PatternList());
  UndefinedFunctions undefined;
  for (const PreparedLibrary& library : libraries) {
    for (const Symbol& symbol : library.object.symbols) {
      if (symbol.kind != SymbolKind::function || symbol.is_defined() || symbol.is_weak() ||
          is_linker_owned(symbol.name) || defined.contains(symbol.name))
        continue;
      undefined.any_import = true;
      // With an explicit name the object itself says where the function is imported from.
      if (symbol.has_explicit_name()) continue;
      const Import* import = library.object.find_import(ExternKind::function, symbol.index);
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
