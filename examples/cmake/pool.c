#include "kernels.h"

static double limit;

double scale(double x) { return x / 2; }

double run(double x) { return scale(x) < limit ? scale(x) : limit; }

__attribute__((constructor)) static void init(void) {
  limit = 10;
  register_kernel("pool");
}
