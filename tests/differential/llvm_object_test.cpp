// Our reader against LLVM's, as a library, on the archives of Debian's packages: the same symbols,
// types, segments, init functions and relocations in every object. (LLVM's aborts on damaged input,
// so only sound files are given to it.)
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <llvm/Object/Wasm.h>

#include "object/archive.h"
#include "object/read.h"
#include "support/input_file.h"

namespace wasmpack {
namespace {

std::string_view view(llvm::StringRef text) { return {text.data(), text.size()}; }

void compare_symbols(const Object& ours, llvm::object::WasmObjectFile& theirs) {
  std::vector<const llvm::wasm::WasmSymbolInfo*> infos;
  for (const llvm::object::SymbolRef& symbol : theirs.symbols())
    infos.push_back(&theirs.getWasmSymbol(symbol).Info);
  ASSERT_EQ(infos.size(), ours.symbols.size());
  for (size_t i = 0; i < infos.size(); ++i) {
    const Symbol& symbol = ours.symbols[i];
    EXPECT_EQ(static_cast<uint8_t>(symbol.kind), infos[i]->Kind);
    EXPECT_EQ(symbol.flags, infos[i]->Flags);
    if (symbol.kind != SymbolKind::section) {
      EXPECT_EQ(symbol.name, view(infos[i]->Name));
    }
    if (symbol.kind == SymbolKind::data) {
      if (symbol.is_undefined()) continue;
      EXPECT_EQ(symbol.index, infos[i]->DataRef.Segment);
      EXPECT_EQ(symbol.offset, infos[i]->DataRef.Offset);
      EXPECT_EQ(symbol.size, infos[i]->DataRef.Size);
    } else {
      EXPECT_EQ(symbol.index, infos[i]->ElementIndex);
    }
  }
}

void compare_segments(const Object& ours, const llvm::object::WasmObjectFile& theirs) {
  const auto segments = theirs.dataSegments();
  ASSERT_EQ(ours.data.size(), segments.size());
  for (size_t i = 0; i < segments.size(); ++i) {
    EXPECT_EQ(ours.data[i].name, view(segments[i].Data.Name));
    EXPECT_EQ(ours.data[i].alignment_log2, segments[i].Data.Alignment);
    EXPECT_EQ(ours.data[i].flags, segments[i].Data.LinkingFlags);
    EXPECT_EQ(ours.data[i].content.size(), segments[i].Data.Content.size());
  }
}

void compare_linking(const Object& ours, const llvm::object::WasmObjectFile& theirs) {
  const llvm::wasm::WasmLinkingData& linking = theirs.linkingData();
  ASSERT_EQ(ours.init_functions.size(), linking.InitFunctions.size());
  for (size_t i = 0; i < ours.init_functions.size(); ++i) {
    EXPECT_EQ(ours.init_functions[i].priority, linking.InitFunctions[i].Priority);
    EXPECT_EQ(ours.init_functions[i].symbol, linking.InitFunctions[i].Symbol);
  }
  ASSERT_EQ(ours.comdats.size(), linking.Comdats.size());
  for (size_t i = 0; i < ours.comdats.size(); ++i)
    EXPECT_EQ(ours.comdats[i].name, view(linking.Comdats[i]));
}

void compare_relocations(const Object& ours, const llvm::object::WasmObjectFile& theirs) {
  size_t section_number = 0;
  for (const llvm::object::SectionRef& section : theirs.sections()) {
    const llvm::object::WasmSection& wasm = theirs.getWasmSection(section);
    const RelocationSection* relocations =
        ours.find_relocations(static_cast<uint32_t>(section_number++));
    EXPECT_EQ(relocations == nullptr ? 0 : relocations->count, wasm.Relocations.size());
  }
  EXPECT_EQ(section_number, ours.sections.size());
}

// The number of objects compared.
size_t compare_archive(const std::string& path) {
  const Result<InputFile> file = InputFile::open(path);
  const Result<std::vector<ArchiveMember>> members = read_archive(file->bytes(), path);
  for (const ArchiveMember& member : *members) {
    SCOPED_TRACE(input_name(path, member.name));
    const Result<Object> ours = read_object(member.bytes, path, member.name);
    const std::string_view text = as_string(member.bytes);
    auto theirs = llvm::object::ObjectFile::createWasmObjectFile(
        llvm::MemoryBufferRef(llvm::StringRef(text.data(), text.size()), "member"));
    if (!ours || !theirs) {
      ADD_FAILURE() << "not read";
      llvm::consumeError(theirs.takeError());
      continue;
    }
    EXPECT_EQ(ours->types.size(), (*theirs)->types().size());
    EXPECT_EQ(ours->code.size(), (*theirs)->functions().size());
    compare_symbols(*ours, **theirs);
    compare_segments(*ours, **theirs);
    compare_linking(*ours, **theirs);
    compare_relocations(*ours, **theirs);
  }
  return members->size();
}

TEST(LlvmObject, ReadsWhatWeReadInWasiLibc) {
  EXPECT_GT(compare_archive("/usr/lib/wasm32-wasi/libc.a"), 500u);
}
TEST(LlvmObject, ReadsWhatWeReadInLibcxx) {
  EXPECT_GT(compare_archive("/usr/lib/llvm-22/lib/wasm32-wasi/libc++.a"), 30u);
}
TEST(LlvmObject, ReadsWhatWeReadInWasm64Builtins) {
  EXPECT_GT(compare_archive("/usr/lib/llvm-22/lib/clang/22/lib/wasi/libclang_rt.builtins-wasm64.a"),
            50u);
}

}  // namespace
}  // namespace wasmpack
