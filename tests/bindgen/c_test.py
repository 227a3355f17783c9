# ctest: timeout=300
"""The C binding: compiled as C11 and as C++17 by two compilers without a warning, run on a real bundle that wasm2c
turned into a native program."""

import re
import unittest

from bindgen_case import HOSTILE, BindgenTest

STRICT = ["-Wall", "-Wextra", "-Wconversion", "-Wundef", "-pedantic", "-Werror"]
COMPILERS = [["gcc-12", "-std=c11"], ["clang-22", "-std=c11", "-Wno-unused-function"], ["g++-12", "-std=c++17"],
             ["clang++-22", "-std=c++17", "-Wno-unused-function"]]

# The host: calls what wasm2c made by its name or its place in the table, and by its type.
HOST = r"""
#include <stdio.h>
#include "bundle.h"
#include "module.h"
#include "wasm-rt-impl.h"

typedef Z_bundle_instance_t instance_t;
typedef test_bundle_value value;

struct Z_env_instance_t;
void Z_envZ_log(struct Z_env_instance_t *, u32, f64);
void Z_envZ_log(struct Z_env_instance_t *env, u32 n, f64 x) { (void)env; printf("log %u %g\n", n, x); }

static bool call_function(wasm_rt_function_ptr_t f, instance_t *self, const value *a, size_t arg_count, value *r,
                          size_t result_count) {
  char type[16];
  size_t at = 0, i;
  for (i = 0; i < arg_count; ++i) type[at++] = a[i].type;
  type[at++] = ':';
  for (i = 0; i < result_count; ++i) type[at++] = r[i].type;
  type[at] = 0;
  if (wasm_rt_impl_try() != 0) return false;
#define U(i) ((u32)a[i].of.i32)
  if (!strcmp(type, ":")) ((void (*)(instance_t *))f)(self);
  else if (!strcmp(type, ":i")) r[0].of.i32 = (int32_t)((u32 (*)(instance_t *))f)(self);
  else if (!strcmp(type, "i:")) ((void (*)(instance_t *, u32))f)(self, U(0));
  else if (!strcmp(type, "i:i")) r[0].of.i32 = (int32_t)((u32 (*)(instance_t *, u32))f)(self, U(0));
  else if (!strcmp(type, "ii:i")) r[0].of.i32 = (int32_t)((u32 (*)(instance_t *, u32, u32))f)(self, U(0), U(1));
  else if (!strcmp(type, "ii:F")) r[0].of.f64 = ((f64 (*)(instance_t *, u32, u32))f)(self, U(0), U(1));
  else if (!strcmp(type, "iii:")) ((void (*)(instance_t *, u32, u32, u32))f)(self, U(0), U(1), U(2));
  else if (!strcmp(type, "iF:")) ((void (*)(instance_t *, u32, f64))f)(self, U(0), a[1].of.f64);
  else if (!strcmp(type, "fF:f")) r[0].of.f32 = ((f32 (*)(instance_t *, f32, f64))f)(self, a[0].of.f32, a[1].of.f64);
  else if (!strcmp(type, "II:I"))
    r[0].of.i64 = (int64_t)((u64 (*)(instance_t *, u64, u64))f)(self, (u64)a[0].of.i64, (u64)a[1].of.i64);
  else if (!strcmp(type, "ii:iF")) {
    struct wasm_multi_id both = ((struct wasm_multi_id (*)(instance_t *, u32, u32))f)(self, U(0), U(1));
    r[0].of.i32 = (int32_t)both.i0;
    r[1].of.f64 = both.d1;
  } else return false;
  return true;
}

static const struct { const char *name; wasm_rt_function_ptr_t function; } exports[] = {EXPORTS};

static bool call(void *self, const char *name, size_t length, const value *args, size_t arg_count, value *results,
                 size_t result_count) {
  size_t i;
  for (i = 0; i < sizeof(exports) / sizeof(*exports); ++i)
    if (strlen(exports[i].name) == length && !memcmp(exports[i].name, name, length))
      return call_function(exports[i].function, (instance_t *)self, args, arg_count, results, result_count);
  return false;
}

static bool call_slot(void *self, uint32_t slot, const value *args, size_t arg_count, value *results,
                      size_t result_count) {
  wasm_rt_funcref_table_t *table = Z_bundleZ___indirect_function_table((instance_t *)self);
  if (slot >= table->size || table->data[slot].func == NULL) return false;
  return call_function(table->data[slot].func, (instance_t *)table->data[slot].module_instance, args, arg_count, results,
                       result_count);
}

static uint8_t *memory(void *self, size_t *size) {
  wasm_rt_memory_t *found = Z_bundleZ_memory((instance_t *)self);
  *size = found->size;
  return found->data;
}
"""
MAIN = HOST + r"""
int main(void) {
  static instance_t instance;
  test_bundle b = {&instance, call, call_slot, memory};
  const float x[] = {1, -2, 3};
  const double d[] = {0.5, 0.25};
  float y[3];
  int32_t sum, quotient;
  int64_t product;
  float scaled;
  double rest, total;
  uint32_t at, out, bytes;
  const test_bundle_kernel_info *relu = &test_bundle_kernels()[TEST_KERNEL_t_relu];
  const test_bundle_param_info *param = test_bundle_params();

  wasm_rt_init();
  Z_bundle_init_module();
  Z_bundle_instantiate(&instance, NULL);
  if (!test_bundle_initialize(&b) || !test_bundle_initialize(&b)) return 1;
  if (!test_call_m_add(&b, 1, 2, &sum) || !test_call_m_multiply(&b, -3000000000, 3, &product)) return 2;
  if (!test_call_m_scale(&b, 1.5f, 2, &scaled) || !test_call_m_divide(&b, 17, 5, &quotient, &rest)) return 3;
  printf("%d %lld %g %d %g\n", sum, (long long)product, scaled, quotient, rest);
  if (!test_call_m_report(&b, 7, 0.25)) return 4;

  at = test_bundle_put(&b, x, sizeof(x), 16);
  out = test_bundle_alloc(&b, sizeof(y), 16);
  if (!test_call_t_relu(&b, (int32_t)at, (int32_t)out, 3)) return 5;
  memcpy(y, test_bundle_at(&b, out, sizeof(y)), sizeof(y));
  printf("%g %g %g\n", y[0], y[1], y[2]);
  if (!test_call_t_sum(&b, (int32_t)test_bundle_put(&b, d, sizeof(d), 16), 2, &total)) return 6;
  printf("%g\n", total);
  if (!test_bundle_free(&b, at) || !test_bundle_free(&b, out)) return 7;

  printf("%d %d\n", test_bundle_find(&b, "m_ad", 4), test_bundle_slot(&b, "m_add", 5) != 0);
  printf("%d %d\n", test_bundle_error(&b, -1) == NULL, test_bundle_param(&b, "bias", 4, &at, &bytes));
  printf("%d\n", test_bundle_at(&b, 0xffffffff, 2) == NULL);
  printf("%s %s %d %d\n", relu->name, relu->type, relu->library, (int)relu->abi);
  printf("%s %d %zu %lld %s\n", relu->args[0].name, relu->args[0].dtype == TEST_BUNDLE_FLOAT32, relu->args[0].rank,
         (long long)relu->args[0].shape[0], relu->args[0].layout);
  for (; param->tensor.name != NULL; ++param)
    printf("%s %d %zu %s\n", param->tensor.name, (int)param->tensor.dtype, param->tensor.rank,
           param->file ? param->file : "-");
  printf("%s %s %s %s\n", TEST_BUNDLE_NAME, TEST_BUNDLE_VERSION, test_bundle_libraries()[1], test_bundle_imports()[0].type);
  printf("%d\n", test_call_m_crash(&b));
  return 0;
}
"""
EXPECTED = """\
1003 -9000000000 3 3 2
log 7 0.25
1 0 3
0.75
-1 1
1 0
1
t_relu (i32,i32,i32)->() 1 0
x 1 4 -1 NCHW
bias 8 1 bias.bin
conv1.weight 4 2 -
scalar 9 0 -
test 1.0.0 tensors (i32,f64)->()
0
"""
DUMP = r"""
#include <stdio.h>
#include "bundle.h"
static void show(const char *text, size_t length) {
  for (; length > 0; --length) printf("%02x", (unsigned)(unsigned char)*text++);
}
int main(void) {
  const PREFIX_bundle_kernel_info *kernel;
  const PREFIX_bundle_param_info *param;
  for (kernel = PREFIX_bundle_kernels(); kernel->name != NULL; ++kernel) {
    show(kernel->name, kernel->name_length);
    putchar(':');
    if (kernel->arg_count != 0) show(kernel->args[0].name, kernel->args[0].name_length);
    putchar('\n');
  }
  for (param = PREFIX_bundle_params(); param->tensor.name != NULL; ++param) {
    show(param->tensor.name, param->tensor.name_length);
    putchar('\n');
  }
  return 0;
}
"""


