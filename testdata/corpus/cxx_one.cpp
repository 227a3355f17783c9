// C++, part 1.
#include "cxx.h"
int part_two(int x);
Shape* make_square();
static Noisy local_noise("noise in one");
__attribute__((init_priority(500))) Noisy early_noise("early noise in one");
namespace {
struct Hidden : Shape {
  int area(int x) override { return -x; }
};
Hidden hidden;
}  // namespace
extern "C" __attribute__((export_name("run"))) int run(int x) {
  Shape plain;
  Shape* shapes[] = {&plain, make_square(), &hidden};
  int sum = 0;
  for (Shape* shape : shapes) host_log(shape->name(), sum += shape->area(x));
  host_log(greeting(), Cell<int>::get()++);
  host_log("largest", largest(x, sum) + largest<long long>(x, 3) % 1000);
  host_log("part two", part_two(x));
  host_log("cell", Cell<int>::get() * 1000 + Cell<int>::uses);
  host_log("double cell", int(Cell<double>::get() * 10));
  host_log("next id", next_id());
  host_log("step", steps[0](x));
  host_log("color", int(Color::green));
  return sum;
}
