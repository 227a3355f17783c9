#include "host.h"
long totals[3] = {1L << 40, 2, 3};
static const char text[] = "wide label";
const char* const label = text;
inline __attribute__((weak)) long twice(long x) { return x * 2; }
__attribute__((constructor)) static void late(void) { host_log("ctor wide two", (int)++totals[1]); }
long scale(long x) { return twice(x) + (long)label % 1; }
