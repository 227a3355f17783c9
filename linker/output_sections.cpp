#include "linker/output_sections.h"

#include "object/write.h"

namespace wasmpack {
namespace {

// Appends one section whose content is a vector: its count, then the entries.
template <class Items, class Encode>
void append_vector(ByteWriter& out, SectionId id, const Items& items, uint32_t& section_count,
                   Encode encode) {
  if (items.empty()) return;
  ByteWriter content;
  content.write_varuint(items.size());
  for (const auto& item : items) encode(content, item);
  append_section(out, id, content.bytes());
  ++section_count;
}

ByteWriter constant_expression(bool is64, uint64_t value) {
  ByteWriter out;
  out.write_u8(is64 ? 0x42 : 0x41);  // i64.const, i32.const
  out.write_varint(static_cast<int64_t>(value));
  out.write_u8(0x0b);  // end
  return out;
}

class LinkingPartEncoder {
 public:
  LinkingPartEncoder(const std::vector<Input>& inputs, const std::vector<ChunkTable>& chunks,
                     const SymbolTable& table, const EditedNames& names, const CustomLayout& custom,
                     const Layout& layout, const std::vector<uint32_t>& custom_section_index,
                     uint32_t input)
      : object_(inputs[input].object),
        chunks_(chunks[input]),
        table_(table),
        names_(names),
        custom_(custom),
        layout_(layout),
        own_(layout.inputs[input]),
        custom_section_index_(custom_section_index),
        input_(input) {}

  LinkingPart encode() {
    // About what the input's own subsections take.
    for (const LinkingSubsection& subsection : object_.linking) {
      if (subsection.type == 5) part_.segment_info.reserve(subsection.payload.size());
      if (subsection.type == 8) part_.symbols.reserve(subsection.payload.size() * 5 / 4);
    }
    for (size_t d = 0; d < object_.data.size(); ++d) {
      if (!chunks_.data[d].is_kept()) continue;
      part_.segment_info.write_name(object_.data[d].name);
      part_.segment_info.write_varuint(object_.data[d].alignment_log2);
      part_.segment_info.write_varuint(object_.data[d].flags);
    }
    for (uint32_t s = 0; s < object_.symbols.size(); ++s) encode_own_symbol(s);
    for (uint32_t g = 0; g < object_.comdats.size(); ++g) encode_group(g);
    return std::move(part_);
  }

 private:
  // Whether the output's symbol number for `s` was given out by this very entry.
  bool is_own(uint32_t s) const {
    if (own_.symbols[s] == kNotInOutput) return false;
    const Symbol& symbol = object_.symbols[s];
    if (symbol.kind == SymbolKind::section)
      return own_.symbols[s] == next_symbol_ &&
             layout_.section_symbols[custom_.places[input_][symbol.index].custom] == next_symbol_;
    return table_.is_owner(input_, s);
  }

  void encode_own_symbol(uint32_t s) {
    if (!is_own(s)) return;
    Symbol symbol = object_.symbols[s];
    const SymbolId id = table_.id_of(input_, s);
    if (id != kLocalSymbol && !table_[id].is_alias) {
      symbol.name = table_[id].name;
      symbol.flags = table_[id].flags;
    } else if (const auto renamed = names_.locals.find(symbol.name);
               renamed != names_.locals.end()) {
      symbol.name = renamed->second;
    }
    switch (symbol.kind) {
      case SymbolKind::data:
        if (symbol.is_defined() && !symbol.is_absolute()) symbol.index = own_.data[symbol.index];
        break;
      case SymbolKind::section:
        symbol.index = custom_section_index_[custom_.places[input_][symbol.index].custom];
        break;
      default:
        symbol.index = static_cast<uint32_t>(layout_.symbol_values[own_.symbols[s]]);
        break;
    }
    encode_symbol(part_.symbols, symbol);
    ++next_symbol_;
  }

  // Chunks say which group they still belong to: a dissolved group has no members left.
  void encode_group(uint32_t g) {
    Comdat comdat;
    const auto renamed = names_.comdats.find(object_.comdats[g].name);
    comdat.name = renamed != names_.comdats.end() ? renamed->second : object_.comdats[g].name;
    for (const ComdatEntry& entry : object_.comdats[g].entries) {
      const Chunk& chunk = const_cast<ChunkTable&>(chunks_).at(object_, entry);
      if (chunk.comdat == g && chunk.is_kept())
        comdat.entries.push_back({entry.kind, output_index(entry)});
    }
    if (comdat.entries.empty()) return;
    encode_comdat(part_.comdats, comdat);
    ++part_.comdat_count;
  }

