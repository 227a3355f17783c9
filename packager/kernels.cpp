#include "packager/kernels.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <llvm/Support/JSON.h>

#include "object/reserved_names.h"
#include "packager/signature.h"
#include "support/glob.h"
#include "support/suggest.h"

namespace wasmpack {
namespace {

constexpr size_t kListed = 12;  // candidates that a message names

// Entry points of programs, which no library means to offer.
constexpr std::string_view kNeverOffered[] = {"_start", "main", "__main_argc_argv", "__main_void",
                                              "__original_main"};

struct Offer {
  std::string_view name;  // registered name or export_name where there is one, else the symbol's
  const Symbol* symbol;
};

bool is_glob(std::string_view text) { return text.find_first_of("*?[\\") != text.npos; }

// IREE's static libraries have one such function each; Halide's entries have two companions.
constexpr std::string_view kIreeSuffix = "_library_query";
constexpr std::string_view kHalideSuffixes[] = {"_argv", "_metadata"};

class KernelChooser {
 public:
  KernelChooser(const Object& object, const TvmLibrary* tvm, const Manifest& manifest,
                uint32_t library, DiagnosticSink& sink)
      : object_(object),
        tvm_(tvm),
        manifest_(manifest),
        library_(manifest.libraries[library]),
        library_index_(library),
        sink_(sink) {
    for (const Export& entry : object_.exports) {
      if (entry.kind == ExternKind::function) export_names_[entry.index].push_back(entry.name);
    }
    for (const Comdat& comdat : object_.comdats) {
      for (const ComdatEntry& entry : comdat.entries) {
        if (entry.kind == ComdatKind::function) in_comdat_.insert(entry.index);
      }
    }
    collect_offers();
  }

  std::vector<Kernel> choose() {
    if (library_.kernels.empty()) {
      take_all();
    } else {
      // Exact requests first: a pattern then leaves the functions they name alone.
      for (const KernelRequest& request : library_.kernels) {
        if (!is_glob(request.symbol.text)) take_exact(request);
      }
      for (const KernelRequest& request : library_.kernels) {
        if (is_glob(request.symbol.text)) take_matching(request);
      }
    }
    return std::move(kernels_);
  }

 private:
  void report(TextPlace place, std::string message, std::string help = {},
              Severity severity = Severity::error) const {
    Diagnostic problem = fail("bad-kernel", text_location(manifest_.path, place),
                              std::move(message), std::move(help))
                             .value();
    problem.severity = severity;
    sink_.report(std::move(problem));
  }

  std::string library_text() const { return "library `" + library_.name.text + "`"; }

  // The library's functions in tiers: what it registers, what it exports, what has default
  // visibility, what is merely global. The first tier that is not empty is what it offers.
  void collect_offers() {
    std::vector<Offer> exported, visible;
    std::vector<Offer> registered = collect_registered();
    for (const Symbol& symbol : object_.symbols) {
      if (symbol.kind != SymbolKind::function || symbol.is_undefined() || symbol.is_local())
        continue;
      globals_.push_back(&symbol);
      global_names_.emplace(symbol.name);
      const std::optional<std::string_view> export_name = take_export_name(symbol);
      if (export_name && is_never_offered(*export_name)) continue;
      if (is_linker_owned(symbol.name) || is_never_offered(symbol.name)) continue;
      if (symbol.is_weak() || in_comdat_.contains(symbol.index)) continue;
      if (export_name)
        exported.push_back({*export_name, &symbol});
      else if (symbol.is_exported())
        exported.push_back({symbol.name, &symbol});
      else if (!symbol.is_hidden())
        visible.push_back({symbol.name, &symbol});
      else
        hidden_.push_back({symbol.name, &symbol});
    }
    for (const Offer& offer : registered) registered_.insert(offer.symbol);
    offers_ = !registered.empty() ? std::move(registered)
              : exported.empty()  ? std::move(visible)
                                  : std::move(exported);
    for (const Offer& offer : offers_) by_name_.try_emplace(offer.name, offer);
    for (const Offer& offer : offers_) by_name_.try_emplace(offer.symbol->name, offer);
    for (const Symbol* symbol : globals_)
      by_name_.try_emplace(symbol->name, Offer{symbol->name, symbol});
  }

  static bool is_never_offered(std::string_view name) {
    return is_init_entry(name) || std::ranges::find(kNeverOffered, name) != std::end(kNeverOffered);
  }

  // The export names of a function go to those of its symbols that are flagged as exported, in
  // their order; another name of the same function has none.
  std::optional<std::string_view> take_export_name(const Symbol& symbol) {
    const auto names = export_names_.find(symbol.index);
    if (names == export_names_.end() || names->second.empty() || !symbol.is_exported())
      return std::nullopt;
    const std::string_view name = names->second.front();
    names->second.pop_front();
    return name;
  }

