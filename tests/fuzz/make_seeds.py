#!/usr/bin/env python3
"""Makes the seeds that all fuzz targets share: small objects, modules and archives, one wasm feature or two each.

    make_seeds.py FOLDER

They are compiled here rather than kept, so that they are what the compilers of the day write.
"""

import pathlib
import subprocess
import sys
import tempfile

C = """
extern int imported(int) __attribute__((import_module("host"), import_name("in")));
extern int undefined_data[];
extern int weak_undefined(void) __attribute__((weak));
static int counter = 3;
int data[4] = {1, 2, 3, 4};
int zeroed[100];
const char* const names[] = {"one", "two"};
__attribute__((constructor(200))) static void init(void) { counter++; }
__attribute__((weak)) int weak_function(int x) { return x + counter; }
__attribute__((visibility("hidden"))) int hidden(int x) { return data[x & 3] + undefined_data[x]; }
__attribute__((export_name("shown"))) int shown(int x) { return hidden(x) + imported(x) + zeroed[x]; }
__attribute__((used, section("kept"))) int kept = 1;
extern int alias(int x) __attribute__((alias("weak_function")));
int (*pointer)(int) = weak_function;
int call(int (*f)(int)) { return weak_undefined ? f(names[1][0]) : pointer(1); }
"""
CXX = """
template <class T> struct Box { static T value; };
template <class T> T Box<T>::value = T(7);
inline int& shared() { static int x = 5; return x; }
struct Base { virtual ~Base(); virtual int f() { return 1; } };
Base::~Base() {}
struct Init { Init() { shared() += Box<int>::value; } } init;
int use(Base* b) { return b->f() + shared(); }
"""
TLS = "_Thread_local int a = 1; _Thread_local int b; int f(void) { return a + b; }"
# What the packager looks for in libraries: an allocator, and TVM's registrations.
BUMP = """
extern char __heap_base[];
static char* next = __heap_base;
void* malloc(unsigned long n) { char* p = next; next += n; return p; }
void free(void* p) { __builtin_wasm_memory_grow(0, (unsigned long)p); }
void* sbrk(long n) { return (char*)__builtin_wasm_memory_grow(0, n >> 16); }
"""
TVM = """
int TVMFFIEnvModRegisterSystemLibSymbol(const char*, void*);
__attribute__((weak)) void* __tvm_ffi__library_ctx;
int __tvm_ffi_mul(void* s, void* a, int n, void* r) { return n; }
__attribute__((constructor(65535))) static void startup(void) {
  TVMFFIEnvModRegisterSystemLibSymbol("__tvm_ffi__library_ctx", &__tvm_ffi__library_ctx);
  TVMFFIEnvModRegisterSystemLibSymbol("__tvm_ffi_mul", (void*)__tvm_ffi_mul);
}
"""
THROWS = "int g(); int f() { try { return g(); } catch (int x) { return x; } }"

# Name, language, source, compiler options after the common ones.
SOURCES = [
    ("plain", "c", C, ["-O2"]),
    ("debug", "c", C, ["-O1", "-g"]),
    ("pic", "c", C, ["-O2", "-fPIC"]),
    ("wasm64", "c", C, ["-O2", "--target=wasm64-unknown-unknown"]),
    ("cxx", "c++", CXX, ["-O1"]),
    ("cxx_debug", "c++", CXX, ["-O1", "-g", "-fdebug-types-section"]),
    ("tls", "c", TLS, ["-O2", "-matomics", "-mbulk-memory", "-pthread"]),
    ("exceptions", "c++", THROWS, ["-O2", "-fwasm-exceptions"]),
    ("bump", "c", BUMP, ["-O2", "-ffreestanding"]),
    ("tvm", "c", TVM, ["-O2"]),
    ("tvm_pic", "c", TVM, ["-O2", "-fPIC"]),
    ("small", "c", "int f(void) { return 1; }", ["-O2"]),
]


def run(*command):
    subprocess.run([str(word) for word in command], check=True)


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, language, source, options in SOURCES:
            path = pathlib.Path(folder, f"{name}.{'c' if language == 'c' else 'cc'}")
            path.write_text(source)
            run("clang-22", "--target=wasm32-unknown-unknown", *options, "-c", path, "-o", out / f"{name}.o")
    run("llvm-ar-22", "rcsD", out / "gnu.a", out / "small.o", out / "tls.o")
    run("llvm-ar-22", "rcsD", "--format=bsd", out / "bsd.a", out / "small.o", out / "plain.o")
    run("llvm-ar-22", "rcSD", out / "unindexed.a", out / "small.o")
    run("wasm-ld-22", "--no-entry", "--export=f", out / "small.o", "-o", out / "module.wasm")
    run("wasm-ld-22", "-shared", "--experimental-pic", "--unresolved-symbols=import-dynamic", out / "pic.o",
        "-o", out / "shared.wasm")
    run("wasm-ld-22", "-r", out / "plain.o", out / "cxx.o", "-o", out / "relocatable.o")
    # Pairs for fuzz_link: two objects under each option in turn (the layout is told there).
    pairs = [("plain.o", "cxx.o"), ("cxx_debug.o", "cxx.o"), ("small.o", "tls.o"), ("pic.o", "gnu.a")]
    for number in range(20):
        first, second = ((out / name).read_bytes() for name in pairs[number % len(pairs)])
        options = (1 << number if number < 16 else 0xFFFF >> (number - 16)).to_bytes(2, "little")
        (out / f"pair{number}").write_bytes(b"W2" + options + len(first).to_bytes(2, "little") + first + second)


if __name__ == "__main__":
    main()
