// An executable library as IREE's compiler links it statically
// (--iree-llvmcpu-static-library-output-path), cut to what an entry point needs: one query
// function, no constructor, no import. Layout of runtime/src/iree/hal/local/executable_library.h,
// version 5.
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint32_t version;
  const char* name;
  uint32_t features;
  uint32_t sanitizer;
} library_header;

typedef struct {
  uint32_t workgroup_size_x, workgroup_size_y;
  uint16_t workgroup_size_z, constant_count;
  uint32_t workgroup_count_x, workgroup_count_y;
  uint16_t workgroup_count_z;
  uint8_t max_concurrency, binding_count;
  const uint32_t* constants;
  void* const* binding_ptrs;
  const size_t* binding_lengths;
} dispatch_state;

typedef struct {
  uint32_t workgroup_id_x, workgroup_id_y;
  uint16_t workgroup_id_z, reserved;
  uint32_t processor_id;
  void* local_memory;
  uint32_t local_memory_size;
} workgroup_state;

typedef int (*dispatch)(const void* environment, const dispatch_state* state,
                        const workgroup_state* workgroup);

typedef struct {
  uint32_t count;
  const dispatch* ptrs;
  const void* attrs;
  const char* const* names;
  const char* const* tags;
} export_table;

typedef struct {
  const library_header* header;
  struct {
    uint32_t count;
    const char* const* symbols;
  } imports;
  export_table exports;
  struct {
    uint32_t count;
  } constants;
} executable_library;

enum { library_version = 3 };

// C = A + B, one element a workgroup.
static int add_dispatch(const void* environment, const dispatch_state* state,
                        const workgroup_state* workgroup) {
  const uint32_t i = workgroup->workgroup_id_x;
  const float* a = state->binding_ptrs[0];
  const float* b = state->binding_ptrs[1];
  float* c = state->binding_ptrs[2];
  c[i] = a[i] + b[i];
  return 0;
}

static const library_header header = {library_version, "add_module", 0, 0};
static const dispatch dispatches[] = {add_dispatch};
static const char* const names[] = {"add_dispatch_0"};
static const executable_library library = {&header, {0, 0}, {1, dispatches, 0, names, 0}, {0}};

// The newest version up to max_version, or null.
__attribute__((visibility("default"))) const library_header**
add_module_linked_llvm_cpu_library_query(uint32_t max_version, const void* environment) {
  return max_version >= library_version ? (const library_header**)&library : NULL;
}
