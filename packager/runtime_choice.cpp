#include "packager/runtime_choice.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "object/read.h"

namespace wasmpack {
namespace {

constexpr std::string_view kShimPrefix = "tvm_";
constexpr std::string_view kWapcPrefix = "wapc";

class RuntimeChooser {
 public:
  explicit RuntimeChooser(DiagnosticSink& sink) : sink_(sink) {}

  void take(std::string_view name) {
    const auto file = std::ranges::find(runtime_objects(), name, &RuntimeObject::name);
    if (file == runtime_objects().end()) return;
    if (std::optional<Object> object = read(*file)) add(*file, std::move(*object));
  }

  void note_symbols(const Object& object) {
    for (const Symbol& symbol : object.symbols) {
      if (symbol.kind == SymbolKind::section || symbol.is_local()) continue;
      if (symbol.is_defined())
        defined_.insert(symbol.name);
      else if (!symbol.is_weak())
        needed_.insert(symbol.name);
    }
  }

  // One shim may need another, which may come before it by name.
  void take_needed_shims() {
    std::vector<std::pair<RuntimeObject, Object>> shims;
    for (const RuntimeObject& file : runtime_objects()) {
      if (!file.name.starts_with(kShimPrefix)) continue;
      if (std::optional<Object> object = read(file)) shims.emplace_back(file, std::move(*object));
    }
    for (bool has_changed = true; has_changed;) {
      const auto needed = std::ranges::find_if(
          shims, [&](const auto& shim) { return defines_what_is_needed(shim.second); });
      has_changed = needed != shims.end();
      if (!has_changed) break;
      add(needed->first, std::move(needed->second));
      shims.erase(needed);
    }
  }

  ChosenRuntime chosen;

 private:
  std::optional<Object> read(const RuntimeObject& file) {
    Result<Object> object = read_object(file.bytes, file.name);
    if (object) return std::move(*object);
    sink_.report(std::move(object.error()));
    return std::nullopt;
  }

  void add(const RuntimeObject& file, Object object) {
    note_symbols(object);
    chosen.files.push_back(file);
    chosen.objects.push_back(std::move(object));
  }

  bool defines_what_is_needed(const Object& object) const {
    return std::ranges::any_of(object.symbols, [&](const Symbol& symbol) {
      return symbol.is_defined() && !symbol.is_local() && needed_.contains(symbol.name) &&
             !defined_.contains(symbol.name);
    });
  }

  DiagnosticSink& sink_;
  std::unordered_set<std::string_view> defined_, needed_;
};

}  // namespace

bool is_adapter_file(std::string_view name) { return name.starts_with(kWapcPrefix); }

ChosenRuntime choose_runtime(const BundleOptions& options, const MemoryPlan& plan,
                             std::span<const BundlePart> parts, DiagnosticSink& sink) {
  RuntimeChooser chooser(sink);
  chooser.take("registry.o");
  chooser.take("initialize.o");
  chooser.take(plan.owner_allocates ? "memory_owner.o" : "memory.o");
  chooser.take(plan.owner_claims ? "heap_claim.o" : "heap_unclaimed.o");
  chooser.take("error.o");
  for (const RuntimeObject& file : runtime_objects()) {
    if (options.has_wapc && is_adapter_file(file.name)) chooser.take(file.name);
  }
  for (const BundlePart& part : parts) chooser.note_symbols(*part.object);
  chooser.take_needed_shims();
  return std::move(chooser.chosen);
}

}  // namespace wasmpack