  // What TVM code registers. Its C output registers nothing: there every global function whose name
  // and type are a kernel's counts.
  std::vector<Offer> collect_registered() const {
    std::vector<Offer> offers;
    if (tvm_ == nullptr) return offers;
    std::unordered_set<std::string_view> seen;  // a name may be registered twice
    for (const Registration& entry : tvm_->registrations.entries) {
      const Symbol& symbol = object_.symbols[entry.target];
      if (symbol.kind != SymbolKind::function || symbol.is_undefined() || symbol.is_local())
        continue;
      // The entry that only forwards to a kernel, of which each library has one.
      if (symbol.is_weak() && strip_tvm_prefix(entry.name) == "main") continue;
      if (seen.insert(entry.name).second) offers.push_back({strip_tvm_prefix(entry.name), &symbol});
    }
    if (!tvm_->registrations.entries.empty()) return offers;
    for (const Symbol& symbol : object_.symbols) {
      if (symbol.kind != SymbolKind::function || symbol.is_undefined() || symbol.is_local() ||
          symbol.is_weak() || !symbol.name.starts_with(kTvmFunctionPrefix))
        continue;
      const FuncType& type = object_.types[object_.function_type(symbol.index)];
      if (find_tvm_abi(signature_letters(type).value_or("")) == KernelAbi::tvm_ffi)
        offers.push_back({strip_tvm_prefix(symbol.name), &symbol});
    }
    return offers;
  }

  static std::vector<std::string_view> names_of(std::span<const Offer> offers) {
    std::vector<std::string_view> names;
    for (const Offer& offer : offers) names.push_back(offer.name);
    std::ranges::sort(names);
    return names;
  }

  static std::string list_names(std::vector<std::string_view> names) {
    std::string list;
    for (size_t i = 0; i < names.size() && i < kListed; ++i)
      list += (i == 0 ? "`" : ", `") + std::string(names[i]) + "`";
    if (names.size() > kListed) list += " and " + std::to_string(names.size() - kListed) + " more";
    return list;
  }

  void take_all() {
    for (const Offer& offer : offers_) add(offer, nullptr);
    // A library that only serves others, such as a libc, has keep-global and no kernel.
    if (!offers_.empty() || !library_.keep_global.empty() || library_.may_offer_nothing) return;
    std::string help = "give it [[library.kernel]] entries, or export its functions";
    if (!hidden_.empty()) help += "; it has the functions " + list_names(names_of(hidden_));
    report(library_.place,
           library_text() +
               " offers no kernel: none of its functions is exported "
               "or has default visibility",
           std::move(help));
  }

  void take_exact(const KernelRequest& request) {
    const std::string& wanted = request.symbol.text;
    const auto found = by_name_.find(wanted);
    if (found != by_name_.end()) return add(found->second, &request);
    if (request.may_match_nothing) return;
    std::vector<std::string_view> names;
    for (const Symbol* symbol : globals_) names.push_back(symbol->name);
    std::ranges::sort(names);
    std::string help = suggest_sentence(wanted, names);
    if (help.empty() && !names.empty()) help = "its global functions are " + list_names(names);
    report(request.symbol.place, library_text() + " defines no global function `" + wanted + "`",
           std::move(help));
  }

  void take_matching(const KernelRequest& request) {
    const Result<PatternList> pattern =
        PatternList::create(std::span(&request.symbol.text, 1), "symbol");
    if (!pattern) return report(request.symbol.place, pattern.error().message);
    const bool is_fallback = offers_.empty();
    size_t matched = 0;
    for (const Offer& offer : is_fallback ? hidden_ : offers_) {
      if (!pattern->matches(offer.name) && !pattern->matches(offer.symbol->name)) continue;
      ++matched;
      if (!claimed_.contains(offer.symbol)) add(offer, &request);
    }
    if (matched == 0 && request.may_match_nothing) return;
    if (matched == 0) {
      const std::vector<std::string_view> names = names_of(is_fallback ? hidden_ : offers_);
      report(request.symbol.place,
             "`" + request.symbol.text + "` matches no function that " + library_text() + " offers",
             names.empty() ? "it offers none" : "it offers " + list_names(names));
    } else if (is_fallback) {
      report(request.symbol.place,
             "`" + request.symbol.text + "` is matched against the hidden functions of " +
                 library_text() + ", since it exports none",
             "", Severity::note);
    }
  }

