// Renders facts, for people and for programs. Both say the same; neither finds out anything.
#pragma once

#include <llvm/Support/raw_ostream.h>

#include "inspect/facts/facts.h"
#include "support/diagnostic.h"

namespace wasmpack {

// What follows the summary. Names come from hostile files: control characters are escaped, and what
// is longer than anyone reads is cut.
struct TextTables {
  bool sections = false;
  bool symbols = false;
  bool exports = false;  // of a bundle also its kernels
  bool imports = false;
  bool constructors = false;
};

// One file or archive member, looked into and judged.
struct Inspected {
  Facts facts;
  std::vector<Diagnostic> findings;  // sorted (inspect/checks/check.h)
};

// One file or archive member: what it is, whether its constructors run and who calls them, its
// findings, then the tables that were asked for, as far as there is anything in them.
// docs/inspect.md has an example.
void render_facts_text(llvm::raw_ostream& out, const Inspected& inspected, const TextTables& tables,
                       bool color);

// What an archive is, in one line: how many members, and how many of them have constructors.
void render_archive_summary(llvm::raw_ostream& out, std::string_view file,
                            const std::vector<Inspected>& members, bool color);

// One JSON object on a line of its own, keys sorted, integers as they are; docs/inspect.md has the
// fields. Bytes of names that are no UTF-8 become "\xNN".
void render_facts_json(llvm::raw_ostream& out, const Inspected& inspected);

// The version of that schema. Fields are added without changing it; it changes when one is removed
// or means something else.
inline constexpr int kJsonSchema = 1;

}  // namespace wasmpack
