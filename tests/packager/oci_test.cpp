// The checker of OCI layouts on damaged and hostile ones, and the texts of a layout.
#include "packager/oci_check.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "packager/oci_artifact.h"
#include "packager/oci_layout.h"

namespace wasmpack {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kModule("\0asm\1\0\0\0", 8);

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary)
      .write(text.data(), static_cast<std::streamsize>(text.size()));
}

// A layout with one sound artifact of the smallest module, in a folder of its own.
class OciCheck : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "wasmpack-oci-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    add(OciOptions());
  }
  void TearDown() override { fs::remove_all(folder_); }

  void add(const OciOptions& options) {
    const Result<OciArtifact> artifact =
        make_oci_artifact(as_bytes(kModule), "m.wasm", "m", options);
    ASSERT_TRUE(artifact) << artifact.error().message;
    artifact_ = *artifact;
    const Result<std::unique_ptr<OciLayoutWriter>> writer = OciLayoutWriter::open(folder_.string());
    ASSERT_TRUE(writer) << writer.error().message;
    ASSERT_TRUE((*writer)->stage(*artifact, as_bytes(kModule)));
    ASSERT_TRUE((*writer)->commit());
  }

  fs::path blob(const std::string& digest) const {
    return folder_ / "blobs" / "sha256" / digest.substr(7);
  }

  // Writes a blob and gives its descriptor as JSON, with `more` members.
  std::string put_blob(const std::string& text, const std::string& media_type,
                       const std::string& more = "") const {
    const std::string digest = oci_digest(as_bytes(text));
    write_file(blob(digest), text);
    return R"({"mediaType":")" + media_type + R"(","digest":")" + digest + R"(","size":)" +
           std::to_string(text.size()) + more + "}";
  }

  void write_index(const std::string& entries) const {
    write_file(folder_ / "index.json", R"({"schemaVersion":2,"manifests":[)" + entries + "]}");
  }

  // An index with one manifest of these parts; what SetUp wrote is unused then.
  void write_artifact(const std::string& config, const std::string& layers,
                      const std::string& head = kHead) const {
    write_index(put_blob("{" + head + R"("config":)" + config + R"(,"layers":[)" + layers + "]}",
                         std::string(kOciManifestType)));
  }

  std::string config(const std::string& text) const {
    return put_blob(text, "application/vnd.wasm.config.v0+json");
  }
  std::string layer(std::string_view text = kModule, const std::string& more = "") const {
    return put_blob(std::string(text), "application/wasm", more);
  }
  std::string good_config() const {
    return config(R"({"architecture":"wasm","os":"wasip1","created":"2024-01-31T23:59:59.5+01:00",)"
                  R"("layerDigests":[")" +
                  oci_digest(as_bytes(kModule)) + R"("],"component":null,"author":null})");
  }

  // The messages, one a line, but of blobs that nothing names.
  std::string check() {
    std::vector<Diagnostic> problems;
    facts_ = check_oci_layout(folder_.string(), problems);
    std::string text;
    if (!facts_) text = facts_.error().id + ": " + facts_.error().message + "\n";
    for (const Diagnostic& problem : problems) {
      if (problem.id == "oci-unused-blob") continue;
      text += problem.id + ": " + problem.message + "\n";
      EXPECT_TRUE(problem.where.file.starts_with(folder_.string()));
    }
    return text;
  }

  void expect(const std::string& part) {
    const std::string text = check();
    EXPECT_NE(text.find(part), text.npos) << "is: " << text;
  }

  static constexpr const char* kHead =
      R"("schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)";

  fs::path folder_;
  OciArtifact artifact_;
  Result<OciLayoutFacts> facts_;
};

