#include "bindgen/bundle_file.h"

#include <string>

#include "object/file_kind.h"
#include "object/read.h"

namespace wasmpack {

Result<Object> read_bundle_file(const InputFile& file) {
  const Bytes bytes = file.bytes();
  const FileKind kind = identify_file(bytes);
  const Location where{.file = file.path()};
  if (kind == FileKind::truncated || kind == FileKind::old_wasm_version || kind == FileKind::empty)
    return tl::make_unexpected(describe_wrong_input(kind, where, bytes));
  if (kind != FileKind::module) {
    return fail("wrong-input", where,
                "it is " + std::string(file_kind_name(kind)) + ", not a bundle",
                "`wasmpack pack` makes bundles");
  }
  return read_object(bytes, file.path());
}

}  // namespace wasmpack
