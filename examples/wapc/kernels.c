// Three kernels: one with numbers alone, one that reads and writes memory, one that changes it.
#define KERNEL __attribute__((visibility("default")))

static float gains[4];
static volatile float step = 0.5f;  // volatile, or the compiler runs the constructor itself
static int registrations;

__attribute__((constructor)) static void init_gains(void) {
  for (int i = 0; i < 4; ++i) gains[i] = 1 + (float)i * step;
  ++registrations;
}

KERNEL int count_registrations(void) { return registrations; }

KERNEL double mean(const float* values, int count) {
  double sum = 0;
  for (int i = 0; i < count; ++i) sum += values[i];
  return count ? sum / count : 0;
}

KERNEL void amplify(const float* in, float* out, int count) {
  for (int i = 0; i < count; ++i) out[i] = in[i] * gains[i % 4];
}

KERNEL void sort(float* values, int count) {
  for (int i = 1; i < count; ++i) {
    const float value = values[i];
    int j = i;
    for (; j > 0 && values[j - 1] > value; --j) values[j] = values[j - 1];
    values[j] = value;
  }
}
