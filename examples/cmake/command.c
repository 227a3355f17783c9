// A WASI command: the start-up code of wasi-libc runs the constructors, then main().
#include <stdio.h>

#include "registry.h"

double conv_run(double x);
double pool_run(double x);

int main(void) {
  printf("%d registrations, conv %g, pool %g\n", count_registrations(), conv_run(3), pool_run(3));
  return 0;
}
