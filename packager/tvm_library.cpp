#include "packager/tvm_library.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "packager/signature.h"

namespace wasmpack {
namespace {

// One row for each generation: what its code generator wrote. Later rows of equal facts are told
// apart by the functions that were added (`needs`).
struct Generation {
  std::string_view name;
  KernelAbi abi;
  std::string_view registrar;
  std::string_view cell;  // the end of the context cell's name
  std::string_view needs;
};
constexpr Generation kGenerations[] = {
    {"G0", KernelAbi::tvm_packed3, kTvmRegisterOld, "__tvm_module_ctx", ""},
    {"G1", KernelAbi::tvm_packed5, kTvmRegisterOld, "__tvm_module_ctx", ""},
    {"G2", KernelAbi::tvm_packed6, kTvmRegisterOld, "__tvm_module_ctx", ""},
    {"G3", KernelAbi::tvm_ffi, kTvmRegisterOld, "__tvm_ffi_library_ctx", ""},
    {"G6", KernelAbi::tvm_ffi, kTvmRegisterNew, "__tvm_ffi__library_ctx",
     "TVMFFIEnvModLookupFromImports"},
    {"G6", KernelAbi::tvm_ffi, kTvmRegisterNew, "__tvm_ffi__library_ctx", "TVMFFIHandleInitOnce"},
    {"G5", KernelAbi::tvm_ffi, kTvmRegisterNew, "__tvm_ffi__library_ctx",
     "TVMFFIErrorSetRaisedFromCStrParts"},
    {"G4", KernelAbi::tvm_ffi, kTvmRegisterNew, "__tvm_ffi__library_ctx", ""}};

struct AbiType {
  std::string_view signature;
  KernelAbi abi;
};
constexpr AbiType kAbiTypes[] = {{"iii:i", KernelAbi::tvm_packed3},
                                 {"iiiii:i", KernelAbi::tvm_packed5},
                                 {"iiiiii:i", KernelAbi::tvm_packed6},
                                 {"iiii:i", KernelAbi::tvm_ffi}};

// Code for accelerators, which registers like everything else.
constexpr std::string_view kBlobNames[] = {"__tvm_dev_mblob", "__tvm_ffi__library_bin",
                                           "__tvm_ffi_library_bin"};

class TvmReader {
 public:
  TvmReader(const Object& object, const LibraryRequest& request, const Location& where,
            DiagnosticSink& sink)
      : object_(object), request_(request), where_(where), sink_(sink) {}

  std::optional<TvmLibrary> read() {
    if (request_.abi != AbiRequest::automatic && request_.abi != AbiRequest::tvm)
      return std::nullopt;
    constexpr std::string_view kRegistrars[] = {kTvmRegisterOld, kTvmRegisterNew};
    TvmLibrary library;
    library.registrations = read_registrations(object_, kRegistrars);
    const bool registers =
        !library.registrations.entries.empty() || !library.registrations.unreadable.empty();
    find_first_kernel(library.registrations);
    if (!registers && !first_ && request_.abi != AbiRequest::tvm) return std::nullopt;
    report_unreadable(library.registrations);
    report_blobs(library.registrations);
    check_one_registrar(library.registrations);
    find_cell(library.registrations);
    check_types(library.registrations);
    choose_generation(library);
    return library;
  }

 private:
  struct TypedFunction {
    std::string_view name;
    const FuncType* type;
  };

  void report(std::string_view id, std::string message, std::string help,
              Severity severity = Severity::error) const {
    Diagnostic problem = fail(id, where_, std::move(message), std::move(help)).value();
    problem.severity = severity;
    sink_.report(std::move(problem));
  }

  std::string title() const { return "library `" + request_.name.text + "`"; }

  TypedFunction typed(std::string_view name, const Symbol& symbol) const {
    return {name, &object_.types[object_.function_type(symbol.index)]};
  }

