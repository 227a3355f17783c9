// Paths of the machine that built the file.

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "inspect/checks/check_table.h"
#include "inspect/checks/finding_text.h"

namespace wasmpack {
namespace {

constexpr uint64_t kBytesSearched = uint64_t{8} << 20;  // of one file
constexpr size_t kPathsShown = 3;
constexpr size_t kLongestPath = 1024;

// Where builds happen. At least one folder must follow, then something in it: /home/web_user and
// /tmp/ alone are what C libraries have in every program.
constexpr std::string_view kUnixRoots[] = {"/home/",    "/root/",   "/tmp/",     "/build/",
                                           "/Users/",   "/mnt/",    "/builds/",  "/workspace/",
                                           "/private/", "/github/", "/buildbot/"};
constexpr std::string_view kWindowsRoots[] = {"\\Users\\", "/Users/", "\\a\\", "\\build\\"};

bool is_path_byte(uint8_t byte) {
  return byte > 0x20 && byte != 0x7f && byte != '"' && byte != '\'' && byte != '<' && byte != '>' &&
         byte != '|' && byte != ':' && byte != '*' && byte != '?' && byte != '`' && byte != '%' &&
         byte != '$' && byte != '{' && byte != '}' && byte != '(' && byte != ')' && byte != ',' &&
         byte != ';';
}

bool is_word_byte(uint8_t byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= 'a' && byte <= 'z') || byte == '_' || byte == '.' || byte == '-' || byte == '~' ||
         byte >= 0x80;
}

bool is_separator(uint8_t byte) { return byte == '/' || byte == '\\'; }

std::string_view path_at(Bytes text, size_t begin) {
  size_t end = begin;
  const size_t last = std::min(text.size(), begin + kLongestPath);
  // The colon of a drive letter.
  if (end + 1 < last && text[end + 1] == ':') end += 2;
  while (end < last && is_path_byte(text[end])) ++end;
  return as_string(text).substr(begin, end - begin);
}

// A folder and something in it behind the first `root` bytes.
bool goes_deeper(std::string_view path, size_t root) {
  const size_t next = path.find_first_of("/\\", root);
  return next != path.npos && next > root && next + 1 < path.size() &&
         !is_separator(static_cast<uint8_t>(path[next + 1]));
}

class PathFinder {
 public:
  struct Found {
    std::string_view section;
    uint64_t offset;  // in the file
    std::string_view path;
  };

  // Stops when the budget is spent.
  void search(std::string_view section, uint64_t offset, Bytes text) {
    if (text.size() > budget_) {
      text = text.first(budget_);
      is_complete_ = false;
    }
    budget_ -= text.size();
    search_unix(section, offset, text);
    search_windows(section, offset, text);
  }

  const std::vector<Found>& found() const { return found_; }
  size_t count() const { return count_; }
  bool is_complete() const { return is_complete_; }

 private:
  // The next such byte from `at` on, or the end.
  static size_t next_byte(Bytes text, size_t at, uint8_t byte) {
    if (at >= text.size()) return text.size();
    const void* found = std::memchr(text.data() + at, byte, text.size() - at);
    return found == nullptr ? text.size()
                            : static_cast<size_t>(static_cast<const uint8_t*>(found) - text.data());
  }

  void search_unix(std::string_view section, uint64_t offset, Bytes text) {
    for (size_t at = next_byte(text, 0, '/'); at < text.size(); at = next_byte(text, at, '/')) {
      const bool is_start = at == 0 || (!is_word_byte(text[at - 1]) && text[at - 1] != ':' &&
                                        !is_separator(text[at - 1]));
      const std::string_view rest = as_string(text).substr(at, 16);
      const auto* const root =
          std::ranges::find_if(kUnixRoots, [&](std::string_view r) { return rest.starts_with(r); });
      if (!is_start || root == std::end(kUnixRoots)) {
        ++at;
        continue;
      }
      at += add(section, offset, text, at, root->size());
    }
  }

