// The manifest's reader: what it takes, and what it says, with the place, about what it does not.
#include "packager/manifest.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace wasmpack {
namespace {

constexpr const char* kHead =
    "schema = 1\n"                          // line 1
    "[package]\n"                           // line 2
    "name = \"p\"\nversion = \"1.0.0\"\n";  // lines 3, 4
constexpr const char* kLibrary = "[[library]]\nname = \"l\"\ninputs = [\"l.o\"]\n";

std::optional<Manifest> parse(const std::string& text, std::string& messages) {
  DiagnosticSink sink;
  std::optional<Manifest> manifest = parse_manifest(as_bytes(text), "k.toml", sink);
  for (const Diagnostic& problem : sink.take_sorted()) messages += render_text(problem, false);
  return manifest;
}

// The messages for a text that must not be accepted.
std::string refuse(const std::string& text) {
  std::string messages;
  EXPECT_FALSE(parse(text, messages).has_value()) << text.substr(0, 200);
  return messages;
}

Manifest accept(const std::string& text) {
  std::string messages;
  std::optional<Manifest> manifest = parse(text, messages);
  EXPECT_TRUE(manifest.has_value()) << messages;
  EXPECT_EQ(messages, "");
  return manifest.value_or(Manifest());
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Manifest, ReadsEveryKey) {
  const Manifest manifest = accept(R"toml(schema = 1
[package]
name = "vision"
version = "1.2.0-rc.1+build5"
description = "d"
license = "MIT"
authors = ["A <a@example.org>", "B"]
source = "s"
homepage = "h"
revision = "r"
[bundle]
init = "lazy"
memory = { initial = "65KiB", max = 1048576, import = true }
stack-size = 1001
export-kernels = false
undefined = "import"
allow-imports = ["env.*", "wasi_snapshot_preview1.fd_write"]
global-base = "64KiB"
signature-mismatch = "warn"
optimize = "Oz"
strip = "debug"
adapters = []
[features]
allow = ["simd128"]
deny = ["atomics"]
[ctors]
order = "priority"
expect = ["init_conv"]
[metadata]
team = "kernels"
[[param]]
name = "w"
path = "w.bin"
offset = 8
dtype = "bfloat16"
shape = [3, 5]
embed = "external"
align = 64
sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
[[library]]
name = "conv"
inputs = ["a.o", "lib/*.a"]
archives = "lazy"
prefix = "c_"
seal = false
keep-global = ["shared_*"]
abi = "tvm"
producer = "clang 22"
license = "BSD-3-Clause"
export = true
sha256 = { "a.o" = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
[[library.kernel]]
symbol = "conv2d"
as = "two"
signature = "(i32)->()"
doc = "convolves"
args = [{ name = "x", dtype = "float32", shape = [-1, 3], layout = "NC" }]
results = [{ name = "y", dtype = "int8", shape = [] }]
[[library.kernel]]
symbol = "pool*"
[[library]]
name = "second"
inputs = ["b.o"]
)toml");
  EXPECT_EQ(manifest.path, "k.toml");
  EXPECT_EQ(manifest.package.name, "vision");
  EXPECT_EQ(manifest.package.version, "1.2.0-rc.1+build5");
  EXPECT_EQ(manifest.package.authors, (std::vector<std::string>{"A <a@example.org>", "B"}));
  EXPECT_EQ(manifest.package.description + manifest.package.license + manifest.package.source +
                manifest.package.homepage + manifest.package.revision,
            "dMITshr");
  EXPECT_EQ(manifest.bundle.initial_memory, 2 * kWasmPage);  // 65 KiB in whole pages
  EXPECT_EQ(manifest.bundle.maximum_memory, 16 * kWasmPage);
  EXPECT_EQ(manifest.bundle.stack_size, 1008u);  // the next multiple of 16
  EXPECT_FALSE(manifest.bundle.export_kernels);
  EXPECT_EQ(manifest.bundle.undefined, UndefinedPolicy::import);
  EXPECT_EQ(manifest.bundle.allow_imports.size(), 2u);
  EXPECT_FALSE(manifest.bundle.has_wapc);
  EXPECT_EQ(manifest.bundle.init, InitMode::lazy);
  EXPECT_TRUE(manifest.bundle.import_memory);
  EXPECT_EQ(manifest.bundle.global_base, 65536u);
  EXPECT_EQ(manifest.bundle.signature_mismatch, SignaturePolicy::warn);
  EXPECT_EQ(manifest.bundle.optimize, OptimizeLevel::Oz);
  EXPECT_EQ(manifest.bundle.strip, StripPolicy::debug);
  EXPECT_EQ(manifest.features.allow.value().at(0), "simd128");
  EXPECT_EQ(manifest.features.deny.at(0), "atomics");
  EXPECT_TRUE(manifest.ctors.by_priority);
  EXPECT_EQ(manifest.ctors.expect.at(0).text, "init_conv");
  EXPECT_EQ(manifest.metadata.at(0).second, "kernels");
  const ParamRequest& param = manifest.params.at(0);
  EXPECT_EQ(param.offset, 8u);
  EXPECT_EQ(param.bytes, 30u);  // 15 elements of 2 bytes
  EXPECT_FALSE(param.is_embedded);
  EXPECT_EQ(param.align, 64u);
  ASSERT_EQ(manifest.libraries.size(), 2u);
  const LibraryRequest& library = manifest.libraries[0];
  EXPECT_EQ(library.name.text, "conv");
  EXPECT_EQ(library.name.place.line, 41u);
  EXPECT_EQ(library.inputs.size(), 2u);
  EXPECT_FALSE(library.whole_archives);
  EXPECT_FALSE(library.seal);
  EXPECT_EQ(library.prefix, "c_");
  EXPECT_EQ(library.keep_global.at(0).text, "shared_*");
  EXPECT_EQ(library.abi, AbiRequest::tvm);
  EXPECT_EQ(library.producer + library.license, "clang 22BSD-3-Clause");
  EXPECT_EQ(library.export_kernels, true);
  EXPECT_EQ(library.pins.at(0).path.text, "a.o");
  ASSERT_EQ(library.kernels.size(), 2u);
  EXPECT_EQ(library.kernels[0].doc, "convolves");
  EXPECT_EQ(library.kernels[0].args.at(0).shape, (std::vector<int64_t>{-1, 3}));
  EXPECT_EQ(library.kernels[0].results.at(0).type->name, "int8");
  EXPECT_EQ(library.kernels[0].as->text, "two");
  EXPECT_EQ(library.kernels[0].signature->text, "(i32)->()");
  EXPECT_EQ(library.kernels[1].symbol.text, "pool*");
  EXPECT_FALSE(library.kernels[1].as.has_value());
}

TEST(Manifest, DefaultsAreThoseOfTheDocumentation) {
  const Manifest manifest = accept(std::string(kHead) + kLibrary);
  EXPECT_FALSE(manifest.bundle.initial_memory.has_value());
  EXPECT_EQ(manifest.bundle.stack_size, 65536u);
  EXPECT_EQ(manifest.bundle.init, InitMode::initialize);
  EXPECT_EQ(manifest.bundle.optimize, OptimizeLevel::none);
  EXPECT_FALSE(manifest.features.allow.has_value());
  EXPECT_EQ(manifest.libraries.at(0).abi, AbiRequest::automatic);
  EXPECT_TRUE(manifest.bundle.export_kernels);
  EXPECT_EQ(manifest.bundle.undefined, UndefinedPolicy::error);
  EXPECT_TRUE(manifest.libraries.at(0).whole_archives);
  EXPECT_TRUE(manifest.libraries.at(0).seal);
  EXPECT_TRUE(manifest.libraries.at(0).kernels.empty());
}

struct Wrong {
  const char* text;      // after kHead
  const char* expected;  // within the messages
};

class WrongManifest : public testing::TestWithParam<Wrong> {};

TEST_P(WrongManifest, IsRefusedWithItsPlace) {
  const std::string messages = refuse(kHead + std::string(GetParam().text));
  EXPECT_TRUE(contains(messages, GetParam().expected)) << messages;
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongManifest,
    testing::Values(
        Wrong{"", "k.toml:1:1: no [[library]]"},
        Wrong{"[bundel]\n", "k.toml:5:2: unknown key `bundel` in the manifest"},
        Wrong{"[bundel]\n", "did you mean 'bundle'?"},
        Wrong{"[bundle]\nstack-sise = 1\n", "k.toml:6:1: unknown key `stack-sise` in [bundle]"},
        Wrong{"[bundle]\nstack-sise = 1\n", "did you mean 'stack-size'?"},
        Wrong{
            "[bundle]\nexport-kernels = 1\n",
            "k.toml:6:18: `export-kernels` in [bundle]: expected true or false, found an integer"},
        Wrong{"[bundle]\ninit = \"snapshot\"\nmemory = { import = true }\n",
              "k.toml:7:21: init = \"snapshot\" stores the memory in the module"},
        Wrong{"[bundle]\ninit = \"laszy\"\n", "did you mean 'lazy'?"},
        Wrong{"[bundle]\nmemory = { import = 1 }\n", "`import` in memory: expected true or false"},
        Wrong{"[bundle]\nmemory = { initial = \"2MiB\", max = \"1MiB\" }\n",
              "`max` is less than `initial`"},
        Wrong{"[bundle]\nmemory = { max = \"5GiB\" }\n", "a memory has 1 byte to 4 GiB"},
        Wrong{"[bundle]\nmemory = { max = \"99999999999GiB\" }\n", "is no size"},
        Wrong{"[bundle]\nmemory = { max = \"1MB\" }\n", "`1MB` is no size"},
        Wrong{"[bundle]\nmemory = { max = -1 }\n", "`max` in memory is negative"},
        Wrong{"[bundle]\nstack-size = 0\n", "a stack has 1 byte to 2 GiB"},
        Wrong{"[bundle]\noptimize = \"O5\"\n",
              "k.toml:6:12: `optimize` in [bundle]: expected `none`"},
        Wrong{"[bundle]\nstrip = \"names\"\n",
              "`strip` in [bundle]: expected `none`, `debug` or `all`"},
        Wrong{"[bundle]\nsignature-mismatch = \"no\"\n", "expected `error` or `warn`"},
        Wrong{"[bundle]\nglobal-base = \"3GiB\"\n", "static data begins below 2 GiB"},
        Wrong{"[bundle]\nadapters = [\"wap\"]\n",
              "k.toml:6:13: this version of wasmpack has no adapter `wap` [bad-manifest]\n  help: "
              "did you mean "
              "'wapc'?"},
        Wrong{
            "[bundle]\nadapters = [\"extism\"]\n",
            "has no adapter `extism` [bad-manifest]\n  help: there is one: `wapc`, for waPC hosts"},
        Wrong{"[bundle]\nadapters = [\"wapc\", \"wapc\"]\n",
              "k.toml:6:21: the adapter `wapc` stands there twice"},
        Wrong{"[bundle]\nadapters = \"wapc\"\n",
              "k.toml:6:12: `adapters` in [bundle]: expected an array, found a string"},
        Wrong{"[bundle]\nallow-imports = [\"env.[\"]\n", "k.toml:6:18: allow-imports: 'env.['"},
        Wrong{"[bundle]\nallow-imports = [\"\"]\n", "k.toml:6:18: allow-imports: an empty name"},
        Wrong{"[ctors]\norder = \"random\"\n",
              "k.toml:6:9: `order` in [ctors]: expected `manifest`"},
        Wrong{"[features]\nallow = [\"+simd128\"]\n", "k.toml:6:10: features stand without + or -"},
        Wrong{"[metadata]\nteam = 3\n", "k.toml:6:8: [metadata] holds text only"},
        Wrong{"[[param]]\nname = \"w\"\n", "k.toml:5:1: [[param]] needs the key `path`"},
        Wrong{"[[param]]\nname = \"w\"\n", "k.toml:5:1: [[param]] needs the key `shape`"},
        Wrong{"[[param]]\ndtype = \"flaot32\"\n",
              "k.toml:6:9: `flaot32` is no element type [bad-manifest]\n  help: did you mean "
              "'float32'?"},
        Wrong{"[[param]]\nshape = [2, -1]\n",
              "k.toml:6:13: a size in a param's shape is at least 0"},
        Wrong{"[[param]]\nshape = [2.5]\n", "expected an array of integers, found a number"},
        Wrong{"[[param]]\ndtype = \"int8\"\nshape = [4294967296, 4294967296]\n",
              "k.toml:7:9: a param has less than 4 GiB"},
        Wrong{"[[param]]\nalign = 3\n", "`align` is a power of two of at most 65536"},
        Wrong{"[[param]]\nsha256 = \"ABC\"\n", "a sha256 has 64 digits of 0-9 and a-f"},
        Wrong{"[[param]]\nname = \"w\"\n[[param]]\nname = \"w\"\n",
              "k.toml:8:8: two params have the name `w`"},
        Wrong{"[[library]]\ninputs = [\"a.o\"]\n", "k.toml:5:1: [[library]] needs the key `name`"},
        Wrong{"[[library]]\nname = \"l\"\n", "[[library]] needs `inputs`"},
        Wrong{"[[library]]\nname = \"l\"\ninputs = \"a.o\"\n",
              "k.toml:7:10: `inputs` in [[library]]: expected an array, found a string"},
        Wrong{"[[library]]\nname = \"l\"\ninputs = [1]\n", "expected an array of strings, found"},
        Wrong{"[[library]]\nname = \"l\"\ninputs = [\"a.o\"]\nabi = \"C\"\n",
              "k.toml:8:7: `abi` in [[library]]: expected `auto`, `c`, `tvm`, `iree` or `halide`"},
        Wrong{"[[library]]\nname = \"l\"\ninputs = [\"a.o\"]\nsha256 = { \"a.o\" = 1 }\n",
              "`sha256` gives each path a hash as text"},
        Wrong{"[[library]]\nname = \"l\\u0007\"\ninputs = [\"a.o\"]\n",
              "a library's name has a control character"},
        Wrong{"[[library]]\nname = \"l\"\ninputs = [\"a.o\"]\nprefix = \"a\\u0000b\"\n",
              "a prefix has a control character"},
        Wrong{"[[library]]\nname = \"l\"\ninputs = [\"a.o\"]\n[[library]]\nname = \"l\"\n"
              "inputs = [\"b.o\"]\n",
              "k.toml:9:8: two libraries have the name `l` [bad-manifest]\n  note: k.toml:6:8: the "
              "first one"},
        Wrong{"[[library]]\nname = \"l\"\ninputs = [\"a.o\"]\n[[library.kernel]]\n",
              "[[library.kernel]] needs the key `symbol`"},
        Wrong{"[[library]]\nname = \"l\"\ninputs = [\"a.o\"]\n[[library.kernel]]\nsymbol = \"a*\"\n"
              "as = \"b\"\n",
              "k.toml:10:6: `as` renames one exact symbol"},
        Wrong{"[[library]]\nname = \"l\"\ninputs = [\"a.o\"]\n[[library.kernel]]\nsymbol = \"a\"\n"
              "args = [{ name = \"x\" }]\n",
              "k.toml:10:9: a tensor needs `dtype`"},
        Wrong{"[[library]]\nname = \"l\"\ninputs = [\"a.o\"]\n[[library.kernel]]\nsymbol = \"a\"\n"
              "args = [{ name = \"x\", dtype = \"int8\", shape = [-2] }]\n",
              "a size in a shape is at least 0, or -1 for any"},
        Wrong{"[[library]]\nname = = 3\n", "k.toml:6:8: not TOML: "}));

TEST(Manifest, SchemaAndPackageAreRequired) {
  EXPECT_TRUE(contains(refuse(""), "k.toml:1:1: the key `schema` is missing"));
  EXPECT_TRUE(contains(refuse("schema = 2\nwhatever = 1\n"),
                       "k.toml:1:10: this version of wasmpack reads manifests of schema 1"));
  EXPECT_FALSE(contains(refuse("schema = 2\nwhatever = 1\n"), "whatever"));
  EXPECT_TRUE(contains(refuse("schema = 1\n"), "the table [package] is missing"));
  EXPECT_TRUE(contains(refuse("schema = 1\nlibrary = 3\npackage = []\n"),
                       "k.toml:2:11: `library` in the manifest: expected tables under [[...]]"));
  for (const char* version : {"1", "1.2", "1.2.3.4", "v1.2.3", "1.02.3", "1.2.3-", "1.2.x", ""}) {
    const std::string messages = refuse("schema = 1\n[package]\nname = \"p\"\nversion = \"" +
                                        std::string(version) + "\"\n" + kLibrary);
    EXPECT_TRUE(contains(messages, "k.toml:4:11: ")) << version << ": " << messages;
  }
}

TEST(Manifest, ReportsEveryProblemInTheOrderOfTheLines) {
  const std::string messages =
      refuse(std::string(kHead) + "[bundle]\nx = 1\ninit = 3\n[[library]]\ny = 1\n");
  const size_t x = messages.find("k.toml:6:1: unknown key `x`");
  const size_t init = messages.find("k.toml:7:8: `init` in [bundle]");
  const size_t name = messages.find("k.toml:8:1: [[library]] needs the key `name`");
  const size_t y = messages.find("k.toml:9:1: unknown key `y`");
  EXPECT_LT(x, init);
  EXPECT_LT(init, name);
  EXPECT_LT(name, y);
  EXPECT_NE(y, std::string::npos) << messages;
}

// Text made to exhaust a parser: a clear error, and at once.
class HostileManifest : public testing::Test {
 protected:
  static void expect_refused(const std::string& text, const char* expected) {
    const auto start = std::chrono::steady_clock::now();
    const std::string messages = refuse(text);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
    EXPECT_TRUE(contains(messages, expected)) << messages.substr(0, 1000);
    EXPECT_LT(messages.size(), 2000u);
  }
  static std::string repeat(const std::string& text, size_t count) {
    std::string all;
    for (size_t i = 0; i < count; ++i) all += text;
    return all;
  }
};

TEST_F(HostileManifest, DeepNesting) {
  const std::string begin = "schema = 1\nx = ";
  expect_refused(begin + repeat("[", 100000), "k.toml:2:37: values are nested more than 32 deep");
  expect_refused(begin + repeat("{a=", 100000), "nested more than 32 deep");
  expect_refused(begin + repeat("[\n#]\n'''\n]'''\n,", 1000), "nested more than 32 deep");
}

TEST_F(HostileManifest, LongKeys) {
  expect_refused("schema = 1\n" + repeat("a.", 100000) + "a = 1\n",
                 "k.toml:2:32: a key has at most 16 parts between dots");
  expect_refused("schema = 1\n[" + repeat("a.", 100000) + "a]\n", "at most 16 parts");
  expect_refused("schema = 1\n" + repeat("\"a\" . ", 100000) + "a = 1\n", "at most 16 parts");
  expect_refused("schema = 1\nx = {" + repeat("a.", 100000) + "a = 1}\n", "at most 16 parts");
  expect_refused("schema = 1\n" + repeat("a", 200000) + " = 1\n",
                 "k.toml:2:1: a key or number has at most 1024 bytes");
}

TEST_F(HostileManifest, ALongQuotedKeyIsShownInPart) {
  expect_refused("schema = 1\n\"" + repeat("a", 200000) + "\" = 1\n", "unknown key `aaaa");
}

TEST_F(HostileManifest, SizeAndEncoding) {
  expect_refused("schema = 1\n#" + repeat("x", 1 << 20), "a manifest has at most 1 MiB");
  expect_refused(std::string("schema = 1\nna\0me = 1\n", 21), "k.toml:2:3: a manifest is text");
  expect_refused("schema = 1\n# \xff\n", "k.toml:2:3: a manifest is UTF-8 text");
  expect_refused("schema = 1\n# \xc0\x80\n", "k.toml:2:3: a manifest is UTF-8 text");
  expect_refused("\xff\xfes\0c\0h\0", "k.toml:1:1: ");
}

// toml++'s own test for blanks goes astray on U+00A1 to U+0499.
TEST_F(HostileManifest, LettersOutsideOfText) {
  expect_refused("schema = 1\n\xd0\xba\xd0\xbb = 1\n", "k.toml:2:1: not TOML: ");
  expect_refused("schema = 1 \xc3\xa9\n", "k.toml:1:12: not TOML: ");
  expect_refused("schema = \"\"\"\\\xd2\x95\"\"\"\n", "not TOML: ");
  expect_refused("[`a]\n", "not TOML: ");
}

TEST(Manifest, LettersAfterAContinuedLine) {
  const Manifest manifest = accept(
      "schema = 1\n[package]\nname = \"\xc3\xa9\"\nversion = \"1.0.0\"\n"
      "description = \"\"\"a\\\n  \xc3\xa9\"\"\" # \xd2\x95\n" +
      std::string(kLibrary));
  EXPECT_EQ(manifest.package.name, "\xc3\xa9");
  EXPECT_EQ(manifest.package.description, "a\xc3\xa9");
}

TEST(Manifest, DotsBracketsAndLongTextAreFineWhereTheyMeanNothing) {
  const std::string dots(5000, '.');
  const std::string brackets(5000, '[');
  const Manifest manifest = accept(
      "# " + dots + brackets + "\nschema = 1 # " + dots + "\n[package]\nname = \"p\"\n" +
      "version = \"1.0.0\"\nlicense = '" + brackets + dots + "\\'\n" + "description = \"\"\"" +
      dots + "\n\\\"\"\"" + brackets + "\"\"\"\"\"\nauthors = [\"a.b.c\", '" + dots + "']\n" +
      std::string(3000, ' ') + "homepage = \"" + std::string(3000, 'x') + "\" \r\n" + kLibrary);
  // EXPECT_TRUE: nobody wants to see these texts.
  EXPECT_TRUE(manifest.package.description == dots + "\n\"\"\"" + brackets + "\"\"");
  EXPECT_TRUE(manifest.package.license == brackets + dots + "\\");
  EXPECT_EQ(manifest.package.homepage.size(), 3000u);
}

}  // namespace
}  // namespace wasmpack
