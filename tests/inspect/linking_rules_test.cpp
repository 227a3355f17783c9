// Each rule of Linking.md on the smallest object that breaks it: what inspect says, and where.
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "inspect/facts/linking_problems.h"
#include "object/write.h"

namespace wasmpack {
namespace {

using Buffer = std::vector<uint8_t>;

// Types 0: ()->(), 1: (i32)->(). Functions 0: env.imp, imported; 1: f, 2: g, 3: takes (of type 1).
// f: call 2; i32.const 8 (the address of d); drop; end. g calls 2, too. The segment holds 8 bytes
// at address 8; d is at its offset 0, e at 4. Symbols in the order of `symbols`.
// On its own, since g++ 12 sees an overflow where it is inlined (-Wstringop-overflow).
[[gnu::noinline]] void write_sized(ByteWriter& out, Bytes bytes) { out.write_sized(bytes); }

class TestFile {
 public:
  enum Number : uint32_t { kImp, kF, kG, kTakes, kD, kE };

  TestFile() {
    symbols = {make(SymbolKind::function, "imp", 0, kSymbolUndefined),
               make(SymbolKind::function, "f", 1),
               make(SymbolKind::function, "g", 2),
               make(SymbolKind::function, "takes", 3),
               make(SymbolKind::data, "d", 0),
               make(SymbolKind::data, "e", 0)};
    symbols[kD].size = symbols[kE].size = symbols[kE].offset = 4;
    code_relocations = {{kFunctionIndexLeb, kCallSite, kG, 0},
                        {kMemoryAddrSleb, kConstSite, kD, 0},
                        {kFunctionIndexLeb, kSecondCallSite, kG, 0}};
    data_relocations = {{kMemoryAddrI32, kDataSite, kE, 0}};
  }

  // Offsets in the content of CODE and DATA.
  static constexpr uint32_t kCallSite = 4, kConstSite = 10, kSecondCallSite = 20, kDataSite = 6;

  Buffer f = {0x00, 0x10, 0x82, 0x80, 0x80, 0x80, 0x00,  // call 2
              0x41, 0x88, 0x80, 0x80, 0x80, 0x00,        // i32.const 8
              0x1a, 0x0b};
  Buffer g = {0x00, 0x10, 0x82, 0x80, 0x80, 0x80, 0x00, 0x0b};
  Buffer data = {12, 0, 0, 0, 0, 0, 0, 0};
  std::vector<Symbol> symbols;
  std::vector<Relocation> code_relocations, data_relocations;
  uint32_t version = 2;
  uint32_t code_count_offset = 0;  // added to the count of relocations
  Buffer segment_info = {1, 1, 's', 2, 0};
  std::vector<std::pair<uint8_t, Buffer>> before_symbols, after_symbols;  // subsections
  bool linking_before_data = false;
  std::vector<std::pair<std::string, Buffer>> customs;  // at the end

  static Symbol make(SymbolKind kind, std::string_view name, uint32_t index, uint32_t flags = 0) {
    Symbol symbol;
    symbol.kind = kind;
    symbol.name = name;
    symbol.index = index;
    symbol.flags = flags;
    return symbol;
  }

