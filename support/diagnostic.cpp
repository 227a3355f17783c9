#include "support/diagnostic.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <llvm/Support/ConvertUTF.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "support/json_text.h"

namespace wasmpack {
namespace {

std::string hex(uint64_t value) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), digits[value & 15]);
    value >>= 4;
  } while (value != 0);
  return "0x" + text;
}

}  // namespace

const char* severity_name(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "error";
}

tl::unexpected<Diagnostic> fail(std::string_view id, Location where, std::string message,
                                std::string help) {
  Diagnostic diagnostic;
  diagnostic.id = id;
  diagnostic.where = std::move(where);
  diagnostic.message = std::move(message);
  diagnostic.help = std::move(help);
  return tl::unexpected<Diagnostic>(std::move(diagnostic));
}

std::string input_name(std::string_view file, std::string_view member) {
  std::string text(file);
  if (!member.empty()) {
    text += '(';
    text += member;
    text += ')';
  }
  return text;
}

std::string describe(const Location& where) {
  std::string text = input_name(where.file, where.member);
  if (!where.section.empty()) text += (text.empty() ? "section " : ": section ") + where.section;
  if (where.offset) text += (text.empty() ? "offset " : ", offset ") + hex(*where.offset);
  return text;
}

void DiagnosticSink::report(Diagnostic diagnostic) {
  const std::lock_guard lock(mutex_);
  diagnostics_.push_back(std::move(diagnostic));
}

bool DiagnosticSink::has_errors() const {
  const std::lock_guard lock(mutex_);
  return std::any_of(diagnostics_.begin(), diagnostics_.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

std::vector<Diagnostic> DiagnosticSink::take_sorted() {
  const std::lock_guard lock(mutex_);
  std::vector<Diagnostic> sorted = std::exchange(diagnostics_, {});
  // Every part that can differ, since threads report in any order; what has no offset goes last.
  const auto key = [](const Diagnostic& d) {
    const uint64_t offset = d.where.offset.value_or(UINT64_MAX);
    return std::tuple(d.where.order, std::string_view(d.where.member), offset,
                      std::string_view(d.where.section), std::string_view(d.id),
                      std::string_view(d.message));
  };
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Diagnostic& a, const Diagnostic& b) {
    const auto left = key(a);
    const auto right = key(b);
    return left != right ? left < right : a.notes < b.notes;
  });
  return sorted;
}

std::string escape_controls(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  const auto* begin = reinterpret_cast<const llvm::UTF8*>(text.data());
  const auto* end = begin + text.size();
  for (const llvm::UTF8* at = begin; at != end;) {
    const unsigned length = llvm::getNumBytesForUTF8(*at);
    const bool printable = *at >= 0x20 && *at != 0x7f;
    // U+0080..U+009F are control characters too, although they are two bytes of UTF-8.
    const bool c1_control = *at == 0xc2 && end - at >= 2 && at[1] < 0xa0;
    if (printable && !c1_control && length <= static_cast<size_t>(end - at) &&
        llvm::isLegalUTF8Sequence(at, end)) {
      out.append(reinterpret_cast<const char*>(at), length);
      at += length;
      continue;
    }
    constexpr char digits[] = "0123456789abcdef";
    out += "\\x";
    out += digits[*at >> 4];
    out += digits[*at & 15];
    ++at;
  }
  return out;
}

std::string render_text(const Diagnostic& diagnostic, bool color) {
  const char* bold = color ? "\x1b[1m" : "";
  const char* reset = color ? "\x1b[0m" : "";
  const char* tint = !color                                     ? ""
                     : diagnostic.severity == Severity::error   ? "\x1b[1;31m"
                     : diagnostic.severity == Severity::warning ? "\x1b[1;35m"
                                                                : "\x1b[1;36m";
  std::string out = std::string(bold) + "wasmpack: " + reset + tint +
                    severity_name(diagnostic.severity) + ": " + reset;
  const std::string where = describe(diagnostic.where);
  if (!where.empty()) out += escape_controls(where) + ": ";
  out += escape_controls(diagnostic.message);
  if (!diagnostic.id.empty()) out += " [" + diagnostic.id + "]";
  out += '\n';
  for (const std::string& note : diagnostic.notes)
    out += std::string("  note: ") + escape_controls(note) + '\n';
  if (!diagnostic.help.empty())
    out += std::string("  help: ") + escape_controls(diagnostic.help) + '\n';
  return out;
}

std::string render_json(const Diagnostic& diagnostic) {
  llvm::json::Object object{{"severity", severity_name(diagnostic.severity)},
                            {"id", diagnostic.id},
                            {"message", as_json_text(diagnostic.message)}};
  const Location& where = diagnostic.where;
  if (!where.file.empty()) object["file"] = as_json_text(where.file);
  if (!where.member.empty()) object["member"] = as_json_text(where.member);
  if (!where.section.empty()) object["section"] = as_json_text(where.section);
  if (where.offset) object["offset"] = static_cast<int64_t>(*where.offset);
  if (!diagnostic.notes.empty()) {
    llvm::json::Array notes;
    for (const std::string& note : diagnostic.notes) notes.push_back(as_json_text(note));
    object["notes"] = std::move(notes);
  }
  if (!diagnostic.help.empty()) object["help"] = as_json_text(diagnostic.help);
  std::string out;
  llvm::raw_string_ostream(out) << llvm::json::Value(std::move(object)) << '\n';
  return out;
}

}  // namespace wasmpack
