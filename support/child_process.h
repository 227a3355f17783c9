// Runs one of the child programs: other people's parsers of wasm, which may abort, loop or eat
// memory. Nothing of a run has a name in the file system, so nothing is left behind however this
// process or the child ends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

struct ChildLimits {
  uint64_t memory_bytes = uint64_t{8} << 30;  // of address space
  uint64_t output_bytes = uint64_t{1} << 30;  // of each output; engines load no larger module
  unsigned cpu_seconds = 600;
  unsigned wall_seconds = 1200;
};

struct ChildRun {
  std::vector<std::string> arguments;  // behind the program's name
  Bytes input;                         // standard input
  std::vector<Bytes> files;            // further files, see child_file_name()
  size_t scratch_files = 0;            // empty files behind those, for the child to write
  ChildLimits limits;
};

struct ChildResult {
  int exit_code = 0;
  std::vector<uint8_t> output;                // standard output
  std::string messages;                       // standard error, its first kMessageBytes
  std::vector<std::vector<uint8_t>> scratch;  // what is in the scratch files
};
inline constexpr size_t kMessageBytes = size_t{256} << 10;

// The name under which the child finds files[index]; scratch files count on behind the last one.
std::string child_file_name(size_t index);

// Runs the child program `name` ("wasmpack-lld"), found beside this program in
// ../libexec/wasmpack/, and waits for it. Whatever exit code it ends with is a result; an error is
// a child that is missing, could not be started, was ended by a signal or exceeded a limit.
Result<ChildResult> run_child(std::string_view name, const ChildRun& run);

// The same for a program at a path.
Result<ChildResult> run_program(const std::string& path, const ChildRun& run);

}  // namespace wasmpack
