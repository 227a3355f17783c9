// Writes an artifact into the folder of an OCI layout.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "packager/oci_artifact.h"
#include "support/bytes.h"
#include "support/diagnostic.h"
#include "support/output_file.h"

namespace wasmpack {

// Puts one artifact into a layout that may have others: their entries and blobs stay. Blobs come
// first and index.json last, each by a rename, so that a reader finds the layout as it was or as it
// will be. Runs that write into one layout at the same time wait for each other.
//
// Without commit() the layout stays as it was, and a folder that open() made goes. A process that
// is killed may leave empty folders and blobs that nothing names, never half a blob or an index
// that names what is not there; a later run continues such a folder.
class OciLayoutWriter {
 public:
  // `folder` is a layout, empty, or not there while its parent is. Anything else is an error (id
  // "oci-not-a-layout"), and so is a damaged index.
  static Result<std::unique_ptr<OciLayoutWriter>> open(const std::string& folder);

  OciLayoutWriter(const OciLayoutWriter&) = delete;
  OciLayoutWriter& operator=(const OciLayoutWriter&) = delete;
  ~OciLayoutWriter();

  // Writes all that is new to temporary files. `module` is what `artifact` was made of. Once only.
  Result<void> stage(const OciArtifact& artifact, Bytes module);
  // Gives the files their names.
  Result<void> commit();

 private:
  explicit OciLayoutWriter(std::string folder) : folder_(std::move(folder)) {}
  Result<void> make_folder(const std::string& path);
  Result<void> lock();
  Result<void> check_content();
  Result<void> stage_file(const std::string& path, Bytes bytes);
  Result<void> stage_blob(const std::string& digest, Bytes bytes);

  std::string folder_;
  int descriptor_ = -1;  // of the folder, for the lock
  bool is_new_ = false;  // has no index yet
  bool is_committed_ = false;
  std::vector<std::string> made_folders_, made_files_;
  std::vector<OutputFile> staged_;  // in the order of their commits
};

}  // namespace wasmpack
