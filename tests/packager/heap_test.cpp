// What a library does with memory, told from hand-made objects that hold one thing each, and from
// the archives of wasi-libc and Rust as Debian has them.
#include "packager/heap.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "linker/link.h"
#include "object/read.h"
#include "tests/lib/object_builder.h"

namespace wasmpack {
namespace {

using Code = std::vector<uint8_t>;
using Places = std::vector<std::string>;

constexpr uint8_t kConst = 0x41, kDropByte = 0x1a;
const Code kGrow = {kConst, 1, 0x40, 0x00, kDropByte};
const Code kSize = {0x3f, 0x00, kDropByte};
const Code kLoad = {kConst, 0, 0x28, 0x02, 0x00, kDropByte};

Code operator+(Code a, const Code& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// An object under construction, and what is found in it.
class Library : public ObjectBuilder {
 public:
  // Types of malloc, free and aligned_alloc.
  const uint32_t none = add_type({}, {}), malloc_type = add_type({kValI32}, {kValI32}),
                 free_type = add_type({kValI32}, {}),
                 aligned_alloc_type = add_type({kValI32, kValI32}, {kValI32});

  // A function that takes the addresses of data symbols and calls functions, with `code` behind.
  uint32_t define(std::string name, std::vector<uint32_t> addresses,
                  std::vector<uint32_t> callees = {}, const Code& code = {}, uint32_t flags = 0,
                  uint32_t type = 0) {
    Code body;
    std::vector<Relocation> sites;
    const Code field = {0x80, 0x80, 0x80, 0x80, 0x00};
    for (const uint32_t symbol : addresses) {
      sites.push_back({kMemoryAddrSleb, static_cast<uint32_t>(body.size() + 1), symbol, 0});
      body = body + Code{kConst} + field + Code{kDropByte};
    }
    for (const uint32_t symbol : callees) {
      sites.push_back({kFunctionIndexLeb, static_cast<uint32_t>(body.size() + 1), symbol, 0});
      body = body + Code{0x10} + field;
    }
    return define_code(std::move(name), body + code, std::move(sites), flags, type);
  }

  HeapUse use() {
    bytes_ = bytes();
    Result<Object> object = read_object(bytes_, "library");
    EXPECT_TRUE(object) << (object ? "" : object.error().message);
    object_ = std::move(*object);
    return find_heap_use(object_);
  }
  std::string name_of(std::optional<uint32_t> function) const {
    if (!function) return "";
    for (const Symbol& symbol : object_.symbols) {
      if (symbol.kind == SymbolKind::function && symbol.index == *function)
        return std::string(symbol.name);
    }
    return "?";
  }
  Object& object() { return object_; }

 private:
  std::vector<uint8_t> bytes_;
  Object object_;
};

// The shape of wasi-libc's malloc: its parts can be replaced to see what each is there for.
struct Dlmalloc {
  Library library;
  uint32_t base = library.import_data("__heap_base");
  uint32_t state = library.define_data("_gm_", Code(8), kSymbolLocal);
  uint32_t parameters = library.define_data("mparams", Code(8), kSymbolLocal);

  uint32_t define_sbrk(const Code& code = kGrow, std::vector<uint32_t> callees = {}) {
    return library.define("sbrk", {}, std::move(callees), code);
  }
  uint32_t define_malloc(uint32_t sbrk, uint32_t flags = 0) {
    const uint32_t inner =
        library.define("dlmalloc", {base, state, parameters}, {sbrk}, {}, kSymbolLocal);
    const uint32_t outer =
        library.define("malloc", {}, {inner}, Code{kConst, 0}, flags, library.malloc_type);
    library.define("free", {state}, {}, {}, flags, library.free_type);
    library.define("aligned_alloc", {}, {inner}, Code{kConst, 0}, flags,
                   library.aligned_alloc_type);
    return outer;
  }
};

TEST(MemoryGrow, IsFoundThoughItHasNoRelocation) {
  Library library;
  library.define("plain", {}, {}, kLoad);
  library.define("grows", {}, {}, kGrow);
  // The memory's index in more bytes than it needs.
  library.define("padded", {}, {}, {kConst, 1, 0x40, 0x80, 0x80, 0x00, kDropByte});
  library.define("asks", {}, {}, kSize);
  const HeapUse use = library.use();
  EXPECT_EQ(use.form, HeapForm::none);
  EXPECT_EQ(use.growers, (Places{"function `grows`", "function `padded`"}));
  EXPECT_EQ(use.size_readers, Places{"function `asks`"});
  EXPECT_FALSE(use.owns_heap());
}

TEST(MemoryGrow, IsNotSeenInOtherInstructionsBytes) {
  Library library;
  library.define("block", {}, {}, {0x02, 0x40, 0x00, 0x0b});  // block; unreachable; end
  // f64.const: eight bytes, among them those of memory.grow and memory.size
  library.define("constant", {}, {}, {0x44, 0x40, 0x00, 0x3f, 0x00, 0, 0, 0, 0, kDropByte});
  const HeapUse use = library.use();
  EXPECT_EQ(use.growers, Places{});
  EXPECT_EQ(use.size_readers, Places{});
}

TEST(Heap, OnlyReferencesCount) {
  Library library;
  library.import_data("__heap_base");
  library.import_function("__heap_end");  // another thing of that name
  library.define("grows", {}, {}, kGrow);
  EXPECT_EQ(library.use().form, HeapForm::none);
}

TEST(Arena, BothEndsAndNoGrowth) {
  Library library;
  const uint32_t base = library.import_data("__heap_base"), end = library.import_data("__heap_end");
  library.define("take", {base, end});
  const HeapUse use = library.use();
  EXPECT_EQ(use.form, HeapForm::arena) << use.reason;
  EXPECT_EQ(use.heap_user, "function `take`");
}

TEST(Arena, MayKeepItsPlaceInData) {
  Library library;
  const uint32_t base = library.import_data("__heap_base"), end = library.import_data("__heap_end");
  const uint32_t next = library.define_data("next", Code(4));
  library.add_address(next, 0, base);
  library.define("take", {next, end});
  const HeapUse use = library.use();
  EXPECT_EQ(use.form, HeapForm::arena) << use.reason;
  EXPECT_EQ(use.heap_user, "function `take`");
}

// Each has something that makes it more than an arena.
TEST(Unknown, SaysWhatWasFoundInWhichFunction) {
  const auto reason = [](std::vector<std::string> symbols, const Code& helper,
                         std::string_view undefined = "") {
    Library library;
    if (!undefined.empty()) library.import_function(std::string(undefined));
    std::vector<uint32_t> addresses;
    for (const std::string& name : symbols) addresses.push_back(library.import_data(name));
    library.define("take", addresses);
    library.define("helper", {}, {}, helper);
    const HeapUse use = library.use();
    EXPECT_EQ(use.form, HeapForm::unknown);
    return use.reason;
  };
  const std::vector<std::string> both = {"__heap_base", "__heap_end"};
  EXPECT_EQ(reason(both, kGrow), "function `helper` grows memory");
  EXPECT_EQ(reason(both, kSize), "function `helper` reads the memory's size");
  EXPECT_EQ(reason(both, {}, "sbrk"), "it takes `sbrk` from elsewhere");
  EXPECT_EQ(reason({both[0]}, {}), "it knows no end, since nothing in it refers to `__heap_end`");
  EXPECT_EQ(reason({both[1]}, {}), "it takes memory from `__heap_end` on");
  // 0x27 is no instruction; what stands behind it may be anything.
  EXPECT_EQ(reason(both, Code{0x27} + kGrow),
            "function `helper` has an instruction that wasmpack does not know");
}

TEST(Contiguous, AnSbrkThatStartsAtTheHeap) {
  for (const std::string name : {"sbrk", "_sbrk", "brk"}) {
    Library library;
    const uint32_t base = library.import_data("__heap_base");
    library.define(name, {base}, {}, kGrow);
    const HeapUse use = library.use();
    EXPECT_EQ(use.form, HeapForm::contiguous);
    EXPECT_EQ(use.reason, "its `" + name + "` starts at `__heap_base`");
  }
}

TEST(Contiguous, AnSbrkWhoseDatumStartsAtTheHeap) {
  Library library;
  const uint32_t base = library.import_data("__heap_base");
  const uint32_t next = library.define_data("sbrk_val", Code(4), kSymbolLocal);
  library.add_address(next, 0, base);
  library.define("sbrk", {next}, {}, kGrow);
  const HeapUse use = library.use();
  EXPECT_EQ(use.form, HeapForm::contiguous);
  EXPECT_EQ(use.heap_user, "the data `.data.sbrk_val`");
}

TEST(Contiguous, EmscriptensFunctions) {
  for (const std::string name : {"emscripten_get_sbrk_ptr", "emscripten_resize_heap"}) {
    Library defines, imports;
    defines.define(name, {});
    imports.import_function(name);
    for (Library* library : {&defines, &imports}) {
      const HeapUse use = library->use();
      EXPECT_EQ(use.form, HeapForm::contiguous);
      EXPECT_EQ(use.reason, "it has Emscripten's `" + name + "`");
    }
  }
}

TEST(DlmallocForm, IsKnownByItsStateAndItsSbrk) {
  Dlmalloc shape;
  shape.define_malloc(shape.define_sbrk());
  const HeapUse use = shape.library.use();
  EXPECT_EQ(use.form, HeapForm::dlmalloc) << use.reason;
  EXPECT_EQ(use.heap_user, "function `dlmalloc`");
  EXPECT_EQ(shape.library.name_of(use.malloc_function), "malloc");
  EXPECT_EQ(shape.library.name_of(use.free_function), "free");
  EXPECT_EQ(shape.library.name_of(use.aligned_alloc_function), "aligned_alloc");
}

// Since 2023 it takes the memory up to __heap_end, in a function that compilers inline or not.
TEST(DlmallocForm, IsKnownInNewerWasiLibcToo) {
  Dlmalloc shape;
  const uint32_t end = shape.library.import_data("__heap_end", kSymbolWeak);
  const uint32_t sbrk = shape.define_sbrk(kSize + kGrow);
  const uint32_t init = shape.library.define(
      "try_init_allocator", {shape.base, end, shape.state, shape.parameters}, {}, {}, kSymbolLocal);
  const uint32_t inner = shape.library.define("dlmalloc", {shape.state}, {init, sbrk});
  shape.library.define("malloc", {}, {inner}, Code{kConst, 0}, 0, shape.library.malloc_type);
  const HeapUse use = shape.library.use();
  EXPECT_EQ(use.form, HeapForm::dlmalloc) << use.reason;
  EXPECT_EQ(shape.library.name_of(use.malloc_function), "malloc");
}

// An sbrk with a place of its own may expect memory to be contiguous.
TEST(DlmallocForm, NeedsAnSbrkWithoutState) {
  const auto form = [](const Code& code, bool calls) {
    Dlmalloc shape;
    const uint32_t callee = calls ? shape.library.import_function("next_break") : 0;
    shape.define_malloc(
        shape.define_sbrk(code, calls ? std::vector<uint32_t>{callee} : std::vector<uint32_t>{}));
    return shape.library.use().form;
  };
  EXPECT_EQ(form(kSize + kGrow, false), HeapForm::dlmalloc);
  EXPECT_EQ(form(kLoad + kGrow, false), HeapForm::unknown);
  EXPECT_EQ(form(Code{0x23, 0, kDropByte} + kGrow, false), HeapForm::unknown);  // global.get
  EXPECT_EQ(form(kGrow, true), HeapForm::unknown);
  EXPECT_EQ(form(kSize, false), HeapForm::unknown);  // that grows nothing
}

TEST(DlmallocForm, NeedsDlmallocsStateWhereverTheHeapIsUsed) {
  Dlmalloc other_user;
  other_user.define_malloc(other_user.define_sbrk());
  other_user.library.define("other", {other_user.base, other_user.state});
  EXPECT_EQ(other_user.library.use().form, HeapForm::unknown);

  Dlmalloc grows_itself;
  grows_itself.define_malloc(grows_itself.define_sbrk());
  grows_itself.library.define(
      "other", {grows_itself.base, grows_itself.state, grows_itself.parameters}, {}, kGrow);
  EXPECT_EQ(grows_itself.library.use().form, HeapForm::unknown);

  Dlmalloc no_sbrk;
  no_sbrk.define_malloc(no_sbrk.library.define("morecore", {}, {}, kGrow));
  EXPECT_EQ(no_sbrk.library.use().form, HeapForm::unknown);

  // Somebody who grows memory and leaves the initial heap alone may live beside it.
  Dlmalloc beside;
  beside.define_malloc(beside.define_sbrk());
  beside.library.define("beside", {}, {}, kGrow);
  EXPECT_EQ(beside.library.use().form, HeapForm::dlmalloc);
}

TEST(Allocator, IsFoundAlsoWhereItIsLocal) {
  Dlmalloc shape;
  shape.define_malloc(shape.define_sbrk(), kSymbolLocal);
  const HeapUse use = shape.library.use();
  EXPECT_EQ(shape.library.name_of(use.malloc_function), "malloc");
  EXPECT_EQ(shape.library.name_of(use.free_function), "free");
}

TEST(Allocator, TakesNoFunctionThatMerelyHasTheName) {
  // Does not reach the heap: it would claim nothing.
  Dlmalloc elsewhere;
  elsewhere.library.define("dlmalloc", {elsewhere.base, elsewhere.state, elsewhere.parameters},
                           {elsewhere.define_sbrk()});
  elsewhere.library.define("malloc", {}, {}, Code{kConst, 0}, 0, elsewhere.library.malloc_type);
  EXPECT_EQ(elsewhere.library.use().form, HeapForm::dlmalloc);
  EXPECT_FALSE(elsewhere.library.use().malloc_function);

  // Two that are local to two files: nobody knows which.
  Dlmalloc twice;
  twice.define_malloc(twice.define_sbrk(), kSymbolLocal);
  twice.library.define("free", {}, {}, {}, kSymbolLocal, twice.library.free_type);
  EXPECT_FALSE(twice.library.use().free_function);
  EXPECT_TRUE(twice.library.use().malloc_function);

  // The global one counts, and one of another type does not.
  Library arena;
  const uint32_t base = arena.import_data("__heap_base"), end = arena.import_data("__heap_end");
  arena.define("malloc", {base, end});
  arena.define("free", {}, {}, {}, kSymbolLocal, arena.free_type);
  const uint32_t global = arena.define("free", {}, {}, {}, 0, arena.free_type);
  const HeapUse use = arena.use();
  EXPECT_FALSE(use.malloc_function);
  EXPECT_EQ(use.free_function, arena.object().symbols[global].index);
}

TEST(Allocator, GetsTheRuntimesNames) {
  Dlmalloc shape;
  shape.define_malloc(shape.define_sbrk(), kSymbolLocal);
  const HeapUse use = shape.library.use();
  const std::vector<std::pair<uint32_t, std::string>> expected = {
      {use.malloc_function.value(), "__wasmpack_heap_malloc"},
      {use.free_function.value(), "__wasmpack_heap_free"},
      {use.aligned_alloc_function.value(), "__wasmpack_heap_aligned_alloc"}};
  EXPECT_EQ(list_heap_names(use), expected);
}

// ---- Real archives ------------------------------------------------------------------------------

// The library that `wanted` pulls out of an archive, or all of it.
class RealLibrary {
 public:
  explicit RealLibrary(const std::string& path, std::vector<std::string> wanted = {}) {
    Result<InputFile> file = InputFile::open(path);
    EXPECT_TRUE(file) << path;
    if (!file) return;
    std::vector<LinkInput> inputs;
    inputs.push_back({std::move(*file), wanted.empty()});
    LinkOptions options;
    options.wanted = std::move(wanted);
    LinkReport report;
    DiagnosticSink sink;
    std::optional<std::vector<uint8_t>> bytes = link_to_memory(inputs, options, report, sink);
    EXPECT_TRUE(bytes) << render_all(sink);
    if (!bytes) return;
    bytes_ = std::move(*bytes);
    Result<Object> object = read_object(bytes_, "library");
    EXPECT_TRUE(object);
    if (object) use = find_heap_use(*object);
  }
  HeapUse use;

 private:
  std::vector<uint8_t> bytes_;
};

TEST(RealArchive, WasiLibcsMalloc) {
  const RealLibrary libc("/usr/lib/wasm32-wasi/libc.a", {"malloc"});
  EXPECT_EQ(libc.use.form, HeapForm::dlmalloc) << libc.use.reason;
  EXPECT_EQ(libc.use.growers, Places{"function `sbrk`"});
  EXPECT_TRUE(libc.use.malloc_function && libc.use.free_function &&
              libc.use.aligned_alloc_function);
}

TEST(RealArchive, TheWholeOfWasiLibc) {
  const RealLibrary libc("/usr/lib/wasm32-wasi/libc.a");
  EXPECT_EQ(libc.use.form, HeapForm::dlmalloc) << libc.use.reason;
}

TEST(RealArchive, WasiLibcWithoutMalloc) {
  const RealLibrary libc("/usr/lib/wasm32-wasi/libc.a", {"strlen", "memcpy"});
  EXPECT_EQ(libc.use.form, HeapForm::none);
  EXPECT_EQ(libc.use.growers, Places{});
}

TEST(RealArchive, RustsAllocatorGrowsOnly) {
  const std::filesystem::path folder = "/usr/lib/rustlib/wasm32-unknown-unknown/lib";
  std::string dlmalloc;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with("libdlmalloc-")) dlmalloc = entry.path();
  }
  const RealLibrary library(dlmalloc);
  EXPECT_EQ(library.use.form, HeapForm::none) << library.use.reason;
  ASSERT_EQ(library.use.growers.size(), 1u);
  // <dlmalloc::sys::System as dlmalloc::Allocator>::alloc
  EXPECT_NE(library.use.growers[0].find("Allocator$GT$5alloc"), std::string::npos);
}

}  // namespace
}  // namespace wasmpack
