#include "linker/write_output.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <deque>
#include <memory>

#include "linker/output_sections.h"
#include "linker/relocate.h"
#include "object/write.h"
#include "support/parallel.h"

namespace wasmpack {
namespace {

// Pieces are gathered to buffers of about this size, each written with one call.
constexpr uint64_t kBatchSize = uint64_t{1} << 20;
// A piece of raw bytes at least this long is written from where it is, without a copy.
constexpr uint64_t kDirectSize = uint64_t{1} << 17;

// A range of the output and where its bytes come from. Pieces tile the file.
struct Piece {
  enum class Kind : uint8_t { bytes, code, data, custom } kind;
  uint64_t offset;
  uint64_t size;
  Bytes bytes;                     // bytes, custom: what is copied
  uint32_t input = 0;              // the other kinds: whose chunks
  uint32_t section = 0;            // section number in that input
  uint64_t content_at = 0;         // offset of the piece in the output section's content
  RelocatedPart relocations = {};  // made when the piece is built
};

// The relocations of one output section: those of a run of pieces.
struct OutputRelocations {
  uint32_t target;  // output section index
  std::string_view name;
  size_t first_piece;
  size_t end_piece;
};

class OutputWriter {
 public:
  OutputWriter(const OutputContents& contents, LinkOutput& output,
               std::vector<OutputSectionInfo>& sections, DiagnosticSink& sink)
      : c_(contents),
        output_(output),
        sections_(sections),
        sink_(sink),
        relocation_context_{contents.inputs, contents.chunks, contents.types, contents.custom,
                            contents.layout} {}

  bool write(PhaseTimes& times) {
    {
      const PhaseTimer timer(times, "lay out file");
      number_sections();
      add_leading();
      add_code();
      add_data();
      add_custom_sections();
      if (sink_.has_errors() || !keep(output_.begin())) return false;
    }
    const size_t chunk_pieces = pieces_.size();
    {
      // Written at once and forgotten: a large symbol table and the relocations need not be in
      // memory together.
      const PhaseTimer timer(times, "write linking");
      std::deque<ByteWriter> storage;
      add_linking(storage);
      if (sink_.has_errors() || !write_pieces(chunk_pieces, pieces_.size())) return false;
    }
    // Section by section: how long a relocation section is comes out of relocating, and once it is
    // written it can be forgotten.
    const PhaseTimer timer(times, "relocate and write");
    size_t done = 0;
    for (const OutputRelocations& relocations : relocations_) {
      if (!write_pieces(done, relocations.end_piece)) return false;
      done = relocations.end_piece;
      const size_t first = pieces_.size();
      add_relocations(relocations);
      if (sink_.has_errors() || !write_pieces(first, pieces_.size())) return false;
      for (size_t p = relocations.first_piece; p < relocations.end_piece; ++p)
        pieces_[p].relocations = {};
      pieces_.resize(first);
    }
    const size_t trailing = pieces_.size();
    add_trailing();
    return write_pieces(done, chunk_pieces) && write_pieces(trailing, pieces_.size()) &&
           keep(output_.finish(size_));
  }

 private:
  // ---- Section numbers ----

  void number_sections() {
    leading_ = encode_leading_sections(c_.layout, c_.types, section_count_);
    if (c_.layout.code_size != 0) code_index_ = section_count_++;
    if (c_.layout.data_size != 0) data_index_ = section_count_++;
    for (size_t k = 0; k < c_.custom.sections.size(); ++k)
      custom_index_.push_back(section_count_++);
  }

  // ---- The file, piece by piece ----

  void add_bytes(Bytes bytes) {
    if (bytes.empty()) return;
    pieces_.push_back({Piece::Kind::bytes, size_, bytes.size(), bytes});
    size_ += bytes.size();
  }
  void add_owned(ByteWriter&& writer) { add_bytes(owned_.emplace_back(std::move(writer)).bytes()); }