  uint32_t output_index(const ComdatEntry& entry) const {
    const auto defined = [&](ExternKind kind) {
      return entry.index - object_.imported_count(kind);
    };
    switch (entry.kind) {
      case ComdatKind::data:
        return own_.data[entry.index];
      case ComdatKind::function:
        return own_.functions[defined(ExternKind::function)];
      case ComdatKind::global:
        return own_.globals[defined(ExternKind::global)];
      case ComdatKind::tag:
        return own_.tags[defined(ExternKind::tag)];
      case ComdatKind::table:
        return own_.tables[defined(ExternKind::table)];
      case ComdatKind::section:
        return custom_section_index_[custom_.places[input_][entry.index].custom];
    }
    return 0;
  }

  const Object& object_;
  const ChunkTable& chunks_;
  const SymbolTable& table_;
  const EditedNames& names_;
  const CustomLayout& custom_;
  const Layout& layout_;
  const InputLayout& own_;
  const std::vector<uint32_t>& custom_section_index_;
  uint32_t input_;
  uint32_t next_symbol_ = own_.first_symbol;
  LinkingPart part_;
};

}  // namespace

ByteWriter encode_leading_sections(const Layout& layout, const MergedTypes& types,
                                   uint32_t& section_count) {
  ByteWriter out;
  out.write_bytes(kWasmHeader);
  append_vector(out, SectionId::type, types.types, section_count, encode_func_type);
  append_vector(out, SectionId::import, layout.imports, section_count, encode_import);
  const auto write_index = [](ByteWriter& o, uint32_t index) { o.write_varuint(index); };
  append_vector(out, SectionId::function, layout.function_types, section_count, write_index);
  append_vector(out, SectionId::table, layout.tables, section_count,
                [](ByteWriter& o, const Table& table) {
                  if (!table.init.empty()) o.write_u8(0x40), o.write_u8(0);
                  encode_table_type(o, table.type);
                  o.write_bytes(table.init);
                });
  append_vector(out, SectionId::tag, layout.tag_types, section_count,
                [](ByteWriter& o, uint32_t type) {
                  o.write_u8(0);  // attribute: exception
                  o.write_varuint(type);
                });
  append_vector(out, SectionId::global, layout.globals, section_count,
                [](ByteWriter& o, const Global& global) {
                  encode_global_type(o, global.type);
                  o.write_bytes(global.init);
                });
  append_vector(out, SectionId::export_, layout.exports, section_count, encode_export);
  if (!layout.table_functions.empty()) {
    const ByteWriter offset = constant_expression(layout.imports[1].table.limits.is64, 1);
    ElementSegment segment;
    segment.offset = offset.bytes();
    segment.functions = layout.table_functions;
    append_vector(out, SectionId::element, std::vector{segment}, section_count,
                  encode_element_segment);
  }
  if (layout.has_data_count && layout.segment_count != 0) {
    ByteWriter content;
    content.write_varuint(layout.segment_count);
    append_section(out, SectionId::data_count, content.bytes());
    ++section_count;
  }
  return out;
}

LinkingPart encode_linking_part(const std::vector<Input>& inputs,
                                const std::vector<ChunkTable>& chunks, const SymbolTable& table,
                                const EditedNames& names, const CustomLayout& custom,
                                const Layout& layout,
                                const std::vector<uint32_t>& custom_section_index, uint32_t input) {
  return LinkingPartEncoder(inputs, chunks, table, names, custom, layout, custom_section_index,
                            input)
      .encode();
}

ByteWriter encode_features_section(const std::vector<TargetFeature>& features) {
  ByteWriter content;
  content.write_varuint(features.size());
  for (const TargetFeature& feature : features) {
    content.write_u8(static_cast<uint8_t>(feature.prefix));
    content.write_name(feature.name);
  }
  ByteWriter out;
  append_custom_section(out, "target_features", content.bytes());
  return out;
}

ByteWriter encode_producers_section(const std::vector<ProducerField>& producers) {
  ByteWriter content;
  encode_producers(content, producers);
  ByteWriter out;
  append_custom_section(out, "producers", content.bytes());
  return out;
}

}  // namespace wasmpack
