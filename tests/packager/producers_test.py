# ctest: timeout=300
"""One bundle of what different compilers make: clang 14 and 22, with debug information, position independent, MVP,
C++ with inline statics, Rust."""

import unittest

from bundles import WASMPACK, BundleTest, library

VISIBLE = '__attribute__((visibility("default"))) '
C = f"""
typedef int (*operation)(int);
__attribute__((noinline)) static int twice(int x) {{ return 2 * x; }}
__attribute__((noinline)) static int negate(int x) {{ return -x; }}
operation volatile table[2] = {{twice, negate}};
{VISIBLE}int apply(int i, int x) {{ return table[i](x); }}
int data = 5;
int* get(void) {{ return &data; }}
{VISIBLE}int use(void) {{ return ++*get(); }}
"""
CPP = f"""
struct Counter {{ int n; Counter(int start) : n(start) {{}} }};
inline Counter& counter() {{ static int n = 3; static Counter c{{n}}; return c; }}
template <class T> struct Sum {{ static T total; }};
template <class T> T Sum<T>::total = 0;
extern "C" int __cxa_guard_acquire(char* guard) {{ return !*guard; }}
extern "C" void __cxa_guard_release(char* guard) {{ *guard = 1; }}
Counter global_counter{{use_later()}};
extern "C" {VISIBLE}int cpp_next() {{ Sum<int>::total += 10; return ++counter().n + Sum<int>::total + global_counter.n; }}
""".replace("Counter global", "extern \"C\" int use_later() { return 1000; }\nCounter global")
RUST = """
#![no_std]
#![crate_type = "staticlib"]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! { loop {} }
static mut CALLS: u32 = 0;
#[no_mangle]
pub extern "C" fn rust_add(a: u32, b: u32) -> u32 { unsafe { CALLS += 1; a.wrapping_add(b) + CALLS } }
"""


class Producers(BundleTest):
    def compile_with(self, output, source, compiler, *options):
        self.run_tool(compiler, "--target=wasm32", "-O1", "-ffreestanding", *options, "-c", source, "-o", output)

    def test_all_in_one_module(self):
        self.write("c.c", C)
        self.write("c.cc", CPP)
        variants = {"old": ("clang-14",), "debug": ("clang-22", "-g"), "pic": ("clang-22", "-fPIC"),
                    "mvp": ("clang-22", "-mcpu=mvp", "-O0")}
        libraries = []
        for name, (compiler, *options) in variants.items():
            self.compile_with(f"{name}.o", "c.c", compiler, *options)
            libraries.append(library(name, prefix=f"{name}_"))
        for name, options in {"cpp": (), "cpp_debug": ("-g",), "cpp_pic": ("-fPIC",)}.items():
            self.compile_with(f"{name}.o", "c.cc", "clang++-22", "-fno-exceptions", *options)
            libraries.append(library(name, prefix=f"{name}_"))
        # Debian's, which brings the wasm target; another rustc may come first in PATH.
        self.write("r.rs", RUST)
        self.run_tool("/usr/bin/rustc", "--target=wasm32-unknown-unknown", "-O", "r.rs", "-o", "libr.a")
        libraries.append(library("rust", "libr.a"))
        self.pack(*libraries)

        result = self.run_js("""
          const {exports: e} = await load(path);
          e._initialize();
          const result = {};
          for (const p of ['old_', 'debug_', 'pic_', 'mvp_'])
            result[p] = [e[p + 'apply'](0, 21), e[p + 'apply'](1, 21), e[p + 'use'](), e[p + 'use']()];
          for (const p of ['cpp_', 'cpp_debug_', 'cpp_pic_']) result[p] = [e[p + 'cpp_next'](), e[p + 'cpp_next']()];
          result.rust = [e.rust_add(1, 2), e.rust_add(1, 2)];
          return result;""")
        for prefix in ("old_", "debug_", "pic_", "mvp_"):
            self.assertEqual(result[prefix], [42, -21, 6, 7], prefix)
        for prefix in ("cpp_", "cpp_debug_", "cpp_pic_"):
            # 3 + 1 + 10 + 1000, then 4 + 1 + 20 + 1000: each library counts for itself.
            self.assertEqual(result[prefix], [1014, 1025], prefix)
        self.assertEqual(result["rust"], [4, 5])

    def test_an_instruction_that_wabt_does_not_know_leaves_a_note(self):
        # try_table is younger than wabt 1.0.32.
        self.write("l.s", """
          .globl f
          .type f,@function
        f:
          .functype f () -> (i32)
          block
          try_table (catch_all 0)
          end_try_table
          end_block
          i32.const 1
          end_function
        """)
        self.run_tool("clang-22", "--target=wasm32", "-mexception-handling", "-c", "l.s", "-o", "l.o")
        self.manifest(library("l"))
        done = self.run_tool(WASMPACK, "pack", "k.toml", "-o", "out.wasm")
        self.assertRegex(done.stderr, r"^wasmpack: note: wabt does not know an instruction of the module, so it was not "
                                      r"validated: 0x[0-9a-f]+: unexpected opcode: 0x1f \[not-validated\]\n$")
        self.assertEqual((self.folder / "out.wasm").read_bytes()[:4], b"\0asm")


if __name__ == "__main__":
    unittest.main()
