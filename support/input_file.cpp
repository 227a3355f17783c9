#include "support/input_file.h"

#include <utility>

#include <llvm/Support/MemoryBuffer.h>

namespace wasmpack {

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
    return fail("cannot-read", {.file = name}, "cannot read: " + buffer.getError().message());
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
