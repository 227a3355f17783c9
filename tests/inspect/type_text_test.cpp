#include "inspect/facts/type_text.h"

#include <gtest/gtest.h>

namespace wasmpack {
namespace {

constexpr uint8_t kNumbers[] = {0x7f, 0x7e, 0x7d, 0x7c, 0x7b};
constexpr uint8_t kOneResult[] = {0x7f};

TEST(TypeText, ValueTypes) {
  EXPECT_EQ(render_value_types(kNumbers), "i32,i64,f32,f64,v128");
  EXPECT_EQ(render_value_types({}), "");
  const uint8_t references[] = {0x70, 0x6f, 0x69, 0x63, 0x05, 0x64, 0x70, 0x63, 0x6d, 0x6b};
  EXPECT_EQ(render_value_types(references),
            "funcref,externref,exnref,(ref null 5),(ref func),(ref null eq),structref");
  const uint8_t unknown[] = {0x7f, 0x01, 0x7f};
  EXPECT_EQ(render_value_types(unknown), "i32,0x01");
  const uint8_t cut[] = {0x63, 0x80};
  EXPECT_EQ(render_value_types(cut).substr(0, 9), "(ref null");
}

TEST(TypeText, FunctionTypes) {
  Object object;
  object.types = {{kNumbers, kOneResult}, {{}, {}}, {kOneResult, kNumbers}, {{}, {}, false, false}};
  EXPECT_EQ(render_function_type(object, 0), "(i32,i64,f32,f64,v128)->i32");
  EXPECT_EQ(render_function_type(object, 1), "()->()");
  EXPECT_EQ(render_function_type(object, 2), "(i32)->(i32,i64,f32,f64,v128)");
  EXPECT_EQ(render_function_type(object, 3), "type 3");  // a struct
  EXPECT_EQ(render_function_type(object, 4), "type 4");  // there is none
}

TEST(TypeText, Limits) {
  EXPECT_EQ(render_limits({.minimum = 1}), "1..");
  EXPECT_EQ(render_limits({.minimum = 0, .maximum = 16, .is_shared = true}), "0..16 shared");
  EXPECT_EQ(render_limits({.minimum = 1, .maximum = {}, .is64 = true, .page_size_log2 = 0}),
            "1.. i64 page size 2^0");
}

TEST(TypeText, TablesAndGlobals) {
  constexpr uint8_t kFuncref[] = {0x70};
  EXPECT_EQ(render_table_type({kFuncref, {.minimum = 2, .maximum = 2}}), "funcref 2..2");
  EXPECT_EQ(render_global_type({kOneResult, true}), "mut i32");
  EXPECT_EQ(render_global_type({kOneResult, false}), "i32");
}

TEST(TypeText, EntitiesThatAreNotThere) {
  const Object object;
  for (const ExternKind kind : {ExternKind::function, ExternKind::table, ExternKind::memory,
                                ExternKind::global, ExternKind::tag})
    EXPECT_EQ(render_entity_type(object, kind, 7), "?");
}

}  // namespace
}  // namespace wasmpack