  void add(const Offer& offer, const KernelRequest* request) {
    const TextPlace place = request != nullptr ? request->symbol.place : library_.place;
    const FuncType& type = object_.types[object_.function_type(offer.symbol->index)];
    Kernel kernel;
    kernel.library = library_index_;
    kernel.symbol = offer.symbol->name;
    kernel.name = library_.prefix +
                  (request != nullptr && request->as ? request->as->text : std::string(offer.name));
    kernel.type = type_text(type);
    const std::string title = "kernel `" + kernel.name + "` of " + library_text();
    if (!llvm::json::isUTF8(kernel.name))
      return report(place, title + ": a kernel's name must be UTF-8");
    if (kernel.name.find('\0') != kernel.name.npos)
      return report(place, title + ": a kernel's name must not have a NUL byte");
    const std::optional<std::string> letters = signature_letters(type);
    if (!letters) {
      return report(
          place, title + " has the type " + kernel.type + ", which the registry cannot describe");
    }
    if (request != nullptr && request->signature) {
      const std::optional<std::string> declared = parse_type_text(request->signature->text);
      if (!declared) {
        return report(request->signature->place,
                      "`" + request->signature->text + "` is no function type",
                      "write it like \"(i32,f32)->(i32)\"");
      }
      if (*declared != *letters) {
        return report(request->signature->place, title + ": the manifest says " +
                                                     request->signature->text +
                                                     ", the function's type is " + kernel.type);
      }
    }
    kernel.signature = *letters;
    kernel.request = request;
    if (!choose_abi(offer, kernel, title, place)) return;
    if (request != nullptr) claimed_.insert(offer.symbol);
    kernels_.push_back(std::move(kernel));
  }

  // How the kernel is called: as the manifest says, else by what it looks like.
  bool choose_abi(const Offer& offer, Kernel& kernel, const std::string& title,
                  TextPlace place) const {
    const auto refuse = [&](std::string_view abi, std::string_view expected) {
      report(place,
             title + " has the type " + kernel.type + ", which is none of abi = \"" +
                 std::string(abi) + "\"",
             "it should be " + std::string(expected));
      return false;
    };
    const std::optional<KernelAbi> tvm_abi = find_tvm_abi(kernel.signature);
    switch (library_.abi) {
      case AbiRequest::c:
        return true;
      case AbiRequest::tvm:
        if (!tvm_abi) return refuse("tvm", "of 3, 4, 5 or 6 i32, with an i32 as result");
        kernel.abi = *tvm_abi;
        return true;
      case AbiRequest::iree:
        if (kernel.signature != "ii:i") return refuse("iree", "(i32,i32)->(i32)");
        kernel.abi = KernelAbi::iree;
        return true;
      case AbiRequest::halide:
        if (!kernel.signature.ends_with(":i")) return refuse("halide", "with an i32 as result");
        kernel.abi = KernelAbi::halide;
        return true;
      case AbiRequest::automatic:
        break;
    }
    if (registered_.contains(offer.symbol)) {
      kernel.abi = tvm_->abi;
    } else if (kernel.signature == "ii:i" && offer.name.ends_with(kIreeSuffix)) {
      kernel.abi = KernelAbi::iree;
    } else if (kernel.signature.ends_with(":i") && has_halide_companions(offer.symbol->name)) {
      kernel.abi = KernelAbi::halide;
    }
    return true;
  }

  bool has_halide_companions(std::string_view name) const {
    return std::ranges::all_of(kHalideSuffixes, [&](std::string_view suffix) {
      return global_names_.contains(std::string(name) + std::string(suffix));
    });
  }

  const Object& object_;
  const TvmLibrary* tvm_;
  const Manifest& manifest_;
  const LibraryRequest& library_;
  const uint32_t library_index_;
  DiagnosticSink& sink_;
  std::unordered_map<uint32_t, std::deque<std::string_view>> export_names_;  // by function index
  std::unordered_set<uint32_t> in_comdat_;                                   // function indices
  std::vector<const Symbol*> globals_;  // defined global functions
  std::unordered_set<std::string_view> global_names_;
  std::unordered_set<const Symbol*> registered_;  // TVM kernels
  std::vector<Offer> offers_;
  std::vector<Offer> hidden_;
  std::unordered_map<std::string_view, Offer> by_name_;  // what an exact request may name
  std::unordered_set<const Symbol*> claimed_;
  std::vector<Kernel> kernels_;
};

}  // namespace

std::vector<Kernel> choose_kernels(const Object& object, const TvmLibrary* tvm,
                                   const Manifest& manifest, uint32_t library,
                                   DiagnosticSink& sink) {
  return KernelChooser(object, tvm, manifest, library, sink).choose();
}

}  // namespace wasmpack
