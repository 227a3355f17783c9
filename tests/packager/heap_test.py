# ctest: timeout=300
"""One memory shared by libraries that bring allocators: who owns the initial heap, a libc that serves the others, and
that nobody hands out the bytes of somebody else."""

import json
import unittest

from bundles import HERE, WASMPACK, BundleTest, library

LIBC = "/usr/lib/wasm32-wasi/libc.a"
WASI = 'allow-imports = ["wasi_snapshot_preview1.*"]'
VISIBLE = '__attribute__((visibility("default"))) '
FINE = {"none": 0, "low": 0, "outside": 0, "overlap": 0, "content": 0}

# A C library that allocates, prints and keeps state. NAME is its name.
C_LIBRARY = """
  #include <stdio.h>
  #include <stdlib.h>
  #include <string.h>
  static int calls;
  """ + VISIBLE + """ void* NAME_alloc(int size) { return malloc(size); }
  """ + VISIBLE + """ void NAME_free(void* block) { free(block); }
  """ + VISIBLE + """ int NAME_print(int value) { ++calls; printf("NAME %d %.2f\\n", value, value / 4.0); fflush(stdout); return calls; }
"""
# A library that takes what memory.grow gives, in a constructor too.
GROWS = """
  static unsigned char* page;
  __attribute__((constructor)) static void take(void) { page = (unsigned char*)(__builtin_wasm_memory_grow(0, 2) * 65536); }
  """ + VISIBLE + """ unsigned char* taken(void) { return page; }
  """ + VISIBLE + """ void* grow(int size) { return (void*)(__builtin_wasm_memory_grow(0, (size + 65535) / 65536) * 65536); }
"""


class HeapTest(BundleTest):
    def compile_wasi(self, name, source):
        self.write(f"{name}.c", source)
        self.run_tool("clang-22", "--target=wasm32-wasip1", "-O2", "-isystem", "/usr/include/wasm32-wasi", "-c", f"{name}.c",
                      "-o", f"{name}.o")

    def compile_c_library(self, name):
        self.compile_wasi(name, C_LIBRARY.replace("NAME", name))

    def pack_wasi(self, *libraries, bundle=""):
        return self.pack(*libraries, bundle=WASI + "\n" + bundle)

    def run_wasi(self, script):
        """As run_js, with the bundle `b` loaded under node's WASI, not yet initialized; what it prints goes to a file."""
        return self.run_js("""
          const {WASI} = await import('node:wasi');
          const fs = await import('node:fs');
          const {exercise, bundle_source} = await import(OWNERSHIP);
          const printed = PRINTED, out = fs.openSync(printed, 'w');
          const wasi = new WASI({version: 'preview1', stdout: out});
          const b = await load(path, {wasi_snapshot_preview1: wasi.wasiImport}), e = b.exports;
          const initialize = () => wasi.initialize({exports: e});
          const output = () => fs.readFileSync(printed, 'utf8');
          const c_source = (name) => ({alloc: e[name + '_alloc'], free: e[name + '_free']});
        """.replace("OWNERSHIP", json.dumps(str(HERE / "ownership.mjs")))
            .replace("PRINTED", json.dumps(str(self.folder / "printed"))) + script)


def libc(*keep, archives="lazy"):
    return library("libc", LIBC, archives=archives, keep_global=list(keep or "*"))


