// What tests of every layer share: folders that go away, files, child programs, guarded memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/bytes.h"

namespace wasmpack {

// A new folder under TMPDIR, removed with everything in it at the end of the scope.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  // The path of `name` in the folder.
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }
  // The names in the folder, sorted.
  std::vector<std::string> names() const;

 private:
  std::string path_;
};

// Both throw on failure, which fails the test.
void write_test_file(const std::string& path, std::string_view content);
std::string read_test_file(const std::string& path);

struct CommandResult {
  int exit_code;       // -1 if a signal ended it
  std::string output;  // standard output and standard error
};
// Runs a shell command line.
CommandResult run_command(const std::string& command);
// The same, for commands that must succeed: throws with their output if they do not.
std::string run_or_throw(const std::string& command);

// A copy of bytes that ends where readable memory ends: a read past the end is a crash in every
// build, not only under AddressSanitizer.
class GuardedBytes {
 public:
  explicit GuardedBytes(Bytes bytes);
  ~GuardedBytes();
  GuardedBytes(const GuardedBytes&) = delete;
  GuardedBytes& operator=(const GuardedBytes&) = delete;

  Bytes bytes() const { return bytes_; }

 private:
  void* mapping_;
  size_t mapped_size_;
  Bytes bytes_;
};

// Numbers for mutations: the same for one seed everywhere (splitmix64).
class TestRandom {
 public:
  explicit TestRandom(uint64_t seed) : state_(seed) {}
  uint64_t next();
  // In [0, limit); limit is not 0.
  uint64_t below(uint64_t limit) { return next() % limit; }

 private:
  uint64_t state_;
};

}  // namespace wasmpack
