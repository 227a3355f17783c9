#include "linker/relocate.h"

#include <cstring>

#include "support/leb128.h"

namespace wasmpack {
namespace {

// One relocation as the output will have it.
struct Translated {
  Relocation relocation;     // offset, index and addend are the output's
  uint64_t value = 0;        // what its field will hold
  bool is_dangling = false;  // its symbol is not in the output: the field keeps a tombstone, the
                             // relocation goes
};

// What a debugger must not take for an address of live code or data. -1 would be read as a base
// address selection in the older range and location lists, so those get -2 (as in lld).
uint64_t tombstone_for(std::string_view section, int64_t addend) {
  if (section == ".debug_ranges" || section == ".debug_loc") return UINT64_MAX - 1;
  if (section.starts_with(".debug_") || section.starts_with("llvm.func_attr.annotate."))
    return UINT64_MAX;
  return static_cast<uint64_t>(addend);
}

class Translator {
 public:
  Translator(const RelocationContext& context, uint32_t input, uint32_t section)
      : context_(context),
        object_(context.inputs[input].object),
        layout_(context.layout.inputs[input]),
        input_(input),
        section_(object_.sections[section]),
        place_(context.custom.places[input][section]) {}

  // Whether the byte at `offset` of the section is in the output at all.
  bool is_copied(uint32_t offset) const {
    return place_.runs.empty() || place_.find(offset).has_value();
  }

  Translated translate_entry(const Relocation& relocation, uint32_t chunk) {
    Translated out;
    out.relocation = relocation;
    out.relocation.offset = translate_offset(relocation.offset, chunk);
    const RelocationInfo& info = *find_relocation_info(relocation.kind);
    if (info.target == RelocationTarget::type_index) {
      const std::vector<uint32_t>& types = context_.types.numbers[input_];
      out.relocation.index = relocation.index < types.size() ? types[relocation.index] : 0;
      return out;
    }
    const uint32_t symbol = relocation.index < layout_.symbols.size()
                                ? layout_.symbols[relocation.index]
                                : kNotInOutput;
    out.is_dangling = symbol == kNotInOutput;
    out.relocation.index = symbol;
    if (info.target == RelocationTarget::section_offset && !out.is_dangling)
      out.relocation.addend += static_cast<int64_t>(section_base(relocation.index));
    return out;
  }

  uint64_t value_of(const Translated& translated, uint32_t chunk, uint32_t input_offset) const {
    const Relocation& relocation = translated.relocation;
    const RelocationInfo& info = *find_relocation_info(relocation.kind);
    if (translated.is_dangling) return tombstone_for(section_.name, relocation.addend);
    const Layout& layout = context_.layout;
    const auto symbol_value = [&] { return layout.symbol_values[relocation.index]; };
    const auto addend = static_cast<uint64_t>(relocation.addend);
    switch (info.target) {
      case RelocationTarget::type_index:
        return relocation.index;
      case RelocationTarget::function_index:
      case RelocationTarget::tag_index:
      case RelocationTarget::table_number:
        return symbol_value();
      case RelocationTarget::global_index: {
        const auto got = layout.got.find(relocation.index);
        return got != layout.got.end() ? got->second : symbol_value();
      }
      case RelocationTarget::table_index: {
        const uint32_t slot = layout.table_slots[symbol_value()];
        return info.is_relative ? slot - 1 : slot;  // relative to the first slot we fill
      }
      case RelocationTarget::function_offset: {
        const uint64_t function = symbol_value();
        if (function < layout.imported_functions) return addend;
        return layout.body_offsets[function - layout.imported_functions] + addend;
      }
      case RelocationTarget::section_offset:
        return addend;
      case RelocationTarget::memory_address: {
        const uint64_t address = symbol_value() + addend;
        if (relocation.kind != kMemoryAddrLocrelI32) return address;
        return address - place_address(chunk, input_offset);
      }
    }
    return 0;
  }

 private:
  uint32_t translate_offset(uint32_t offset, uint32_t chunk) const {
    if (section_.id == SectionId::code)
      return layout_.code_offsets[chunk] + (offset - object_.code[chunk].offset);
    if (section_.id == SectionId::data)
      return layout_.data_offsets[chunk] + (offset - object_.data[chunk].offset);
    if (place_.runs.empty()) return static_cast<uint32_t>(place_.offset + offset);
    return static_cast<uint32_t>(place_.find(offset).value_or(0));
  }

  // Where this input's part of the section that `symbol` stands for begins in the output section.
  // Debug info refers to few sections, many times in a row.
  uint64_t section_base(uint32_t symbol) {
    if (symbol != last_section_symbol_) {
      last_section_symbol_ = symbol;
      last_section_base_ = context_.custom.places[input_][object_.symbols[symbol].index].offset;
    }
    return last_section_base_;
  }

  uint64_t place_address(uint32_t chunk, uint32_t offset) const {
    if (section_.id != SectionId::data) return 0;
    return layout_.addresses[chunk] + (offset - object_.data[chunk].offset);
  }