class SharedLibc(HeapTest):
    """libc as one library of the bundle."""

    def setUp(self):
        super().setUp()
        for name in "ab":
            self.compile_c_library(name)

    def check(self):
        result = self.run_wasi("""
          initialize();
          const calls = [e.a_print(1), e.b_print(10), e.a_print(2), e.b_print(20), e.b_print(30)];
          const bad = exercise(b, [c_source('a'), c_source('b'), bundle_source(b), bundle_source(b, 4096)], 6000);
          return {calls, bad, output: output()};""")
        self.assertEqual(result["calls"], [1, 1, 2, 2, 3])
        self.assertEqual(result["output"], "a 1 0.25\nb 10 2.50\na 2 0.50\nb 20 5.00\nb 30 7.50\n")
        self.assertEqual(result["bad"], FINE)

    def test_two_libraries_with_one_each_are_an_error(self):
        messages = self.refuse(*(library(name, f"{name}.o", LIBC, archives="lazy") for name in "ab"), bundle=WASI)
        self.assertRegex(messages, r"k\.toml:11:1: library `a` and library `b` both have an allocator that takes the memory behind "
                                   r"the static data \(function `dlmalloc` and function `dlmalloc`\): they would hand out the same bytes \[heap-owners\]\n")
        self.assertIn('help: link the C library once, as a library of its own that the others take `malloc` from: inputs = ["libc.a"], '
                      'archives = "lazy", keep-global = ["*"]', messages)
        self.assertEqual(messages.count("error:"), 1)

    def test_the_way_out_works(self):
        # Before, between and behind those it serves.
        for place in range(3):
            with self.subTest(place):
                libraries = [library("a"), library("b")]
                libraries.insert(place, libc())
                self.pack_wasi(*libraries)
                self.check()

    def test_it_has_what_is_needed_and_no_more(self):
        self.pack_wasi(library("a"), library("b"), libc())
        names = self.run_tool("wasm-objdump", "-x", "-j", "Function", "out.wasm").stdout
        self.assertIn("<dlmalloc>", names)
        self.assertNotIn("<qsort>", names)
        imports = self.run_js("return WebAssembly.Module.imports((await load(path, {wasi_snapshot_preview1: new Proxy({}, "
                              "{get: () => () => 0})})).module).map((i) => i.name).sort();")
        self.assertEqual(imports, ["fd_close", "fd_fdstat_get", "fd_seek", "fd_write"])

    def test_a_whole_libc_works(self):
        names = ["malloc", "free", "printf", "fflush", "stdout"]
        self.pack_wasi(library("a"), libc(*names, archives="whole"), library("b"))
        self.check()

    def test_the_bundles_allocator_is_the_librarys(self):
        # What a kernel allocated, the host can free, and the other way round: one allocator, no second one beside it.
        self.pack_wasi(library("a"), library("b"), libc())
        self.assertEqual(
            self.run_wasi("""
              initialize();
              for (let i = 0; i < 2000; ++i) { e.wasmpack_free(e.a_alloc(50000)); e.b_free(e.wasmpack_alloc(50000, 64)); }
              return e.memory.buffer.byteLength / 65536;"""), 2)

    def test_wasmpack_alloc_of_an_owner(self):
        self.pack_wasi(library("a"), library("b"), libc())
        result = self.run_wasi("""
          const blocks = [];  // before _initialize
          for (let align = 1; align <= 65536; align *= 2)
            for (const size of [0, 1, 7, align - 1, align, align + 1, 100000]) blocks.push([e.wasmpack_alloc(size, align), align, size]);
          blocks.sort((x, y) => x[0] - y[0]);
          const before = e.memory.buffer.byteLength;
          return {
            aligned: blocks.every(([at, align]) => at !== 0 && at % align === 0 && at % 16 === 0),
            apart: blocks.every(([at], i) => i === 0 || blocks[i - 1][0] + Math.max(blocks[i - 1][2], 1) <= at),
            none: [[16, 0], [16, 3], [16, 131072], [16, -2147483648], [0xffffffff, 1], [0xfff00001, 16], [0xfff00000, 65536],
                   [0x7fffffff, 16]].map(([size, align]) => e.wasmpack_alloc(size, align)),
            freed: blocks.forEach(([at]) => e.wasmpack_free(at)) ?? e.wasmpack_free(0) ?? 'all',
            grown: e.memory.buffer.byteLength - before,
          };""")
        self.assertEqual(result, {"aligned": True, "apart": True, "none": [0] * 8, "freed": "all", "grown": 0})

    def test_a_name_that_keep_global_leaves_out_stays_undefined(self):
        messages = self.refuse(library("a"), library("b"), libc("malloc", "free", "fflush", "stdout"), bundle=WASI)
        self.assertIn("library `a`: undefined symbol: printf", messages)

    def test_a_pattern_that_no_archive_has_anything_for(self):
        messages = self.refuse(library("a"), library("b"), libc("*", "mallok"), bundle=WASI)
        self.assertIn("`mallok` matches no global symbol that the archives of library `libc` define", messages)
        self.assertIn("did you mean 'malloc'?", messages)

    def test_one_that_nobody_needs(self):
        self.compile("l", VISIBLE + "int f(void) { return 1; }")
        messages = self.refuse(library("l"), libc(), bundle=WASI)
        self.assertRegex(messages, r"k\.toml:10:1: library `libc` is lazy archives only, and no other library of the bundle needs")

    def test_cpp_on_a_cpp_library_on_a_libc(self):
        # Two libraries that serve, the first of which needs the second one, wherever they stand.
        self.write("x.cc", "#include <map>\n#include <string>\nextern \"C\" " + VISIBLE + """
          int count(int n) { static std::map<int, std::string> seen; seen[n] = std::string(100, 'a'); return (int)seen.size(); }""")
        self.run_tool("clang++-22", "--target=wasm32-wasip1", "-O2", "-fno-exceptions", "-nostdinc++", "-isystem",
                      "/usr/lib/llvm-22/include/wasm32-wasi/c++/v1", "-isystem", "/usr/include/wasm32-wasi/c++/v1", "-isystem",
                      "/usr/include/wasm32-wasi", "-c", "x.cc", "-o", "x.o")
        cpp = library("cpp", "/usr/lib/wasm32-wasi/libc++.a", "/usr/lib/wasm32-wasi/libc++abi.a", archives="lazy", keep_global=["*"])
        outputs = []
        for libraries in ([libc(), cpp, library("x")], [cpp, library("x"), libc()]):
            self.pack_wasi(*libraries)
            self.assertEqual(self.run_wasi("initialize(); return [e.count(1), e.count(2), e.count(1)];"), [1, 2, 2])
            outputs.append(self.run_js("return (await load(path, {wasi_snapshot_preview1: new Proxy({}, {get: () => () => 0})}))"
                                       ".manifest().libraries.map((l) => l.name);"))
        self.assertEqual(outputs, [["libc", "cpp", "x"], ["cpp", "x", "libc"]])

    def test_constructors_run_in_the_order_of_the_manifest(self):
        # The serving library is linked last; its constructor runs where the manifest has it.
        order = "void note(int); __attribute__((constructor)) static void init(void) { note(%d); }\n"
        self.compile("log", "static int seen; " + VISIBLE + "void note(int n) { seen = seen * 10 + n; }\n"
                     + VISIBLE + "int order(void) { return seen; }")
        self.compile("s", order % 2 + "int served(void) { return 7; }")
        self.run_tool("llvm-ar-22", "rcs", "libs.a", "s.o")
        for name, number in (("p", 1), ("q", 3)):
            self.compile(name, order % number + "int served(void);\n" + VISIBLE + f"int {name}(void) {{ return served(); }}")
        serving = library("s", "libs.a", archives="lazy", keep_global=["served"])
        for libraries, expected in (([library("p"), serving, library("q")], 123), ([serving, library("q"), library("p")], 231)):
            self.pack(library("log"), *libraries)
            self.assertEqual(self.run_js("const {exports: e} = await load(path); e._initialize(); return [e.order(), e.p(), e.q()];"),
                             [expected, 7, 7])


