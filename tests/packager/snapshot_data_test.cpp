// Runs of memory become data segments: which zeros stay inside, which runs are merged.
#include "packager/snapshot_data.h"

#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "support/byte_writer.h"
#include "support/cursor.h"

namespace wasmpack {
namespace {

using Runs = std::vector<std::pair<uint32_t, std::string>>;

std::vector<uint8_t> encode_runs(const Runs& runs) {
  ByteWriter out;
  for (const auto& [address, text] : runs) {
    out.write_u32_le(address);
    out.write_u32_le(static_cast<uint32_t>(text.size()));
    out.write_bytes(as_bytes(text));
  }
  return out.take();
}

// The segments of the encoded data section, read by hand.
Runs segments_of(const Runs& runs, uint32_t dead_end = 0, const SnapshotLimits& limits = {}) {
  const std::vector<uint8_t> encoded = encode_runs(runs);
  const Result<SnapshotData> data = encode_snapshot_data(encoded, dead_end, limits);
  if (!data) return {{0, data.error().message}};
  Runs segments;
  Cursor cursor(data->content);
  EXPECT_EQ(cursor.read_varuint32(), data->segments);
  while (!cursor.at_end()) {
    EXPECT_EQ(cursor.read_u8(), 0);     // active, memory 0
    EXPECT_EQ(cursor.read_u8(), 0x41);  // i32.const
    const auto address = static_cast<uint32_t>(cursor.read_varint32());
    EXPECT_EQ(cursor.read_u8(), 0x0b);  // end
    segments.emplace_back(address, cursor.read_name());
  }
  EXPECT_TRUE(cursor.ok());
  EXPECT_EQ(segments.size(), data->segments);
  return segments;
}

std::string zeros(size_t count) { return std::string(count, '\0'); }

TEST(SnapshotData, ZerosStayInsideWhereAHeaderWouldCostMore) {
  // Flags, opcode, an address of three bytes, end, size: 7 bytes.
  EXPECT_EQ(segments_of({{10000, "ab"}, {10009, "c"}}), (Runs{{10000, "ab" + zeros(7) + "c"}}));
  EXPECT_EQ(segments_of({{10000, "ab"}, {10010, "c"}}), (Runs{{10000, "ab"}, {10010, "c"}}));
  EXPECT_EQ(segments_of({}), Runs{});
}

TEST(SnapshotData, AddressesAboveTwoGigabytes) {
  EXPECT_EQ(segments_of({{0x7fffffff, "a"}, {0xfffffff0, "b"}}),
            (Runs{{0x7fffffff, "a"}, {0xfffffff0, "b"}}));
}

TEST(SnapshotData, TheDeadPartIsLeftOut) {
  const Runs runs = {{100, "dead"}, {996, "deadlive"}, {1100, "more"}};
  EXPECT_EQ(segments_of(runs, 1000), (Runs{{1000, "live"}, {1100, "more"}}));
  EXPECT_EQ(segments_of({{996, "dead" + zeros(2) + "x"}}, 1000), (Runs{{1002, "x"}}));
  EXPECT_EQ(segments_of({{996, "dead"}}, 1000), Runs{});
}

TEST(SnapshotData, TheNearestRunsAreMergedWhenThereAreTooMany) {
  const Runs runs = {{1000, "a"}, {1101, "b"}, {1152, "c"}, {1203, "d"}, {5000, "e"}};
  SnapshotLimits limits;
  limits.segments = 4;  // of the two gaps of 50, the first is kept
  EXPECT_EQ(segments_of(runs, 0, limits),
            (Runs{{1000, "a"}, {1101, "b"}, {1152, "c" + zeros(50) + "d"}, {5000, "e"}}));
  limits.segments = 2;
  EXPECT_EQ(
      segments_of(runs, 0, limits),
      (Runs{{1000, "a" + zeros(100) + "b" + zeros(50) + "c" + zeros(50) + "d"}, {5000, "e"}}));
  limits.segments = 1;
  EXPECT_EQ(segments_of(runs, 0, limits).size(), 1u);
}

TEST(SnapshotData, NeverMoreSegmentsThanEnginesLoad) {
  Runs runs;
  for (uint32_t i = 0; i < 150'000; ++i) runs.emplace_back(1000 + 100 * i + i % 7, "x");
  const Runs segments = segments_of(runs);
  EXPECT_EQ(segments.size(), 100'000u);
  EXPECT_EQ(segments.front().first, 1000u);
  EXPECT_EQ(segments.back().first + segments.back().second.size(), runs.back().first + 1);
}

TEST(SnapshotData, TheBudgetCountsHeaders) {
  SnapshotLimits limits;
  // The count, and twice 7 bytes of header and 1 of content.
  limits.segment_bytes = 17;
  EXPECT_EQ(segments_of({{10000, "a"}, {20000, "b"}}, 0, limits).size(), 2u);
  limits.segment_bytes = 16;
  EXPECT_EQ(segments_of({{10000, "a"}, {20000, "b"}}, 0, limits).front().second,
            "no snapshot can be taken: the constructors leave 17 bytes of data, more than 16");
}

}  // namespace
}  // namespace wasmpack
