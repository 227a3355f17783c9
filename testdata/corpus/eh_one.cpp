// Exceptions: thrown here, caught in part 2 and here.
#include "host.h"
int thrower(int x) {
  if (x > 2) throw x;
  return x + 1;
}
inline int guarded(int x) {
  try {
    return thrower(x);
  } catch (...) {
    return -1;
  }
}
int caught_in_one(int x) { return guarded(x); }
