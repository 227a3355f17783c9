// One list of types for all inputs.
#include <vector>

#include <gtest/gtest.h>

#include "linker/merged_types.h"
#include "tests/lib/object_builder.h"

namespace wasmpack {
namespace {

TEST(MergedTypes, EqualTypesAreOneInOrderOfFirstAppearance) {
  ObjectBuilder one, two;
  one.add_type({kValI32}, {kValI32});
  one.add_type({}, {});
  one.add_type({kValI32}, {kValI32});  // twice in one input
  two.add_type({kValF64}, {});
  two.add_type({}, {});
  two.add_type({kValI32}, {kValI32});
  TestInputs files;
  files.add("one.o", one);
  files.add("two.o", two);
  const std::vector<Input> inputs = files.open();
  ASSERT_EQ(inputs.size(), 2u);
  const MergedTypes merged = merge_types(inputs);
  ASSERT_EQ(merged.types.size(), 3u);
  EXPECT_EQ(merged.numbers, (std::vector<std::vector<uint32_t>>{{0, 1, 0}, {2, 1, 0}}));
  EXPECT_EQ(format_type(merged.types[0]), "(i32) -> i32");
  EXPECT_EQ(format_type(merged.types[1]), "() -> ()");
  EXPECT_EQ(format_type(merged.types[2]), "(f64) -> ()");
}

TEST(MergedTypes, ParametersAreNotResults) {
  // The same bytes, divided differently.
  ObjectBuilder object;
  object.add_type({kValI32, kValI64}, {});
  object.add_type({kValI32}, {kValI64});
  object.add_type({}, {kValI32, kValI64});
  TestInputs files;
  files.add("a.o", object);
  const std::vector<Input> inputs = files.open();
  const MergedTypes merged = merge_types(inputs);
  ASSERT_EQ(merged.types.size(), 3u);
  EXPECT_EQ(format_type(merged.types[0]), "(i32, i64) -> ()");
  EXPECT_EQ(format_type(merged.types[1]), "(i32) -> i64");
  EXPECT_EQ(format_type(merged.types[2]), "() -> (i32, i64)");
}

TEST(MergedTypes, EveryValueTypeHasAName) {
  const std::vector<uint8_t> types = {0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x70, 0x6f, 0x69};
  EXPECT_EQ(format_value_types(types), "i32, i64, f32, f64, v128, funcref, externref, exnref");
  EXPECT_EQ(format_value_types(std::vector<uint8_t>{}), "");
}

}  // namespace
}  // namespace wasmpack
