#include "object/write.h"

#include <utility>

#include "object/relocation_reader.h"

namespace wasmpack {

void encode_func_type(ByteWriter& out, const FuncType& type) {
  out.write_u8(0x60);
  out.write_sized(type.params);
  out.write_sized(type.results);
}

void encode_limits(ByteWriter& out, const Limits& limits) {
  out.write_u8(static_cast<uint8_t>((limits.maximum ? 1 : 0) | (limits.is_shared ? 2 : 0) |
                                    (limits.is64 ? 4 : 0) | (limits.page_size_log2 ? 8 : 0)));
  out.write_varuint(limits.minimum);
  if (limits.maximum) out.write_varuint(*limits.maximum);
  if (limits.page_size_log2) out.write_varuint(*limits.page_size_log2);
}

void encode_table_type(ByteWriter& out, const TableType& type) {
  out.write_bytes(type.element_type);
  encode_limits(out, type.limits);
}

void encode_global_type(ByteWriter& out, const GlobalType& type) {
  out.write_bytes(type.value_type);
  out.write_u8(type.is_mutable ? 1 : 0);
}

void encode_import(ByteWriter& out, const Import& import) {
  out.write_name(import.module);
  out.write_name(import.field);
  out.write_u8(static_cast<uint8_t>(import.kind));
  switch (import.kind) {
    case ExternKind::function:
      out.write_varuint(import.type_index);
      break;
    case ExternKind::table:
      encode_table_type(out, import.table);
      break;
    case ExternKind::memory:
      encode_limits(out, import.memory);
      break;
    case ExternKind::global:
      encode_global_type(out, import.global);
      break;
    case ExternKind::tag:
      out.write_u8(0);  // attribute: exception
      out.write_varuint(import.type_index);
      break;
  }
}

void encode_export(ByteWriter& out, const Export& entry) {
  out.write_name(entry.name);
  out.write_u8(static_cast<uint8_t>(entry.kind));
  out.write_varuint(entry.index);
}

void encode_element_segment(ByteWriter& out, const ElementSegment& segment) {
  out.write_varuint(segment.flags);
  if ((segment.flags & 3) == 2) out.write_varuint(segment.table);
  if (!(segment.flags & 1)) out.write_bytes(segment.offset);
  if (segment.flags & 3) out.write_u8(0);  // element kind: function references
  out.write_varuint(segment.functions.size());
  for (const uint32_t function : segment.functions) out.write_varuint(function);
}

void encode_symbol(ByteWriter& out, const Symbol& symbol) {
  out.write_u8(static_cast<uint8_t>(symbol.kind));
  out.write_varuint(symbol.flags);
  switch (symbol.kind) {
    case SymbolKind::data:
      out.write_name(symbol.name);
      if (symbol.is_undefined()) return;
      out.write_varuint(symbol.index);
      out.write_varuint(symbol.offset);
      out.write_varuint(symbol.size);
      return;
    case SymbolKind::section:
      out.write_varuint(symbol.index);
      return;
    default:
      out.write_varuint(symbol.index);
      if (symbol.is_defined() || symbol.has_explicit_name()) out.write_name(symbol.name);
      return;
  }
}

void encode_producers(ByteWriter& out, const std::vector<ProducerField>& producers) {
  out.write_varuint(producers.size());
  for (const ProducerField& field : producers) {
    out.write_name(field.name);
    out.write_varuint(field.values.size());
    for (const ProducerValue& value : field.values) {
      out.write_name(value.name);
      out.write_name(value.version);
    }
  }
}

void encode_comdat(ByteWriter& out, const Comdat& comdat) {
  out.write_name(comdat.name);
  out.write_varuint(comdat.flags);
  out.write_varuint(comdat.entries.size());
  for (const ComdatEntry& entry : comdat.entries) {
    out.write_u8(static_cast<uint8_t>(entry.kind));
    out.write_varuint(entry.index);
  }
}

void encode_relocation(ByteWriter& out, const Relocation& relocation) {
  out.write_u8(relocation.kind);
  out.write_varuint(relocation.offset);
  out.write_varuint(relocation.index);
  if (find_relocation_info(relocation.kind)->has_addend) out.write_varint(relocation.addend);
}

void append_section(ByteWriter& out, SectionId id, Bytes content) {
  out.write_u8(static_cast<uint8_t>(id));
  out.write_padded_varuint(content.size(), kPaddedLeb32);
  out.write_bytes(content);
}

void append_custom_section(ByteWriter& out, std::string_view name, Bytes content) {
  out.write_u8(static_cast<uint8_t>(SectionId::custom));
  out.write_padded_varuint(uleb_size(name.size()) + name.size() + content.size(), kPaddedLeb32);
  out.write_name(name);
  out.write_bytes(content);
}

namespace {

template <class Items, class Encode>
void encode_vector(ByteWriter& out, const Items& items, Encode encode) {
  out.write_varuint(items.size());
  for (const auto& item : items) encode(out, item);
}

void encode_code(ByteWriter& out, const Object& object, Bytes content) {
  out.write_varuint(object.code.size());
  for (const FunctionBody& body : object.code)
    out.write_sized(content.subspan(body.offset, body.size));
}

void encode_data(ByteWriter& out, const Object& object) {
  encode_vector(out, object.data, [](ByteWriter& o, const DataSegment& segment) {
    o.write_varuint(segment.init_flags);
    if (segment.init_flags == 2) o.write_varuint(segment.memory);
    o.write_bytes(segment.offset_init);
    o.write_sized(segment.content);
  });
}

void encode_segment_info(ByteWriter& out, const Object& object, Bytes payload) {
  // The count may be smaller than the number of segments.
  const uint32_t count = Cursor(payload).read_varuint32();
  out.write_varuint(count);
  for (uint32_t i = 0; i < count; ++i) {
    out.write_name(object.data[i].name);
    out.write_varuint(object.data[i].alignment_log2);
    out.write_varuint(object.data[i].flags);
  }
}

void encode_linking(ByteWriter& out, const Object& object) {
  out.write_varuint(object.linking_version);
  for (const LinkingSubsection& subsection : object.linking) {
    ByteWriter payload;
    switch (subsection.type) {
      case 5:
        encode_segment_info(payload, object, subsection.payload);
        break;
      case 6:
        encode_vector(payload, object.init_functions, [](ByteWriter& o, const InitFunction& init) {
          o.write_varuint(init.priority);
          o.write_varuint(init.symbol);
        });
        break;
      case 7:
        encode_vector(payload, object.comdats, encode_comdat);
        break;
      case 8:
        encode_vector(payload, object.symbols, encode_symbol);
        break;
      default:
        payload.write_bytes(subsection.payload);
        break;
    }
    out.write_u8(subsection.type);
    out.write_padded_varuint(payload.size(), kPaddedLeb32);
    out.write_bytes(payload.bytes());
  }
}

void encode_relocations(ByteWriter& out, const RelocationSection& relocations) {
  out.write_varuint(relocations.target);
  out.write_varuint(relocations.count);
  RelocationReader reader(relocations.entries);
  for (Relocation relocation; reader.next(relocation);) encode_relocation(out, relocation);
}

void encode_features(ByteWriter& out, const Object& object) {
  encode_vector(out, object.features, [](ByteWriter& o, const TargetFeature& feature) {
    o.write_u8(static_cast<uint8_t>(feature.prefix));
    o.write_name(feature.name);
  });
}

// Encodes the content of `object.sections[index]` from the parsed view; false if it has none.
bool encode_content(ByteWriter& out, const Object& object, uint32_t index) {
  const Section& section = object.sections[index];
  switch (section.id) {
    case SectionId::type:
      for (const FuncType& type : object.types)
        if (!type.is_simple || !type.is_function) return false;
      encode_vector(out, object.types, encode_func_type);
      return true;
    case SectionId::import:
      encode_vector(out, object.imports, encode_import);
      return true;
    case SectionId::function:
      encode_vector(out, object.functions, [](ByteWriter& o, uint32_t t) { o.write_varuint(t); });
      return true;
    case SectionId::table:
      encode_vector(out, object.tables, [](ByteWriter& o, const Table& table) {
        if (!table.init.empty()) o.write_u8(0x40), o.write_u8(0);
        encode_table_type(o, table.type);
        o.write_bytes(table.init);
      });
      return true;
    case SectionId::memory:
      encode_vector(out, object.memories, encode_limits);
      return true;
    case SectionId::tag:
      encode_vector(out, object.tags, [](ByteWriter& o, uint32_t type) {
        o.write_u8(0);
        o.write_varuint(type);
      });
      return true;
    case SectionId::global:
      encode_vector(out, object.globals, [](ByteWriter& o, const Global& global) {
        encode_global_type(o, global.type);
        o.write_bytes(global.init);
      });
      return true;
    case SectionId::export_:
      encode_vector(out, object.exports, encode_export);
      return true;
    case SectionId::start:
      out.write_varuint(*object.start);
      return true;
    case SectionId::element:
      for (const ElementSegment& segment : object.elements)
        if (segment.flags & 4) return false;  // expressions are not all kept parsed
      encode_vector(out, object.elements, encode_element_segment);
      return true;
    case SectionId::data_count:
      out.write_varuint(*object.data_count);
      return true;
    case SectionId::code:
      encode_code(out, object, section.content);
      return true;
    case SectionId::data:
      encode_data(out, object);
      return true;
    case SectionId::custom:
      break;
  }
  if (section.name == "linking") return encode_linking(out, object), true;
  if (section.name == "target_features") return encode_features(out, object), true;
  if (section.name == "producers") return encode_producers(out, object.producers), true;
  for (const RelocationSection& relocations : object.relocations)
    if (relocations.section == index) return encode_relocations(out, relocations), true;
  return false;
}

}  // namespace

std::vector<uint8_t> write_object(const Object& object) {
  ByteWriter out;
  out.reserve(object.bytes.size());
  out.write_bytes(object.bytes.first(sizeof kWasmHeader));
  for (const Section& section : object.sections) out.write_bytes(section.raw);
  return out.take();
}

std::vector<uint8_t> encode_object(const Object& object) {
  ByteWriter out;
  out.reserve(object.bytes.size());
  out.write_bytes(kWasmHeader);
  for (uint32_t i = 0; i < object.sections.size(); ++i) {
    const Section& section = object.sections[i];
    ByteWriter content;
    if (!encode_content(content, object, i))
      out.write_bytes(section.raw);
    else if (section.is_custom())
      append_custom_section(out, section.name, content.bytes());
    else
      append_section(out, section.id, content.bytes());
  }
  return out.take();
}

}  // namespace wasmpack