TEST_F(OciCheck, OursIsSound) {
  add({.tag = "old", .types = OciMediaTypes::legacy});
  EXPECT_EQ(check(), "");
  ASSERT_EQ(facts_->artifacts.size(), 2u);
  EXPECT_EQ(facts_->artifacts[0].tag, "latest");
  EXPECT_EQ(facts_->artifacts[1].types, OciMediaTypes::legacy);
  EXPECT_EQ(facts_->artifacts[1].entry.digest, artifact_.entry.digest);
  EXPECT_EQ(facts_->blobs, 4u);  // both have one module and one config
}

TEST_F(OciCheck, OneByHandIsSound) {
  write_artifact(good_config(), layer());
  EXPECT_EQ(check(), "");
  EXPECT_EQ(facts_->artifacts.front().config->created, "2024-01-31T23:59:59.5+01:00");
}

TEST_F(OciCheck, BlobsAreWhatTheirNamesSay) {
  write_file(blob(artifact_.layer_digest), "\1asm\1\1\1\1");
  expect("oci-blob: it is damaged: its digest is sha256:");
  write_file(blob(artifact_.layer_digest), "short");
  expect("oci-blob: it has 5 bytes, ");
  fs::remove(blob(artifact_.layer_digest));
  expect("oci-blob: this blob is missing; it is named in ");
  write_file(blob(artifact_.layer_digest), kModule);
  EXPECT_EQ(check(), "");
  fs::remove(blob(artifact_.entry.digest));
  EXPECT_EQ(check(), "oci-blob: this blob is missing; it is named in " +
                         (folder_ / "index.json").string() + "\n");
}

TEST_F(OciCheck, ASizeMustBeRightWhereverItIsSaid) {
  std::string wrong = layer();
  wrong.replace(wrong.find("\"size\":8"), 8, "\"size\":9");
  write_artifact(good_config(), layer() + "," + wrong);
  expect("oci-blob: it has 8 bytes, ");
}

TEST_F(OciCheck, LinksAndPipesAreNotFollowed) {
  const fs::path outside = folder_ / "outside";
  write_file(outside, kModule);
  const fs::path layer_path = blob(artifact_.layer_digest);
  fs::remove(layer_path);
  fs::create_symlink(outside, layer_path);
  EXPECT_EQ(check(), "oci-unsafe-file: it is a symbolic link, where a layout has a file\n");
  fs::remove(layer_path);
  ASSERT_EQ(mkfifo(layer_path.c_str(), 0600), 0);
  EXPECT_EQ(check(), "oci-unsafe-file: it is neither file nor folder, where a layout has a file\n");
  fs::remove(layer_path);
  fs::create_directory(layer_path);
  EXPECT_EQ(check(), "oci-unsafe-file: it is a folder, where a layout has a file\n");

  fs::rename(folder_ / "blobs", folder_ / "elsewhere");
  fs::create_symlink("elsewhere", folder_ / "blobs");
  EXPECT_EQ(check(), "oci-unsafe-file: it is a symbolic link, where a layout has a folder\n");
  fs::remove(folder_ / "index.json");
  fs::create_symlink("oci-layout", folder_ / "index.json");
  expect("oci-unsafe-file: it is a symbolic link, where a layout has a file");
}

TEST_F(OciCheck, DigestsAreNoPaths) {
  for (const char* digest :
       {"sha256:../../../etc/passwd", "sha256:", "sha512:00", "",
        "sha256:ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef01234567"}) {
    write_index(R"({"mediaType":"a","size":1,"digest":")" + std::string(digest) + "\"}");
    expect("oci-malformed: manifests[0]: '" + std::string(digest) +
           "' is not sha256: and 64 digits");
  }
}

