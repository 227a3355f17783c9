#include "inspect/facts/repeated_names.h"

#include <algorithm>
#include <tuple>

#include <llvm/Support/xxhash.h>

namespace wasmpack {

void RepeatedNames::add(std::string_view name, uint32_t number) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(name.data());
  entries_.push_back({llvm::xxh3_64bits({bytes, name.size()}), number, name});
}

std::vector<uint32_t> RepeatedNames::find() {
  std::ranges::sort(entries_, [](const Entry& a, const Entry& b) {
    return std::tie(a.hash, a.number) < std::tie(b.hash, b.number);
  });
  std::vector<uint32_t> repeated;
  for (size_t i = 1; i < entries_.size(); ++i) {
    const Entry& before = entries_[i - 1];
    if (entries_[i].hash == before.hash && entries_[i].name == before.name)
      repeated.push_back(entries_[i].number);
  }
  std::ranges::sort(repeated);
  return repeated;
}

}  // namespace wasmpack