  // The header of a section whose content follows in pieces. Remembers it for the map.
  void begin_section(SectionId id, std::string_view custom_name, uint64_t content_size) {
    ByteWriter header;
    const uint64_t name_size =
        id == SectionId::custom ? uleb_size(custom_name.size()) + custom_name.size() : 0;
    const uint64_t payload = name_size + content_size;
    if (payload > UINT32_MAX)
      sink_.report(fail("too-large", {.section = std::string(custom_name)},
                        "a section would take more than 4 GiB",
                        "link fewer inputs at once, or strip debug info (--strip-debug)")
                       .value());
    header.write_u8(static_cast<uint8_t>(id));
    header.write_padded_varuint(payload & UINT32_MAX, kPaddedLeb32);
    if (id == SectionId::custom) header.write_name(custom_name);
    sections_.push_back({std::string(id == SectionId::custom ? custom_name : section_id_name(id)),
                         size_, header.size() + content_size});
    add_owned(std::move(header));
  }

  void add_leading() {
    sections_.push_back(
        {"(types, imports, ...)", sizeof kWasmHeader, leading_.size() - sizeof kWasmHeader});
    add_owned(std::move(leading_));
  }

  void add_count(uint64_t count) {
    ByteWriter out;
    out.write_varuint(count);
    add_owned(std::move(out));
  }

  // Pieces from `first` to the last one are those of output section `target`.
  void note_relocations(uint32_t target, std::string_view name, size_t first) {
    relocations_.push_back({target, name, first, pieces_.size()});
  }

  void add_chunks(Piece::Kind kind, const std::vector<Extent>& extents, SectionId id) {
    for (uint32_t i = 0; i < extents.size(); ++i) {
      if (extents[i].size == 0) continue;
      const auto section = static_cast<uint32_t>(c_.inputs[i].object.find_section(id));
      pieces_.push_back({kind, size_, extents[i].size, {}, i, section, extents[i].offset});
      size_ += extents[i].size;
    }
  }

  void add_code() {
    if (c_.layout.code_size == 0) return;
    begin_section(SectionId::code, {}, c_.layout.code_size);
    add_count(c_.layout.function_types.size());
    const size_t first = pieces_.size();
    add_chunks(Piece::Kind::code, c_.layout.code, SectionId::code);
    note_relocations(code_index_, "reloc.CODE", first);
  }

  void add_data() {
    if (c_.layout.data_size == 0) return;
    begin_section(SectionId::data, {}, c_.layout.data_size);
    add_count(c_.layout.segment_count);
    const size_t first = pieces_.size();
    add_chunks(Piece::Kind::data, c_.layout.data, SectionId::data);
    note_relocations(data_index_, "reloc.DATA", first);
  }

  void add_custom_sections() {
    static constexpr uint8_t kZeros[8] = {};
    for (size_t k = 0; k < c_.custom.sections.size(); ++k) {
      const CustomSection& section = c_.custom.sections[k];
      begin_section(SectionId::custom, section.name, section.size);
      const uint64_t start = size_;
      const size_t first = pieces_.size();
      add_bytes(section.header);
      for (const CustomPiece& part : section.pieces) {
        add_bytes(Bytes(kZeros).first(start + part.offset - size_));
        const Object& object = c_.inputs[part.input].object;
        const Bytes content = part.content;
        if (content.empty()) continue;
        if (object.find_relocations(part.section) == nullptr) {
          add_bytes(content);
          continue;
        }
        pieces_.push_back({Piece::Kind::custom, size_, content.size(), content, part.input,
                           part.section, part.offset});
        size_ += content.size();
      }
      note_relocations(custom_index_[k],
                       owned_names_.emplace_back("reloc." + std::string(section.name)), first);
    }
  }

  // ---- linking ----

  struct Subsection {
    uint8_t type;
    uint64_t size;
    std::vector<ByteWriter> parts;
  };

  static Subsection make_subsection(uint8_t type, uint64_t count, std::vector<ByteWriter> parts) {
    ByteWriter head;
    head.write_varuint(count);
    parts.insert(parts.begin(), std::move(head));
    uint64_t size = 0;
    for (const ByteWriter& part : parts) size += part.size();
    return {type, size, std::move(parts)};
  }

