// Library "vector": its state and its constructor.
#include "demo.h"

__attribute__((weak)) struct context* library_context;

static struct context context = {"vector", 0};

float dot(const float*, const float*, uint32_t);
void axpy(float, const float*, float*, uint32_t);

__attribute__((constructor)) static void set_up(void) {
  library_context = &context;
  ++library_context->constructor_runs;
  register_kernel("vector.dot", (void (*)(void))dot);
  register_kernel("vector.axpy", (void (*)(void))axpy);
}

KERNEL uint32_t constructor_runs(void) { return library_context->constructor_runs; }

// Tells whose the cell is.
KERNEL const char* context_owner(void) { return library_context->library; }
