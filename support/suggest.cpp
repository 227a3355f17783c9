#include "support/suggest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>

#include <llvm/ADT/StringRef.h>

namespace wasmpack {
namespace {

// Work for one suggestion, in cells of edit-distance tables: some 50 ms at worst.
constexpr uint64_t kWorkLimit = 30'000'000;
// What comparing two histograms costs, in the same unit.
constexpr uint64_t kHistogramWork = 64;

using Histogram = std::array<int, 256>;

Histogram count_characters(std::string_view text) {
  Histogram counts{};
  for (const char character : text) ++counts[static_cast<unsigned char>(character)];
  return counts;
}

// A lower bound of the edit distance at the price of one pass: a replacement repairs at most two
// counts, an insertion or removal one.
unsigned histogram_distance(Histogram counts, std::string_view text) {
  for (const char character : text) --counts[static_cast<unsigned char>(character)];
  int missing = 0;
  int surplus = 0;
  for (const int count : counts) (count > 0 ? missing : surplus) += std::abs(count);
  return static_cast<unsigned>(std::max(missing, surplus));
}

// The identifier of a plain C++ function: "foo" of `_Z3fooi`; empty for anything else.
std::string_view plain_identifier(std::string_view mangled) {
  if (!mangled.starts_with("_Z")) return {};
  mangled.remove_prefix(2);
  size_t length = 0;
  const auto [end, error] =
      std::from_chars(mangled.data(), mangled.data() + mangled.size(), length);
  if (error != std::errc{}) return {};
  mangled.remove_prefix(static_cast<size_t>(end - mangled.data()));
  // A function has at least one parameter type behind its name.
  return length < mangled.size() ? mangled.substr(0, length) : std::string_view();
}

}  // namespace

std::optional<std::string_view> suggest_name(std::string_view wanted,
                                             std::span<const std::string_view> candidates) {
  const llvm::StringRef text(wanted.data(), wanted.size());
  const Histogram counts = count_characters(wanted);
  // A third of the characters may be wrong, but not so many that long mangled names all look alike.
  unsigned limit = std::clamp<unsigned>(static_cast<unsigned>(wanted.size()) / 3, 1, 5);
  std::optional<std::string_view> best;
  uint64_t work = 0;
  for (const std::string_view candidate : candidates) {
    if (candidate == wanted || candidate.empty()) continue;
    const size_t difference =
        std::max(wanted.size(), candidate.size()) - std::min(wanted.size(), candidate.size());
    if (difference > limit) continue;
    work += kHistogramWork + candidate.size();
    if (work > kWorkLimit) break;
    if (histogram_distance(counts, candidate) > limit) continue;
    work += wanted.size() * candidate.size();
    if (work > kWorkLimit) break;
    const unsigned distance =
        text.edit_distance({candidate.data(), candidate.size()}, /*AllowReplacements=*/true, limit);
    // Nothing but replaced characters is another word, not a misspelling: `a` is not `b`.
    if (distance > limit || distance >= wanted.size()) continue;
    best = candidate;
    if (distance <= 1) break;
    limit = distance - 1;
  }
  return best;
}

std::optional<std::string_view> suggest_other_linkage(
    std::string_view wanted, std::span<const std::string_view> candidates) {
  if (wanted.empty()) return std::nullopt;
  const std::string_view identifier = plain_identifier(wanted);
  for (const std::string_view candidate : candidates) {
    if (candidate.empty()) continue;
    if (candidate == identifier || plain_identifier(candidate) == wanted) return candidate;
  }
  return std::nullopt;
}

std::string suggest_sentence(std::string_view wanted,
                             std::span<const std::string_view> candidates) {
  if (const auto other = suggest_other_linkage(wanted, candidates))
    return "did you mean '" + std::string(*other) +
           "'? One of the two was declared without `extern \"C\"`";
  if (const auto name = suggest_name(wanted, candidates))
    return "did you mean '" + std::string(*name) + "'?";
  return {};
}

}  // namespace wasmpack
