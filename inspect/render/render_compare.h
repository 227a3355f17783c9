// Renders what inspect/compare found in several files. The texts lead with the verdict; names are
// escaped, and cut if they are longer than anyone reads. JSON is one object on a line of its own,
// keys sorted; docs/inspect-compare.md has the fields.
#pragma once

#include <span>

#include <llvm/Support/raw_ostream.h>

#include "inspect/compare/compared_file.h"
#include "inspect/compare/conflicts.h"
#include "inspect/compare/difference.h"
#include "inspect/compare/link_line.h"
#include "inspect/render/text_fit.h"

namespace wasmpack {

// `--diff`. Of the sizes of functions and data the text shows those that changed most.
void render_diff_text(llvm::raw_ostream& out, const ComparedFile& old_file,
                      const ComparedFile& new_file, const Comparison& comparison,
                      const TextStyle& style);
void render_diff_json(llvm::raw_ostream& out, const ComparedFile& old_file,
                      const ComparedFile& new_file, const Comparison& comparison);

// `--conflicts`.
void render_conflicts_text(llvm::raw_ostream& out, std::span<const ComparedFile> files,
                           const Conflicts& conflicts, const TextStyle& style);
void render_conflicts_json(llvm::raw_ostream& out, std::span<const ComparedFile> files,
                           const Conflicts& conflicts);

// `--link-line`. `findings` are those of the members that nothing pulls.
void render_link_line_text(llvm::raw_ostream& out, std::span<const ComparedFile> files,
                           const LinkLine& line, std::span<const Diagnostic> findings,
                           const TextStyle& style);
void render_link_line_json(llvm::raw_ostream& out, std::span<const ComparedFile> files,
                           const LinkLine& line, std::span<const Diagnostic> findings);

}  // namespace wasmpack
