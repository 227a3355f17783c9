#include "packager/snapshot_data.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <queue>
#include <string>
#include <utility>

#include "object/instructions.h"
#include "packager/snapshot_run.h"
#include "support/byte_writer.h"
#include "support/cursor.h"
#include "support/leb128.h"

namespace wasmpack {
namespace {

struct Extent {
  uint32_t begin = 0;
  uint64_t end = 0;
};

// Calls visit(address, bytes) for each run. A run that begins in the dead part begins at its first
// byte behind it that is not zero.
template <class Visit>
void for_each_run(Bytes runs, uint32_t dead_end, Visit visit) {
  Cursor cursor(runs);
  while (!cursor.at_end()) {
    uint32_t address = cursor.read_u32_le();
    Bytes bytes = cursor.read_bytes(cursor.read_u32_le());
    if (address < dead_end) {
      bytes = bytes.subspan(std::min<size_t>(bytes.size(), dead_end - address));
      address = dead_end;
      while (!bytes.empty() && bytes.front() == 0) {
        bytes = bytes.subspan(1);
        ++address;
      }
      if (bytes.empty()) continue;
    }
    visit(address, bytes);
  }
}

// Flags, i32.const, address, end, size: addresses are signed numbers in wasm.
unsigned header_size(uint32_t address, uint64_t size) {
  return 3 + sleb_size(static_cast<int32_t>(address)) + uleb_size(size);
}

// Where segments other than the first begin. There can be tens of millions of runs, so only the
// longest gaps between them are kept, not all.
std::vector<uint32_t> choose_splits(Bytes runs, uint32_t dead_end, size_t most_segments) {
  // The address counts down, so that of gaps of one length the first are kept.
  using Gap = std::pair<uint64_t, uint32_t>;
  std::priority_queue<Gap, std::vector<Gap>, std::greater<>> longest;
  uint64_t end = 0;
  bool is_first = true;
  for_each_run(runs, dead_end, [&](uint32_t address, Bytes bytes) {
    const uint64_t gap = address - end;
    end = address + bytes.size();
    if (std::exchange(is_first, false) || gap <= header_size(address, bytes.size())) return;
    longest.emplace(gap, ~address);
    if (longest.size() >= std::max<size_t>(most_segments, 1)) longest.pop();
  });
  std::vector<uint32_t> splits;
  for (; !longest.empty(); longest.pop()) splits.push_back(~longest.top().second);
  std::ranges::sort(splits);
  return splits;
}

std::vector<Extent> choose_segments(Bytes runs, uint32_t dead_end, size_t most_segments) {
  const std::vector<uint32_t> splits = choose_splits(runs, dead_end, most_segments);
  std::vector<Extent> segments;
  auto split = splits.begin();
  for_each_run(runs, dead_end, [&](uint32_t address, Bytes bytes) {
    const bool begins = split != splits.end() && *split == address;
    if (begins) ++split;
    if (begins || segments.empty()) segments.push_back({.begin = address});
    segments.back().end = address + bytes.size();
  });
  return segments;
}

}  // namespace

Result<SnapshotData> encode_snapshot_data(Bytes runs, uint32_t dead_end,
                                          const SnapshotLimits& limits) {
  const std::vector<Extent> segments = choose_segments(runs, dead_end, limits.segments);
  uint64_t size = uleb_size(segments.size());
  for (const Extent& segment : segments) {
    const uint64_t length = segment.end - segment.begin;
    size += header_size(segment.begin, length) + length;
  }
  if (size > limits.segment_bytes) {
    return fail("snapshot-limit", {},
                "no snapshot can be taken: the constructors leave " + std::to_string(size) +
                    " bytes of data, more than " + std::to_string(limits.segment_bytes),
                kSnapshotHelp);
  }
  ByteWriter out;
  out.reserve(static_cast<size_t>(size));
  out.write_varuint(segments.size());
  auto segment = segments.begin();
  uint8_t* content = nullptr;  // of the last segment that was begun
  for_each_run(runs, dead_end, [&](uint32_t address, Bytes bytes) {
    if (segment != segments.end() && segment->begin == address) {
      const uint64_t length = segment->end - segment->begin;
      out.write_u8(0);
      out.write_u8(opcode::kI32Const);
      out.write_varint(static_cast<int32_t>(address));
      out.write_u8(opcode::kEnd);
      out.write_varuint(length);
      // Stays where it is until the next segment, which is written when this one is complete.
      content = out.extend(static_cast<size_t>(length));
      ++segment;
    }
    std::memcpy(content + (address - std::prev(segment)->begin), bytes.data(), bytes.size());
  });
  return SnapshotData{static_cast<uint32_t>(segments.size()), out.take()};
}

}  // namespace wasmpack
