// C++, part 2: uses the same inline functions and templates as part 1.
#include "cxx.h"
static Noisy local_noise("noise in two");
static Square square;
Shape* make_square() { return &square; }
int part_two(int x) {
  host_log(greeting(), Cell<int>::get()++);
  Cell<double>::get() += 0.5;
  host_log(square.name(), next_id());
  host_log("step", steps[0](x));
  return largest(x, 4) + largest<long long>(x, 9) % 1000 + inline_variable.name[0];
}
