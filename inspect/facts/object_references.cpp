// The call graph of an object: what its relocations say (call_graph.h).

#include <algorithm>
#include <unordered_map>

#include "inspect/facts/graph_builder.h"
#include "object/instructions.h"
#include "object/relocation_reader.h"

namespace wasmpack {
namespace {

class ObjectReferences {
 public:
  ObjectReferences(const Object& object, GraphBuilder& builder)
      : object_(object), builder_(builder), targets_(object.symbols.size(), kNoNode) {}

  void add() {
    for (uint32_t i = 0; i < targets_.size(); ++i) targets_[i] = find_target(i);
    for (uint32_t i = 0; i < targets_.size(); ++i) add_root(object_.symbols[i], targets_[i]);
    for (const InitFunction& init : object_.init_functions)
      if (init.symbol < targets_.size())
        builder_.refer(kRootNode, targets_[init.symbol], ReferenceKind::constructor);
    for (uint32_t i = 0; i < object_.data.size(); ++i)
      if (object_.data[i].flags & kSegmentRetain)
        builder_.refer(kRootNode, builder_.data(i), ReferenceKind::retained);
    add_bounds();
    add_section(SectionId::code);
    add_section(SectionId::data);
  }

 private:
  uint32_t find_target(uint32_t symbol_index) {
    const Symbol& symbol = object_.symbols[symbol_index];
    if (symbol.kind == SymbolKind::section) return kNoNode;
    if (symbol.kind != SymbolKind::data)
      return builder_.entity(*extern_kind_of(symbol.kind), symbol.index);
    if (symbol.is_undefined()) {
      const auto [entry, is_new] = undefined_.emplace(symbol.name, kNoNode);
      if (is_new)
        entry->second =
            builder_.add_node({NodeKind::undefined_data, true, symbol_index, 0, symbol.name});
      return entry->second;
    }
    return symbol.is_absolute() ? kNoNode : builder_.data(symbol.index);
  }

  void add_root(const Symbol& symbol, uint32_t target) {
    if (symbol.is_undefined()) return;
    if (symbol.is_exported())
      builder_.refer(kRootNode, target, ReferenceKind::exported);
    else if (symbol.kind == SymbolKind::function && symbol.name == "_start" && !symbol.is_local())
      builder_.refer(kRootNode, target, ReferenceKind::entry);
    else if (symbol.is_no_strip())
      builder_.refer(kRootNode, target, ReferenceKind::no_strip);
  }

  // The final linker defines __start_X and __stop_X as the bounds of the segments named X.
  void add_bounds() {
    std::unordered_map<std::string_view, std::vector<uint32_t>> by_name;
    for (const auto& [name, node] : undefined_) {
      std::string_view segment = name;
      if (segment.starts_with("__start_"))
        segment.remove_prefix(8);
      else if (segment.starts_with("__stop_"))
        segment.remove_prefix(7);
      else
        continue;
      by_name[segment].push_back(node);
    }
    if (by_name.empty()) return;
    for (uint32_t i = 0; i < object_.data.size(); ++i) {
      const auto found = by_name.find(object_.data[i].name);
      if (found == by_name.end()) continue;
      for (const uint32_t node : found->second)
        builder_.refer(node, builder_.data(i), ReferenceKind::bounds);
    }
  }

  void add_section(SectionId id) {
    const int section = object_.find_section(id);
    if (section < 0) return;
    const RelocationSection* relocations = object_.find_relocations(static_cast<uint32_t>(section));
    if (relocations == nullptr) return;
    const Bytes content = object_.sections[static_cast<size_t>(section)].content;
    const bool is_code = id == SectionId::code;
    const size_t count = is_code ? object_.code.size() : object_.data.size();
    RelocationReader reader(relocations->entries);
    size_t chunk = 0;
    for (Relocation relocation; reader.next(relocation);) {
      if (relocation.kind == kTypeIndexLeb || relocation.index >= targets_.size()) continue;
      // In order, as LLVM writes them, this goes through the chunks once.
      if (chunk < count && relocation.offset >= end_of(is_code, chunk)) ++chunk;
      if (chunk >= count || relocation.offset >= end_of(is_code, chunk) ||
          relocation.offset < begin_of(is_code, chunk))
        chunk = search(is_code, count, relocation.offset);
      if (chunk >= count || relocation.offset < begin_of(is_code, chunk)) continue;
      const auto number = static_cast<uint32_t>(chunk);
      const uint32_t source =
          is_code ? builder_.function(object_.imported_count(ExternKind::function) + number)
                  : builder_.data(number);
      builder_.refer(source, targets_[relocation.index], kind_of(relocation, content));
    }
    if (reader.failed()) builder_.fail("its relocations are damaged");
  }

  uint64_t begin_of(bool is_code, size_t chunk) const {
    return is_code ? object_.code[chunk].offset : object_.data[chunk].offset;
  }
  uint64_t end_of(bool is_code, size_t chunk) const {
    return is_code ? uint64_t{object_.code[chunk].offset} + object_.code[chunk].size
                   : object_.data[chunk].offset + object_.data[chunk].content.size();
  }
  // The first chunk that ends behind `offset`.
  size_t search(bool is_code, size_t count, uint32_t offset) const {
    size_t low = 0;
    size_t high = count;
    while (low < high) {
      const size_t middle = low + (high - low) / 2;
      if (end_of(is_code, middle) > offset)
        high = middle;
      else
        low = middle + 1;
    }
    return low;
  }

  static ReferenceKind kind_of(const Relocation& relocation, Bytes content) {
    switch (find_relocation_info(relocation.kind)->target) {
      case RelocationTarget::function_index: {
        const uint8_t before = relocation.offset > 0 && relocation.offset <= content.size()
                                   ? content[relocation.offset - 1]
                                   : uint8_t{0};
        if (relocation.kind != kFunctionIndexLeb) return ReferenceKind::function_index;
        if (before == opcode::kCall || before == opcode::kReturnCall) return ReferenceKind::call;
        return before == opcode::kRefFunc ? ReferenceKind::address : ReferenceKind::function_index;
      }
      case RelocationTarget::table_index:
        return ReferenceKind::address;
      case RelocationTarget::memory_address:
        return ReferenceKind::data_address;
      case RelocationTarget::tag_index:
        return ReferenceKind::tag;
      case RelocationTarget::table_number:
        return ReferenceKind::table;
      case RelocationTarget::function_offset:
      case RelocationTarget::section_offset:
        return ReferenceKind::function_index;
      case RelocationTarget::type_index:
      case RelocationTarget::global_index:
        break;
    }
    return ReferenceKind::global;
  }

  const Object& object_;
  GraphBuilder& builder_;
  std::vector<uint32_t> targets_;                             // symbol -> node
  std::unordered_map<std::string_view, uint32_t> undefined_;  // data symbols
};

}  // namespace

void add_object_references(const Object& object, GraphBuilder& builder) {
  ObjectReferences(object, builder).add();
}

}  // namespace wasmpack
