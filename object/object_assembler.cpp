#include "object/object_assembler.h"

#include <utility>

#include "object/instructions.h"
#include "object/write.h"

namespace wasmpack {
namespace {

constexpr uint8_t kFuncref[] = {0x70};
constexpr uint8_t kOffsetZero[] = {0x41, 0x00, 0x0b};  // i32.const 0, end

// Linking.md: version and subsections of `linking`.
constexpr uint32_t kLinkingVersion = 2;
constexpr uint8_t kSegmentInfoSubsection = 5;
constexpr uint8_t kSymbolTableSubsection = 8;

// Appends the section `id` of `count` entries, unless there are none, and counts it.
void append_entries(ByteWriter& out, SectionId id, size_t count, const ByteWriter& entries,
                    uint32_t& sections) {
  if (count == 0) return;
  ByteWriter content;
  content.reserve(entries.size() + kPaddedLeb32);
  content.write_varuint(count);
  content.write_bytes(entries.bytes());
  append_section(out, id, content.bytes());
  ++sections;
}

void append_subsection(ByteWriter& out, uint8_t type, size_t count, const ByteWriter& entries) {
  ByteWriter payload;
  payload.reserve(entries.size() + kPaddedLeb32);
  payload.write_varuint(count);
  payload.write_bytes(entries.bytes());
  out.write_u8(type);
  out.write_sized(payload.bytes());
}

void append_relocations(ByteWriter& out, std::string_view name, uint32_t section,
                        std::span<const Relocation> relocations) {
  if (relocations.empty()) return;
  ByteWriter entries;
  entries.write_varuint(section);
  entries.write_varuint(relocations.size());
  for (const Relocation& relocation : relocations) encode_relocation(entries, relocation);
  append_custom_section(out, name, entries.bytes());
}

// Adds `from` to `to`, moved by `distance` bytes.
void append_moved(std::vector<Relocation>& to, std::span<const Relocation> from, size_t distance) {
  for (Relocation relocation : from) {
    relocation.offset += static_cast<uint32_t>(distance);
    to.push_back(relocation);
  }
}

}  // namespace

BodyWriter& BodyWriter::call(uint32_t function_symbol) {
  return op(opcode::kCall).site(kFunctionIndexLeb, function_symbol);
}

BodyWriter& BodyWriter::constant(int32_t value) {
  op(opcode::kI32Const).bytes_.write_varint(value);
  return *this;
}

BodyWriter& BodyWriter::address(uint32_t data_symbol) {
  return op(opcode::kI32Const).site(kMemoryAddrSleb, data_symbol);
}

std::vector<uint8_t> BodyWriter::without_locals() const {
  ByteWriter body;
  body.write_u8(0);
  body.write_bytes(bytes());
  return body.take();
}

BodyWriter& BodyWriter::site(uint8_t kind, uint32_t symbol) {
  relocations_.push_back(
      {.kind = kind, .offset = static_cast<uint32_t>(bytes_.size()), .index = symbol, .addend = 0});
  bytes_.write_padded_varuint(0, kPaddedLeb32);
  return *this;
}

uint32_t ObjectAssembler::add_type(const FuncType& type) {
  ByteWriter encoded;
  encode_func_type(encoded, type);
  const auto [entry, is_new] = type_numbers_.try_emplace(std::string(as_string(encoded.bytes())),
                                                         static_cast<uint32_t>(types_.size()));
  if (is_new) types_.push_back(&entry->first);
  return entry->second;
}

uint32_t ObjectAssembler::add_symbol(const Symbol& symbol) {
  symbols_.push_back(symbol);
  return static_cast<uint32_t>(symbols_.size() - 1);
}

uint32_t ObjectAssembler::import_function(std::string_view name, uint32_t type) {
  imports_.push_back(
      {.module = "env", .field = name, .kind = ExternKind::function, .type_index = type});
  return add_symbol({.name = name,
                     .index = static_cast<uint32_t>(imports_.size() - 1),
                     .flags = kSymbolUndefined,
                     .kind = SymbolKind::function});
}

uint32_t ObjectAssembler::import_data(std::string_view name) {
  return add_symbol({.name = name, .flags = kSymbolUndefined, .kind = SymbolKind::data});
}

uint32_t ObjectAssembler::import_table() {
  has_table_ = true;
  return add_symbol({.flags = kSymbolUndefined | kSymbolNoStrip, .kind = SymbolKind::table});
}

uint32_t ObjectAssembler::define_function(std::string_view name, uint32_t type, BodyWriter body,
                                          uint32_t flags) {
  functions_.push_back({type, std::move(body)});
  return add_symbol({.name = name,
                     .index = static_cast<uint32_t>(functions_.size() - 1),
                     .flags = flags,
                     .kind = SymbolKind::function});
}

uint32_t ObjectAssembler::alias_function(std::string_view name, uint32_t symbol, uint32_t flags) {
  Symbol alias = symbols_[symbol];
  alias.name = name;
  alias.flags = flags;
  return add_symbol(alias);
}

uint32_t ObjectAssembler::add_segment(std::string_view name, uint32_t alignment_log2, Bytes content,
                                      std::vector<Relocation> relocations) {
  segments_.push_back({name, alignment_log2, content, std::move(relocations)});
  return static_cast<uint32_t>(segments_.size() - 1);
}

uint32_t ObjectAssembler::define_data(std::string_view name, uint32_t segment, uint64_t offset,
                                      uint64_t size, uint32_t flags) {
  return add_symbol({.name = name,
                     .offset = offset,
                     .size = size,
                     .index = segment,
                     .flags = flags,
                     .kind = SymbolKind::data});
}

std::vector<uint8_t> ObjectAssembler::write() const {
  ByteWriter out, types, imports, functions, code, data;
  for (const std::string* type : types_) types.write_bytes(as_bytes(*type));
  encode_import(imports, {.module = "env", .field = "__linear_memory", .kind = ExternKind::memory});
  if (has_table_) {
    Import table = {
        .module = "env", .field = "__indirect_function_table", .kind = ExternKind::table};
    table.table.element_type = kFuncref;
    encode_import(imports, table);
  }
  for (const Import& import : imports_) encode_import(imports, import);
  // Offsets of relocations count from the section's content, which begins with the count.
  std::vector<Relocation> code_sites, data_sites;
  for (const Function& function : functions_) {
    functions.write_varuint(function.type);
    code.write_varuint(1 + function.body.bytes().size());
    code.write_u8(0);  // no locals
    append_moved(code_sites, function.body.relocations(),
                 uleb_size(functions_.size()) + code.size());
    code.write_bytes(function.body.bytes());
  }
  for (const Segment& segment : segments_) {
    data.write_u8(0);  // active, memory 0
    data.write_bytes(kOffsetZero);
    data.write_varuint(segment.content.size());
    append_moved(data_sites, segment.relocations, uleb_size(segments_.size()) + data.size());
    data.write_bytes(segment.content);
  }

  out.reserve(code.size() + data.size() + 16 * symbols_.size() + 16 * data_sites.size());
  out.write_bytes(kWasmHeader);
  uint32_t sections = 0;
  append_entries(out, SectionId::type, types_.size(), types, sections);
  append_entries(out, SectionId::import, imports_.size() + (has_table_ ? 2 : 1), imports, sections);
  append_entries(out, SectionId::function, functions_.size(), functions, sections);
  const uint32_t code_section = sections;
  append_entries(out, SectionId::code, functions_.size(), code, sections);
  const uint32_t data_section = sections;
  append_entries(out, SectionId::data, segments_.size(), data, sections);
  write_linking(out);
  append_relocations(out, "reloc.CODE", code_section, code_sites);
  append_relocations(out, "reloc.DATA", data_section, data_sites);
  return out.take();
}

void ObjectAssembler::write_linking(ByteWriter& out) const {
  ByteWriter segments, symbols, linking;
  for (const Segment& segment : segments_) {
    segments.write_name(segment.name);
    segments.write_varuint(segment.alignment_log2);
    segments.write_varuint(0);  // flags
  }
  for (Symbol symbol : symbols_) {
    if (symbol.kind == SymbolKind::function && symbol.is_defined())
      symbol.index += static_cast<uint32_t>(imports_.size());
    encode_symbol(symbols, symbol);
  }
  linking.write_varuint(kLinkingVersion);
  if (!segments_.empty())
    append_subsection(linking, kSegmentInfoSubsection, segments_.size(), segments);
  append_subsection(linking, kSymbolTableSubsection, symbols_.size(), symbols);
  append_custom_section(out, "linking", linking.bytes());
}

}  // namespace wasmpack
