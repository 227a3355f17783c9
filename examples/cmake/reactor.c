// A WASI reactor: the host calls _initialize once, then the exports as often as it likes.
#include "registry.h"

double conv_run(double x);
double pool_run(double x);

__attribute__((export_name("registrations"))) int registrations(void) {
  return count_registrations();
}
__attribute__((export_name("both"))) double both(double x) { return conv_run(x) + pool_run(x); }