  // The function whose type decides: the first one that is registered; in a library that registers
  // nothing (TVM's C output) the first one whose name and type are those of a kernel.
  void find_first_kernel(const Registrations& registrations) {
    for (const Registration& entry : registrations.entries) {
      const Symbol& symbol = object_.symbols[entry.target];
      if (symbol.kind == SymbolKind::function) {
        first_ = typed(entry.name, symbol);
        return;
      }
    }
    if (!registrations.entries.empty()) return;
    for (const Symbol& symbol : object_.symbols) {
      if (symbol.kind != SymbolKind::function || symbol.is_undefined() || symbol.is_local() ||
          !symbol.name.starts_with(kTvmFunctionPrefix))
        continue;
      const TypedFunction function = typed(symbol.name, symbol);
      if (abi_of(function) != KernelAbi::tvm_ffi) continue;
      first_ = function;
      return;
    }
  }

  static std::optional<KernelAbi> abi_of(const TypedFunction& function) {
    const std::optional<std::string> signature = signature_letters(*function.type);
    return signature ? find_tvm_abi(*signature) : std::nullopt;
  }

  void report_unreadable(const Registrations& registrations) const {
    if (registrations.unreadable.empty()) return;
    const uint32_t function = registrations.unreadable.front();
    std::string_view name = "?";
    for (const Symbol& symbol : object_.symbols) {
      if (symbol.kind == SymbolKind::function && symbol.index == function) name = symbol.name;
    }
    const size_t others = registrations.unreadable.size() - 1;
    report("unreadable-registration",
           "`" + std::string(name) + "`" +
               (others != 0 ? " and " + std::to_string(others) + " other functions" : "") + " of " +
               title() +
               " register something with arguments that are no constants: its name is only known "
               "when it runs, so it is no kernel of the bundle",
           "", Severity::warning);
  }

  void report_blobs(const Registrations& registrations) const {
    for (const Registration& entry : registrations.entries) {
      const bool is_blob = std::ranges::any_of(
          kBlobNames, [&](std::string_view name) { return entry.name.ends_with(name); });
      if (!is_blob) continue;
      report("tvm-device-code",
             title() + " registers `" + std::string(entry.name) +
                 "`: modules inside the module, which nothing in a bundle loads",
             "build it for the CPU alone", Severity::warning);
    }
  }

  void check_one_registrar(const Registrations& registrations) {
    for (const Registration& entry : registrations.entries) {
      if (registrar_.empty()) registrar_ = entry.registrar;
      if (entry.registrar == registrar_) continue;
      report("tvm-generation",
             title() + " registers `" + std::string(entry.name) + "` through `" +
                 std::string(entry.registrar) + "` and others through `" + std::string(registrar_) +
                 "`: these belong to different versions of TVM",
             "make a library of its own of what each version of TVM generated");
      return;
    }
  }

  void find_cell(const Registrations& registrations) {
    const auto look_at = [&](std::string_view name) {
      for (const Generation& row : kGenerations) {
        if (cell_.empty() && name.ends_with(row.cell)) cell_ = row.cell;
      }
    };
    for (const Registration& entry : registrations.entries) look_at(entry.name);
    for (const Symbol& symbol : object_.symbols) {
      if (symbol.kind == SymbolKind::data) look_at(symbol.name);
    }
  }

  bool fits(const Generation& row, KernelAbi abi) const {
    return row.abi == abi && (registrar_.empty() || row.registrar == registrar_) &&
           (cell_.empty() || row.cell == cell_);
  }

  // The type that the names of registrar and cell ask for, as text; several for the old ones.
  std::string expected_types() const {
    std::string text;
    for (const AbiType& type : kAbiTypes) {
      const bool is_possible = std::ranges::any_of(
          kGenerations, [&](const Generation& row) { return fits(row, type.abi); });
      if (!is_possible) continue;
      if (!text.empty()) text += " or ";
      text += letters_text(type.signature);
    }
    return text;
  }

