// Thread-local data, atomics.
#include <stdatomic.h>
#include "host.h"
_Thread_local int per_thread = 5;
_Thread_local int zero_thread;
static _Thread_local int local_thread = 9;
extern _Thread_local int other_thread;
atomic_int total;
int bump_two(void);
__attribute__((constructor)) static void start(void) {
  per_thread += 1;
  host_log("ctor tls one", per_thread);
}
__attribute__((export_name("run"))) int run(int x) {
  zero_thread += x;
  local_thread += 2;
  atomic_fetch_add(&total, x);
  host_log("tls", per_thread * 1000 + zero_thread * 100 + local_thread);
  host_log("other", other_thread++);
  host_log("two", bump_two());
  return atomic_load(&total);
}