  const RelocationContext& context_;
  const Object& object_;
  const InputLayout& layout_;
  uint32_t input_;
  const Section& section_;
  const SectionPlace& place_;
  uint32_t last_section_symbol_ = UINT32_MAX;
  uint64_t last_section_base_ = 0;
};

void report_dangling(const RelocationContext& context, uint32_t input, const Section& section,
                     const Relocation& relocation, DiagnosticSink& sink) {
  const Input& from = context.inputs[input];
  const Symbol& symbol = from.object.symbols[relocation.index];
  Location where = from.locate(section.name);
  where.offset = section.content_offset + relocation.offset;
  const bool is_section = symbol.kind == SymbolKind::section;
  sink.report(fail("dangling-reference", std::move(where),
                   "`" + std::string(symbol.name) +
                       (is_section ? "` is referred to, but its section was removed"
                                   : "` is a local symbol of a comdat copy that was not taken, but "
                                     "code outside the group refers to it"),
                   is_section ? "remove the section that refers to it as well (--strip-debug "
                                "removes all debug sections together)"
                              : "compile the inputs with the same compiler and options")
                  .value());
}

void patch(uint8_t* field, const RelocationInfo& info, uint64_t value, uint64_t room) {
  const unsigned width = relocation_width(info.encoding);
  if (info.target == RelocationTarget::table_number) {
    // The one field that may be shorter than five bytes: keep the width it has.
    unsigned short_width = 1;
    while (short_width < kPaddedLeb32 && short_width < room && field[short_width - 1] >= 0x80)
      ++short_width;
    write_padded_uleb(field, value, short_width);
    return;
  }
  if (room < width) return;
  switch (info.encoding) {
    case RelocationEncoding::uleb32:
      write_padded_uleb(field, value & UINT32_MAX, width);
      break;
    case RelocationEncoding::sleb32:
      write_padded_sleb(field, static_cast<int32_t>(static_cast<uint32_t>(value)), width);
      break;
    case RelocationEncoding::uleb64:
      write_padded_uleb(field, value, width);
      break;
    case RelocationEncoding::sleb64:
      write_padded_sleb(field, static_cast<int64_t>(value), width);
      break;
    case RelocationEncoding::u32: {
      const auto narrow = static_cast<uint32_t>(value);
      std::memcpy(field, &narrow, sizeof narrow);
      break;
    }
    case RelocationEncoding::u64:
      std::memcpy(field, &value, sizeof value);
      break;
  }
}

// Whether an entry without a target in the output is more than stale debug info.
bool is_dangling_an_error(const RelocationContext& context, uint32_t input, const Section& section,
                          const Relocation& relocation) {
  if (!section.is_custom()) return true;
  const Object& object = context.inputs[input].object;
  if (relocation.index >= object.symbols.size()) return false;
  const Symbol& symbol = object.symbols[relocation.index];
  return symbol.kind == SymbolKind::section &&
         context.chunks[input].sections[symbol.index].state == ChunkState::stripped;
}

}  // namespace

RelocatedPart relocate_section(const RelocationContext& context, uint32_t input, uint32_t section,
                               uint8_t* out, uint64_t out_offset, uint64_t size,
                               DiagnosticSink& sink) {
  const Object& object = context.inputs[input].object;
  const Section& target = object.sections[section];
  RelocatedPart part;
  const RelocationSection* relocations = object.find_relocations(section);
  if (relocations == nullptr) return part;
  constexpr size_t kLongestEntry = 1 + 5 + 5 + 10;
  // Encoded into a buffer that the thread uses again, then copied: all parts of a link are kept
  // until the last one is known, so they must not be larger than they are.
  thread_local std::vector<uint8_t> buffer;
  size_t used = 0;
  bool is_reported = false;
  Translator translator(context, input, section);
  for_each_kept_relocation(
      context.inputs[input], context.chunks[input], section,
      [&](const Relocation& relocation, uint32_t chunk) {
        if (!translator.is_copied(relocation.offset)) return;
        const Translated translated = translator.translate_entry(relocation, chunk);
        const Relocation& r = translated.relocation;
        const RelocationInfo& info = *find_relocation_info(r.kind);
        const uint64_t at = r.offset - out_offset;
        if (at >= size) return;  // only if the input changes on disk while it is mapped
        patch(out + at, info, translator.value_of(translated, chunk, relocation.offset), size - at);
        if (translated.is_dangling) {
          // One message a section: the rest would say the same, millions of times in debug info.
          if (!is_reported && is_dangling_an_error(context, input, target, relocation)) {
            report_dangling(context, input, target, relocation, sink);
            is_reported = true;
          }
          return;
        }
        if (buffer.size() - used < kLongestEntry) buffer.resize(2 * buffer.size() + 4096);
        uint8_t* entry = buffer.data() + used;
        *entry++ = r.kind;
        entry = write_uleb(entry, r.offset);
        entry = write_uleb(entry, r.index);
        if (info.has_addend) entry = write_sleb(entry, r.addend);
        used = static_cast<size_t>(entry - buffer.data());
        ++part.count;
      });
  part.entries.assign(buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(used));
  return part;
}

}  // namespace wasmpack