TEST_F(OciCheck, TheIndexIsWellFormed) {
  const std::string path = (folder_ / "index.json").string();
  for (const auto& [text, message] : std::initializer_list<std::pair<std::string, std::string>>{
           {"", "it is not JSON"},
           {"[]", "it is not a JSON object"},
           {R"({"manifests":[]})", "`schemaVersion` is not 2"},
           {R"({"schemaVersion":1,"manifests":[]})", "`schemaVersion` is not 2"},
           {R"({"schemaVersion":2})", "`manifests` is missing or not a list"},
           {R"({"schemaVersion":2,"manifests":[],"mediaType":"x"})", "`mediaType` is not "},
           {R"({"schemaVersion":2,"manifests":[7]})", "manifests[0] is missing or not an object"},
           {R"({"schemaVersion":2,"manifests":[{}]})", "manifests[0] has no `mediaType`"},
           {R"({"schemaVersion":2,"manifests":[{"mediaType":"a"}]})",
            "manifests[0] has no `digest`"},
           {R"({"schemaVersion":2,"manifests":[]})", "no Wasm artifact is in this layout"},
           {std::string(5 << 20, ' '), "it has more than 4 MiB"},
           {std::string(100, '['), "too deeply nested"},
           {"[" + std::string(30000, '{'), "it has more than 20000 objects"}}) {
    write_file(path, text);
    expect(message);
  }
  for (const char* size : {"-1", "1.5", "\"1\"", "null"}) {
    write_index(R"({"mediaType":"a","digest":")" + artifact_.layer_digest + R"(","size":)" + size +
                "}");
    expect("manifests[0] has no `size` in bytes");
  }
  for (const char* annotations : {"[]", R"({"a":1})", R"({"a":null})"}) {
    write_index(R"({"mediaType":"a","digest":")" + artifact_.layer_digest +
                R"(","size":8,"annotations":)" + annotations + "}");
    expect("oci-malformed: ");
  }
}

TEST_F(OciCheck, TheFileOciLayout) {
  for (const auto& [text, message] : std::initializer_list<std::pair<std::string, std::string>>{
           {"{}", "it has no `imageLayoutVersion`"},
           {R"({"imageLayoutVersion":"1.1.0"})",
            "the layout's version is '1.1.0', known is 1.0.0"}}) {
    write_file(folder_ / "oci-layout", text);
    expect("oci-malformed: " + message);
  }
  fs::remove(folder_ / "oci-layout");
  EXPECT_EQ(check(), "oci-malformed: this file of the layout is missing\n");
  fs::remove(folder_ / "index.json");
  EXPECT_EQ(check(),
            "oci-not-a-layout: it is no OCI layout: neither oci-layout nor index.json is there\n");
}

TEST_F(OciCheck, Tags) {
  const std::string text = read_file(folder_ / "index.json");
  const size_t begin = text.find("{\"annotations");
  const std::string entry = text.substr(begin, text.rfind("}]") + 1 - begin);
  write_index(entry + "," + entry);
  EXPECT_EQ(check(), "oci-tag: two entries have the tag 'latest'\n");
  for (const char* tag : {"", "a..b", "-a", "a/", "a//b", "a---b", "a b"}) {
    std::string other = entry;
    other.replace(other.find("latest"), 6, tag);
    write_index(other);
    EXPECT_EQ(check(), "oci-tag: '" + std::string(tag) + "' is no reference name of a layout\n");
  }
  for (const char* tag : {"a", "1.2.0", "a--b", "host:5000/x/y_z:t@u+v"})
    EXPECT_TRUE(is_oci_tag(tag));
}

TEST_F(OciCheck, MediaTypes) {
  write_artifact(good_config(), layer(), R"("schemaVersion":2,)");
  expect("oci-media-type: the `mediaType` of the manifest is ''");
  write_artifact(put_blob("{}", "application/vnd.oci.image.config.v1+json"), layer());
  expect("oci-media-type: the config is 'application/vnd.oci.image.config.v1+json'");
  write_artifact(good_config(),
                 put_blob(std::string(kModule), std::string(kOciTypeNames[1].layer)));
  expect(
      "oci-media-type: the layer is 'application/vnd.wasm.content.layer.v1+wasm'; with this "
      "config");
}

