// Renders facts, for people and for programs. Both say the same; neither finds out anything.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <llvm/Support/raw_ostream.h>

#include "inspect/facts/facts.h"
#include "inspect/render/text_fit.h"
#include "support/diagnostic.h"

namespace wasmpack {

// What follows the summary. Names come from hostile files: control characters are escaped, and what
// is longer than anyone reads is cut.
struct TextTables {
  bool sections = false;
  bool symbols = false;
  bool relocations = false;
  bool functions = false;
  bool segments = false;
  bool exports = false;
  bool imports = false;
  bool constructors = false;
  bool registry = false;  // of a bundle its kernels and params; what constructors register
  bool memory = false;    // layout, and the index spaces of memories, tables, globals and tags
  // Nobody asked for tables: those that tell what a file offers, needs and runs, and no more than
  // a screenful in all.
  bool is_overview = false;

  bool has_any() const {
    return sections || symbols || relocations || functions || segments || exports || imports ||
           constructors || registry || memory;
  }
};

// One file or archive member, looked into and judged.
struct Inspected {
  Facts facts;
  std::vector<Diagnostic> findings;  // sorted (inspect/checks/check.h)
};

// A member as the archive has it.
struct MemberFact {
  std::string_view name;
  uint64_t offset;  // of its bytes, in the archive
  uint64_t size;    // bytes, without the header
  bool is_read;     // it is in InspectedArchive::inspected
};

struct InspectedArchive {
  std::string_view file;
  uint64_t size = 0;
  std::vector<MemberFact> members;
  std::vector<Inspected> inspected;  // the members that could be read, in their order
};

// One file or archive member: what it is, whether its constructors run and who calls them, its
// findings, what it offers and needs, then the tables that were asked for, as far as there is
// anything in them. docs/inspect.md has an example.
void render_facts_text(llvm::raw_ostream& out, const Inspected& inspected, const TextTables& tables,
                       const TextStyle& style);

// What an archive is, in one line: how many members, and how many of them have constructors. Then
// the members; as an overview some of them in one line each, those first that have constructors or
// errors.
void render_archive_text(llvm::raw_ostream& out, const InspectedArchive& archive,
                         const TextTables& tables, const TextStyle& style);

// One JSON object on a line of its own, keys sorted, integers as they are;
// docs/inspect.schema.json describes it. Bytes of names that are no UTF-8 become "\xNN".
void render_facts_json(llvm::raw_ostream& out, const Inspected& inspected);
// The same of the archive itself; its members are rendered as files are.
void render_archive_json(llvm::raw_ostream& out, const InspectedArchive& archive);

// The version of that schema. Fields are added without changing it; it changes when one is removed
// or means something else.
inline constexpr int kJsonSchema = 1;

}  // namespace wasmpack
