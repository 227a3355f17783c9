# ctest: timeout=300 labels=hosts
"""`wasmpack run` in each engine: values of every type, tensors, traps, time-outs, imports, measuring."""

import json
import math
import struct
import time
import unittest

from packager.bundles import library
from run_case import RunTest, read_npy

VISIBLE = '__attribute__((visibility("default"))) '
KERNELS = f"""
typedef int v4 __attribute__((vector_size(16)));
static int ready;
__attribute__((constructor)) static void start(void) {{ ready = 1000; }}
{VISIBLE}int add(int a, int b) {{ return a + b; }}
{VISIBLE}long long multiply(long long a, long long b) {{ return a * b; }}
{VISIBLE}float scale(float a, float b) {{ return a * b; }}
{VISIBLE}double tenth(double a) {{ return a * 0.1; }}
{VISIBLE}float same(float a) {{ return a; }}
{VISIBLE}v4 lanes(v4 a, v4 b) {{ return a + b; }}
{VISIBLE}int is_ready(void) {{ return ready; }}
{VISIBLE}void twice(const float* x, float* y, int n) {{ for (int i = 0; i < n; ++i) y[i] = 2 * x[i]; }}
{VISIBLE}void increment(int* x, int n) {{ for (int i = 0; i < n; ++i) ++x[i]; }}
{VISIBLE}int is_aligned(const void* x) {{ return (unsigned)x % 64 == 0; }}
{VISIBLE}void crash(void) {{ __builtin_trap(); }}
{VISIBLE}void spin(void) {{ volatile int x = 1; while (x) {{}} }}
{VISIBLE}int deep(int n) {{ volatile int a[4]; a[0] = n; return n ? deep(n - 1) + a[0] : 0; }}
static int calls;
{VISIBLE}int third_traps(void) {{ if (++calls == 3) __builtin_trap(); return calls; }}
{VISIBLE}int slow(int n) {{ volatile int x = 0; for (int i = 0; i < n; ++i) x += i; return x; }}
struct pair {{ int quotient; double rest; }};
{VISIBLE}struct pair divide(int a, int b) {{ return (struct pair){{a / b, a % b}}; }}
"""
HOST = f"""
extern int ask(int, long long) __attribute__((import_module("env"), import_name("ask")));
{VISIBLE}int call_host(int x) {{ return ask(x, 7) + 1; }}
{VISIBLE}int plain(int x) {{ return x + 1; }}
"""
MULTIVALUE = ("-msimd128", "-mmultivalue", "-Xclang", "-target-abi", "-Xclang", "experimental-mv")
ARGS = [{"name": "x", "dtype": "float32", "shape": [-1]}]
RESULTS = [{"name": "y", "dtype": "float32", "shape": [3]}]


def tensor_list(tensors):
    """As TOML: inline tables."""
    return "[" + ", ".join("{" + ", ".join(f"{k} = {json.dumps(v)}" for k, v in t.items()) + "}" for t in tensors) + "]"