  // "C:\Users\..."
  void search_windows(std::string_view section, uint64_t offset, Bytes text) {
    for (size_t at = next_byte(text, 0, ':'); at < text.size(); at = next_byte(text, at, ':')) {
      const bool has_drive = at != 0 && ((text[at - 1] | 0x20) >= 'a') &&
                             ((text[at - 1] | 0x20) <= 'z') &&
                             (at == 1 || !is_word_byte(text[at - 2]));
      const std::string_view rest = as_string(text).substr(at + 1, 16);
      const auto* const root = std::ranges::find_if(
          kWindowsRoots, [&](std::string_view r) { return rest.starts_with(r); });
      if (!has_drive || root == std::end(kWindowsRoots)) {
        ++at;
        continue;
      }
      at += add(section, offset, text, at - 1, root->size() + 2);
    }
  }

  // How many bytes to go on.
  size_t add(std::string_view section, uint64_t offset, Bytes text, size_t at, size_t root) {
    const std::string_view path = path_at(text, at);
    if (!goes_deeper(path, root)) return root;
    ++count_;
    if (found_.size() < kPathsShown) found_.push_back({section, offset + at, path});
    return std::max(path.size(), root);
  }

  std::vector<Found> found_;
  size_t count_ = 0;
  uint64_t budget_ = kBytesSearched;
  bool is_complete_ = true;
};

// When to search a custom section, so that large ones do not spend the budget: 0 not at all, 1
// first, 2 after them, 3 after the data segments.
unsigned search_turn(const Section& section) {
  const std::string_view name = section.name;
  if (!section.is_custom() || name == "linking" || name.starts_with("reloc.") ||
      name == "target_features")
    return 0;
  if (!name.starts_with(".debug_")) return 1;
  if (name.find("str") != name.npos) return 2;  // of DWARF only what holds texts
  return name == ".debug_line" ? 3 : 0;
}

void search_sections(const Object& object, unsigned turn, PathFinder& finder) {
  for (const Section& section : object.sections)
    if (search_turn(section) == turn)
      finder.search(section.name, section.content_offset, section.content);
}

void search_data(const Object& object, PathFinder& finder) {
  const int data = object.find_section(SectionId::data);
  if (data < 0) return;
  const uint64_t base = object.sections[static_cast<size_t>(data)].content_offset;
  for (const DataSegment& segment : object.data)
    finder.search("DATA", base + segment.offset, segment.content);
}

void find_paths(const CheckInput& input, std::vector<Diagnostic>& findings) {
  if (input.object == nullptr) return;
  PathFinder finder;
  search_sections(*input.object, 1, finder);
  search_sections(*input.object, 2, finder);
  search_data(*input.object, finder);
  search_sections(*input.object, 3, finder);
  if (finder.count() == 0) return;
  const PathFinder::Found& first = finder.found().front();
  Diagnostic finding = make_finding(kPathLeak, input.facts, first.section, first.offset,
                                    (finder.is_complete() ? "" : "at least ") +
                                        count_of(finder.count(), "absolute build path") +
                                        ", such as " + cite_name(first.path));
  for (size_t i = 1; i < finder.found().size(); ++i) {
    const PathFinder::Found& other = finder.found()[i];
    const Location where = {
        .file = {}, .member = {}, .section = std::string(other.section), .offset = other.offset};
    finding.notes.push_back(describe(where) + ": " + cite_name(other.path));
  }
  if (input.facts.kind == WasmKind::object) finding.severity = Severity::note;
  findings.push_back(std::move(finding));
}

}  // namespace

const Check kPathLeak = {
    .id = "path-leak",
    .severity = Severity::warning,
    .reason = "the file tells about the machine that built it, and differs from one to another",
    .fix =
        "compile with `-ffile-prefix-map=/your/path=.` (`--remap-path-prefix` in Rust), or strip "
        "debug information",
    .page =
        "Searched are texts of custom sections (names, producers, DWARF strings) and data "
        "segments, 8 MiB in all, for paths below `/home`, `/root`, `/tmp`, `/build`, `/Users` and "
        "the like with at least two more parts, and `C:\\Users\\...`. A note for objects, which "
        "seldom leave the machine.",
    .run = find_paths,
};

}  // namespace wasmpack
