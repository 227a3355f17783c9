#include "stats.h"

static Seen seen;

KERNEL double stats_variance(const float* values, int n) {
  return collect<double>(values, n).variance();
}
