// One of two libraries that share inline names and must compute apart once sealed.
#include "cxx.h"
#ifndef LIBRARY
#define LIBRARY one
#endif
#define CAT2(a, b) a##b
#define CAT(a, b) CAT2(a, b)
extern "C" int weak_target(int x) { return x + Cell<int>::get()++; }
extern "C" int weak_name(int x) __attribute__((weak, alias("weak_target")));
static Square square;
static int (*volatile through_table)(int) = weak_name;
extern "C" int CAT(LIBRARY, _count)() {
  Shape* shape = &square;
  host_log(shape->name(), shape->id);
  int id = next_id();
  host_log("through table", through_table(1));
  return id * 1000 + Cell<int>::get()++ * 10 + largest(1, 2);
}
