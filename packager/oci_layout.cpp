#include "packager/oci_layout.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "packager/oci_files.h"
#include "support/input_file.h"

namespace wasmpack {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLayoutText = R"({"imageLayoutVersion":"1.0.0"})";

std::string system_reason(int error) { return std::generic_category().message(error); }

// What a run that was killed before it had an index leaves.
bool is_remainder(const std::string& name) {
  return name == "blobs" || name == kOciLayoutFile || name.starts_with(".wasmpack-");
}

}  // namespace

Result<std::unique_ptr<OciLayoutWriter>> OciLayoutWriter::open(const std::string& folder) {
  // Not make_unique: the constructor is private.
  std::unique_ptr<OciLayoutWriter> writer(new OciLayoutWriter(folder));
  // The folder itself may be a link: it is the user who names it.
  std::error_code error;
  const bool is_folder = fs::is_directory(folder, error);
  if (!is_folder && fs::exists(folder, error)) {
    return fail("oci-not-a-layout", {.file = folder}, "it is a file; an OCI layout is a folder",
                "name a folder that is a layout, empty, or not there yet");
  }
  Result<void> done = is_folder ? Result<void>() : writer->make_folder(folder);
  if (done) done = writer->lock();
  if (done) done = writer->check_content();
  if (!done) return tl::unexpected(done.error());
  return writer;
}

OciLayoutWriter::~OciLayoutWriter() {
  staged_.clear();
  if (!is_committed_) {
    for (const std::string& path : made_files_) unlink(path.c_str());
    // Those that others have put something into stay.
    for (auto path = made_folders_.rbegin(); path != made_folders_.rend(); ++path)
      rmdir(path->c_str());
  }
  if (descriptor_ >= 0) close(descriptor_);
}

Result<void> OciLayoutWriter::make_folder(const std::string& path) {
  if (mkdir(path.c_str(), 0777) == 0) {
    made_folders_.push_back(path);
    return {};
  }
  const int error = errno;
  if (error == EEXIST) return {};  // another run was faster
  const std::string parent = fs::path(path).parent_path().string();
  return fail("cannot-write", {.file = path}, "the folder cannot be made: " + system_reason(error),
              error == ENOENT ? "create its parent first: `mkdir -p " + parent + "`" : "");
}

Result<void> OciLayoutWriter::lock() {
  descriptor_ = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor_ < 0) {
    return fail("cannot-write", {.file = folder_},
                "the folder cannot be opened: " + system_reason(errno));
  }
  // A file system without locks is no reason to write nothing.
  while (flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
  }
  return {};
}

Result<void> OciLayoutWriter::check_content() {
  const std::string index = path_in_layout(folder_, kOciIndexFile);
  const std::string layout = path_in_layout(folder_, kOciLayoutFile);
  const Result<std::optional<uint64_t>> index_size = find_plain_file(index);
  const Result<std::optional<uint64_t>> layout_size = find_plain_file(layout);
  if (!index_size) return tl::unexpected(index_size.error());
  if (!layout_size) return tl::unexpected(layout_size.error());
  is_new_ = !index_size->has_value();
  if (is_new_ || !layout_size->has_value()) {
    std::error_code error;
    for (fs::directory_iterator entry(folder_, error), end; !error && entry != end;
         entry.increment(error)) {  // ++ would throw
      if (is_remainder(entry->path().filename().string())) continue;
      return fail("oci-not-a-layout", {.file = folder_},
                  "this folder is not empty and no OCI layout: it has no " +
                      std::string(is_new_ ? kOciIndexFile : kOciLayoutFile),
                  "name a folder that is a layout, empty, or not there yet");
    }
    if (error) return fail("cannot-read", {.file = folder_}, error.message());
  }
  if (layout_size->has_value()) {
    const Result<InputFile> file = open_oci_json(layout);
    if (!file) return tl::unexpected(file.error());
    if (Result<void> checked = check_oci_layout_file(file->bytes(), {.file = layout}); !checked)
      return checked;
  }
  const std::string blobs = path_in_layout(folder_, kOciBlobFolder);
  for (const std::string& path : {fs::path(blobs).parent_path().string(), blobs}) {
    const Result<bool> is_there = is_plain_folder(path);
    if (!is_there) return tl::unexpected(is_there.error());
    if (*is_there) continue;
    if (Result<void> made = make_folder(path); !made) return made;
  }
  return {};
}

Result<void> OciLayoutWriter::stage_file(const std::string& path, Bytes bytes) {
  return OutputFile::create(path).and_then([&](OutputFile file) {
    Result<void> written = file.write(0, bytes);
    if (written) staged_.push_back(std::move(file));
    return written;
  });
}

// A blob that is there stays, unless it is damaged.
Result<void> OciLayoutWriter::stage_blob(const std::string& digest, Bytes bytes) {
  const std::string path = oci_blob_path(folder_, digest);
  const Result<std::optional<uint64_t>> size = find_plain_file(path);
  if (!size) return tl::unexpected(size.error());
  if (*size == bytes.size()) {
    const Result<InputFile> file = InputFile::open(path);
    if (file && std::ranges::equal(file->bytes(), bytes)) return {};
  }
  if (Result<void> staged = stage_file(path, bytes); !staged) return staged;
  if (!size->has_value()) made_files_.push_back(path);
  return {};
}

Result<void> OciLayoutWriter::stage(const OciArtifact& artifact, Bytes module) {
  const std::string index = path_in_layout(folder_, kOciIndexFile);
  std::string index_text;
  {
    std::optional<InputFile> old;
    if (!is_new_) {
      Result<InputFile> file = open_oci_json(index);
      if (!file) return tl::unexpected(file.error());
      old = std::move(*file);
    }
    Result<std::string> text = add_to_oci_index(old ? std::optional(old->bytes()) : std::nullopt,
                                                artifact.entry, {.file = index});
    if (!text) return tl::unexpected(text.error());
    index_text = std::move(*text);
  }
  Result<void> done = stage_blob(artifact.layer_digest, module);
  if (done) done = stage_blob(artifact.config_digest, as_bytes(artifact.config));
  if (done) done = stage_blob(artifact.entry.digest, as_bytes(artifact.manifest));
  if (done && is_new_) {
    const std::string layout = path_in_layout(folder_, kOciLayoutFile);
    made_files_.push_back(layout);
    done = stage_file(layout, as_bytes(kLayoutText));
  }
  if (done) done = stage_file(index, as_bytes(index_text));
  return done;
}

Result<void> OciLayoutWriter::commit() {
  for (OutputFile& file : staged_) {
    if (Result<void> done = file.commit(); !done) return done;
  }
  is_committed_ = true;
  return {};
}

}  // namespace wasmpack
