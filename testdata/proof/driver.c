// Calls the kernels of the other libraries, which it knows by their names in the registry. Its own
// kernels have no arguments, so that wabt's interpreter can call them: each makes 1,000 calls and
// returns a hash of all results.
#include <stdint.h>

#define KERNEL __attribute__((visibility("default")))
// In a module that is linked by hand, TVM's kernels have the names of their symbols.
#ifdef BY_HAND
#define OLD(name) __asm__(#name)
#define NEW(name) __asm__("__tvm_ffi_" #name)
#else
#define OLD(name) __asm__("old_" #name)
#define NEW(name) __asm__("new_" #name)
#endif

enum { calls = 1000, most = 64, side = 6 };

void smooth(const float* in, float* out, int n);
int smooth_calls(void);
double stats_mean(const float* values, int n), stats_variance(const float* values, int n);
int stats_objects(void);
uint32_t crc32(const void* bytes, uint32_t count);
float median(const float* values, uint32_t count);
uint64_t mix(uint64_t a, uint64_t b);

// DLTensor and the two generations' arguments.
struct tensor {
  float* data;
  int32_t device_type, device, rank;
  uint8_t type, bits;
  uint16_t lanes;
  int64_t *shape, *strides;
  uint64_t offset;
};
union value {
  struct tensor* tensor;
  double number;
};
struct any {
  int32_t type, unused;
  union value value;
};
typedef int packed(union value* args, int* types, int count, union value* result, int* result_type,
                   void* resource);
typedef int safe_call(void* self, struct any* args, int count, struct any* result);
packed old_matmul OLD(matmul), old_scaled OLD(scaled), old_softmax OLD(softmax),
    old_doubled OLD(doubled);
packed old_far_doubled OLD(far_doubled);
safe_call new_matmul NEW(matmul), new_scaled NEW(scaled), new_softmax NEW(softmax),
    new_doubled NEW(doubled);
safe_call new_far_doubled NEW(far_doubled);

static uint32_t random_state;
static float inputs[2][most], outputs[most];

static uint32_t next_random(void) { return random_state = random_state * 1664525 + 1013904223; }

// Numbers that add and multiply without surprises.
static int fill(void) {
  for (int k = 0; k < 2; ++k)
    for (int i = 0; i < most; ++i) inputs[k][i] = (float)(int)(next_random() >> 20) / 256 - 8;
  return 1 + (int)(next_random() >> 26);
}

// A hash at its start; the results do not depend on what was called before.
static uint64_t start(void) {
  random_state = 1;
  for (int i = 0; i < most; ++i) outputs[i] = 0;
  return 0xcbf29ce484222325;
}

static uint64_t hash_bytes(uint64_t hash, const void* bytes, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) hash = (hash ^ ((const uint8_t*)bytes)[i]) * 0x100000001b3;
  return hash;
}
static uint64_t hash_word(uint64_t hash, uint64_t word) {
  return hash_bytes(hash, &word, sizeof word);
}
static uint64_t hash_number(uint64_t hash, double number) {
  return hash_bytes(hash, &number, sizeof number);
}

KERNEL uint64_t check_smooth(void) {
  uint64_t hash = start();
  for (int call = 0; call < calls; ++call) {
    const int n = fill(), before = smooth_calls();
    smooth(inputs[0], outputs, n);
    hash = hash_bytes(hash, outputs, 4 * (uint32_t)n);
    hash = hash_word(hash, (uint64_t)(smooth_calls() - before));
  }
  return hash;
}

KERNEL uint64_t check_stats(void) {
  uint64_t hash = start();
  for (int call = 0; call < calls; ++call) {
    const int n = fill();
    hash = hash_number(hash_number(hash, stats_mean(inputs[0], n)), stats_variance(inputs[1], n));
  }
  return hash_word(hash, (uint64_t)stats_objects());
}

KERNEL uint64_t check_checksum(void) {
  uint64_t hash = start();
  for (int call = 0; call < calls; ++call) {
    const int n = fill();
    hash = hash_word(hash, crc32(inputs, 4 * (uint32_t)n));
    hash = hash_number(hash, median(inputs[0], (uint32_t)n));
  }
  return hash;
}

KERNEL uint64_t check_mix(void) {
  uint64_t hash = start();
  for (int call = 0; call < calls; ++call) hash = mix(hash, next_random());
  return hash;
}

struct tensors {
  struct tensor a, b, c;
};

static struct tensors make_tensors(int rank, int64_t* shape) {
  const struct tensor one = {
      .device_type = 1, .rank = rank, .type = 2, .bits = 32, .lanes = 1, .shape = shape};
  struct tensors all = {one, one, one};
  all.a.data = inputs[0], all.b.data = inputs[1], all.c.data = outputs;
  return all;
}

// A tensor, a tensor and, where there are three, a tensor or a number.
static int call_old(packed* kernel, struct tensors* t, int count, int with_number) {
  union value args[4] = {{&t->a}, {count == 2 || with_number ? &t->c : &t->b}, {&t->c}};
  int types[4] = {7, 7, 7}, result_type = 4;
  if (with_number) args[2].number = 2.5, types[2] = 2;
  return kernel(args, types, count, &args[3], &result_type, 0);
}
static int call_new(safe_call* kernel, struct tensors* t, int count, int with_number) {
  struct any args[4] = {{7, 0, {&t->a}},
                        {7, 0, {count == 2 || with_number ? &t->c : &t->b}},
                        {7, 0, {&t->c}},
                        {0, 0, {0}}};
  if (with_number) args[2].type = 3, args[2].value.number = 2.5;
  return kernel(0, args, count, &args[3]);
}

// Also with a number of arguments that the kernels refuse, and by a function that none of the
// libraries has.
#define DEFINE_CHECK(NAME)                                                                \
  KERNEL uint64_t check_##NAME(void) {                                                    \
    uint64_t hash = start();                                                              \
    for (int call = 0; call < calls; ++call) {                                            \
      int64_t square[2] = {side, side}, line[1] = {fill()};                               \
      struct tensors matrices = make_tensors(2, square), vectors = make_tensors(1, line); \
      hash = hash_word(hash, (uint64_t)call_##NAME(NAME##_matmul, &matrices, 3, 0));      \
      hash = hash_bytes(hash, outputs, sizeof outputs);                                   \
      hash = hash_word(hash, (uint64_t)call_##NAME(NAME##_scaled, &vectors, 3, 1));       \
      hash = hash_bytes(hash, outputs, sizeof outputs);                                   \
      hash = hash_word(hash, (uint64_t)call_##NAME(NAME##_softmax, &vectors, 2, 0));      \
      hash = hash_bytes(hash, outputs, sizeof outputs);                                   \
      hash = hash_word(hash, (uint64_t)call_##NAME(NAME##_doubled, &vectors, 2, 0));      \
      hash = hash_bytes(hash, outputs, sizeof outputs);                                   \
      hash = hash_word(hash, (uint64_t)call_##NAME(NAME##_matmul, &matrices, 2, 0));      \
      hash = hash_word(hash, (uint64_t)call_##NAME(NAME##_far_doubled, &vectors, 2, 0));  \
    }                                                                                     \
    return hash;                                                                          \
  }
DEFINE_CHECK(old)
DEFINE_CHECK(new)
