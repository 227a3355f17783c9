// Name sections written out byte by byte, sound and damaged.
#include "object/name_section.h"

#include <gtest/gtest.h>

#include "object/read.h"
#include "object/write.h"

namespace wasmpack {
namespace {

// A module with one imported function "env.f", two defined ones, and the `name` section given.
class NameSectionTest : public testing::Test {
 protected:
  NameSection read(std::string_view content) {
    ByteWriter out;
    out.write_bytes(kWasmHeader);
    append_section(out, SectionId::type, as_bytes(std::string_view("\1\x60\0\0", 4)));
    append_section(out, SectionId::import, as_bytes(std::string_view("\1\3env\1f\0\0", 9)));
    append_section(out, SectionId::function, as_bytes(std::string_view("\2\0\0", 3)));
    append_section(out, SectionId::code, as_bytes(std::string_view("\2\2\0\x0b\2\0\x0b", 7)));
    append_custom_section(out, "name", as_bytes(content));
    bytes_ = out.take();
    section_end_ = bytes_.size();
    section_start_ = section_end_ - content.size();
    object_ = read_object(bytes_, "test.wasm");
    EXPECT_TRUE(object_);
    return read_name_section(*object_);
  }

  std::vector<uint8_t> bytes_;
  uint64_t section_start_ = 0;  // offset of the content in the file
  uint64_t section_end_ = 0;
  Result<Object> object_;
};

using std::string_view_literals::operator""sv;

TEST_F(NameSectionTest, ReadsModuleAndFunctionNames) {
  const NameSection names = read(
      "\0\4\3mod"         // subsection 0: the module
      "\1\7\2\0\1f\2\1g"  // subsection 1: 0 is "f", 2 is "g"
      "\7\2\1\0"sv);      // subsection 7, globals: skipped
  EXPECT_TRUE(names.is_present);
  EXPECT_EQ(names.failure, nullptr);
  EXPECT_EQ(names.module, "mod");
  EXPECT_EQ(names.functions, (std::vector<std::string_view>{"f", "", "g"}));
}

TEST_F(NameSectionTest, WithoutFunctionNamesThereIsNoList) {
  EXPECT_TRUE(read("\0\4\3mod"sv).functions.empty());
}

TEST_F(NameSectionTest, SkipsNamesOfFunctionsThatDoNotExistAndSecondNames) {
  const NameSection names = read(
      "\1\x0c\4"
      "\3\1x"       // there are functions 0 to 2
      "\1\1a\1\1b"  // the first counts
      "\1\0"sv);
  EXPECT_EQ(names.functions, (std::vector<std::string_view>{"", "a", ""}));
}

TEST_F(NameSectionTest, KeepsWhatStandsBeforeTheDamage) {
  // Three names are promised, the second one's length goes beyond the subsection.
  const NameSection names = read("\1\7\3\0\1f\1\x40g"sv);
  ASSERT_EQ(names.functions.size(), 3u);
  EXPECT_EQ(names.functions[0], "f");
  EXPECT_EQ(names.functions[1], "");
  ASSERT_NE(names.failure, nullptr);
  EXPECT_GE(names.failure_offset, section_start_);
  EXPECT_LE(names.failure_offset, section_end_);
}

TEST_F(NameSectionTest, StopsAtASubsectionThatIsCutOff) {
  const NameSection names = read("\0\4\3mod\1\x7f\1"sv);
  EXPECT_EQ(names.module, "mod");
  EXPECT_NE(names.failure, nullptr);
}

TEST_F(NameSectionTest, DoesNotBelieveCounts) {
  // 2^32 - 1 names in two bytes: fails before it reads or allocates for them.
  const NameSection names = read("\1\6\xff\xff\xff\xff\x0f\0"sv);
  EXPECT_NE(names.failure, nullptr);
  EXPECT_EQ(names.functions.size(), 3u);
}

TEST(NameSection, AbsentOne) {
  const Result<Object> object = read_object(kWasmHeader, "test.wasm");
  ASSERT_TRUE(object);
  EXPECT_FALSE(read_name_section(*object).is_present);
}

}  // namespace
}  // namespace wasmpack
