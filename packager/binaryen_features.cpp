#include "packager/binaryen_features.h"

#include <algorithm>
#include <string_view>

#include "support/byte_writer.h"

namespace wasmpack {
namespace {

constexpr std::string_view kEnable = "--enable-";

struct Renamed {
  std::string_view feature;   // in target_features
  std::string_view binaryen;  // the feature of Binaryen that covers it; empty: none is needed
  std::string_view option;    // where wasm-opt's option is called otherwise
};

// Every other feature is called the same there.
constexpr Renamed kRenamed[] = {
    {"atomics", "atomics", "threads"},
    {"simd128", "simd128", "simd"},
    {"nontrapping-fptoint", "nontrapping-fptoint", "nontrapping-float-to-int"},
    // memory.copy and memory.fill alone; Binaryen makes nothing else of bulk memory by itself.
    {"bulk-memory-opt", "bulk-memory", "bulk-memory"},
    // Only how long an index may be encoded. Binaryen writes the shortest form.
    {"call-indirect-overlong", "", ""},
};

constexpr uint8_t kExternref = 0x6f, kV128 = 0x7b;

class FeatureList {
 public:
  void add(std::string_view name) {
    std::string_view option = name;
    for (const Renamed& renamed : kRenamed) {
      if (renamed.feature != name) continue;
      name = renamed.binaryen;
      option = renamed.option;
      break;
    }
    if (!name.empty())
      features_.push_back({std::string(name), std::string(kEnable) + std::string(option)});
  }

  std::vector<BinaryenFeature> take() {
    const auto by_option = [](const BinaryenFeature& feature) { return feature.option; };
    std::ranges::sort(features_, {}, by_option);
    const auto rest = std::ranges::unique(features_, {}, by_option);
    features_.erase(rest.begin(), rest.end());
    return std::move(features_);
  }

 private:
  std::vector<BinaryenFeature> features_;
};

bool has_type(Bytes types, uint8_t type) { return std::ranges::find(types, type) != types.end(); }

void add_forced_features(const Object& module, FeatureList& list) {
  for (const FuncType& type : module.types) {
    if (!type.is_function) list.add("gc");
    if (type.is_simple && type.results.size() > 1) list.add("multivalue");
    for (const Bytes values : {type.params, type.results}) {
      if (has_type(values, kV128)) list.add("simd128");
      if (has_type(values, kExternref)) list.add("reference-types");
    }
  }
  std::vector<Limits> memories = module.memories;
  size_t tables = module.tables.size() + module.imported_count(ExternKind::table);
  for (const Import& import : module.imports) {
    if (import.kind == ExternKind::global && import.global.is_mutable) list.add("mutable-globals");
    if (import.kind == ExternKind::memory) memories.push_back(import.memory);
    if (import.kind == ExternKind::tag) list.add("exception-handling");
    if (import.kind == ExternKind::table && has_type(import.table.element_type, kExternref))
      list.add("reference-types");
  }
  const uint32_t imported_globals = module.imported_count(ExternKind::global);
  for (const Export& entry : module.exports) {
    if (entry.kind == ExternKind::global && entry.index >= imported_globals &&
        module.globals[entry.index - imported_globals].type.is_mutable)
      list.add("mutable-globals");
  }
  for (const Global& global : module.globals) {
    if (has_type(global.type.value_type, kV128)) list.add("simd128");
    if (has_type(global.type.value_type, kExternref)) list.add("reference-types");
  }
  for (const Limits& memory : memories) {
    if (memory.is_shared) list.add("atomics");
    if (memory.is64) list.add("memory64");
  }
  if (memories.size() > 1) list.add("multimemory");
  for (const Table& table : module.tables) {
    if (has_type(table.type.element_type, kExternref)) list.add("reference-types");
  }
  if (tables > 1) list.add("reference-types");
  if (!module.tags.empty()) list.add("exception-handling");
  if (module.data_count) list.add("bulk-memory");
  for (const DataSegment& segment : module.data) {
    if (segment.init_flags == 1) list.add("bulk-memory");
  }
  for (const ElementSegment& segment : module.elements) {
    if (segment.flags == 0) continue;
    list.add("bulk-memory");
    list.add("reference-types");
  }
}

}  // namespace

std::vector<BinaryenFeature> list_binaryen_features(const Object& module) {
  FeatureList list;
  for (const TargetFeature& feature : module.features) {
    constexpr char kDisallowed = '-';
    if (feature.prefix != kDisallowed) list.add(feature.name);
  }
  if (module.find_custom_section("target_features") < 0) add_forced_features(module, list);
  return list.take();
}

std::vector<uint8_t> encode_target_features(const std::vector<BinaryenFeature>& features) {
  ByteWriter out;
  out.write_varuint(features.size());
  for (const BinaryenFeature& feature : features) {
    out.write_u8('+');
    out.write_name(feature.name);
  }
  return out.take();
}

}  // namespace wasmpack
