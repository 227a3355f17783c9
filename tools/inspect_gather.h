// From a file to facts and findings, for `wasmpack inspect`.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "inspect/facts/facts.h"
#include "inspect/render/render.h"
#include "object/validate.h"
#include "support/bytes.h"
#include "support/diagnostic.h"
#include "support/input_file.h"
#include "tools/inspect_arguments.h"

namespace wasmpack {

// One file or archive member, not yet judged.
struct GatheredFile {
  std::optional<Object> object;  // not of a component
  Facts facts;
};

// Facts of one, what is wrong with its linking information included. Damage of custom sections is
// such a fact; the error says why nothing could be read, or that it is no wasm at all.
Result<GatheredFile> gather_file(Bytes bytes, std::string_view file, std::string_view member);

// One input of the command, looked into and judged. Views point into the input file.
struct InspectedInput {
  std::optional<Inspected> file;            // unless it is an archive, or could not be read
  std::optional<InspectedArchive> archive;  // the facts of its members come in their order
  std::vector<Diagnostic> problems;         // what could not be read: the file, or members
};

// Gathers what the options ask for, validates the code at the same time unless they say not to, and
// runs all checks.
InspectedInput inspect_input(const InputFile& file, const InspectOptions& options);

}  // namespace wasmpack