TEST_F(OciCheck, OneLayerThatIsAModule) {
  write_artifact(good_config(), "");
  expect("oci-layer: it has 0 layers; ");
  write_artifact(good_config(), layer() + "," + layer());
  expect("oci-layer: it has 2 layers; ");
  const auto write_layer = [&](std::string_view text, const std::string& os,
                               const std::string& more) {
    write_artifact(
        config(R"({"architecture":"wasm","created":"2024-01-01T00:00:00Z","os":")" + os +
               R"(","layerDigests":[")" + oci_digest(as_bytes(text)) + "\"]" + more + "}"),
        layer(text));
  };
  constexpr std::string_view kComponent("\0asm\x0d\0\1\0", 8);
  write_layer("text", "wasip1", "");
  EXPECT_EQ(check(), "oci-layer: the layer is a text file, and by its config a core module\n");
  write_layer(kComponent, "wasip1", "");
  expect("and by its config a core module");
  write_layer(kModule, "wasip2", R"(,"component":{})");
  expect("and by its config a component");
  write_layer(kComponent, "wasip2", "");
  expect("oci-config: `os` is wasip2, and `component` does not say");
  write_layer(kComponent, "wasip2", R"(,"component":{"exports":[],"imports":[]})");
  EXPECT_EQ(check(), "");
  write_artifact(good_config(),
                 layer(kModule, R"(,"annotations":{"org.opencontainers.image.title":"../x"})"));
  EXPECT_EQ(check(),
            "oci-layer: the layer's title '../x' is no plain file name; programs that name a "
            "file after it may refuse it\n");
}

TEST_F(OciCheck, TheConfig) {
  const std::string digests = R"("layerDigests":[")" + oci_digest(as_bytes(kModule)) + "\"]";
  for (const auto& [text, message] : std::initializer_list<std::pair<std::string, std::string>>{
           {"{}", "`architecture` is missing"},
           {R"({"architecture":"amd64","os":"linux"})",
            "`os` is 'linux', neither wasip1 nor wasip2"},
           {R"({"architecture":"amd64"})", "`architecture` is 'amd64', not wasm"},
           {R"({"architecture":1,"os":[]})", "`architecture` is not a text"},
           {R"({"architecture":"","os":"wasip1"})", "`architecture` is empty"},
           {R"({"architecture":"wasm","os":""})", "`os` is empty"},
           {R"({"created":"yesterday"})", "`created` is 'yesterday', not a time"},
           {R"({"created":"2024-01-01T00:00:00"})", "not a time like"},
           {R"({"created":"2024-01-01T00:00:00.Z"})", "not a time like"},
           {"{" + digests + "}", "`created` is missing"},
           {"{}", "`layerDigests` is missing"},
           {R"({"layerDigests":[]})", "`layerDigests` is not the list of the one layer's digest"},
           {R"({"layerDigests":"x"})", "`layerDigests` is not the list of the one layer's digest"},
           {"nonsense", "it is not JSON"}}) {
    write_artifact(config(text), layer());
    expect(message);
  }
  for (const char* time : {"2024-99-99T99:99:99Z", "2024-00-01T00:00:00Z", "2023-02-29T00:00:00Z",
                           "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:61Z",
                           "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00-00:60"}) {
    write_artifact(config(R"({"created":")" + std::string(time) + "\"}"), layer());
    expect("`created` is '" + std::string(time) + "', not a time");
  }
  for (const char* time : {"2024-02-29T23:59:60Z", "0000-01-01T00:00:00-23:59"}) {
    write_artifact(config(R"({"created":")" + std::string(time) + "\"}"), layer());
    EXPECT_EQ(check().find("not a time"), std::string::npos) << time;
  }
  // A thousand manifests may name one config.
  write_artifact(config(R"({"os":")" + std::string(200000, 'x') + "\"}"), layer());
  expect("`os` is '" + std::string(100, 'x') + "'..., neither wasip1 nor wasip2");
  // Old pullers never read it.
  write_artifact(put_blob("{}", std::string(kOciTypeNames[1].config)),
                 put_blob(std::string(kModule), std::string(kOciTypeNames[1].layer)));
  EXPECT_EQ(check(), "");
}

