// "Did you mean ...?"
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wasmpack {

// The candidate most like `wanted`, for a misspelled option, pattern or symbol; nothing if none is
// like it. The first of equally good ones wins. Work is bounded: of a huge list of long names the
// later ones may go unseen.
std::optional<std::string_view> suggest_name(std::string_view wanted,
                                             std::span<const std::string_view> candidates);

// A missing `extern "C"` leaves one function with a C name on one side and a C++ name (Itanium ABI,
// no namespace) on the other: the candidate that is the other spelling of `wanted`.
std::optional<std::string_view> suggest_other_linkage(std::string_view wanted,
                                                      std::span<const std::string_view> candidates);

// The sentence for a diagnostic's help, from both of the above; empty if there is nothing to
// suggest.
std::string suggest_sentence(std::string_view wanted, std::span<const std::string_view> candidates);

}  // namespace wasmpack
