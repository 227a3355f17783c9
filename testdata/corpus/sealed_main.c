#include "host.h"
int one_count(void), two_count(void);
__attribute__((export_name("run"))) int run(int x) {
  host_log("one", one_count());
  host_log("two", two_count());
  host_log("one", one_count());
  host_log("two", two_count());
  return x;
}
