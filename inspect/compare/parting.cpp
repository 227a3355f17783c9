#include "inspect/compare/parting.h"

#include <algorithm>
#include <unordered_set>

#include "support/diagnostic.h"
#include "support/glob.h"

namespace wasmpack {
namespace {

constexpr size_t kLongestArgument = 4096;  // bytes; systems allow 128 KiB for one
constexpr size_t kLongestTag = 64;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool fits_command_line(std::string_view name) {
  return !name.empty() && name.size() <= kLongestArgument &&
         name.find('\0') == std::string_view::npos;
}

// The last component without its extension; what is none of a symbol's characters is `_`.
std::string stem_of(std::string_view path) {
  std::string_view name = path.substr(path.find_last_of('/') + 1);
  if (const size_t dot = name.find_last_of('.'); dot != 0) name = name.substr(0, dot);
  std::string stem(name.substr(0, kLongestTag));
  std::ranges::replace_if(stem, [](char c) { return !is_plain(c); }, '_');
  return stem.empty() ? "lib" : stem;
}

std::string hex_escape(char c, char letter) {
  constexpr char digits[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  return {'\\', letter, digits[byte >> 4], digits[byte & 15]};
}

}  // namespace

std::string quote_for_shell(std::string_view text) {
  constexpr std::string_view safe = "_-+=./,:@%";
  const auto is_safe = [&](char c) { return is_plain(c) || safe.find(c) != safe.npos; };
  const auto is_printable = [](char c) { return c >= 0x20 && c < 0x7f; };
  if (!text.empty() && std::ranges::all_of(text, is_safe)) return std::string(text);
  const bool is_printable_text = std::ranges::all_of(text, is_printable);
  std::string quoted = is_printable_text ? "'" : "$'";
  for (const char c : text) {
    if (is_printable_text)
      quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    else if (c == '\'' || c == '\\')
      quoted += {'\\', c};
    else
      quoted += is_printable(c) ? std::string(1, c) : hex_escape(c, 'x');
  }
  return quoted + '\'';
}

std::vector<PartedFile> name_parted_files(std::span<const ComparedFile> files) {
  std::vector<PartedFile> parted;
  std::unordered_set<std::string> taken;
  for (size_t i = 0; i < files.size(); ++i) {
    const std::string& path = files[i].path;
    std::string tag = stem_of(path);
    if (!taken.insert(tag).second) taken.insert(tag += std::to_string(i + 1));
    const std::string folder = path.substr(0, path.find_last_of('/') + 1);
    parted.push_back({path, tag, folder + tag + "_parted.o"});
  }
  return parted;
}

std::string make_link_command(const PartedFile& file, std::span<const std::string> options) {
  std::string command = "wasmpack link";
  for (const std::string& option : options) command += ' ' + quote_for_shell(option);
  const bool is_like_option = file.path.starts_with('-') || file.path.starts_with('@');
  return command + ' ' + quote_for_shell(is_like_option ? "./" + file.path : file.path) + " -o " +
         quote_for_shell(file.output);
}

std::string prefix_option(const PartedFile& file) { return "--prefix-symbols=" + file.tag + '_'; }

std::string localize_option(const PartedFile& file, std::string_view symbol) {
  if (!fits_command_line(symbol)) return prefix_option(file);
  return "--localize-symbol=" + escape_pattern(symbol);
}

std::string rename_option(const PartedFile& file, std::string_view symbol) {
  if (!fits_command_line(symbol) || symbol.find('=') != symbol.npos) return prefix_option(file);
  return "--redefine-sym=" + std::string(symbol) + '=' + file.tag + '_' + std::string(symbol);
}

std::string unexport_option(const PartedFile& file, std::string_view symbol) {
  if (!fits_command_line(symbol)) return prefix_option(file);
  return "--unexport=" + escape_pattern(symbol);
}

std::string quote_for_toml(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : escape_controls(text)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace wasmpack
