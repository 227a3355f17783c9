// Adds up the items of each owner (sizes.h).

#include <algorithm>
#include <bit>
#include <tuple>

#include <llvm/Support/xxhash.h>

#include "inspect/facts/sizes.h"

namespace wasmpack {
namespace {

// Rows by name: open addressing over hashes, since a large object has hundreds of thousands of
// symbols and nearly all of them are new.
class RowTable {
 public:
  explicit RowTable(size_t most_rows) : slots_(std::bit_ceil(2 * most_rows + 2), kEmpty) {}

  void add(std::string_view name, uint64_t size, uint64_t items) {
    const uint64_t hash = llvm::xxh3_64bits(llvm::StringRef(name.data(), name.size()));
    const size_t mask = slots_.size() - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
      uint32_t& slot = slots_[at];
      if (slot == kEmpty) {
        slot = static_cast<uint32_t>(rows_.size());
        rows_.push_back({name, 0, 0});
        hashes_.push_back(hash);
      } else if (hashes_[slot] != hash || rows_[slot].name != name) {
        continue;
      }
      rows_[slot].size += size;
      rows_[slot].items += items;
      return;
    }
  }

  std::vector<SizeRow> take() { return std::move(rows_); }

 private:
  static constexpr uint32_t kEmpty = UINT32_MAX;
  std::vector<uint32_t> slots_;  // positions in rows_
  std::vector<SizeRow> rows_;
  std::vector<uint64_t> hashes_;
};

}  // namespace

std::vector<SizeRow> group_sizes(std::span<const Sizes* const> files, SizeOwner owner,
                                 std::span<const SizeRow> more) {
  size_t most_rows = more.size();
  for (const Sizes* sizes : files) {
    most_rows += owner == SizeOwner::symbol    ? sizes->items.size()
                 : owner == SizeOwner::section ? sizes->sections.size()
                                               : sizes->libraries.size();
  }
  RowTable table(most_rows);
  for (const Sizes* sizes : files) {
    if (owner == SizeOwner::symbol) {
      for (const SizeItem& item : sizes->items) table.add(item.symbol, item.size, 1);
      continue;
    }
    // These have few names and many items: sums by number first.
    const auto& names = owner == SizeOwner::section ? sizes->sections : sizes->libraries;
    std::vector<SizeRow> sums(names.size());
    for (const SizeItem& item : sizes->items) {
      SizeRow& sum = sums[owner == SizeOwner::section ? item.section : item.library];
      sum.size += item.size;
      ++sum.items;
    }
    for (size_t i = 0; i < sums.size(); ++i)
      if (sums[i].items != 0) table.add(names[i], sums[i].size, sums[i].items);
  }
  for (const SizeRow& row : more) table.add(row.name, row.size, row.items);
  std::vector<SizeRow> rows = table.take();
  std::ranges::sort(rows, [](const SizeRow& a, const SizeRow& b) {
    return std::tie(b.size, a.name) < std::tie(a.size, b.name);
  });
  return rows;
}

}  // namespace wasmpack