class ForeignGrowth(HeapTest):
    """dlmalloc's first malloc takes everything from __heap_base to the end of memory, also what others grew before."""

    def setUp(self):
        super().setUp()
        self.compile_c_library("a")
        self.compile("g", GROWS)

    CHECK = """
      const page = TAKEN, before = b.bytes(page, 131072).fill(255).length;
      const got = [];
      for (let i = 0; i < 40; ++i) { const at = e.a_alloc(5000); b.bytes(at, 5000).fill(1); got.push(at); }
      const overwritten = b.bytes(page, 131072).reduce((n, byte) => n + (byte !== 255), 0);
    """

    def test_the_hazard_is_real(self):
        # The same objects linked by hand: what the bundle does has a reason.
        self.run_tool("wasm-ld-22", "--no-entry", "--export-dynamic", "--export=__wasm_call_ctors", "--stack-first", "g.o", "a.o", LIBC,
                      "-o", "out.wasm")
        overwritten = self.run_wasi("e.__wasm_call_ctors();" + self.CHECK.replace("TAKEN", "e.taken()") + "return overwritten;")
        self.assertGreater(overwritten, 50000)

    def test_a_library_that_grows_in_its_constructor_before_the_libc(self):
        for libraries in ([library("g"), library("a"), libc()], [library("g"), library("a", "a.o", LIBC, archives="lazy")]):
            self.pack_wasi(*libraries)
            result = self.run_wasi("initialize();" + self.CHECK.replace("TAKEN", "e.taken()") + """
              const bad = exercise(b, [c_source('a'), bundle_source(b), {alloc: e.grow}], 3000);
              return {overwritten, bad};""")
            self.assertEqual(result, {"overwritten": 0, "bad": FINE})

    def test_the_bundles_allocator_before_the_first_malloc(self):
        self.pack_wasi(library("a"), libc())
        self.assertEqual(self.run_wasi(self.CHECK.replace("TAKEN", "e.wasmpack_alloc(131072, 16)") + "return overwritten;"), 0)

    def test_a_kernel_that_grows_before_initialize(self):
        # The owner takes its memory at instantiation, by a start function that runs no constructor.
        self.pack_wasi(library("g"), library("a"), libc())
        self.assertEqual(self.run_wasi(self.CHECK.replace("TAKEN", "e.grow(131072)") + "return overwritten;"), 0)

    def link_owner(self, *options):
        """One object with a libc of its own."""
        self.run_tool(WASMPACK, "link", "a.o", "--lazy-archives", LIBC, *options, "-o", "own.o")

    def test_an_owner_without_aligned_alloc(self):
        # Then the bundle's allocator lives from memory.grow, and the owner's malloc comes before that.
        self.link_owner("--redefine-sym", "aligned_alloc=other_name")
        self.pack_wasi(library("g"), library("own", kernels=["a_*"]))
        result = self.run_wasi(self.CHECK.replace("TAKEN", "e.wasmpack_alloc(131072, 65536)") + """
          initialize();
          const bad = exercise(b, [c_source('a'), bundle_source(b), bundle_source(b, 65536), {alloc: e.grow}], 4000);
          return {overwritten, bad};""")
        self.assertEqual(result, {"overwritten": 0, "bad": FINE})
        names = self.run_tool("wasm-objdump", "-x", "-j", "Function", "out.wasm").stdout
        self.assertNotIn("<other_name>", names)

    def test_an_owner_that_was_sealed_before(self):
        self.link_owner("--keep-global-symbol", "a_*")
        symbols = self.run_tool("llvm-nm-22", "own.o").stdout
        self.assertRegex(symbols, r" t malloc\n")
        self.pack_wasi(library("g"), library("own", kernels=["a_*"]))
        self.assertEqual(
            self.run_wasi("initialize();" + self.CHECK.replace("TAKEN", "e.taken()") + """
              return [overwritten, exercise(b, [c_source('a'), bundle_source(b), {alloc: e.grow}], 3000)];"""), [0, FINE])

    def test_wasmpack_alloc_runs_no_constructor(self):
        for libraries in ([library("g")], [library("g"), library("a"), libc()]):
            self.pack_wasi(*libraries)
            self.assertEqual(
                self.run_wasi("const at = e.wasmpack_alloc(100, 1), before = e.taken(); initialize();"
                              "return [at !== 0, before, e.taken() !== 0];"), [True, 0, True])


