// What the libraries say when something is wrong. Libraries return or collect diagnostics; only
// tools/ prints them.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace wasmpack {

enum class Severity : uint8_t { note, warning, error };
const char* severity_name(Severity severity);  // "note", ...

// Where in the inputs a diagnostic points. Every part is optional.
struct Location {
  std::string file = {};                // as given on the command line, or found through it
  std::string member = {};              // archive member, empty if `file` is no archive
  std::string section = {};             // "CODE", "linking", "reloc..debug_info", ...
  std::optional<uint64_t> offset = {};  // bytes from the start of the file (of the member, if one)
  uint32_t order = UINT32_MAX;          // the input's place on the command line, for sorting only
};

struct Diagnostic {
  Severity severity = Severity::error;
  std::string id;  // stable kebab-case code, such as "duplicate-symbol"
  Location where;
  std::string message;
  std::vector<std::string> notes;  // further places or facts, printed as "note: ..."
  std::string help;                // the way out, printed as "help: ..."; may be empty
};

template <class T>
using Result = tl::expected<T, Diagnostic>;

// An error for `return`: `return fail("bad-magic", where, "...")`.
tl::unexpected<Diagnostic> fail(std::string_view id, Location where, std::string message,
                                std::string help = {});

// "libx.a(y.o): section CODE, offset 0x1f4" with only the parts that are known; "" if none is.
std::string describe(const Location& where);

// The name of an input: "libx.a(y.o)" or "y.o".
std::string input_name(std::string_view file, std::string_view member);

// Diagnostics of a whole run: any thread may report; `take_sorted` gives them in the order of the
// inputs, whatever the threads did.
class DiagnosticSink {
 public:
  void report(Diagnostic diagnostic);
  bool has_errors() const;
  std::vector<Diagnostic> take_sorted();

 private:
  mutable std::mutex mutex_;
  std::vector<Diagnostic> diagnostics_;
};

// The rendering of one diagnostic, newline at the end. Control characters in names are escaped,
// since names come from hostile files.
std::string render_text(const Diagnostic& diagnostic, bool color);
std::string render_json(const Diagnostic& diagnostic);

// `text` with control bytes, DEL and invalid UTF-8 as \xNN, so that a name cannot drive a terminal.
std::string escape_controls(std::string_view text);

}  // namespace wasmpack