class Calls(RunTest):
    def setUp(self):
        super().setUp()
        self.compile("k", KERNELS, *MULTIVALUE)
        self.pack(library("k"), output="k.wasm")

    def test_values_of_every_type_in_every_engine(self):
        cases = [
            (("add", "1", "-2"), "-1\n"), (("add", "0x7fffffff", "1"), "-2147483648\n"), (("add", "4294967295", "2"), "1\n"),
            (("multiply", "-5000000000", "3"), "-15000000000\n"), (("scale", "1.5", "-inf"), "-inf\n"),
            (("scale", "0.1", "3"), "0.3\n"), (("tenth", "-.5"), "-0.05\n"), (("tenth", "-nan"), "nan\n"),
            (("lanes", "i32x4:1,2,3,4", "i32x4:10,20,-30,40"), "i32x4:11,22,-27,44\n"),
            (("divide", "17", "5"), "3\n2\n"), (("is_ready",), "1000\n"), (("deep", "100"), "5050\n"),
        ]
        for engine, path in self.engines():
            for arguments, wanted in cases:
                with self.subTest(engine, arguments=arguments):
                    self.assertEqual(self.run_kernel("k.wasm", *arguments, engine=engine, path=path)[0], wanted)

    def test_the_scale_of_a_float_is_that_of_f32(self):
        product = struct.unpack("<f", struct.pack("<f", struct.unpack("<f", struct.pack("<f", 0.1))[0] * 3))[0]
        self.assertEqual(self.run_json("k.wasm", "scale", "0.1", "3")["results"][0]["value"], product)

    def test_the_engines_agree_bit_for_bit(self):
        self.write_npy("x.npy", "<f4", (64,), [(i * 7919 % 1000) / 37 for i in range(64)])
        calls = [("tenth", "0.7"), ("same", "nan"), ("same", "-nan"), ("scale", "1e-45", "0.5"), ("divide", "7", "2"),
                 ("twice", "x.npy", "out:float32[64]", "64")]
        (self.folder / "calls").write_text("".join(json.dumps(["k.wasm", *call]) + "\n" for call in calls))
        answers = []
        for engine, path in self.engines():
            lines = [json.loads(line) for line in self.run_kernel("--calls", "calls", engine=engine, path=path)[0].splitlines()]
            answers.append([(line["results"], line["tensors"], line["status"]) for line in lines])
        self.assertGreaterEqual(len(answers), 2)
        for answer in answers[1:]:
            self.assertEqual(answer, answers[0])
        self.assertEqual([result[0]["bits"] for result, _, _ in answers[0][1:3]], ["0x7fc00000", "0xffc00000"])

    def test_tensors_go_in_and_out(self):
        self.write_npy("x.npy", "<f4", (3,), [1, -2, 3.5])
        self.write_npy("n.npy", "<i4", (2, 2), [1, 2, 3, -4])
        for engine, path in self.engines():
            with self.subTest(engine):
                run = lambda *arguments: self.run_kernel("k.wasm", *arguments, engine=engine, path=path)[0]
                self.assertEqual(run("twice", "x.npy", "out:float32[3]", "3"),
                                 "argument 2: float32[3], min -4, max 7, mean 1.6666666\n  2 -4 7\n")
                self.assertEqual(run("increment", "inout:n.npy", "4"), "argument 1: int32[2,2], min -3, max 4, mean 1.5\n  2 3\n  4 -3\n")
                self.assertEqual(run("increment", "inout:n.npy", "3", "--output", "m.npy"), "")
                self.assertEqual(read_npy(self.folder / "m.npy"), ("<i4", (2, 2), [2, 3, 4, -4]))
                self.assertEqual(run("is_aligned", "in:x.npy"), "1\n")
                self.assertEqual(run("is_aligned", "out:float64[0]"), "1\nargument 1: float64[0]\n")

    def test_a_trap_is_told_with_its_function(self):
        for engine, path in self.engines():
            with self.subTest(engine):
                out, messages = self.run_kernel("k.wasm", "crash", engine=engine, path=path, code=1)
                self.assertEqual(out, "")
                self.assertRegex(messages, r"^wasmpack: error: k\.wasm: kernel 'crash': .*unreachable.*\n  note: in `crash`\n$")
                self.assertEqual(self.run_kernel("k.wasm", "deep", "100000000", engine=engine, path=path, code=1)[0], "")

    def test_a_time_out_ends_the_run(self):
        for engine, path in self.engines():
            with self.subTest(engine):
                out, messages = self.run_kernel("k.wasm", "spin", "--timeout", "0.2", engine=engine, path=path, code=1)
                self.assertEqual(out, "")
                self.assertIn("kernel 'spin': took longer than 200 ms", messages)

    def test_a_time_out_ends_long_instructions(self):
        """Each fills 256 MiB, which takes some 30 ms."""
        fills = '__builtin_memset((void*)(1 << 20), n, 1 << 28); asm volatile("" ::: "memory"); ' * 40
        self.compile("f", f"{VISIBLE}void fill(int n) {{ for (;;) {{ {fills} }} }}", "-mbulk-memory")
        self.pack(library("f"), bundle='memory = { initial = "300MiB" }', output="f.wasm")
        begin = time.monotonic()
        self.assertIn("took longer than 300 ms", self.run_kernel("f.wasm", "fill", "1", "--timeout", "0.3", code=1)[1])
        self.assertLess(time.monotonic() - begin, 8)

    def test_tables_have_a_limit(self):
        self.compile("t", f"""
            static __externref_t table[0];
            {VISIBLE}int grow(int n) {{ return __builtin_wasm_table_grow(table, __builtin_wasm_ref_null_extern(), n); }}""",
                     "-mreference-types")
        self.pack(library("t"), output="t.wasm")
        for engine, path in self.engines():
            if engine != "node":  # has no such limit
                self.assertEqual(self.run_kernel("t.wasm", "grow", "2000000", engine=engine, path=path)[0], "-1\n", engine)

    def test_the_sign_of_zero_is_in_json(self):
        out, _ = self.run_kernel("k.wasm", "same", "-0.0", "--json")
        self.assertIn('"value":-0', out)

    def test_a_benchmark_has_its_numbers(self):
        for engine, path in self.engines():
            with self.subTest(engine):
                out = self.run_kernel("k.wasm", "slow", "100", "--bench", "--warmup", "1", "--repeat", "7", "--inner", "3",
                                      engine=engine, path=path)[0]
                report = json.loads(out)
                bench = report["bench"]
                self.assertEqual((report["status"], report["failures"]), ("ok", []))
                self.assertTrue(report["engine"].startswith({"interp": "wabt"}.get(engine, engine)), report["engine"])
                self.assertEqual((bench["unit"], bench["warmup"], bench["repeat"], bench["inner"]), ("ns", 1, 7, 3))
                self.assertEqual(len(bench["samples"]), 7)
                self.assertTrue(0 < bench["min"] <= bench["p10"] <= bench["median"] <= bench["p90"] <= bench["max"], bench)
                self.assertEqual((bench["min"], bench["max"]), (min(bench["samples"]), max(bench["samples"])))
                self.assertGreaterEqual(bench["mad"], 0)
                for key in ("min", "p10", "median", "p90", "max", "mad"):  # tenths, and no digits behind them
                    self.assertEqual(bench[key], round(bench[key], 1), key)
                self.assertEqual(report["results"], [{"type": "i32", "value": 4950}])

    def test_the_interpreter_counts_instructions(self):
        few, many, again = (self.run_json("k.wasm", "slow", n)["instructions"] for n in ("10", "1000", "10"))
        self.assertEqual(few, again)
        self.assertGreater(many, 50 * few)
        self.assertIsNone(self.run_json("k.wasm", "slow", "10", engine="node")["instructions"])

    def test_a_run_that_traps_is_reported_and_the_others_go_on(self):
        for engine, path in self.engines():
            with self.subTest(engine):
                out = self.run_kernel("k.wasm", "third_traps", "--bench", "--warmup", "0", "--repeat", "5", engine=engine, path=path)[0]
                report = json.loads(out)
                self.assertEqual((report["status"], len(report["bench"]["samples"])), ("ok", 4))
                self.assertEqual([(f["run"], f["kind"], f["function"]) for f in report["failures"]], [(2, "trap", "`third_traps`")])
                # A fresh instance has counted from 1 again.
                self.assertEqual(report["results"], [{"type": "i32", "value": 2}])

    def test_a_last_run_that_fails_has_nothing_to_write(self):
        self.compile("l", f"static int n; {VISIBLE}void f(int* x) {{ *x = ++n; if (n == 3) __builtin_trap(); }}")
        self.pack(library("l"), output="l.wasm")
        bench = ("l.wasm", "f", "out:int32[1]", "--bench", "--warmup", "0", "-o", "s.npy")
        out, messages = self.run_kernel(*bench, "--repeat", "3", code=1)
        self.assertEqual(json.loads(out)["status"], "ok")
        self.assertIn("s.npy: it is not written: the last run failed [run-no-output]", messages)
        self.assertFalse((self.folder / "s.npy").exists())
        self.assertEqual(self.run_kernel(*bench, "--repeat", "5")[1], "")
        self.assertEqual(read_npy(self.folder / "s.npy"), ("<i4", (1,), [2]))

    def test_runs_that_all_fail_are_given_up(self):
        out, messages = self.run_kernel("k.wasm", "spin", "--bench", "--timeout", "0.5", code=1)
        report = json.loads(out)
        self.assertEqual(messages, "")
        self.assertEqual((report["status"], report["bench"]["samples"]), ("failed", []))
        self.assertEqual([(f["run"], f["kind"]) for f in report["failures"]], [(0, "timeout"), (1, "timeout"), (2, "timeout")])

    def test_many_calls_answer_line_by_line(self):
        self.compile("huge", f"{VISIBLE}int one(void) {{ return 1; }}")
        self.pack(library("huge"), bundle='memory = { initial = "2GiB" }', output="huge.wasm")
        calls = '["k.wasm","add","1","2"]\n\n["huge.wasm","one"]\n["k.wasm","crash"]\n["nope.wasm","add"]\n{}\n["k.wasm","tenth","1"]\n'
        (self.folder / "calls").write_text(calls)
        lines = [json.loads(line) for line in self.run_kernel("--calls", "calls", code=1)[0].splitlines()]
        self.assertEqual([(line["line"], line["status"]) for line in lines],
                         [(1, "ok"), (3, "failed"), (4, "failed"), (5, "refused"), (6, "refused"), (7, "ok")])
        self.assertEqual([[f["kind"] for f in line["failures"]] for line in lines],
                         [[], ["memory"], ["trap"], ["cannot-read"], ["bad-call"], []])
        self.assertEqual(lines[5]["results"][0]["value"], 0.1)
        self.assertIn("1024 MiB", lines[1]["failures"][0]["message"])
        # All is well: exit code 0, also for a hundred.
        (self.folder / "calls").write_text(calls.splitlines()[0] + "\n" + '["k.wasm","add","1","1"]\n' * 99)
        self.assertEqual(self.run_kernel("--calls", "calls")[0].count('"status":"ok"'), 100)
        self.assertEqual(self.run_kernel("--calls", "calls", "--engine", "node")[0].count('"status":"ok"'), 100)