TEST_F(OciCheck, WhatIsNoWasmIsOnlyHeldAgainstItsHashes) {
  const std::string ours = read_file(folder_ / "index.json");
  const std::string image =
      put_blob(R"({"schemaVersion":2,"config":)" + put_blob("{}", "application/x") +
                   R"(,"layers":[)" + put_blob("a tar file", "application/y") + "]}",
               std::string(kOciManifestType));
  const size_t begin = ours.find("{\"annotations");
  write_index(ours.substr(begin, ours.rfind("}]") + 1 - begin) + "," + image);
  EXPECT_EQ(check(), "");
  EXPECT_EQ(facts_->blobs, 6u);
  write_file(blob(oci_digest(as_bytes("a tar file"))), "a tar filE");
  expect("oci-blob: it is damaged");
  write_index(image);
  expect("oci-blob: it is damaged");
}

TEST_F(OciCheck, IndexesInIndexes) {
  std::string entry = put_blob(artifact_.manifest, std::string(kOciManifestType));
  for (int depth = 0; depth < 6; ++depth) {
    entry =
        put_blob(R"({"schemaVersion":2,"manifests":[)" + entry + "]}", std::string(kOciIndexType));
    write_index(entry);
    const std::string text = check();
    if (depth < 4)
      EXPECT_EQ(text, "");
    else
      EXPECT_EQ(text, "oci-malformed: indexes are nested more than 4 deep\n");
  }
  write_index(put_blob(R"({"schemaVersion":2,"manifests":[]})", std::string(kOciIndexType)));
  EXPECT_EQ(check(), "oci-no-artifact: no Wasm artifact is in this layout\n");
}

TEST_F(OciCheck, UnusedBlobsAreWarnedAbout) {
  for (int i = 0; i < 30; ++i)
    write_file(folder_ / "blobs" / "sha256" / ("x" + std::to_string(i)), "");
  std::vector<Diagnostic> problems;
  ASSERT_TRUE(check_oci_layout(folder_.string(), problems));
  ASSERT_EQ(problems.size(), 21u);
  EXPECT_EQ(problems.front().severity, Severity::warning);
  EXPECT_EQ(problems.back().message, "and 10 more blobs that nothing names");
}

TEST_F(OciCheck, ManyEntriesForOneBlobTakeNoLonger) {
  const std::string entry = put_blob(artifact_.manifest, std::string(kOciManifestType));
  std::string entries = entry;
  for (int i = 0; i < 15000; ++i) entries += "," + entry;
  write_index(entries);
  EXPECT_EQ(check(), "");
  EXPECT_EQ(facts_->blobs, 3u);
}

// Else a layout of 6 MB takes gigabytes, and as much to print.
TEST_F(OciCheck, ManyEntriesForOneLargeManifestAreListedInBounds) {
  const std::string entry =
      put_blob("{" + std::string(kHead) + R"("config":)" + good_config() + R"(,"layers":[)" +
                   layer() + R"(],"annotations":{"a":")" + std::string(3 << 20, 'x') + "\"}}",
               std::string(kOciManifestType));
  std::string entries = entry;
  for (int i = 0; i < 15000; ++i) entries += "," + entry;
  write_index(entries);
  EXPECT_EQ(check(),
            "oci-malformed: its entries repeat more than 64 MiB of manifests; the later ones are "
            "not listed\n");
  const std::vector<OciFacts>& artifacts = facts_->artifacts;
  ASSERT_EQ(artifacts.size(), 15001u);
  EXPECT_EQ(artifacts[1].manifest, artifacts[0].manifest);
  EXPECT_EQ(artifacts[1].config, artifacts[0].config);
  const auto listed = std::ranges::count_if(
      artifacts, [](const OciFacts& facts) { return facts.manifest != nullptr; });
  EXPECT_EQ(listed, 21);
  EXPECT_EQ(artifacts.back().types, OciMediaTypes::cncf);
}