  void add_linking(std::deque<ByteWriter>& storage) {
    std::vector<LinkingPart> parts(c_.inputs.size());
    parallel_for(parts.size(), size_t{c_.layout.symbol_count} * 64, [&](size_t i) {
      parts[i] = encode_linking_part(c_.inputs, c_.chunks, c_.symbols, c_.names, c_.custom,
                                     c_.layout, custom_index_, static_cast<uint32_t>(i));
    });
    std::vector<ByteWriter> symbols, segments, comdats, inits;
    uint32_t comdat_count = 0;
    for (LinkingPart& part : parts) {
      symbols.push_back(std::move(part.symbols));
      segments.push_back(std::move(part.segment_info));
      comdats.push_back(std::move(part.comdats));
      comdat_count += part.comdat_count;
    }
    if (c_.layout.has_table_symbol_of_its_own) {
      Symbol table;
      table.kind = SymbolKind::table;
      table.flags = kSymbolUndefined | kSymbolNoStrip;
      encode_symbol(symbols.emplace_back(), table);
    }
    for (const InitFunction& init : c_.layout.init_functions) {
      inits.emplace_back().write_varuint(init.priority);
      inits.back().write_varuint(init.symbol);
    }
    std::vector<Subsection> subsections;
    if (c_.layout.symbol_count != 0)
      subsections.push_back(make_subsection(8, c_.layout.symbol_count, std::move(symbols)));
    if (c_.layout.segment_count != 0)
      subsections.push_back(make_subsection(5, c_.layout.segment_count, std::move(segments)));
    if (!inits.empty()) {
      const size_t count = inits.size();
      subsections.push_back(make_subsection(6, count, std::move(inits)));
    }
    if (comdat_count != 0)
      subsections.push_back(make_subsection(7, comdat_count, std::move(comdats)));

    uint64_t content_size = 1;  // the version
    for (const Subsection& subsection : subsections)
      content_size += 1 + kPaddedLeb32 + subsection.size;
    begin_section(SectionId::custom, "linking", content_size);
    add_count(2);  // the version
    for (Subsection& subsection : subsections) {
      ByteWriter head;
      head.write_u8(subsection.type);
      head.write_padded_varuint(subsection.size & UINT32_MAX, kPaddedLeb32);
      add_owned(std::move(head));
      for (ByteWriter& part : subsection.parts)
        add_bytes(storage.emplace_back(std::move(part)).bytes());
    }
  }

  void add_relocations(const OutputRelocations& relocations) {
    uint64_t count = 0;
    uint64_t size = 0;
    for (size_t p = relocations.first_piece; p < relocations.end_piece; ++p) {
      count += pieces_[p].relocations.count;
      size += pieces_[p].relocations.entries.size();
    }
    if (count == 0) return;
    ByteWriter head;
    head.write_varuint(relocations.target);
    head.write_varuint(count);
    begin_section(SectionId::custom, relocations.name, head.size() + size);
    add_owned(std::move(head));
    pieces_.reserve(pieces_.size() + relocations.end_piece - relocations.first_piece);
    for (size_t p = relocations.first_piece; p < relocations.end_piece; ++p)
      add_bytes(pieces_[p].relocations.entries);
  }

  void add_trailing() {
    for (const auto& [name, content] : c_.extra_sections) {
      begin_section(SectionId::custom, name, content.size());
      add_bytes(content);
    }
    const auto add = [&](std::string_view name, ByteWriter&& section) {
      sections_.push_back({std::string(name), size_, section.size()});
      add_owned(std::move(section));
    };
    add("producers", encode_producers_section(c_.producers));
    if (!c_.features.empty()) add("target_features", encode_features_section(c_.features));
  }

  // ---- Building and writing ----

  bool keep(Result<void> result) {
    if (!result) sink_.report(std::move(result.error()));
    return result.has_value();
  }

  // Builds and writes the pieces from `first` to before `last`.
  bool write_pieces(size_t first, size_t last) {
    // Batches of neighbouring pieces; long raw pieces go alone.
    std::vector<std::pair<size_t, size_t>> batches;
    for (size_t p = first; p < last;) {
      size_t end = p + 1;
      if (!is_direct(pieces_[p])) {
        uint64_t size = pieces_[p].size;
        while (end < last && !is_direct(pieces_[end]) && size + pieces_[end].size <= kBatchSize)
          size += pieces_[end++].size;
      }
      batches.emplace_back(p, end);
      p = end;
    }
    std::atomic<bool> failed = false;
    const uint64_t weight = first < last ? pieces_[last - 1].offset - pieces_[first].offset : 0;
    parallel_for(batches.size(), weight, [&](size_t b) {
      if (failed.load(std::memory_order_relaxed)) return;
      if (!write_batch(batches[b].first, batches[b].second)) failed = true;
    });
    return !failed;
  }

