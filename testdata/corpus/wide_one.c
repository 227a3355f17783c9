// wasm64 without function pointers: no table, so that engines with memory64 but without table64 run
// it.
#include "host.h"
long scale(long x);
extern long totals[];
extern const char* const label;
static long zeros[2000];
__attribute__((constructor(300))) static void early(void) {
  host_log("ctor wide one", (int)sizeof(long));
}
__attribute__((export_name("run"))) int run(int x) {
  zeros[1999] = scale(x);
  for (int i = 0; i < 3; ++i) host_log(label + i, (int)(totals[i] += zeros[1999 - i]));
  return (int)((unsigned long)&zeros[1999] - (unsigned long)&zeros[1998]);
}
