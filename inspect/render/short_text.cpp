#include "inspect/render/short_text.h"

namespace wasmpack {

size_t find_cut(std::string_view text, size_t limit) {
  if (text.size() <= limit) return text.size();
  constexpr size_t kMaxContinuationBytes = 3;
  size_t end = limit;
  while (end > 0 && limit - end <= kMaxContinuationBytes &&
         (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
    --end;
  return end;
}

std::string shorten(std::string_view text, size_t limit) {
  if (text.size() <= limit) return std::string(text);
  return std::string(text.substr(0, find_cut(text, limit))) + "... (" +
         std::to_string(text.size()) + " bytes)";
}

}  // namespace wasmpack
