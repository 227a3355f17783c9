// C: a filter whose weights a constructor computes, and a kernel with a state.
#define KERNEL __attribute__((visibility("default")))

enum { radius = 3 };
static float weights[2 * radius + 1];
static int calls;

__attribute__((constructor)) static void compute_weights(void) {
  float sum = 0;
  for (int i = -radius; i <= radius; ++i) sum += weights[i + radius] = 1.0f / (float)(1 + i * i);
  for (int i = 0; i <= 2 * radius; ++i) weights[i] /= sum;
}

// Beyond its ends the signal goes on as its first and last value.
static float at(const float* in, int i, int n) { return in[i < 0 ? 0 : i >= n ? n - 1 : i]; }

KERNEL void smooth(const float* in, float* out, int n) {
  ++calls;
  for (int i = 0; i < n; ++i) {
    float sum = 0;
    for (int k = -radius; k <= radius; ++k) sum += weights[k + radius] * at(in, i + k, n);
    out[i] = sum;
  }
}

KERNEL int smooth_calls(void) { return calls; }