class C(BindgenTest):
    def compile_natively(self, compiler, main):
        """Compiles the program strictly, what wasm2c made as it is."""
        name = "main.c" if "++" not in compiler[0] else "main.cpp"
        self.write(name, main)
        options = [*compiler, *STRICT, "-D_GNU_SOURCE", "-isystem", "/usr/src/wasm2c"]
        self.run_tool(*options, "-c", name, "-o", "main.o")
        return options

    def run_natively(self, compiler, main=MAIN):
        header = (self.folder / "module.h").read_text()
        names = re.findall(r"Z_bundleZ_(\w+)\(Z_bundle_instance_t\*[,)]", header)
        rows = ", ".join(f'{{"{name}", (wasm_rt_function_ptr_t)Z_bundleZ_{name}}}' for name in names)
        self.compile_natively(compiler, main.replace("EXPORTS", rows))
        self.run_tool("gcc-12", "-w", "-O1", "-I/usr/src/wasm2c", "module.c", "/usr/src/wasm2c/wasm-rt-impl.c", "main.o",
                      "-lm", "-o", "main")
        return self.run_tool("./main").stdout

    def make_native(self, **bundle):
        self.declare_tensors(self.make_bundle(**bundle))
        self.bindgen("c")
        self.run_tool("wasm2c", "-n", "bundle", "k.wasm", "-o", "module.c")

    def test_it_runs(self):
        self.make_native()
        self.assertEqual(self.run_natively(COMPILERS[0]), EXPECTED)

    def test_kernels_that_are_no_exports(self):
        self.make_native(bundle="export-kernels = false")
        self.assertEqual(self.run_natively(COMPILERS[0]), EXPECTED)

    def test_a_bundle_by_hand(self):
        self.make_bundle_by_hand()
        self.bindgen("c")
        self.run_tool("wasm2c", "-n", "bundle", "k.wasm", "-o", "module.c")
        host = HOST.replace('#include "module.h"', '#include "module.h"\nstruct wasm_multi_id { u32 i0; f64 d1; };')
        text = self.run_natively(COMPILERS[0], host + r"""
            int main(void) {
              static instance_t instance;
              test_bundle b = {&instance, call, call_slot, memory};
              static const char *const names[] = {"conv1.weight", "bias", "weight"};
              int32_t peeked;
              size_t i;
              wasm_rt_init();
              Z_bundle_init_module();
              Z_bundle_instantiate(&instance);
              if (!test_bundle_initialize(&b) || !test_call_peek(&b, &peeked)) return 1;
              printf("%d %s %u\n", peeked, test_bundle_error(&b, 0), test_bundle_alloc(&b, 8, 16));
              for (i = 0; i < 3; ++i) {
                uint32_t address = 0, bytes = 0;
                const bool found = test_bundle_param(&b, names[i], strlen(names[i]), &address, &bytes);
                printf("%d %u %u\n", found, found ? address : 0, found ? bytes : 0);
              }
              return 0;
            }
            """)
        self.assertEqual(text, "43 it failed 0\n1 4096 384\n0 0 0\n0 0 0\n")

    def test_it_compiles_everywhere(self):
        self.declare_tensors(self.make_bundle())
        self.bindgen("c")
        for compiler in COMPILERS:
            with self.subTest(compiler=compiler):
                # Alone, and used.
                self.compile_natively(compiler, '#include "bundle.h"\nint main(void) { return 0; }\n')
                self.compile_natively(compiler, DUMP.replace("PREFIX", "test"))

    def test_hostile_names(self):
        self.add_hostile_names(self.make_bundle())
        text = self.bindgen("c").read_text()
        prefix = re.search(r"typedef struct (\w+)_bundle_value", text)[1]
        names = [name.encode().hex() for name in self.kernel_names()]
        hostile = sorted(name.encode().hex() for name in HOSTILE)
        for compiler in COMPILERS:
            with self.subTest(compiler=compiler):
                options = self.compile_natively(compiler, DUMP.replace("PREFIX", prefix))
                self.run_tool(*options, "main.o", "-o", "main")
                lines = self.run_tool("./main").stdout.splitlines()
                self.assertEqual([line.split(":")[0] for line in lines[:len(names)]], names)
                self.assertEqual([line.split(":")[1] for line in lines[:len(names)] if line[-1] != ":"],
                                 [name for name in names if name in hostile and name])
                self.assertEqual(lines[len(names):], hostile)


if __name__ == "__main__":
    unittest.main()
