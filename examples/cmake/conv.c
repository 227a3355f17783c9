#include "kernels.h"

static double bias;

// pool.c has a function of this name, too.
double scale(double x) { return 2 * x; }

double run(double x) { return scale(x) + bias; }

__attribute__((constructor)) static void init(void) {
  bias = 0.5;
  register_kernel("conv");
}
