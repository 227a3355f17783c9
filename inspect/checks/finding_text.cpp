#include "inspect/checks/finding_text.h"

namespace wasmpack {

std::string cut_text(std::string_view text, size_t most) {
  if (text.size() <= most) return std::string(text);
  size_t end = most;
  for (unsigned back = 0; back < 3 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80;
       ++back)
    --end;
  return std::string(text.substr(0, end)) + "...";
}

std::string cite_name(std::string_view name) { return "`" + cut_text(name) + "`"; }

std::string count_of(size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string NameList::text() const {
  std::string text;
  const size_t more = count_ - shown_.size();
  for (size_t i = 0; i < shown_.size(); ++i) {
    if (i != 0) text += i + 1 == shown_.size() && more == 0 ? " and " : ", ";
    text += cite_name(shown_[i]);
  }
  if (more != 0) text += " and " + std::to_string(more) + " more";
  return text;
}

}  // namespace wasmpack
