#include "tools/link_side_files.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include <llvm/Support/FileSystem.h>
#include <llvm/Support/Path.h>
#include <llvm/Support/TarWriter.h>

#include "support/output_file.h"
#include "support/version.h"

namespace wasmpack {
namespace {

// GNU response file quoting.
std::string quote(std::string_view word) {
  std::string out = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// The place of an input inside the tar: its absolute path below the top folder.
std::string path_in_tar(const std::string& path) {
  llvm::SmallString<128> absolute(path);
  llvm::sys::fs::make_absolute(absolute);
  llvm::sys::path::remove_dots(absolute, /*remove_dot_dot=*/true);
  return llvm::sys::path::relative_path(absolute).str();
}

}  // namespace

Result<void> write_reproduction(const std::string& path, const std::vector<std::string>& words,
                                const std::vector<const InputFile*>& files) {
  // TarWriter writes to a path and dies of a full disk; a file in memory cannot be full, and
  // write_whole_file() does the rest by the rules of all our outputs.
  const int memory = memfd_create("wasmpack-reproduce", MFD_CLOEXEC);
  if (memory < 0)
    return fail("cannot-write", {.file = path}, "cannot write: no memory for the tar");
  const std::string temporary = "/proc/self/fd/" + std::to_string(memory);
  const std::string folder = llvm::sys::path::stem(path).str();
  {
    llvm::Expected<std::unique_ptr<llvm::TarWriter>> tar =
        llvm::TarWriter::create(temporary, folder);
    if (!tar)
      return fail("cannot-write", {.file = path},
                  "cannot write: " + llvm::toString(tar.takeError()));
    std::string response;
    const auto is_file = [&](std::string_view word) {
      return std::ranges::any_of(files,
                                 [&](const InputFile* file) { return file->path() == word; });
    };
    for (size_t i = 0; i < words.size(); ++i) {
      const std::string& word = words[i];
      if (word == "--reproduce") ++i;  // and its value
      if (word.starts_with("--reproduce")) continue;
      const size_t value = word.starts_with("--") ? word.find('=') + 1 : 0;
      const bool is_named = is_file(std::string_view(word).substr(value));
      response += quote(is_named ? word.substr(0, value) + path_in_tar(word.substr(value)) : word);
      response += '\n';
    }
    (*tar)->append("response.txt", response);
    (*tar)->append("version.txt", "wasmpack " + std::string(kVersion) + "\n");
    for (const InputFile* file : files) {
      const std::string_view text = as_string(file->bytes());
      (*tar)->append(path_in_tar(file->path()), llvm::StringRef(text.data(), text.size()));
    }
  }
  Result<InputFile> tar = InputFile::open(temporary);
  close(memory);
  if (!tar) return tl::unexpected<Diagnostic>(std::move(tar.error()));
  return write_whole_file(path, tar->bytes());
}

}  // namespace wasmpack
