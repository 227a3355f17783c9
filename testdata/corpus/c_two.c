// C, part 2: same static names and strings as part 1, the strong definitions, GC-able data.
#include "host.h"
extern int shared_counter;
static int helper(int x) { return x + 2; }
static const char* const names[] = {"one", "deux", "trois"};
int pick_data[] = {10, 20, 30};
int unused_function(int x) {
  host_log("never called", x);
  return helper(x);
}
const char unused_data[64] = "this segment is garbage in every program that does not name it";
static int zeros[3000];

__attribute__((constructor)) static void last(void) {
  host_log("ctor two default", shared_counter++);
}
__attribute__((constructor(150))) static void middle(void) {
  host_log("ctor two 150", shared_counter++);
}

int from_two(int x) {
  static int calls;
  zeros[calls] = x;
  host_log(names[x % 3], ++calls + zeros[0]);
  return helper(x);
}
long long wide = 0x123456789abcdefLL;
float single = 1.5f;
double real_value = 2.25;
double wide_sum(float f, double d, long long n) { return f + d + (double)n; }