  static bool is_direct(const Piece& piece) {
    return piece.kind == Piece::Kind::bytes && piece.size >= kDirectSize;
  }

  bool write_batch(size_t first, size_t end) {
    const uint64_t offset = pieces_[first].offset;
    if (is_direct(pieces_[first])) return keep(output_.write(offset, pieces_[first].bytes));
    const uint64_t size = pieces_[end - 1].offset + pieces_[end - 1].size - offset;
    const std::unique_ptr<uint8_t[]> buffer(new uint8_t[size]);
    for (size_t p = first; p < end; ++p)
      build(pieces_[p], buffer.get() + (pieces_[p].offset - offset));
    return keep(output_.write(offset, {buffer.get(), size}));
  }

  void build(Piece& piece, uint8_t* out) {
    switch (piece.kind) {
      case Piece::Kind::bytes:
        std::memcpy(out, piece.bytes.data(), piece.size);
        return;
      case Piece::Kind::code:
        build_code(piece, out);
        break;
      case Piece::Kind::data:
        build_data(piece, out);
        break;
      case Piece::Kind::custom:
        std::memcpy(out, piece.bytes.data(), piece.size);
        break;
    }
    piece.relocations = relocate_section(relocation_context_, piece.input, piece.section, out,
                                         piece.content_at, piece.size, sink_);
  }

  // Copies the kept bodies with their size fields; runs of neighbours in one piece.
  void build_code(const Piece& piece, uint8_t* out) {
    const Object& object = c_.inputs[piece.input].object;
    const Bytes content = object.sections[piece.section].content;
    const std::vector<Chunk>& chunks = c_.chunks[piece.input].functions;
    for (size_t f = 0; f < chunks.size();) {
      if (!chunks[f].is_kept()) {
        ++f;
        continue;
      }
      const size_t run = f;
      while (f < chunks.size() && chunks[f].is_kept()) ++f;
      const FunctionBody& last = object.code[f - 1];
      const uint32_t begin = object.code[run].entry_offset;
      const uint32_t size = last.offset + last.size - begin;
      std::memcpy(out, content.data() + begin, size);
      out += size;
    }
  }

  void build_data(const Piece& piece, uint8_t* out) {
    const Object& object = c_.inputs[piece.input].object;
    const InputLayout& layout = c_.layout.inputs[piece.input];
    for (size_t d = 0; d < object.data.size(); ++d) {
      if (!c_.chunks[piece.input].data[d].is_kept()) continue;
      const DataSegment& segment = object.data[d];
      const bool is_passive = segment.init_flags & 1;
      *out++ = is_passive ? 1 : 0;
      if (!is_passive) {
        *out++ = c_.layout.is64 ? 0x42 : 0x41;  // i64.const, i32.const
        const uint64_t address = layout.addresses[d];
        out =
            write_sleb(out, c_.layout.is64 ? static_cast<int64_t>(address)
                                           : static_cast<int32_t>(static_cast<uint32_t>(address)));
        *out++ = 0x0b;  // end
      }
      out = write_uleb(out, segment.content.size());
      if (!segment.content.empty())
        std::memcpy(out, segment.content.data(), segment.content.size());
      out += segment.content.size();
    }
  }

  const OutputContents& c_;
  LinkOutput& output_;
  std::vector<OutputSectionInfo>& sections_;
  DiagnosticSink& sink_;
  const RelocationContext relocation_context_;
  ByteWriter leading_;
  uint32_t section_count_ = 0;
  uint32_t code_index_ = 0;
  uint32_t data_index_ = 0;
  std::vector<uint32_t> custom_index_;  // output section index of each custom section
  std::vector<OutputRelocations> relocations_;
  std::deque<std::string> owned_names_;
  std::deque<ByteWriter> owned_;
  std::vector<Piece> pieces_;
  uint64_t size_ = 0;
};

}  // namespace

bool write_output(const OutputContents& contents, LinkOutput& output,
                  std::vector<OutputSectionInfo>& sections, PhaseTimes& times,
                  DiagnosticSink& sink) {
  return OutputWriter(contents, output, sections, sink).write(times);
}

}  // namespace wasmpack
