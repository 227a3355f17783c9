#include "packager/signature.h"

#include <gtest/gtest.h>

namespace wasmpack {
namespace {

// Value types by their codes of the core specification, 5.3.4.
constexpr uint8_t kAll[] = {0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x6f, 0x70};
constexpr uint8_t kI32[] = {0x7f};
constexpr uint8_t kExnref[] = {0x69};

TEST(Signature, LettersAreThoseOfTheContract) {
  EXPECT_EQ(signature_letters({.params = kAll, .results = kI32}), "iIfFvxp:i");
  EXPECT_EQ(signature_letters({}), ":");
  const EncodedType encoded("iIfFvxp:i");
  EXPECT_EQ(encoded.view(), (FuncType{.params = kAll, .results = kI32}));
  EXPECT_EQ(letters_text("iI:f"), "(i32,i64)->(f32)");
}

TEST(Signature, OtherTypesHaveNone) {
  EXPECT_EQ(signature_letters({.params = kExnref}), std::nullopt);
  EXPECT_EQ(signature_letters({.results = kExnref}), std::nullopt);
  EXPECT_EQ(signature_letters({.is_function = false}), std::nullopt);
  EXPECT_EQ(signature_letters({.is_simple = false}), std::nullopt);
  EXPECT_EQ(type_text({.params = kExnref}), "(?)->()");
}

TEST(Signature, TextIsReadBack) {
  const FuncType type = {.params = kAll, .results = kI32};
  EXPECT_EQ(type_text(type), "(i32,i64,f32,f64,v128,externref,funcref)->(i32)");
  EXPECT_EQ(parse_type_text(type_text(type)), signature_letters(type));
  EXPECT_EQ(parse_type_text("()->()"), ":");
  EXPECT_EQ(parse_type_text(" ( i32 , f32 ) -> ( ) "), "if:");
}

TEST(Signature, WhatIsNoTypeIsRefused) {
  for (const char* text : {"", "()", "->", "()->", "(i32)", "(i32,)->()", "(,i32)->()", "(i16)->()",
                           "(i32)->()x", "(i32->()", "i32->i32", "(i32) (i32)", "(i32))->()"})
    EXPECT_EQ(parse_type_text(text), std::nullopt) << text;
}

}  // namespace
}  // namespace wasmpack
