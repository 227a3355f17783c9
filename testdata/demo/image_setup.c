// Library "image": its state and its constructor.
#include "demo.h"

__attribute__((weak)) struct context* library_context;

static struct context context = {"image", 0};

void invert(uint8_t*, uint32_t);
uint32_t difference(const uint8_t*, const uint8_t*, uint32_t);

__attribute__((constructor)) static void set_up(void) {
  library_context = &context;
  ++library_context->constructor_runs;
  register_kernel("image.invert", (void (*)(void))invert);
  register_kernel("image.difference", (void (*)(void))difference);
}

KERNEL uint32_t constructor_runs(void) { return library_context->constructor_runs; }

// Tells whose the cell is.
KERNEL const char* context_owner(void) { return library_context->library; }