TEST(OciIndex, AnArtifactIsAddedOrReplaced) {
  OciDescriptor artifact{.media_type = std::string(kOciManifestType),
                         .digest = oci_digest(as_bytes("x")),
                         .size = 1,
                         .annotations = {{std::string(kOciRefName), "t"}}};
  const Result<std::string> first = add_to_oci_index(std::nullopt, artifact, {});
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, *add_to_oci_index(as_bytes(*first), artifact, {}));
  artifact.size = 2;
  EXPECT_EQ(
      parse_oci_index(as_bytes(*add_to_oci_index(as_bytes(*first), artifact, {})), {})->size(), 1u);
  artifact.annotations.begin()->second = "u";
  EXPECT_EQ(
      parse_oci_index(as_bytes(*add_to_oci_index(as_bytes(*first), artifact, {})), {})->size(), 2u);
  EXPECT_FALSE(add_to_oci_index(as_bytes(""), artifact, {}));
  EXPECT_FALSE(add_to_oci_index(as_bytes("{}"), artifact, {}));
  EXPECT_FALSE(
      add_to_oci_index(as_bytes(R"({"schemaVersion":2,"manifests":[],"x":1e999})"), artifact, {}));
}

TEST(OciArtifact, MetadataOfStrangersIsTakenAsText) {
  std::string module(kModule);
  const auto add_section = [&](std::string name, std::string_view content) {
    module += '\0';
    module += static_cast<char>(1 + name.size() + content.size());
    module += static_cast<char>(name.size());
    module += name;
    module += content;
  };
  add_section("version", "1\xff\n");
  add_section("description", "");
  add_section("wasmpack.manifest", R"({"package":{"name":"../\u0000"}})");
  const Result<OciArtifact> artifact = make_oci_artifact(as_bytes(module), "m", "m", {});
  ASSERT_TRUE(artifact) << artifact.error().message;
  const Result<OciManifest> manifest = parse_oci_manifest(as_bytes(artifact->manifest), {});
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->annotations.at("org.opencontainers.image.version"), "1\\xff\\x0a");
  EXPECT_FALSE(manifest->annotations.contains("org.opencontainers.image.description"));
  EXPECT_EQ(manifest->layers.front().annotations.at(std::string(kOciTitle)), "..--.wasm");
}

TEST(OciArtifact, TooMuchMetadataIsRefused) {
  const auto make_module = [](const std::string& name, size_t length) {
    std::string module(kModule);
    module += '\0';
    const size_t size = 1 + name.size() + length;
    module += static_cast<char>((size & 0x7f) | 0x80);
    module += static_cast<char>(((size >> 7) & 0x7f) | 0x80);
    module += static_cast<char>(((size >> 14) & 0x7f) | 0x80);
    module += static_cast<char>(size >> 21);
    return module + static_cast<char>(name.size()) + name + std::string(length, 'x');
  };
  const auto make_artifact = [&](const std::string& module) {
    return make_oci_artifact(as_bytes(module), "m", "m", {});
  };
  const Result<OciArtifact> large_manifest = make_artifact(make_module("version", 5 << 20));
  ASSERT_FALSE(large_manifest);
  EXPECT_EQ(large_manifest.error().id, "oci-malformed");
  // The config repeats the authors, and the checker takes 256 KiB of it.
  const Result<OciArtifact> large_config = make_artifact(make_module("authors", 300 << 10));
  ASSERT_FALSE(large_config);
  EXPECT_EQ(large_config.error().message,
            "its section `authors` makes a config of more than 256 KiB, too much for a config");
  EXPECT_TRUE(make_artifact(make_module("authors", 255 << 10)));
}

}  // namespace
}  // namespace wasmpack
