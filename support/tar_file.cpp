#include "support/tar_file.h"

#include <utility>

#include "support/gzip.h"
#include "support/tar.h"

namespace wasmpack {
namespace {

constexpr size_t kMostUnpacked = size_t{512} << 20;

Result<std::vector<InputFile>> copy_members(const InputFile& tar) {
  return read_tar(tar.bytes(), tar.path()).map([&](const std::vector<TarMember>& members) {
    std::vector<InputFile> files;
    for (const TarMember& member : members)
      files.push_back(InputFile::from_bytes(input_name(tar.path(), member.name), member.content));
    return files;
  });
}

}  // namespace

Result<std::optional<std::vector<InputFile>>> unpack_tar_file(const InputFile& file) {
  if (is_tar(file.bytes())) return copy_members(file);
  if (!is_gzip(file.bytes())) return std::nullopt;
  const Result<InputFile> unpacked = unpack_gzip(file, kMostUnpacked);
  if (!unpacked) return tl::unexpected(unpacked.error());
  if (!is_tar(unpacked->bytes())) return std::nullopt;
  return copy_members(*unpacked);
}

}  // namespace wasmpack