class GrowOnly(HeapTest):
    """Libraries that grow memory and leave the initial heap alone share it with anybody."""

    def check_beside_a_libc(self, grower, source):
        self.compile_c_library("a")
        self.pack_wasi(grower, library("a"), libc())
        result = self.run_wasi(f"initialize(); return exercise(b, [c_source('a'), bundle_source(b), {source}], 3000);")
        self.assertEqual(result, FINE)

    def test_assembly_whose_growth_has_no_relocation(self):
        self.write("g.s", """
          .globl grow
          .type grow,@function
        grow:
          .functype grow (i32) -> (i32)
          local.get 0
          i32.const 16
          i32.shr_u
          i32.const 1
          i32.add
          memory.grow 0
          i32.const 16
          i32.shl
          end_function
        """)
        self.run_tool("clang-22", "--target=wasm32", "-c", "g.s", "-o", "g.o")
        self.assertNotIn("reloc", self.run_tool("wasm-objdump", "-h", "g.o").stdout)
        self.check_beside_a_libc(library("g", kernels=["grow"]), "{alloc: e.grow}")

    def build_rust(self, source, target="wasm32-unknown-unknown"):
        self.write("r.rs", source)
        # Debian's, which brings the wasm targets; another rustc may come first in PATH.
        self.run_tool("/usr/bin/rustc", "--target", target, "--crate-type=staticlib", "-O", "-C", "panic=abort", "r.rs", "-o", "libr.a")

    STD = """
      #[no_mangle] pub extern "C" fn r_alloc(size: usize) -> *mut u8 { let v = vec![7u8; size].into_boxed_slice(); Box::into_raw(v) as *mut u8 }
    """

    def test_rusts_standard_library(self):
        self.build_rust(self.STD)
        self.check_beside_a_libc(library("r", "libr.a", kernels=["r_alloc"]), "{alloc: e.r_alloc}")

    def test_rust_for_wasi_on_the_bundles_libc(self):
        self.build_rust(self.STD, "wasm32-wasi")
        self.check_beside_a_libc(library("r", "libr.a", kernels=["r_alloc"]), "{alloc: e.r_alloc}")

    def test_rust_without_std(self):
        self.build_rust("""
          #![no_std]
          #[panic_handler] fn panic(_: &core::panic::PanicInfo) -> ! { loop {} }
          #[no_mangle] pub extern "C" fn r_alloc(size: usize) -> usize { core::arch::wasm32::memory_grow(0, (size + 65535) / 65536) * 65536 }
        """)
        self.check_beside_a_libc(library("r", "libr.a", kernels=["r_alloc"]), "{alloc: e.r_alloc}")


