// One input file, mapped read-only and kept until the end of the run: every view of the run points
// into it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/bytes.h"
#include "support/diagnostic.h"

namespace llvm {
class MemoryBuffer;
}

namespace wasmpack {

class InputFile {
 public:
  // Maps `path`; a pipe and standard input ("-") are read to their end. Fails with the system's
  // reason: missing, a directory, not readable. A pipe that nobody writes into and a device that
  // gives bytes without end fail, too.
  static Result<InputFile> open(const std::string& path);
  // Takes bytes that are already in memory, under a name for messages.
  static InputFile from_bytes(std::string name, Bytes bytes);
  // The same without a copy.
  static InputFile take_bytes(std::string name, std::vector<uint8_t> bytes);

  InputFile(InputFile&&) noexcept;
  InputFile& operator=(InputFile&&) noexcept;
  ~InputFile();

  const std::string& path() const { return path_; }
  Bytes bytes() const;

 private:
  InputFile(std::string path, std::unique_ptr<llvm::MemoryBuffer> buffer);

  std::string path_;
  std::unique_ptr<llvm::MemoryBuffer> buffer_;
};

}  // namespace wasmpack
