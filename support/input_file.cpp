#include "support/input_file.h"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <llvm/Support/FileSystem.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/Path.h>

#include "support/suggest.h"

namespace wasmpack {
namespace {

// The way out for a path that cannot be read: what else is there, or what was meant.
std::string suggest_path(const std::string& path, std::error_code reason) {
  if (reason == std::errc::is_a_directory) return "name the files in it";
  if (reason != std::errc::no_such_file_or_directory) return {};
  const llvm::StringRef folder = llvm::sys::path::parent_path(path);
  std::vector<std::string> names;
  std::error_code error;
  llvm::sys::fs::directory_iterator end;
  for (llvm::sys::fs::directory_iterator at(folder.empty() ? "." : folder, error);
       !error && at != end; at.increment(error))
    names.push_back(llvm::sys::path::filename(at->path()).str());
  std::sort(names.begin(), names.end());
  return suggest_sentence(llvm::sys::path::filename(path).str(),
                          std::vector<std::string_view>(names.begin(), names.end()));
}

}  // namespace

InputFile::InputFile(std::string path, std::unique_ptr<llvm::MemoryBuffer> buffer)
    : path_(std::move(path)), buffer_(std::move(buffer)) {}
InputFile::InputFile(InputFile&&) noexcept = default;
InputFile& InputFile::operator=(InputFile&&) noexcept = default;
InputFile::~InputFile() = default;

Result<InputFile> InputFile::open(const std::string& path) {
  auto buffer = path == "-" ? llvm::MemoryBuffer::getSTDIN()
                            : llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                                          /*RequiresNullTerminator=*/false);
  const std::string name = path == "-" ? "<stdin>" : path;
  if (!buffer)
    return fail("cannot-read", {.file = name}, "cannot read: " + buffer.getError().message(),
                suggest_path(path, buffer.getError()));
  return InputFile(name, std::move(*buffer));
}

InputFile InputFile::from_bytes(std::string name, Bytes bytes) {
  const std::string_view text = as_string(bytes);
  return {std::move(name),
          llvm::MemoryBuffer::getMemBufferCopy(llvm::StringRef(text.data(), text.size()))};
}

Bytes InputFile::bytes() const {
  const llvm::StringRef text = buffer_->getBuffer();
  return as_bytes({text.data(), text.size()});
}

}  // namespace wasmpack
