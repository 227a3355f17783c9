// Where custom sections go.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "linker/comdats.h"
#include "linker/custom_sections.h"
#include "tests/lib/object_builder.h"

namespace wasmpack {
namespace {

// The custom sections of a link of `files`, as text: "name: content", a line each.
class Placement {
 public:
  explicit Placement(const TestInputs& files, const LinkOptions& options = {})
      : inputs(files.open()) {
    chunks = resolve_comdats(inputs, sink);
    layout = lay_out_custom_sections(inputs, chunks, options, sink);
  }

  std::string text() const {
    std::string out;
    for (const CustomSection& section : layout.sections) {
      std::string content(section.header.begin(), section.header.end());
      for (const CustomPiece& piece : section.pieces) {
        content.resize(piece.offset, '.');  // gaps
        content += as_string(piece.content);
      }
      EXPECT_EQ(content.size(), section.size) << section.name;
      out += std::string(section.name) + ": " + content + "\n";
    }
    return out;
  }

  DiagnosticSink sink;
  std::vector<Input> inputs;
  std::vector<ChunkTable> chunks;
  CustomLayout layout;
};

TEST(CustomSections, OfOneNameAreJoinedInInputOrder) {
  ObjectBuilder a, b;
  a.add_custom("x", "a1");
  a.add_custom("y", "a2");
  b.add_custom("y", "b1");
  b.add_custom("z", "b2");
  b.add_custom("x", "b3");
  TestInputs files;
  files.add("a.o", a);
  files.add("b.o", b);
  Placement placement(files);
  EXPECT_EQ(placement.text(), "x: a1b3\ny: a2b1\nz: b2\n");
}

TEST(CustomSections, PlacesAreKnownByInputAndSection) {
  ObjectBuilder a, b;
  a.define_function("f");
  a.add_custom("x", "12345");
  b.add_custom("x", "678");
  TestInputs files;
  files.add("a.o", a);
  files.add("b.o", b);
  const Placement placement(files);
  const auto place_of = [&](uint32_t input) {
    const int section = placement.inputs[input].object.find_custom_section("x");
    EXPECT_GE(section, 0);
    return placement.layout.places[input][static_cast<size_t>(section)];
  };
  EXPECT_EQ(place_of(0).custom, 0u);
  EXPECT_EQ(place_of(0).find(0), 0u);
  EXPECT_EQ(place_of(0).find(4), 4u);
  EXPECT_EQ(place_of(1).custom, 0u);
  EXPECT_EQ(place_of(1).find(0), 5u);
  EXPECT_EQ(place_of(1).find(2), 7u);
}

TEST(CustomSections, WhatIsMadeAnewOrMeansNothingIsDropped) {
  ObjectBuilder object;
  for (const char* name : {"name", ".llvmbc", ".llvmcmd", "kept"}) object.add_custom(name, "?");
  object.add_feature('+', "simd128");
  TestInputs files;
  files.add("a.o", object);
  const Placement placement(files);
  EXPECT_EQ(placement.text(), "kept: ?\n");
  const Object& read = placement.inputs[0].object;
  for (size_t s = 0; s < read.sections.size(); ++s) {
    if (!read.sections[s].is_custom()) continue;
    EXPECT_EQ(placement.chunks[0].sections[s].is_kept(), read.sections[s].name == "kept")
        << read.sections[s].name;
  }
}

TEST(CustomSections, StripAndRemove) {
  ObjectBuilder object;
  for (const char* name : {".debug_info", ".debug_line", "debug", "other", "others"})
    object.add_custom(name, "?");
  TestInputs files;
  files.add("a.o", object);
  LinkOptions options;
  options.strip_debug = true;
  EXPECT_EQ(Placement(files, options).text(), "debug: ?\nother: ?\nothers: ?\n");
  options.strip_debug = false;
  options.remove_sections = {"other", ".debug_l*"};
  EXPECT_EQ(Placement(files, options).text(), ".debug_info: ?\ndebug: ?\nothers: ?\n");
  options.remove_sections = {"[a"};
  Placement bad(files, options);
  EXPECT_NE(render_all(bad.sink).find("--remove-section"), std::string::npos);
}

TEST(CustomSections, MembersOfAGroupStandAlone) {
  ObjectBuilder object;
  const uint32_t grouped = object.add_custom(".debug_types", "grouped;");
  object.add_custom(".debug_types", "plain;");
  object.add_comdat("type", {}, {grouped});
  TestInputs files;
  files.add("a.o", object);
  files.add("b.o", object);
  const Placement placement(files);
  // One copy of the group's section, and the others together.
  EXPECT_EQ(placement.text(), ".debug_types: grouped;\n.debug_types: plain;plain;\n");
  EXPECT_EQ(placement.layout.sections[0].comdat_input, 0u);
  EXPECT_EQ(placement.layout.sections[1].comdat_input, UINT32_MAX);
}

TEST(CustomSections, CoverageRecordsAreAligned) {
  ObjectBuilder a, b;
  a.add_custom("__llvm_covfun", "123");
  b.add_custom("__llvm_covfun", "456");
  TestInputs files;
  files.add("a.o", a);
  files.add("b.o", b);
  EXPECT_EQ(Placement(files).text(), "__llvm_covfun: 123.....456\n");
}

// metadata.code.*: count, then per function: padded index, item count, and per item offset, size,
// bytes.
std::string with_function(uint8_t index) {
  return {static_cast<char>(index | 0x80), '\x80', '\x80', '\x80', 0};
}

TEST(CustomSections, MetadataOfFunctionsIsJoinedByItsCount) {
  const auto make = [](bool is_weak) {
    ObjectBuilder object;
    const uint32_t f = object.define_function("f", is_weak ? kSymbolWeak : 0);
    const uint32_t g = object.define_function(is_weak ? "g1" : "g2");
    const std::string content = std::string(1, 2) + with_function(0) + "\x01\x02\x01" + "F" +
                                with_function(1) + "\x01\x02\x01" + "G";
    const uint32_t custom = object.add_custom("metadata.code.branch_hint", content);
    object.add_custom_site(custom, 1, f);
    object.add_custom_site(custom, 10, g);
    if (is_weak) object.add_comdat("f", {f});
    return object;
  };
  TestInputs files;
  files.add("a.o", make(true));
  files.add("b.o", make(true));
  const Placement placement(files);
  ASSERT_EQ(placement.layout.sections.size(), 1u);
  const std::string text = placement.text();
  // b.o's f was discarded with its group: F once, G twice, so three entries of nine bytes behind
  // the count.
  EXPECT_EQ(placement.layout.sections[0].header, std::vector<uint8_t>{3});
  EXPECT_EQ(placement.layout.sections[0].size, 1u + 3 * 9);
  EXPECT_EQ(std::count(text.begin(), text.end(), 'F'), 1);
  EXPECT_EQ(std::count(text.begin(), text.end(), 'G'), 2);
  const int section = placement.inputs[1].object.find_custom_section("metadata.code.branch_hint");
  const SectionPlace& place = placement.layout.places[1][static_cast<size_t>(section)];
  EXPECT_EQ(place.find(0), std::nullopt);  // the count
  EXPECT_EQ(place.find(1), std::nullopt);  // the entry that went
  EXPECT_EQ(place.find(10), 1u + 2 * 9);   // the one that stayed
  EXPECT_EQ(place.find(18), 1u + 2 * 9 + 8);
  EXPECT_EQ(place.find(19), std::nullopt);
}

TEST(CustomSections, DamagedMetadataNamesItsPlace) {
  for (const std::string& content :
       {std::string("\x01"), std::string("\x01\x00\x05", 3), std::string("\x00more", 5),
        std::string("\xff\xff\xff\xff\xff\xff")}) {
    ObjectBuilder object;
    object.add_custom("metadata.code.x", content);
    TestInputs files;
    files.add("a.o", object);
    Placement placement(files);
    EXPECT_NE(render_all(placement.sink).find("a.o: section metadata.code.x, offset 0x"),
              std::string::npos)
        << content;
  }
}

}  // namespace
}  // namespace wasmpack
