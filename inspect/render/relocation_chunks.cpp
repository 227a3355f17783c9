#include "inspect/render/relocation_chunks.h"

namespace wasmpack {
namespace {

// A custom section's payload begins with its name, of which the view is a part.
uint64_t content_offset(const SectionFact& section) {
  if (section.id != static_cast<uint8_t>(SectionId::custom)) return section.offset;
  uint64_t length_bytes = 1;
  for (size_t rest = section.name.size(); rest >= 0x80; rest >>= 7) ++length_bytes;
  return section.offset + length_bytes + section.name.size();
}

}  // namespace

std::string_view chunk_kind_name(ChunkKind kind) {
  constexpr std::string_view names[] = {"function", "segment", "section"};
  return names[static_cast<size_t>(kind)];
}

ChunkFinder::ChunkFinder(const Facts& facts, const RelocationsFact& relocations) : facts_(facts) {
  const SectionFact& target = facts.sections[relocations.target];
  base_ = content_offset(target);
  if (target.id == static_cast<uint8_t>(SectionId::code)) {
    kind_ = ChunkKind::function;
    count_ = facts.functions.size();
  } else if (target.id == static_cast<uint8_t>(SectionId::data)) {
    kind_ = ChunkKind::segment;
    count_ = facts.segments.size();
  }
}

void ChunkFinder::enter(size_t position) {
  current_ = position;
  begin_ = kind_ == ChunkKind::function ? facts_.functions[position].offset
                                        : facts_.segments[position].offset;
  size_ = kind_ == ChunkKind::function ? facts_.functions[position].size
                                       : facts_.segments[position].size;
}

size_t ChunkFinder::find_other(uint64_t file_offset) {
  const auto is_before = [](uint64_t offset, const auto& chunk) { return offset < chunk.offset; };
  size_t after = 0;  // chunks that begin at or before the byte
  if (kind_ == ChunkKind::function) {
    const auto& chunks = facts_.functions;
    after = static_cast<size_t>(
        std::upper_bound(chunks.begin(), chunks.end(), file_offset, is_before) - chunks.begin());
  } else if (kind_ == ChunkKind::segment) {
    const auto& chunks = facts_.segments;
    after = static_cast<size_t>(
        std::upper_bound(chunks.begin(), chunks.end(), file_offset, is_before) - chunks.begin());
  }
  if (after == 0) return kNone;
  enter(after - 1);
  return file_offset - begin_ < size_ ? current_ : kNone;
}

}  // namespace wasmpack
