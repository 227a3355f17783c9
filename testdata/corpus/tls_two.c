#include <stdatomic.h>
#include "host.h"
_Thread_local int other_thread = 40;
extern _Thread_local int per_thread;
extern atomic_int total;
static _Thread_local char text[] = "thread-local text";
int bump_two(void) {
  atomic_fetch_add(&total, 1);
  host_log(text, ++per_thread);
  text[0]++;
  return other_thread;
}
