// Output that appears under its name only when it is whole.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/bytes.h"
#include "support/diagnostic.h"

namespace wasmpack {

// A file that is being written. Until commit() the bytes are in a temporary file in the same
// folder; it is removed when the OutputFile goes away without a commit, and when SIGINT, SIGTERM,
// SIGHUP or a crash ends the process. A file of that name stays what it was until then, so it may
// be one of the inputs.
//
// A destination that is no regular file ("-" and /dev/stdout, /dev/null, a pipe) cannot be
// replaced: its bytes are collected in memory and written in order by commit().
//
// Errors carry the path and the system's reason; after one, let the OutputFile go. Too large a file
// (RLIMIT_FSIZE) is an error like a full disk: creating an OutputFile makes the process ignore
// SIGXFSZ from then on.
class OutputFile {
 public:
  // Finds out what `path` is and creates the temporary. A symbolic link is followed: the file it
  // names is replaced. The new file has the permissions of the one it replaces, else 0666 without
  // the umask.
  static Result<OutputFile> create(const std::string& path);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&& other) noexcept;
  ~OutputFile();

  // Writes `bytes` at `offset`. Any number of threads may write disjoint ranges, in any order.
  Result<void> write(uint64_t offset, Bytes bytes);

  // Gives the file its name. Nothing may be written afterwards.
  Result<void> commit();

  // The path as given, "<stdout>" for "-".
  const std::string& path() const { return path_; }

 private:
  explicit OutputFile(std::string path);
  Result<void> create_temporary(unsigned permissions, bool is_replacement);
  Result<void> write_collected();
  void discard();

  std::string path_;                // for messages
  std::string destination_;         // what commit() replaces or opens, links resolved
  std::string temporary_;           // empty: there is none (any more)
  std::vector<uint8_t> collected_;  // the bytes for a stream
  std::unique_ptr<std::mutex> collected_mutex_ = std::make_unique<std::mutex>();
  int descriptor_ = -1;  // of the temporary, or of a stream that was open already
  bool is_stream_ = false;
};

// Writes a whole file by the same rules.
Result<void> write_whole_file(const std::string& path, Bytes bytes);

}  // namespace wasmpack
