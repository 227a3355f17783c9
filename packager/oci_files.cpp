#include "packager/oci_files.h"

#include <cerrno>
#include <system_error>

#include <sys/stat.h>

#include "packager/oci_format.h"

namespace wasmpack {
namespace {

tl::unexpected<Diagnostic> unsafe_file(const std::string& path, const struct stat& status,
                                       std::string_view wanted) {
  const char* what = S_ISLNK(status.st_mode)   ? "a symbolic link"
                     : S_ISDIR(status.st_mode) ? "a folder"
                     : S_ISREG(status.st_mode) ? "a file"
                                               : "neither file nor folder";
  return fail("oci-unsafe-file", {.file = path},
              std::string("it is ") + what + ", where a layout has " + std::string(wanted));
}

// False if there is nothing of that name.
Result<bool> read_status(const std::string& path, struct stat& status) {
  if (lstat(path.c_str(), &status) == 0) return true;
  if (errno == ENOENT) return false;
  return fail("cannot-read", {.file = path}, std::generic_category().message(errno));
}

}  // namespace

std::string path_in_layout(const std::string& folder, std::string_view name) {
  std::string path = folder;
  if (!path.ends_with('/')) path += '/';
  return path += name;
}

std::string oci_blob_path(const std::string& folder, std::string_view digest) {
  digest.remove_prefix(kOciDigestPrefix.size());
  return path_in_layout(folder, kOciBlobFolder) + "/" + std::string(digest);
}

Result<bool> is_plain_folder(const std::string& path) {
  struct stat status{};
  Result<bool> is_there = read_status(path, status);
  if (!is_there || !*is_there) return is_there;
  if (!S_ISDIR(status.st_mode)) return unsafe_file(path, status, "a folder");
  return true;
}

Result<std::optional<uint64_t>> find_plain_file(const std::string& path) {
  struct stat status{};
  const Result<bool> is_there = read_status(path, status);
  if (!is_there) return tl::unexpected(is_there.error());
  if (!*is_there) return std::nullopt;
  if (!S_ISREG(status.st_mode)) return unsafe_file(path, status, "a file");
  return static_cast<uint64_t>(status.st_size);
}

Result<InputFile> open_oci_json(const std::string& path) {
  const Result<std::optional<uint64_t>> size = find_plain_file(path);
  if (!size) return tl::unexpected(size.error());
  if (!size->has_value())
    return fail("oci-malformed", {.file = path}, "this file of the layout is missing");
  if (**size > kMaxOciJson) {
    return fail("oci-malformed", {.file = path}, "it has more than 4 MiB, which no registry takes");
  }
  return InputFile::open(path);
}

}  // namespace wasmpack
