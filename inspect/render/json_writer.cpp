#include "inspect/render/json_writer.h"

#include <llvm/Support/JSON.h>

#include "support/diagnostic.h"

namespace wasmpack {
namespace {

// Printable ASCII that stands for itself.
bool is_plain(std::string_view text) {
  unsigned bad = 0;
  for (const char character : text) {
    bad |= static_cast<unsigned char>(character - 0x20) > 0x7e - 0x20 ? 1U : 0U;
    bad |= character == '"' || character == '\\' ? 1U : 0U;
  }
  return bad == 0;
}

}  // namespace

void JsonWriter::string(std::string_view text) {
  separate();
  out_.write('"');
  if (is_plain(text))
    out_.write(text);
  else if (llvm::json::isUTF8({text.data(), text.size()}))
    write_escaped(text);
  else
    write_escaped(escape_controls(text));
  out_.write('"');
}

void JsonWriter::write_escaped(std::string_view text) {
  size_t begin = 0;  // of what needs no escape
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out_.write(text.substr(begin, i - begin));
    begin = i + 1;
    constexpr char kDigits[] = "0123456789abcdef";
    if (byte >= 0x20)
      out_.write('\\').write(text[i]);
    else
      out_.write("\\u00").write(kDigits[byte >> 4]).write(kDigits[byte & 15]);
  }
  out_.write(text.substr(begin));
}

}  // namespace wasmpack
