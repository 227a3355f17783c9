// C, part 1: constructors, weak definitions that lose, same-named statics, tables of functions,
// export names.
#include "host.h"
int shared_counter = 10;
int pick_data[] __attribute__((weak)) = {1, 2, 3};
static int helper(int x) { return x + 1; }
static const char* const names[] = {"one", "two", "three"};
static char big[5000];
extern int from_two(int), from_three(int), missing_weak(int) __attribute__((weak));
extern int missing_weak_data __attribute__((weak));
extern int table_sum(int (*const*)(int), int);

__attribute__((weak)) int pick(int x) { return x * 100; }
int hidden_one(int x) __attribute__((visibility("hidden")));
int hidden_one(int x) { return x ^ 0x55; }
int original(int x) { return x * 3; }
int aliased(int x) __attribute__((alias("original")));
int weak_aliased(int x) __attribute__((weak, alias("original")));
extern int data_alias __attribute__((alias("shared_counter")));

__attribute__((constructor(101))) static void first(void) {
  host_log("ctor one 101", shared_counter++);
}
__attribute__((constructor(200))) static void second(void) {
  host_log("ctor one 200", shared_counter++);
}
__attribute__((constructor)) static void last(void) {
  host_log("ctor one default", shared_counter++);
}
__attribute__((constructor)) static void last_b(void) {
  host_log("ctor one default b", shared_counter++);
}

__attribute__((export_name("renamed by the author"))) int exp_a(int x) { return helper(x) + 1000; }
__attribute__((export_name("exp_b"))) int exp_b(int x) { return x + 2000; }
__attribute__((used)) static int kept_by_used = 77;

typedef int (*Function)(int);
const Function functions[] = {helper, pick, original, from_two};
struct Entry {
  const char* name;
  Function f;
  int* data;
} entries[] = {{"helper", helper, &shared_counter},
               {"pick", pick, pick_data + 1},
               {"three", from_three, (int*)(big + 100)}};

__attribute__((export_name("run"))) int run(int x) {
  int sum = 0;
  for (int i = 0; i < 3; ++i) {
    host_log(entries[i].name, entries[i].f(x));
    host_log(names[i], sum += *entries[i].data);
    sum += functions[i + 1](i);
  }
  big[100] = (char)sum;
  if (missing_weak) sum += missing_weak(x);
  host_log("weak data is absent", &missing_weak_data == 0);
  host_log("alias", aliased(x) + weak_aliased(x) + data_alias + hidden_one(x));
  host_log("table", table_sum(functions, 4));
  host_log("value", host_value(x));
  host_log("used", kept_by_used);
  host_log("big", big[100] + big[4999]);
  host_log("renamed", exp_a(x) + exp_b(x));
  return sum;
}
