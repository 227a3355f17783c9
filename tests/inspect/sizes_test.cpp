// The partition of hand-made files; names of Rust crates; fields of CSV.
#include "inspect/facts/sizes.h"

#include <gtest/gtest.h>

#include "inspect/facts/facts.h"
#include "inspect/facts/plain_names.h"
#include "inspect/facts/rust_crate.h"
#include "inspect/render/size_csv.h"
#include "object/object_assembler.h"
#include "object/read.h"

namespace wasmpack {
namespace {

// Each byte once, in order.
void check_partition(const Sizes& sizes, uint64_t file_size) {
  uint64_t at = 0;
  for (const SizeItem& item : sizes.items) {
    EXPECT_EQ(item.offset, at);
    EXPECT_GT(item.size, 0u);
    EXPECT_LT(item.section, sizes.sections.size());
    EXPECT_LT(item.library, sizes.libraries.size());
    at += item.size;
  }
  EXPECT_EQ(at, file_size);
  for (const SizeOwner owner : {SizeOwner::section, SizeOwner::symbol, SizeOwner::library}) {
    const Sizes* all[] = {&sizes};
    uint64_t sum = 0;
    for (const SizeRow& row : group_sizes(all, owner)) sum += row.size;
    EXPECT_EQ(sum, file_size);
  }
}

uint64_t size_of(const Sizes& sizes, std::string_view symbol) {
  uint64_t size = 0;
  for (const SizeItem& item : sizes.items)
    if (item.symbol == symbol) size += item.size;
  return size;
}

TEST(Sizes, OverlappingDataSymbolsAndGaps) {
  const std::vector<uint8_t> content(20, 1);
  ObjectAssembler assembler;
  const uint32_t segment = assembler.add_segment(".rodata.x", 0, content, {});
  // 0-1 nobody, 2-5 first, 4-9 second (from 6), 8-8 inside of it, 10-11 nobody, 12-19 tail.
  assembler.define_data("second", segment, 4, 6, 0);
  assembler.define_data("first", segment, 2, 4, 0);
  assembler.define_data("inner", segment, 8, 1, 0);
  assembler.define_data("tail", segment, 12, 8, 0);
  assembler.define_data("alias", segment, 12, 8, 0);
  const std::vector<uint8_t> bytes = assembler.write();
  const Result<Object> object = read_object(bytes, "x.o", {});
  ASSERT_TRUE(object);
  const Facts facts = gather_facts(*object);
  const Sizes sizes = measure_sizes(*object, facts, SizeDetail::symbols);
  check_partition(sizes, bytes.size());
  EXPECT_EQ(size_of(sizes, "first"), 4u);
  EXPECT_EQ(size_of(sizes, "second"), 4u);
  EXPECT_EQ(size_of(sizes, "inner"), 0u);
  EXPECT_EQ(size_of(sizes, "tail"), 8u);
  EXPECT_EQ(size_of(sizes, "alias"), 0u);
  EXPECT_EQ(size_of(sizes, "[segment .rodata.x]"), 4u);
  check_partition(facts.sizes, bytes.size());
}

TEST(Sizes, MembersOwnTheirBytes) {
  ObjectAssembler assembler;
  const std::vector<uint8_t> bytes = assembler.write();
  const Result<Object> object = read_object(bytes, "lib.a", "x.o");
  ASSERT_TRUE(object);
  const Facts facts = gather_facts(*object);
  const Sizes sizes = measure_sizes(*object, facts, SizeDetail::symbols);
  check_partition(sizes, bytes.size());
  EXPECT_EQ(sizes.libraries, std::vector<std::string_view>{"x.o"});
}

TEST(Sizes, Components) {
  // A custom section "hi" of 3 + 1 bytes, a type section of 2, and one that claims too much.
  const uint8_t bytes[] = {0, 'a', 's', 'm', 0x0d, 0, 1, 0, 0, 4,
                           2, 'h', 'i', 9,   7,    2, 0, 0, 1, 99};
  const Sizes sizes = measure_component_sizes(bytes, {});
  check_partition(sizes, sizeof bytes);
  EXPECT_EQ(sizes.sections,
            (std::vector<std::string_view>{"[file header]", "hi", "TYPE", "[unread]"}));
  EXPECT_EQ(size_of(sizes, "[section hi]"), 6u);
  EXPECT_EQ(size_of(sizes, "[section TYPE]"), 4u);
  EXPECT_EQ(size_of(sizes, "[unread]"), 2u);
  check_partition(measure_component_sizes(Bytes(bytes, 3), {}), 3);
  check_partition(measure_component_sizes({}, {}), 0);
}

TEST(Sizes, RustCrates) {
  const std::pair<std::string_view, std::string_view> names[] = {
      // Legacy.
      {"_ZN4core3fmt9Formatter3pad17h0dec931a89064007E", "core"},
      {"_ZN9hashbrown3raw8RawTable17h0dec931a89064007E", "hashbrown"},
      {"_ZN4core3fmt3num52_$LT$impl$u20$core..fmt..Debug$u20$for$u20$usize$GT$"
       "3fmt17h0dec931a89064007E",
       "core"},
      {"_ZN42_$LT$$RF$T$u20$as$u20$core..fmt..Debug$GT$3fmt17h0dec931a89064007E", "core"},
      {"_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$"
       "3fmt17h0dec931a89064007E",
       "alloc"},
      {"_ZN58_$LT$std..io..error..Error$u20$as$u20$core..fmt..Debug$GT$3fmt17h0dec931a89064007E",
       "std"},
      {"_ZN48_$LT$mine..Thing$u20$as$u20$core..fmt..Debug$GT$3fmt17h0dec931a89064007E", "mine"},
      {"_ZN43_$LT$mine..A$u20$as$u20$yours..trait..B$GT$1f17h0dec931a89064007E", ""},
      // C++ looks like it, but has no hash.
      {"_ZN4core3fooEv", ""},
      {"_ZN4core17h0dec931a8906400E", ""},
      {"_ZN17h0dec931a89064007E", ""},
      {"_ZN99999999999999999999core17h0dec931a89064007E", ""},
      // v0 (RFC 2603).
      {"_RNvNtCs1234_7mycrate3foo3bar", "mycrate"},
      {"_RNvC7mycrate3foo", "mycrate"},
      {"_RINvNtC3std3mem8align_ofdE", "std"},
      {"_RNvMs_NtCs4uGaGbQsWcd_4core3fmtNtB5_9Formatter3pad", "core"},
      {"_RNvXCs9ltgdHTiPiY_5implsNtB2_3FooNtB2_3Bar3baz", "impls"},
      {"_RNvYhNtC5trait5Trait1f", ""},
      {"_RNvB_3foo", ""},
      {"_RNvB0_3foo", ""},
      {"_RC", ""},
      {"main", ""},
  };
  for (const auto& [name, crate] : names) EXPECT_EQ(find_rust_crate(name), crate) << name;
}

TEST(Sizes, PlainNames) {
  const std::pair<std::string_view, std::string_view> names[] = {
      {"_Z3fooi", "foo"},
      {"_ZL3fooi", "foo"},
      {"_ZN2ns5Class6methodEv", "ns::Class::method"},
      {"_ZNK2ns5Class6methodEv", "ns::Class::method"},
      {"_ZN2ns5ClassC1Ev", "ns::Class::Class"},
      {"_ZN2ns5ClassD2Ev", "ns::Class::~Class"},
      {"_ZN12_GLOBAL__N_13fooEv", "(anonymous namespace)::foo"},
      {"_ZNSt9exceptionD0Ev", "std::exception::~exception"},
      {"_Z3maxIiET_S0_S0_", ""},  // a template
      {"_ZN4core3fmt9Formatter3pad17h0dec931a89064007E", "core::fmt::Formatter::pad"},
      {"_ZN42_$LT$$RF$T$u20$as$u20$core..fmt..Debug$GT$3fmt17h0dec931a89064007E",
       "<&T as core::fmt::Debug>::fmt"},
      {"_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar"},
      {"_ZN", ""},
      {"_ZNC1E", ""},
      {"_R", ""},
      {"foo", ""},
  };
  for (const auto& [mangled, plain] : names) {
    EXPECT_EQ(demangle_plain_name(mangled), plain) << mangled;
    if (plain.empty()) continue;
    EXPECT_TRUE(is_plain_name_of(plain, mangled));
    EXPECT_TRUE(is_plain_name_of(std::string(plain) + "(int)", mangled));
    EXPECT_FALSE(is_plain_name_of(std::string(plain) + "x", mangled));
  }
}

TEST(Sizes, CsvFields) {
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(csv_field("two\nlines"), "two\\x0alines");
  for (const std::string_view start : {"=", "+", "-", "@", "\uff1d"})
    EXPECT_EQ(csv_field(std::string(start) + "1"), "'" + std::string(start) + "1");
  EXPECT_EQ(csv_field("=HYPERLINK(\"a\",\"b\")"), "\"'=HYPERLINK(\"\"a\"\",\"\"b\"\")\"");
}

}  // namespace
}  // namespace wasmpack
