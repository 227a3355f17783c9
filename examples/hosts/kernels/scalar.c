// Kernels of plain numbers, one for each number type of wasm.
#define KERNEL __attribute__((visibility("default")))

void register_operation(const char* name);
__attribute__((constructor)) static void register_all(void) { register_operation("scalar"); }

KERNEL int add(int a, int b) { return a + b; }
KERNEL float half(float x) { return x / 2; }
KERNEL double mix(double a, double b, double t) { return a + (b - a) * t; }
KERNEL long long gcd(long long a, long long b) {
  while (b != 0) {
    const long long rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}