class Bundles(RunTest):
    def test_imports_trap_unless_they_are_answered(self):
        self.compile("h", HOST)
        for memory in ("", "memory = { import = true }"):
            self.pack(library("h"), bundle=f'allow-imports = ["env.ask"]\n{memory}', output="h.wasm")
            for engine, path in self.engines():
                with self.subTest(engine, memory=memory):
                    run = lambda *arguments, code=0: self.run_kernel("h.wasm", *arguments, engine=engine, path=path, code=code)
                    self.assertEqual(run("plain", "4")[0], "5\n")
                    self.assertIn("calls the import 'env.ask'; --imports zero", run("call_host", "4", code=1)[1])
                    self.assertEqual(run("call_host", "4", "--imports", "zero")[0], "1\n")

    def test_a_libc_of_wasi(self):
        """Its constructors call imports: that is no fault of the kernel, and with zeros it must not ask for folders for ever."""
        self.pack(library("libc", "/usr/lib/wasm32-wasi/libc.a", kernels=["sin", "strlen"]),
                  bundle='allow-imports = ["wasi_snapshot_preview1.*"]', output="libc.wasm")
        for engine, path in self.engines():
            with self.subTest(engine):
                report = self.run_json("libc.wasm", "sin", "1", engine=engine, path=path, code=1)
                self.assertEqual([(f["run"], f["kind"]) for f in report["failures"]], [(None, "initialize")])
                self.assertRegex(report["failures"][0]["message"], r"^a constructor calls the import 'wasi_snapshot_preview1\.\w+'; "
                                                                   "--imports zero answers")
                zero = self.run_json("libc.wasm", "sin", "1", "--imports", "zero", "--timeout", "20", engine=engine, path=path)
                self.assertAlmostEqual(zero["results"][0]["value"], math.sin(1))

    def test_kernels_that_are_no_exports_in_every_init_mode(self):
        self.compile("k", KERNELS, *MULTIVALUE)
        for mode in ("initialize", "lazy", "start", "snapshot"):
            self.pack(library("k", prefix="m_"), bundle=f'init = "{mode}"\nexport-kernels = false', output="k.wasm")
            for engine, path in self.engines():
                with self.subTest(mode, engine=engine):
                    self.assertEqual(self.run_kernel("k.wasm", "m_is_ready", engine=engine, path=path)[0], "1000\n")

    def test_constructors_that_trap_and_spin(self):
        for body, kind, seconds in (("__builtin_trap()", "initialize", "10"), ("for (volatile int x = 1; x;) {}", "timeout", "0.2")):
            self.compile("c", f"__attribute__((constructor)) static void bad(void) {{ {body}; }} {VISIBLE}int one(void) {{ return 1; }}")
            self.pack(library("c"), output="c.wasm")
            for engine, path in self.engines():
                with self.subTest(kind, engine=engine):
                    report = self.run_json("c.wasm", "one", "--timeout", seconds, engine=engine, path=path, code=1)
                    self.assertEqual([(f["run"], f["kind"]) for f in report["failures"]], [(None, kind)])

    def test_tensors_are_held_against_the_manifest(self):
        self.compile("k", KERNELS, *MULTIVALUE)
        text = library("k") + f'[[library.kernel]]\nsymbol = "twice"\nargs = {tensor_list(ARGS)}\nresults = {tensor_list(RESULTS)}\n'
        self.pack(text, output="k.wasm")
        self.write_npy("x.npy", "<f4", (3,), [1, 2, 3])
        self.write_npy("n.npy", "<i4", (3,), [1, 2, 3])
        self.assertEqual(self.run_kernel("k.wasm", "twice", "x.npy", "out", "3")[0],
                         "argument 2: float32[3], min 2, max 6, mean 4\n  2 4 6\n")
        refused = lambda *arguments: self.run_kernel("k.wasm", "twice", *arguments, code=2)[1]
        self.assertIn("argument 1, 'n.npy', is int32[3], but the manifest declares 'x' as float32[?]", refused("n.npy", "out", "3"))
        self.assertIn("is float32[4], but the manifest declares 'y' as float32[3]", refused("x.npy", "out:float32[4]", "3"))
        self.assertIn("there are 0 output tensors, but the manifest declares 1: y float32[3]", refused("x.npy", "0", "3"))
        self.assertEqual(self.run_kernel("k.wasm", "--list")[0],
                         "twice (i32,i32,i32)->()  c, library k\n    in x float32[?]\n    out y float32[3]\n")
        self.assertEqual(self.run_json("k.wasm", "--list")[0]["args"][0]["shape"], [-1])


if __name__ == "__main__":
    unittest.main()