  Buffer bytes() const {
    ByteWriter out;
    out.write_bytes(kWasmHeader);
    append_section(out, SectionId::type, Buffer{2, 0x60, 0, 0, 0x60, 1, 0x7f, 0});
    append_section(out, SectionId::import,
                   Buffer{2, 3,   'e', 'n', 'v', 3,   'i', 'm', 'p', 0, 0,  //
                          3, 'e', 'n', 'v', 3,   'm', 'e', 'm', 2,   0, 1});
    append_section(out, SectionId::function, Buffer{3, 0, 0, 1});
    ByteWriter code;
    code.write_u8(3);
    write_sized(code, f);
    write_sized(code, g);
    write_sized(code, Buffer{0x00, 0x0b});
    append_section(out, SectionId::code, code.bytes());  // section 3
    if (linking_before_data) append_custom_section(out, "linking", linking());
    ByteWriter segment;
    segment.write_bytes(Buffer{1, 0, 0x41, 8, 0x0b});
    write_sized(segment, data);
    append_section(out, SectionId::data, segment.bytes());  // section 4
    if (!linking_before_data) append_custom_section(out, "linking", linking());
    const auto relocate = [&](const char* name, uint32_t target, const auto& entries,
                              uint32_t add) {
      if (entries.empty()) return;
      ByteWriter content;
      content.write_varuint(target);
      content.write_varuint(entries.size() + add);
      for (const Relocation& entry : entries) encode_relocation(content, entry);
      append_custom_section(out, name, content.bytes());
    };
    relocate("reloc.CODE", 3, code_relocations, code_count_offset);
    relocate("reloc.DATA", linking_before_data ? 5 : 4, data_relocations, 0);
    for (const auto& [name, content] : customs) append_custom_section(out, name, content);
    return out.take();
  }

