// The files of an OCI layout's folder. Layouts come from strangers: what is in one is read only if
// it is a plain file or folder, and no symbolic link leads out of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "support/diagnostic.h"
#include "support/input_file.h"

namespace wasmpack {

inline constexpr std::string_view kOciLayoutFile = "oci-layout";
inline constexpr std::string_view kOciIndexFile = "index.json";
inline constexpr std::string_view kOciBlobFolder = "blobs/sha256";

std::string path_in_layout(const std::string& folder, std::string_view name);
// Where the blob of a digest (is_oci_digest) lies.
std::string oci_blob_path(const std::string& folder, std::string_view digest);

// Whether there is a folder `path`, or a file and its size in bytes; anything else of that name is
// an error (id "oci-unsafe-file"). The last name is not followed if it is a symbolic link.
Result<bool> is_plain_folder(const std::string& path);
Result<std::optional<uint64_t>> find_plain_file(const std::string& path);

// A JSON file of a layout, which must be there and have at most kMaxOciJson bytes; errors as above,
// and "oci-malformed".
Result<InputFile> open_oci_json(const std::string& path);

}  // namespace wasmpack
