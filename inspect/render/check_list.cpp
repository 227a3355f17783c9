#include "inspect/render/check_list.h"

#include <algorithm>
#include <string_view>

namespace wasmpack {
namespace {

constexpr std::string_view kIntroduction =
    R"(<!-- Made by `wasmpack inspect --list-checks=markdown`; edit inspect/checks/*.cpp instead. -->
# Checks

What `wasmpack inspect` looks for in a file, and what to do about it. `--list-checks` prints the table. A finding has
the severity of its check or, where the check is not sure, a lower one. With `--fail-on error` (the default) findings
that are errors make the exit code 1. [Rules](rules.md) change severities, turn checks off and make demands of their
own.

| check | severity | why it matters |
| --- | --- | --- |
)";

void pad(std::string& text, size_t width) { text.resize(std::max(text.size(), width), ' '); }

// Paragraphs of at most `kColumns` bytes a line.
std::string wrap(std::string_view text) {
  constexpr size_t kColumns = 120;
  std::string out;
  size_t column = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (column != 0) {
      const bool fits = column + 1 + word.size() <= kColumns;
      out += fits ? ' ' : '\n';
      column = fits ? column + 1 : 0;
    }
    out += word;
    column += word.size();
  }
  return out + "\n";
}

}  // namespace

std::string render_check_list(std::span<const Check* const> checks) {
  size_t widest = 0;
  for (const Check* check : checks) widest = std::max(widest, check->id.size());
  std::string text;
  for (const Check* check : checks) {
    std::string line(check->id);
    pad(line, widest + 2);
    line += severity_name(check->severity);
    pad(line, widest + 2 + 9);
    text += line + std::string(check->reason) + "\n";
  }
  return text;
}

std::string render_check_pages(std::span<const Check* const> checks) {
  std::string text(kIntroduction);
  for (const Check* check : checks) {
    text += "| [" + std::string(check->id) + "](#" + std::string(check->id) + ") | " +
            std::string(severity_name(check->severity)) + " | " + std::string(check->reason) +
            " |\n";
  }
  for (const Check* check : checks) {
    text += "\n## " + std::string(check->id) + "\n\n";
    text +=
        wrap(std::string(severity_name(check->severity)) + ": " + std::string(check->reason) + ".");
    text += "\n" + wrap(check->page) + "\n" + wrap("Way out: " + std::string(check->fix) + ".");
  }
  return text;
}

}  // namespace wasmpack
