// A pipeline as Halide compiles it ahead of time (target wasm-32-wasmrt-no_runtime), cut to one
// stage: the entry with its typed arguments, the same with an array of pointers to them, and the
// metadata. Layouts of HalideRuntime.h.
#include <stdint.h>

#define HALIDE_FUNCTION_ATTRS __attribute__((visibility("default")))

struct halide_dimension_t {
  int32_t min, extent, stride;
  uint32_t flags;
};

struct halide_type_t {
  uint8_t code, bits;
  uint16_t lanes;
};

struct halide_buffer_t {
  uint64_t device;
  const void* device_interface;
  uint8_t* host;
  uint64_t flags;
  struct halide_type_t type;
  int32_t dimensions;
  struct halide_dimension_t* dim;
  void* padding;
};

struct halide_filter_argument_t {
  const char* name;
  int32_t kind, dimensions;
  struct halide_type_t type;
  const void *scalar_def, *scalar_min, *scalar_max, *scalar_estimate;
  int64_t const* const* buffer_estimates;
};

struct halide_filter_metadata_t {
  int32_t version, num_arguments;
  const struct halide_filter_argument_t* arguments;
  const char *target, *name;
};

enum { halide_error_code_bad_dimensions = -43 };

// output(x) = input(x) * factor for float32.
HALIDE_FUNCTION_ATTRS int brighten(struct halide_buffer_t* input, float factor,
                                   struct halide_buffer_t* output) {
  if (input->dimensions != 1 || output->dimensions != 1) return halide_error_code_bad_dimensions;
  const float* from = (const float*)input->host;
  float* to = (float*)output->host;
  for (int32_t x = 0; x < output->dim[0].extent; ++x) to[x] = from[x] * factor;
  return 0;
}

HALIDE_FUNCTION_ATTRS int brighten_argv(void** args) {
  return brighten(args[0], *(float*)args[1], args[2]);
}

HALIDE_FUNCTION_ATTRS const struct halide_filter_metadata_t* brighten_metadata(void) {
  static const struct halide_filter_argument_t arguments[] = {
      {"input", 1, 1, {2, 32, 1}, 0, 0, 0, 0, 0},
      {"factor", 0, 0, {2, 32, 1}, 0, 0, 0, 0, 0},
      {"output", 2, 1, {2, 32, 1}, 0, 0, 0, 0, 0},
  };
  static const struct halide_filter_metadata_t metadata = {1, 3, arguments,
                                                           "wasm-32-wasmrt-no_runtime", "brighten"};
  return &metadata;
}
