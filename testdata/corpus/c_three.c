// C, part 3: wins over the weak pick(), varargs, indirect calls with many types.
#include "host.h"
extern int shared_counter;
extern long long wide;
extern float single;
extern double real_value;
extern double wide_sum(float, double, long long);
int pick(int x) { return x * 7; }

__attribute__((constructor)) static void last(void) {
  host_log("ctor three default", shared_counter++);
}
__attribute__((constructor(101))) static void first(void) {
  host_log("ctor three 101", shared_counter++);
}

int table_sum(int (*const* f)(int), int n) {
  int sum = 0;
  while (n--) sum += f[n](n);
  return sum;
}
static int add_all(int n, ...) {
  __builtin_va_list list;
  __builtin_va_start(list, n);
  int sum = 0;
  while (n--) sum += __builtin_va_arg(list, int);
  __builtin_va_end(list);
  return sum;
}
typedef double (*Wide)(float, double, long long);
Wide volatile wide_function = wide_sum;
int from_three(int x) {
  host_log("wide", (int)wide_function(single, real_value, wide & 0xff));
  return add_all(4, x, 1, 2, shared_counter);
}