class OwnAllocators(HeapTest):
    """Allocators of a library's own over the memory behind the static data."""

    ENDS = "extern char __heap_base, __heap_end;\n"
    LIMITED = ENDS + """static char* next;
      """ + VISIBLE + """void* take(int size) {
        if (!next) next = (char*)(((unsigned long)&__heap_base + 15) & ~15ul);
        if (&__heap_end - next < size) return 0;
        char* at = next; next += (size + 15) & ~15; return at; }
    """

    def test_an_arena_up_to_heap_end(self):
        self.compile("l", self.LIMITED)
        self.compile("g", GROWS)
        self.pack(library("g"), library("l"), bundle='memory = { initial = "1MiB" }')
        result = self.run_wasi("""
          e._initialize();
          return exercise(b, [{alloc: (size) => e.take(size) || e.wasmpack_alloc(size, 1)}, bundle_source(b), {alloc: e.grow}], 3000);""")
        self.assertEqual(result, FINE)

    def test_an_arena_with_an_aligned_alloc_is_the_bundles_allocator(self):
        # One that takes what C17 lets it take, and nothing else.
        self.compile("l", self.LIMITED + """
          void* aligned_alloc(unsigned long align, unsigned long size) {
            if (align < 16 || size == 0 || size % align != 0) __builtin_trap();
            return align > 16 ? 0 : take(size); }
          void free(void* block) { if (!block) __builtin_trap(); }""")
        self.pack(library("l"), bundle='memory = { initial = "1MiB" }')
        self.assertEqual(self.run_js("const {exports: e} = await load(path); const at = e.wasmpack_alloc(5, 1);"
                                     "e.wasmpack_free(at); e.wasmpack_free(0); e.wasmpack_alloc(0, 1);"
                                     "return [e.take(1) - at, e.wasmpack_alloc(8, 32), e.wasmpack_alloc(2000000, 1)];"), [32, 0, 0])

    def test_an_arena_beside_a_libc_is_an_error(self):
        self.compile_c_library("a")
        self.compile("l", self.LIMITED)
        self.assertRegex(self.refuse(library("l"), library("a"), libc(), bundle=WASI),
                         r"library `l` and library `libc` both have an allocator .*\(function `take` and function `dlmalloc`\)")

    def refusal(self, source, **keys):
        self.compile("l", source)
        messages = self.refuse(library("l"), **keys)
        self.assertRegex(messages, r"k\.toml:\d+:1: library `l` ")
        self.assertIn("help: ", messages)
        return messages

    def test_bump_allocators_that_may_meet_others(self):
        bump = self.ENDS + "static char* next = &__heap_base;\n"
        size = "(char*)(__builtin_wasm_memory_size(0) * 65536)"
        grows = bump + "static __attribute__((noinline)) void more(void) { __builtin_wasm_memory_grow(0, 1); }\n" + VISIBLE
        self.assertIn("function `more` grows memory", self.refusal(
            grows + "char* take(int n) { char* at = next; next += n; while (next > " + size + ") more(); return at; }"))
        self.assertIn("function `take` reads the memory's size", self.refusal(
            bump + VISIBLE + "char* take(int n) { if (next + n > " + size + ") return 0; char* at = next; next += n; return at; }"))
        self.assertIn("it knows no end, since nothing in it refers to `__heap_end`", self.refusal(
            bump + VISIBLE + "char* take(int n) { char* at = next; next += n; return at; }"))

    def test_an_sbrk_that_is_contiguous(self):
        # As Emscripten has it: a break pointer, compared with the size of memory.
        for name in ("sbrk", "brk", "_sbrk"):
            messages = self.refusal("""
              extern char __heap_base;
              static unsigned long at = (unsigned long)&__heap_base;
              """ + VISIBLE + "void* " + name + """(long n) {
                unsigned long old = at, size = __builtin_wasm_memory_size(0) * 65536;
                if (old + n > size && __builtin_wasm_memory_grow(0, (old + n - size + 65535) / 65536) == -1ul) return (void*)-1;
                at = old + n; return (void*)old; }""")
            self.assertRegex(messages, r"library `l` grows its heap as one piece \(its `" + name + r"` starts at `__heap_base`\): it would hand out memory "
                                       r"that others in the bundle got from memory\.grow \[heap-not-shareable\]\n")

    def test_emscriptens_functions(self):
        messages = self.refusal("int emscripten_resize_heap(unsigned long);\n" + VISIBLE + "int f(void) { return emscripten_resize_heap(1); }",
                                bundle='undefined = "import"')
        self.assertIn("(it has Emscripten's `emscripten_resize_heap`)", messages)

    def test_sbrk_of_the_host_is_an_error(self):
        source = "void* sbrk(long);\n" + VISIBLE + "void* f(void) { return sbrk(65536); }"
        for policy in ('undefined = "import"', 'allow-imports = ["env.sbrk"]'):
            self.assertIn("library `l` takes `sbrk` from outside of the bundle", self.refusal(source, bundle=policy))

    def test_sbrk_of_the_bundles_libc_is_fine(self):
        self.compile("l", "void* sbrk(long);\n" + VISIBLE + "void* grow(int size) { return sbrk((size + 65535) & -65536); }")
        self.compile_c_library("a")
        self.pack_wasi(library("l"), library("a"), libc())
        self.assertEqual(self.run_wasi("initialize(); return exercise(b, [c_source('a'), bundle_source(b), {alloc: e.grow}], 3000);"), FINE)

    def test_a_reference_that_nothing_uses_is_fine(self):
        self.compile("l", "extern char __heap_base; static char* unused(void) { return &__heap_base; }\n" + VISIBLE + "int f(void) { return 1; }")
        self.pack(library("l"))

    def test_a_program_is_still_refused(self):
        self.compile("l", VISIBLE + "int f(void) { return 1; }\nvoid _start(void) {}")
        self.assertIn("library `l` defines `_start`: it is a program, not a library", self.refuse(library("l")))


if __name__ == "__main__":
    unittest.main()
