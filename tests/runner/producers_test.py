# ctest: timeout=300 labels=hosts
"""`wasmpack run` with kernels of TVM, old and new, of Halide and of IREE."""

import math
import os
import pathlib
import struct
import unittest

from packager.bundles import library
from run_case import RunTest, read_npy

ROOT = pathlib.Path(os.environ.get("WASMPACK_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])
VISIBLE = '__attribute__((visibility("default"))) '
FIXTURES = ROOT / "testdata" / "tvm"


def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def matmul(a, b, n):
    rows = []
    for i in range(n):
        for j in range(n):
            total = 0.0
            for k in range(n):
                total = f32(total + f32(a[i * n + k] * b[k * n + j]))
            rows.append(total)
    return rows


class Tvm(RunTest):
    def test_real_objects_of_tvm(self):
        """testdata/tvm/make_objects.py says what they compute."""
        a, b = ([(i * 7 + seed) % 11 - 5 for i in range(256)] for seed in (1, 4))
        line = [i / 256 for i in range(1024)]
        self.write_npy("a.npy", "<f4", (16, 16), a)
        self.write_npy("b.npy", "<f4", (16, 16), b)
        self.write_npy("x.npy", "<f4", (1024,), line)
        self.pack(library("one", str(FIXTURES / "real_one.o"), prefix="p_"), output="one.wasm")
        total = sum(math.exp(x) for x in line)
        for engine, path in self.engines():
            with self.subTest(engine):
                run = lambda *arguments: self.run_kernel("one.wasm", *arguments, engine=engine, path=path)
                self.assertEqual(run("p_matmul", "a.npy", "b.npy", "out:float32[16,16]", "-o", "c.npy"), ("", ""))
                self.assertEqual(read_npy(self.folder / "c.npy"), ("<f4", (16, 16), matmul(a, b, 16)))
                run("p_scaled", "x.npy", "out:float32[1024]", "2.5", "-o", "y.npy")
                self.assertEqual(read_npy(self.folder / "y.npy")[2], [2.5 * x for x in line])
                run("p_doubled", "x.npy", "out:float32[1024]", "-o", "y.npy")
                self.assertEqual(read_npy(self.folder / "y.npy")[2], [2 * x for x in line])
                run("p_softmax", "x.npy", "out:float32[1024]", "-o", "y.npy")
                for x, got in zip(line, read_npy(self.folder / "y.npy")[2]):
                    self.assertAlmostEqual(got, math.exp(x) / total, places=7)

    def test_tvm_checks_its_arguments_itself(self):
        self.write_npy("n.npy", "<i4", (16, 16), [0] * 256)
        self.pack(library("one", str(FIXTURES / "real_one.o")), output="one.wasm")
        for engine, path in self.engines():
            for arguments in (("n.npy",), ("n.npy", "n.npy", "out:float32[16,16]"), ("1", "2", "null")):
                with self.subTest(engine, arguments=arguments):
                    out, messages = self.run_kernel("one.wasm", "matmul", *arguments, engine=engine, path=path, code=1)
                    self.assertEqual(out, "")
                    self.assertRegex(messages, r"^wasmpack: error: one\.wasm: kernel 'matmul': \w+Error: ")

    def test_every_generation(self):
        size = 6
        a, b = ([(i * 7 + seed) % 11 - 5 for i in range(size * size)] for seed in (1, 4))
        self.write_npy("a.npy", "<f4", (size, size), a)
        self.write_npy("b.npy", "<f4", (size, size), b)
        for g in range(7):
            self.run_tool("llc-22", "-O2", "-filetype=obj", FIXTURES / f"g{g}.ll", "-o", f"g{g}.o")
            self.pack(library("g", f"g{g}.o"), output=f"g{g}.wasm")
            for engine in ("interp", "node"):
                with self.subTest(generation=g, engine=engine):
                    self.run_kernel(f"g{g}.wasm", "matmul", "a.npy", "b.npy", f"out:float32[{size},{size}]", "-o", "c.npy", engine=engine)
                    self.assertEqual(read_npy(self.folder / "c.npy")[2], matmul(a, b, size))
                    messages = self.run_kernel(f"g{g}.wasm", "matmul", "a.npy", engine=engine, code=1)[1]
                    self.assertIn(f"g{g}: Expected 3 arguments when calling `matmul`", messages)

    def test_results_of_packed_functions(self):
        parameters = "long long* args, int* codes, int count, long long* result, int* code"
        self.compile("p", f"""
            {VISIBLE}int five({parameters}) {{ if (count) {{ *result = args[0]; *code = codes[0]; }} return 0; }}
            {VISIBLE}int six({parameters}, void* resource) {{ return five(args, codes, count, result, code); }}""")
        self.pack(library("p", abi="tvm"), output="p.wasm")
        for kernel in ("five", "six"):
            for arguments, wanted in (((), ""), (("0",), "0\n"), (("-7",), "-7\n"), (("0.0",), "0\n"), (("null",), "")):
                with self.subTest(kernel, arguments=arguments):
                    self.assertEqual(self.run_kernel("p.wasm", kernel, *arguments)[0], wanted)

    def test_error_texts_without_an_end(self):
        """The kernel finds its library's text in memory, and writes on where that ends."""
        self.compile("e", f"""
            void TVMAPISetLastError(const char*);
            static const char text[] = "a text to be found";
            static int is_text(const char* at) {{
              for (unsigned i = 0; i < sizeof text; ++i) if (at[i] != text[i]) return 0;
              return 1;
            }}
            {VISIBLE}int fails(long long* args, int* codes, int count, long long* result, int* code, void* resource) {{
              TVMAPISetLastError(text);
              char* at = (char*)1024;
              while (at == text || !is_text(at)) ++at;
              for (unsigned i = 0; i < 8000; i += 2) {{ at[i] = 0xc3; at[i + 1] = 0xa4; }}
              return -1;
            }}""", "-fno-builtin")
        self.pack(library("e", abi="tvm"), output="e.wasm")
        for engine, path in self.engines():
            text = self.run_json("e.wasm", "fails", engine=engine, path=path, code=1)["failures"][0]["message"]
            self.assertEqual((set(text), len(text)), ({"ä"}, 2048), engine)


class Others(RunTest):
    def test_halide(self):
        self.compile("halide", (FIXTURES / "halide.c").read_text())
        self.pack(library("h", "halide.o"), output="h.wasm")
        self.write_npy("x.npy", "<f4", (3,), [1, -2, 3])
        self.write_npy("m.npy", "<f4", (1, 3), [1, -2, 3])
        for engine, path in self.engines():
            with self.subTest(engine):
                self.run_kernel("h.wasm", "brighten", "x.npy", "1.5", "out:float32[3]", "-o", "y.npy", engine=engine, path=path)
                self.assertEqual(read_npy(self.folder / "y.npy"), ("<f4", (3,), [1.5, -3, 4.5]))
                messages = self.run_kernel("h.wasm", "brighten", "m.npy", "1.5", "out:float32[3]", engine=engine, path=path, code=1)[1]
                self.assertIn("kernel 'brighten': the kernel returned -43", messages)

    def test_iree_is_refused_with_the_reason(self):
        self.compile("iree", (FIXTURES / "iree.c").read_text())
        self.pack(library("i", "iree.o"), output="i.wasm")
        name = self.run_json("i.wasm", "--list")[0]["name"]
        self.assertIn("they give a library to IREE's runtime", self.run_kernel("i.wasm", name, "1", "2", code=2)[1])


if __name__ == "__main__":
    unittest.main()
