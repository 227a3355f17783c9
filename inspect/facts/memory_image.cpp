#include "inspect/facts/memory_image.h"

#include <algorithm>

#include "object/instructions.h"
#include "object/value_types.h"

namespace wasmpack {
namespace {

uint64_t place_of(int64_t constant, bool is64) {
  return is64 ? static_cast<uint64_t>(constant) : static_cast<uint32_t>(constant);
}

// Sorts pieces; overlapping ones depend on their order in the file, so nothing is then claimed.
template <class Piece, class Place, class Size>
void sort_pieces(std::vector<Piece>& pieces, Place place, Size size) {
  std::ranges::stable_sort(pieces, {}, place);
  for (size_t i = 1; i < pieces.size(); ++i) {
    if (place(pieces[i]) - place(pieces[i - 1]) >= size(pieces[i - 1])) continue;
    pieces.clear();
    return;
  }
}

// The last piece that begins at or before a place, or null.
template <class Piece, class Place>
const Piece* find_last(const std::vector<Piece>& pieces, uint64_t at, Place place) {
  const auto behind = std::ranges::upper_bound(pieces, at, {}, place);
  return behind == pieces.begin() ? nullptr : &*std::prev(behind);
}

}  // namespace

MemoryImage::MemoryImage(const Object& object) {
  bool is_whole = !object.memories.empty() && object.imported_count(ExternKind::memory) == 0;
  for (const DataSegment& segment : object.data) {
    if (segment.content.empty() || segment.memory != 0) continue;
    std::optional<int64_t> address;
    if (segment.init_flags != 1) address = constant_of_expression(segment.offset_init);
    if (address)
      pieces_.push_back(
          {place_of(*address, object.is64()), segment.content.size(), segment.content});
    else
      is_whole = false;
  }
  if (object.start && !object.is64()) read_start(object);
  const size_t count = pieces_.size();
  sort_pieces(
      pieces_, [](const Piece& p) { return p.address; }, [](const Piece& p) { return p.size; });
  is_zero_between_ = is_whole && pieces_.size() == count;
}

void MemoryImage::read_start(const Object& object) {
  constexpr uint8_t kMiscellaneous = 0xfc;
  constexpr uint32_t kMemoryInit = 8, kDataDrop = 9, kMemoryFill = 11;
  const Bytes body = object.function_body(*object.start);
  if (body.empty()) return;
  std::vector<Piece> found;
  std::vector<uint32_t> constants;
  InstructionReader reader(body);
  for (Instruction instruction; reader.next(instruction);) {
    if (instruction.opcode == opcode::kI32Const) {
      constants.push_back(static_cast<uint32_t>(instruction.constant));
      continue;
    }
    if (instruction.opcode == opcode::kEnd) continue;
    // Anything else may depend on what is not known here.
    if (instruction.opcode != kMiscellaneous) return;
    if (instruction.index == kDataDrop) continue;
    if (constants.size() != 3) return;
    const uint32_t address = constants[0], second = constants[1], size = constants[2];
    constants.clear();
    if (instruction.index == kMemoryFill && second == 0) {
      found.push_back({address, size, {}});
    } else if (instruction.index == kMemoryInit) {
      Cursor cursor(body.subspan(instruction.immediates));
      cursor.read_varuint32();
      const uint32_t segment = cursor.read_varuint32();
      if (segment >= object.data.size()) return;
      const Bytes content = object.data[segment].content;
      if (second > content.size() || size > content.size() - second) return;
      found.push_back({address, size, content.subspan(second, size)});
    } else {
      return;
    }
    if (found.back().size == 0) found.pop_back();
  }
  if (reader.is_complete()) pieces_.insert(pieces_.end(), found.begin(), found.end());
}

const MemoryImage::Piece* MemoryImage::find_piece(uint64_t address) const {
  const Piece* piece = find_last(pieces_, address, [](const Piece& p) { return p.address; });
  return piece != nullptr && address - piece->address < piece->size ? piece : nullptr;
}

std::optional<uint8_t> MemoryImage::find_byte(uint64_t address) const {
  const Piece* piece = find_piece(address);
  if (piece != nullptr && piece->content.empty()) return uint8_t{0};
  if (piece != nullptr) return piece->content[static_cast<size_t>(address - piece->address)];
  return is_zero_between_ ? std::optional<uint8_t>(0) : std::nullopt;
}

std::optional<std::string_view> MemoryImage::find_text(uint64_t address) const {
  const Piece* piece = find_piece(address);
  if (piece == nullptr || piece->content.empty()) return std::nullopt;
  const std::string_view rest =
      as_string(piece->content)
          .substr(static_cast<size_t>(address - piece->address), kLongestText + 1);
  const size_t end = rest.find('\0');
  if (end != rest.npos) return rest.substr(0, end);
  // Optimizers leave out the zeros at a segment's end.
  const bool is_whole = rest.size() <= kLongestText && find_byte(address + rest.size()) == 0;
  return is_whole ? std::optional(rest) : std::nullopt;
}

TableImage::TableImage(const Object& object) {
  for (const ElementSegment& segment : object.elements) {
    constexpr uint32_t kPassiveOrDeclared = 1;
    if ((segment.flags & kPassiveOrDeclared) || segment.table != 0 || segment.functions.empty())
      continue;
    const std::optional<int64_t> slot = constant_of_expression(segment.offset);
    if (slot) pieces_.push_back({static_cast<uint32_t>(*slot), &segment});
  }
  sort_pieces(
      pieces_, [](const Piece& p) { return p.slot; },
      [](const Piece& p) { return p.segment->functions.size(); });
}

std::optional<uint32_t> TableImage::find_function(uint64_t slot) const {
  const Piece* piece = find_last(pieces_, slot, [](const Piece& p) { return p.slot; });
  if (piece == nullptr || slot - piece->slot >= piece->segment->functions.size())
    return std::nullopt;
  const uint32_t function = piece->segment->functions[static_cast<size_t>(slot - piece->slot)];
  return function == kNullFunction ? std::nullopt : std::optional<uint32_t>(function);
}

}  // namespace wasmpack
