#include "host.h"
int thrower(int x);
int caught_in_one(int x);
inline int guarded(int x) {
  try {
    return thrower(x);
  } catch (...) {
    return -1;
  }
}
extern "C" __attribute__((export_name("run"))) int run(int x) {
  for (int i = 0; i < 5; ++i) host_log("guarded", guarded(i) * 10 + caught_in_one(i));
  try {
    return thrower(x + 100);
  } catch (...) {
    host_log("caught in run", x);
  }
  return x;
}
