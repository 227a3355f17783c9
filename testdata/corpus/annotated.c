// annotate() makes a section of function indices: R_WASM_FUNCTION_INDEX_I32.
#include "host.h"
__attribute__((annotate("kernel"), noinline)) int annotated(int x) { return host_value(x) + 1; }
__attribute__((annotate("kernel"), annotate("fast"))) static int also(int x) { return x + 2; }
__attribute__((export_name("run"))) int run(int x) { return annotated(x) + also(x); }