  // How the names say what the type must be.
  std::string evidence() const {
    std::string text;
    if (!registrar_.empty()) text += " registers through `" + std::string(registrar_) + "`";
    if (!cell_.empty()) {
      text += text.empty() ? "" : " and";
      text += " has the context cell `" + std::string(cell_) + "`";
    }
    return text;
  }

  void check_types(const Registrations& registrations) const {
    if (!first_) return;
    const std::optional<KernelAbi> abi = abi_of(*first_);
    const std::string types = expected_types();
    const bool is_known = abi && std::ranges::any_of(kGenerations, [&](const Generation& row) {
                            return fits(row, *abi);
                          });
    if (!is_known) {
      report(
          "tvm-generation",
          "`" + std::string(first_->name) + "` of " + title() + " has the type " +
              type_text(*first_->type) + ", but a library that" + evidence() +
              (types.empty() ? " is of no version of TVM" : " has kernels of the type " + types),
          "say `abi = \"c\"` for this library if its functions are called as they are, and let the "
          "host have TVM's functions: `allow-imports = [\"env.TVM*\"]`");
      return;
    }
    for (const Registration& entry : registrations.entries) {
      const Symbol& symbol = object_.symbols[entry.target];
      if (symbol.kind != SymbolKind::function) continue;
      const TypedFunction function = typed(entry.name, symbol);
      if (abi_of(function) == abi) continue;
      report("tvm-generation",
             "`" + std::string(function.name) + "` of " + title() + " has the type " +
                 type_text(*function.type) + ", but `" + std::string(first_->name) + "` has " +
                 type_text(*first_->type) + ": these belong to different versions of TVM",
             "make a library of its own of what each version of TVM generated");
    }
  }

  bool is_undefined_function(std::string_view name) const {
    return std::ranges::any_of(object_.symbols, [&](const Symbol& symbol) {
      return symbol.kind == SymbolKind::function && symbol.is_undefined() && symbol.name == name;
    });
  }

  void choose_generation(TvmLibrary& library) const {
    library.abi = first_ ? abi_of(*first_).value_or(KernelAbi::tvm_ffi) : KernelAbi::tvm_ffi;
    for (const Generation& row : kGenerations) {
      if (!fits(row, library.abi)) continue;
      if (!row.needs.empty() && !is_undefined_function(row.needs)) continue;
      library.generation = row.name;
      return;
    }
  }

  const Object& object_;
  const LibraryRequest& request_;
  const Location& where_;
  DiagnosticSink& sink_;
  std::optional<TypedFunction> first_;
  std::string_view registrar_;  // "" where nothing is registered
  std::string_view cell_;       // "" where there is none
};

}  // namespace

bool is_tvm_cell(std::string_view name) {
  return std::ranges::any_of(kGenerations,
                             [&](const Generation& row) { return name.ends_with(row.cell); });
}

std::string_view strip_tvm_prefix(std::string_view registered) {
  if (registered.starts_with(kTvmFunctionPrefix))
    registered.remove_prefix(kTvmFunctionPrefix.size());
  return registered;
}

std::string add_tvm_prefix(std::string_view registered, std::string_view prefix) {
  // The prefix stands before the names of data, but behind `__tvm_ffi_` of functions.
  const bool is_data =
      is_tvm_cell(registered) || std::ranges::any_of(kBlobNames, [&](std::string_view name) {
        return registered.ends_with(name);
      });
  const std::string_view plain = is_data ? registered : strip_tvm_prefix(registered);
  std::string name(registered.substr(0, registered.size() - plain.size()));
  name += prefix;
  name += plain;
  return name;
}

std::optional<KernelAbi> find_tvm_abi(std::string_view signature) {
  for (const AbiType& type : kAbiTypes) {
    if (type.signature == signature) return type.abi;
  }
  return std::nullopt;
}

std::optional<TvmLibrary> find_tvm_library(const Object& object, const LibraryRequest& request,
                                           const Location& where, DiagnosticSink& sink) {
  return TvmReader(object, request, where, sink).read();
}

}  // namespace wasmpack