 private:
  Buffer linking() const {
    ByteWriter out;
    out.write_varuint(version);
    const auto subsection = [&out](uint8_t type, Bytes content) {
      out.write_u8(type);
      out.write_sized(content);
    };
    for (const auto& [type, content] : before_symbols) subsection(type, content);
    ByteWriter table;
    table.write_varuint(symbols.size());
    for (const Symbol& symbol : symbols) encode_symbol(table, symbol);
    subsection(8, table.bytes());
    if (!segment_info.empty()) subsection(5, segment_info);
    for (const auto& [type, content] : after_symbols) subsection(type, content);
    return out.take();
  }
};

// "CODE stale-relocation: ...", one for each problem.
std::vector<std::string> problems_of(const Buffer& bytes) {
  Result<LenientObject> object = read_object_leniently(bytes, "test.o");
  if (!object) return {"unreadable: " + object.error().message};
  std::vector<std::string> texts;
  for (const Diagnostic& problem : find_linking_problems(*object)) {
    EXPECT_EQ(problem.where.file, "test.o");
    EXPECT_LE(problem.where.offset.value_or(0), bytes.size());
    texts.push_back(problem.where.section + " " + problem.id + ": " + problem.message);
  }
  return texts;
}

struct Case {
  const char* name;
  std::function<void(TestFile&)> damage;
  std::vector<std::string> expected;  // how each message begins
};

void check(const Case& test) {
  SCOPED_TRACE(test.name);
  TestFile file;
  test.damage(file);
  const std::vector<std::string> texts = problems_of(file.bytes());
  ASSERT_EQ(texts.size(), test.expected.size()) << ::testing::PrintToString(texts);
  for (size_t i = 0; i < texts.size(); ++i)
    EXPECT_EQ(texts[i].substr(0, test.expected[i].size()), test.expected[i]);
}

TEST(LinkingRules, NothingIsWrongWithTheFileThatTheyStartFrom) {
  EXPECT_EQ(problems_of(TestFile().bytes()), std::vector<std::string>());
}

std::function<void(TestFile&)> flag(uint32_t symbol, uint32_t flags) {
  return [=](TestFile& file) { file.symbols[symbol].flags |= flags; };
}

TEST(LinkingRules, Symbols) {
  const std::string at = "linking invalid-linking: ";
  const auto function = [&](const char* what) { return at + "function symbol `g` " + what; };
  const auto datum = [&](const char* what) { return at + "data symbol `d` " + what; };
  using F = TestFile;
  const Case cases[] = {
      {"unknown flag", flag(F::kG, 0x400), {function("has flags that are not defined")}},
      {"TLS function", flag(F::kG, kSymbolTls), {function("is flagged TLS, but is no data")}},
      {"absolute function", flag(F::kG, kSymbolAbsolute), {function("is flagged ABSOLUTE, but")}},
      {"absolute, undefined",
       [](F& file) {
         file.symbols.push_back(
             F::make(SymbolKind::data, "x", 0, kSymbolAbsolute | kSymbolUndefined));
       },
       {at + "data symbol `x` is flagged both ABSOLUTE and UNDEFINED"}},
      {"explicit name", flag(F::kG, kSymbolExplicitName), {function("is flagged EXPLICIT_NAME")}},
      {"exported, undefined",
       flag(F::kImp, kSymbolExported),
       {at + "function symbol `imp` is flagged both EXPORTED and UNDEFINED"}},
      {"exported, local",
       flag(F::kG, kSymbolExported | kSymbolLocal),
       {function("is flagged both EXPORTED and LOCAL")}},
      {"no name",
       [](F& file) { file.symbols[F::kG].name = ""; },
       {at + "function symbol `` has no name, but is not local"}},
      {"TLS symbol", flag(F::kD, kSymbolTls), {datum("is flagged TLS, but its segment is not")}},
      {"TLS segment",
       [](F& file) {
         file.segment_info = {1, 1, 's', 2, 2};
         file.symbols[F::kE].flags |= kSymbolTls;
       },
       {datum("lies in a segment that is flagged TLS, but is not flagged so itself")}},
      {"not UTF-8",
       [](F& file) { file.symbols[F::kG].name = "g\xff"; },
       {at + "function symbol `g\xff` has a name that is not UTF-8"}},
      {"two definitions",
       [](F& file) { file.symbols[F::kE].name = "g"; },
       {at + "data symbol `g` is defined twice"}},
  };
  for (const Case& test : cases) check(test);
}

// What stops the reading of the symbol table: what names symbols is not looked at, all else is.
TEST(LinkingRules, UnreadableSymbols) {
  const std::string at = "linking invalid-linking: ";
  using F = TestFile;
  const Case cases[] = {
      {"weak and local", flag(F::kG, 3), {at + "symbol is both weak and local"}},
      {"undefined and local",
       flag(F::kImp, kSymbolLocal),
       {at + "symbol is both undefined and local"}},
      {"defined import",
       [](F& file) { file.symbols[F::kImp].flags = 0; },
       {at + "defined symbol names an import"}},
      {"undefined function",
       flag(F::kG, kSymbolUndefined),
       {at + "undefined symbol names no import"}},
      {"index out of range",
       [](F& file) { file.symbols[F::kG].index = 9; },
       {at + "symbol's index is out of range"}},
      {"segment out of range",
       [](F& file) { file.symbols[F::kD].index = 1; },
       {at + "data symbol's segment is out of range"}},
      {"past its segment",
       [](F& file) { file.symbols[F::kE].size = 5; },
       {at + "data symbol reaches past its segment"}},
      {"unknown kind",
       [](F& file) { file.symbols[F::kG].kind = static_cast<SymbolKind>(6); },
       {at + "unknown symbol kind"}},
      {"section symbol of no custom section",
       [](F& file) { file.symbols.push_back(F::make(SymbolKind::section, "", 0, kSymbolLocal)); },
       {at + "section symbol names no custom section"}},
      {"and a wrong init function, which is not read, and a wrong feature",
       [](F& file) {
         file.symbols[F::kG].index = 9;
         file.after_symbols = {{6, {1, 0, 77}}};
         file.customs = {{"target_features", {1, '?', 1, 'x'}}};
       },
       {at + "symbol's index is out of range",
        "target_features invalid-linking: unknown target feature prefix"}},
  };
  for (const Case& test : cases) check(test);
}

TEST(LinkingRules, Subsections) {
  const std::string at = "linking invalid-linking: ";
  using F = TestFile;
  const auto after = [](uint8_t type, Buffer content) {
    return [=](F& file) { file.after_symbols = {{type, content}}; };
  };
  const Case cases[] = {
      {"version", [](F& file) { file.version = 1; }, {at + "linking version is not 2"}},
      {"unknown", after(9, {}), {at + "unknown subsection 9"}},
      {"retired", after(3, {}), {at + "subsection 3 is one of linking version 1"}},
      {"twice", after(5, {0}), {at + "linking subsection occurs twice"}},
      {"left over", after(6, {0, 0}), {at + "data left over at the end of the subsection"}},
      {"init functions first",
       [](F& file) { file.before_symbols = {{6, {1, 0, F::kF}}}; },
       {at + "the subsection INIT_FUNCS stands before the symbol table"}},
      {"init function takes",
       after(6, {1, 0, F::kTakes}),
       {at + "the init function `takes` has the type (i32)->(); an init function takes nothing"}},
      {"init function is undefined",
       after(6, {1, 0, F::kImp}),
       {at + "the init function `imp` is not defined here"}},
      {"init function is data",
       after(6, {1, 0, F::kD}),
       {at + "init function names no function symbol"}},
      {"fewer segments",
       [](F& file) { file.segment_info = {0}; },
       {at + "SEGMENT_INFO tells of 0 segments, but there are 1"}},
      {"more segments",
       [](F& file) { file.segment_info = {2, 1, 's', 0, 0, 1, 't', 0, 0}; },
       {at + "more segment infos than data segments"}},
      {"alignment",
       [](F& file) { file.segment_info = {1, 1, 's', 32, 0}; },
       {at + "alignment is too large"}},
      {"segment flags",
       [](F& file) { file.segment_info = {1, 1, 's', 0, 8}; },
       {at + "segment 0 has flags that are not defined"}},
      {"comdat flags", after(7, {1, 1, 'c', 1, 0}), {at + "unknown comdat flags"}},
      {"comdat kind", after(7, {1, 1, 'c', 0, 1, 6, 0}), {at + "unknown comdat entry kind"}},
      {"comdat of an import",
       after(7, {1, 1, 'c', 0, 1, 1, 0}),
       {at + "comdat entry's index is out of range"}},
      {"comdat name",
       after(7, {2, 1, 'c', 0, 0, 1, 'c', 0, 0}),
       {at + "the comdat `c` occurs twice"}},
      {"comdat entry",
       after(7, {2, 1, 'c', 0, 1, 1, 1, 1, 'd', 0, 1, 1, 1}),
       {at + "the comdat `d`: its function 1 belongs to a comdat already"}},
  };
  for (const Case& test : cases) check(test);
}

TEST(LinkingRules, Sections) {
  using F = TestFile;
  const auto custom = [](std::string name, Buffer content) {
    return [=](F& file) { file.customs.emplace_back(name, content); };
  };
  const Case cases[] = {
      {"linking first",
       [](F& file) {
         file.linking_before_data = true;
         file.segment_info = {};
         file.symbols.resize(F::kD);
         file.code_relocations.clear();
         file.data_relocations.clear();
       },
       {"linking invalid-linking: the section stands before DATA"}},
      {"two linking sections",
       custom("linking", {2}),
       {"linking invalid-linking: second linking section"}},
      {"relocated relocations",
       custom("reloc.linking", {5, 0}),
       {"reloc.linking invalid-linking: section cannot be relocated"}},
      {"relocated types",
       custom("reloc.TYPE", {0, 0}),
       {"reloc.TYPE invalid-linking: section cannot be relocated"}},
      {"relocated later",
       custom("reloc.later", {9, 0}),
       {"reloc.later invalid-linking: relocated section does not stand before its relocations"}},
      {"relocated twice",
       custom("reloc.CODE", {3, 0}),
       {"reloc.CODE invalid-linking: section has two relocation sections"}},
      {"relocations that are not there",
       custom("reloc.linking", {4, 9}),
       {"reloc.linking invalid-linking: section has two relocation sections"}},
      {"features",
       custom("target_features", {2, '+', 1, 'a', '-', 1, 'a'}),
       {"target_features invalid-linking: the feature `a` is listed twice"}},
      {"feature prefix",
       custom("target_features", {1, '!', 1, 'a'}),
       {"target_features invalid-linking: unknown target feature prefix"}},
      {"order",
       [](F& file) { file.customs = {{"target_features", {0}}, {"producers", {0}}}; },
       {"target_features invalid-linking: the section stands before `producers`"}},
      {"producers",
       custom("producers", {2, 3, 's', 'd', 'k', 0, 3, 's', 'd', 'k', 0}),
       {"producers invalid-linking: the field `sdk` occurs twice"}},
      {"producers cut",
       custom("producers", {9}),
       {"producers invalid-linking: count is larger than the data behind it"}},
      {"names cut", custom("name", {1, 9}), {"name invalid-linking: unexpected end of data"}},
  };
  for (const Case& test : cases) check(test);
}

TEST(LinkingRules, RelocationsWithoutSymbols) {
  ByteWriter out;
  out.write_bytes(kWasmHeader);
  append_custom_section(out, "reloc.CODE", Buffer{0, 0});
  const std::vector<std::string> texts = problems_of(out.take());
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts[0].find("reloc.CODE invalid-linking: relocations"), 0u);
}

TEST(LinkingRules, Relocations) {
  using F = TestFile;
  const auto code = [](std::vector<Relocation> entries) {
    return [=](F& file) { file.code_relocations = entries; };
  };
  const auto data = [](std::vector<Relocation> entries) {
    return [=](F& file) { file.data_relocations = entries; };
  };
  constexpr uint8_t kGlobalIndexI32 = 13, kTableNumberLeb = 20;
  const std::string entry = "reloc.CODE invalid-linking: relocation R_WASM_";
  const std::string site = "CODE invalid-linking: relocation R_WASM_";
  const Case cases[] = {
      {"unknown kind",
       [](F& file) {
         file.code_relocations.clear();
         file.customs = {{"reloc.CODE", {3, 1, 27, 4, 0}}};
       },
       {"reloc.CODE invalid-linking: unknown relocation kind"}},
      {"symbol out of range",
       code({{kFunctionIndexLeb, F::kCallSite, 6, 0}}),
       {entry + "FUNCTION_INDEX_LEB: symbol index 6 is out of range (6 symbols)"}},
      {"symbol of another kind",
       code({{kFunctionIndexLeb, F::kCallSite, F::kD, 0}}),
       {entry + "FUNCTION_INDEX_LEB: cannot apply to data symbol `d`"}},
      {"type out of range",
       code({{kTypeIndexLeb, F::kCallSite, 2, 0}}),
       {entry + "TYPE_INDEX_LEB: type index 2 is out of range (2 types)"}},
      {"all that are wrong, not only the first",
       code({{kFunctionIndexLeb, F::kCallSite, 6, 0}, {kFunctionIndexLeb, F::kConstSite, 7, 0}}),
       {entry + "FUNCTION_INDEX_LEB: symbol index 6",
        entry + "FUNCTION_INDEX_LEB: symbol index 7"}},
      {"descending",
       code({{kFunctionIndexLeb, F::kSecondCallSite, F::kG, 0},
             {kFunctionIndexLeb, F::kCallSite, F::kG, 0}}),
       {entry + "FUNCTION_INDEX_LEB: sites are not in ascending order"}},
      {"between two bodies",
       code({{kFunctionIndexLeb, 17, F::kG, 0}}),
       {entry + "FUNCTION_INDEX_LEB: site 0x11 lies in no function body"}},
      {"across two bodies",
       code({{kFunctionIndexLeb, 25, F::kG, 0}}),
       {entry + "FUNCTION_INDEX_LEB: site 0x19 reaches past the end of its function body"}},
      {"count",
       [](F& file) {  // two entries, the second with an addend of five bytes
         file.code_relocations.clear();
         file.customs = {{"reloc.CODE",
                          {3, 3, kFunctionIndexLeb, F::kCallSite, F::kG,  //
                           kMemoryAddrSleb, F::kConstSite, F::kD, 0x80, 0x80, 0x80, 0x80, 0x00}}};
       },
       {"reloc.CODE invalid-linking: the section holds 2 entries but counts 3"}},
      {"count of what cannot be there",
       [](F& file) { file.code_count_offset = 1; },
       {"reloc.CODE invalid-linking: count is larger than the data behind it"}},
      {"no LEB128 in CODE",
       code({{kMemoryAddrI32, F::kConstSite, F::kD, 0}}),
       {site + "MEMORY_ADDR_I32 (symbol `d`): is not allowed in CODE"}},
      {"another immediate",
       code({{kFunctionIndexLeb, F::kConstSite, F::kG, 0}}),
       {site + "FUNCTION_INDEX_LEB (symbol `g`): stands at the constant of an i32.const; only a "
               "function index can be patched with it"}},
      {"type at a call",
       code({{kTypeIndexLeb, F::kCallSite, 0, 0}}),
       {site + "TYPE_INDEX_LEB (type 0): stands at a function index; only a type index"}},
      {"not padded",
       [](F& file) { file.g = {0x00, 0x10, 0x02, 0x01, 0x01, 0x01, 0x01, 0x0b}; },
       {site + "FUNCTION_INDEX_LEB (symbol `g`): field is not a LEB128 padded to 5 bytes"}},
      {"LEB128 in DATA",
       [](F& file) {
         file.data = {0x8c, 0x80, 0x80, 0x80, 0, 0, 0, 0};
         file.data_relocations = {{kMemoryAddrSleb, F::kDataSite, F::kE, 0}};
       },
       {"DATA invalid-linking: relocation R_WASM_MEMORY_ADDR_SLEB (symbol `e`): is not allowed"}},
      {"any bytes as a LEB128 in DATA",
       data({{kMemoryAddrSleb, F::kDataSite, F::kE, 0}}),
       {"DATA invalid-linking: relocation R_WASM_MEMORY_ADDR_SLEB: field is not a LEB128"}},
      {"function as a global", data({{kGlobalIndexI32, F::kDataSite, F::kE, 0}}), {}},
      {"table number of data",
       code({{kTableNumberLeb, F::kCallSite, F::kD, 0}}),
       {entry + "TABLE_NUMBER_LEB: cannot apply to data symbol `d`"}},
  };
  for (const Case& test : cases) check(test);
}

TEST(LinkingRules, StaleRelocations) {
  using F = TestFile;
  const std::string site = "CODE stale-relocation: relocation R_WASM_";
  const Case cases[] = {
      {"another function",
       [](F& file) { file.g[2] = 0x81; },
       {site +
        "FUNCTION_INDEX_LEB (symbol `g`): the field holds 1, but the relocation stands for 2"}},
      {"no immediate there",
       [](F& file) { file.code_relocations = {{kFunctionIndexLeb, F::kCallSite + 1, F::kG, 0}}; },
       {site +
        "FUNCTION_INDEX_LEB (symbol `g`): no immediate that could be patched begins where it "
        "stands; expected a function index"}},
      {"another address",
       [](F& file) { file.data[0] = 13; },
       {"DATA stale-relocation: relocation R_WASM_MEMORY_ADDR_I32 (symbol `e`): the field holds "
        "13, but the relocation stands for 12"}},
      {"addends count",
       [](F& file) { file.data_relocations[0].addend = 3, file.data[0] = 15; },
       {}},
      // A producer that leaves all addresses to the linker.
      {"no addresses at all", [](F& file) { file.f[8] = 0x80, file.data[0] = 0; }, {}},
  };
  for (const Case& test : cases) check(test);
}

TEST(LinkingRules, AMillionProblemsAreBounded) {
  TestFile file;
  file.symbols.resize(200'000, TestFile::make(SymbolKind::function, "twice", 1, 0x400));
  EXPECT_EQ(problems_of(file.bytes()).size(), 101u);
}

}  // namespace
}  // namespace wasmpack
