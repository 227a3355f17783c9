typedef float (*Kernel)(const float* x, int n);
void register_kernel(const char* name, Kernel kernel);

float scale(float x) { return x * x; }

float run(const float* x, int n) {
  float result = 0;
  for (int i = 0; i < n; ++i) result += scale(x[i]);
  return __builtin_sqrtf(result);
}

__attribute__((constructor)) static void set_up(void) { register_kernel("norm", run); }
