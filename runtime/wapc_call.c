// From a payload to a kernel and back. Everything that a call needs lies in one block: slots of
// arguments and results, TVM's arrays, the content of buffers and tensors, the response. The items
// are walked three times in the same order, so that each finds the same places: to check them and
// measure the block, to fill it, and to collect the response.
#include "runtime/tvm.h"
#include "runtime/wapc.h"

__attribute__((import_module("wapc"), import_name("__guest_response"))) void
__wasmpack_wapc_response(const uint8_t* response, uint32_t length);

void* wasmpack_alloc(uint32_t size, uint32_t align);
void wasmpack_free(void* block);
const char* wasmpack_error(uint32_t library);

enum { block_align = 64, tensor_bytes = 40, dl_cpu = 1 };
// TVM's kinds of values: codes of packed functions, type indices of TVM FFI (docs/tvm.md).
enum { packed_int = 0, packed_float = 2, packed_null = 4, packed_tensor = 7 };
enum { ffi_none = 0, ffi_int = 1, ffi_bool = 2, ffi_float = 3, ffi_tensor = 7 };

enum step { step_measure, step_fill, step_collect };

struct call {
  const struct wasmpack_kernel* kernel;
  struct wapc_reader payload;
  enum step step;
  uint8_t* block;           // once it is measured
  uint64_t used;            // bytes of it so far in this walk
  uint64_t returned;        // bytes of the response, measured
  uint8_t* response;        // where its next item goes
  uint32_t item_count;      // read so far in this walk
  uint32_t tvm_count;       // of all items, for TVM's arrays
  uint8_t *args, *results;  // slots
  uint8_t *tvm_args, *tvm_codes, *tvm_result, *tvm_result_code;
};

static void set_word(uint8_t* at, uint32_t word) { __builtin_memcpy(at, &word, sizeof word); }
static void set_long(uint8_t* at, uint64_t value) { __builtin_memcpy(at, &value, sizeof value); }
static uint32_t get_word(const uint8_t* at) {
  uint32_t word;
  __builtin_memcpy(&word, at, sizeof word);
  return word;
}

static uint32_t address_of(const uint8_t* at) { return (uint32_t)at; }

// Errors.

static void begin_error(const struct call* call) {
  __wasmpack_wapc_begin_text();
  __wasmpack_wapc_add_text("kernel `");
  __wasmpack_wapc_add_bytes((const uint8_t*)call->kernel->name, call->kernel->name_length);
  __wasmpack_wapc_add_text("`: ");
}

static int refuse(const struct call* call, const char* reason) {
  begin_error(call);
  __wasmpack_wapc_add_text(reason);
  return 0;
}

static int refuse_item(const struct call* call, const char* reason) {
  begin_error(call);
  __wasmpack_wapc_add_text("argument ");
  __wasmpack_wapc_add_number(call->item_count);
  __wasmpack_wapc_add_text(": ");
  __wasmpack_wapc_add_text(reason);
  return 0;
}

static int refuse_type(const struct call* call, uint8_t tag, char letter) {
  refuse_item(call, "an item `");
  __wasmpack_wapc_add_bytes(&tag, 1);
  __wasmpack_wapc_add_text("` for a parameter `");
  __wasmpack_wapc_add_bytes((const uint8_t*)&letter, 1);
  __wasmpack_wapc_add_text("`");
  return 0;
}

// Places.

// Where the next `bytes` of the block lie; 0 while it is measured.
static uint8_t* take(struct call* call, uint32_t bytes, uint32_t align) {
  call->used = (call->used + align - 1) & ~(uint64_t)(align - 1);
  uint8_t* place = call->block ? call->block + (uint32_t)call->used : 0;
  call->used += bytes;
  return place;
}

// Where the next `bytes` of the response go; 0 before it is collected.
static uint8_t* respond(struct call* call, uint64_t bytes) {
  if (call->step == step_measure) call->returned += bytes;
  if (call->step != step_collect) return 0;
  uint8_t* place = call->response;
  call->response += (uint32_t)bytes;
  return place;
}

static int is_tvm(const struct call* call) {
  return call->kernel->abi >= wasmpack_abi_packed_3 && call->kernel->abi <= wasmpack_abi_tvm_ffi;
}

static uint8_t* take_tensor(struct call* call, const struct wapc_item* item, uint8_t* data) {
  uint8_t* shape = take(call, 8 * (uint32_t)item->rank, 8);
  uint8_t* tensor = take(call, tensor_bytes, 8);
  if (call->step != step_fill) return tensor;
  for (uint32_t i = 0; i < item->rank; ++i) set_long(shape + 8 * i, get_word(item->dims + 4 * i));
  set_word(tensor, address_of(data));
  set_word(tensor + 4, dl_cpu);
  set_word(tensor + 12, item->rank);
  set_word(tensor + 16, __wasmpack_wapc_dlpack_type(item->dtype, call->kernel->abi) | 1u << 16);
  set_word(tensor + 20, address_of(shape));
  return tensor;
}

static void return_content(struct call* call, const struct wapc_item* item, const uint8_t* data) {
  if (!wapc_is_returned(item->tag)) return;
  uint8_t* out = respond(call, 5 + (uint64_t)item->bytes);
  if (!out) return;
  *out = item_bytes_in;
  set_word(out + 1, item->bytes);
  __wasmpack_wapc_copy(out + 5, data, item->bytes);
}

// The memory of a buffer or tensor: what the kernel gets is its address.
static uint8_t* take_memory(struct call* call, const struct wapc_item* item) {
  uint8_t* data = take(call, item->bytes, block_align);
  if (call->step == step_fill && item->content)
    __wasmpack_wapc_copy(data, item->content, item->bytes);
  return_content(call, item, data);
  return wapc_is_tensor(item->tag) ? take_tensor(call, item, data) : data;
}

// Arguments.

static int next_item(struct call* call, struct wapc_item* item) {
  ++call->item_count;
  const char* wrong = __wasmpack_wapc_read_item(&call->payload, item);
  if (!wrong) return 1;
  refuse_item(call, wrong);
  __wasmpack_wapc_add_text(" (its first byte is ");
  __wasmpack_wapc_add_number(item->tag);
  __wasmpack_wapc_add_text(")");
  return 0;
}

static int pass_to_c(struct call* call, const struct wapc_item* item, char letter) {
  uint8_t* slot = call->args + wapc_slot_bytes * (call->item_count - 1);
  if (wapc_is_memory(item->tag) && letter == item_i32) {
    const uint8_t* place = take_memory(call, item);
    if (call->step == step_fill) set_word(slot, address_of(place));
    return 1;
  }
  if (item->tag == item_null && letter == item_i32) return 1;  // the block is zero
  if (item->tag != (uint8_t)letter) return refuse_type(call, item->tag, letter);
  if (call->step == step_fill) __wasmpack_wapc_copy(slot, item->content, item->bytes);
  return 1;
}

static int refuse_count(const struct call* call, uint32_t count, uint32_t expected) {
  begin_error(call);
  __wasmpack_wapc_add_text("it takes ");
  __wasmpack_wapc_add_number(expected);
  __wasmpack_wapc_add_text(expected == 1 ? " argument, the payload has "
                                         : " arguments, the payload has ");
  if (count > expected)
    __wasmpack_wapc_add_text("more");
  else
    __wasmpack_wapc_add_number(count);
  return 0;
}

static uint32_t count_letters(const char* letters) {
  uint32_t count = 0;
  while (letters[count] && letters[count] != ':') ++count;
  return count;
}

static int walk_c(struct call* call) {
  const char* params = call->kernel->signature;
  const uint32_t count = count_letters(params);
  const char* results = params + count + 1;
  const uint32_t result_count = count_letters(results);
  call->args = take(call, wapc_slot_bytes * count, wapc_slot_bytes);
  call->results = take(call, wapc_slot_bytes * result_count, wapc_slot_bytes);
  for (uint32_t i = 0; i < result_count; ++i) {
    const uint32_t bytes = __wasmpack_wapc_value_bytes(results[i]);
    uint8_t* out = respond(call, 1 + bytes);
    if (!out) continue;
    *out = (uint8_t)results[i];
    __wasmpack_wapc_copy(out + 1, call->results + wapc_slot_bytes * i, bytes);
  }
  for (uint32_t i = 0; i < count; ++i) {
    struct wapc_item item;
    if (call->payload.at == call->payload.end) return refuse_count(call, i, count);
    if (!next_item(call, &item) || !pass_to_c(call, &item, params[i])) return 0;
  }
  return call->payload.at == call->payload.end || refuse_count(call, count + 1, count);
}

static void set_tvm_argument(struct call* call, uint32_t packed_code, uint32_t ffi_index,
                             uint64_t value) {
  if (call->step != step_fill) return;
  const uint32_t i = call->item_count - 1;
  if (call->kernel->abi == wasmpack_abi_tvm_ffi) {
    set_word(call->tvm_args + 16 * i, ffi_index);
    set_long(call->tvm_args + 16 * i + 8, value);
  } else {
    set_word(call->tvm_codes + 4 * i, packed_code);
    set_long(call->tvm_args + 8 * i, value);
  }
}

static int pass_to_tvm(struct call* call, const struct wapc_item* item) {
  uint64_t value = 0;
  if (wapc_is_tensor(item->tag)) {
    value = address_of(take_memory(call, item));
    set_tvm_argument(call, packed_tensor, ffi_tensor, value);
    return 1;
  }
  switch (item->tag) {
    case item_null:
      set_tvm_argument(call, packed_null, ffi_none, 0);
      return 1;
    case item_i32:
      set_tvm_argument(call, packed_int, ffi_int,
                       (uint64_t)(int64_t)(int32_t)get_word(item->content));
      return 1;
    case item_i64:
    case item_f64:
      __builtin_memcpy(&value, item->content, sizeof value);
      if (item->tag == item_i64)
        set_tvm_argument(call, packed_int, ffi_int, value);
      else
        set_tvm_argument(call, packed_float, ffi_float, value);
      return 1;
    case item_f32: {
      float narrow;
      __builtin_memcpy(&narrow, item->content, sizeof narrow);
      const double wide = narrow;
      __builtin_memcpy(&value, &wide, sizeof value);
      set_tvm_argument(call, packed_float, ffi_float, value);
      return 1;
    }
    default:
      return refuse_item(call, "a function of TVM's takes tensors, integers, floats and null");
  }
}

static void set_tvm_slots(const struct call* call, uint32_t count) {
  const uint32_t args = address_of(call->tvm_args), codes = address_of(call->tvm_codes);
  const uint32_t result = address_of(call->tvm_result), code = address_of(call->tvm_result_code);
  const uint32_t packed[] = {args, codes, count, result, code, 0};
  const uint32_t ffi[] = {0, args, count, result};
  const int is_ffi = call->kernel->abi == wasmpack_abi_tvm_ffi;
  const uint32_t params = count_letters(call->kernel->signature);
  for (uint32_t i = 0; i < params; ++i)
    set_word(call->args + wapc_slot_bytes * i, is_ffi ? ffi[i] : packed[i]);
  if (!is_ffi) set_word(call->tvm_result_code, packed_null);  // some leave it alone
}

// The kind of what a TVM function gave, as an item; 0 for what no response can carry.
static uint8_t tvm_result_tag(const struct call* call) {
  if (call->kernel->abi == wasmpack_abi_tvm_ffi) {
    switch (get_word(call->tvm_result)) {
      case ffi_none:
        return item_null;
      case ffi_int:
      case ffi_bool:
        return item_i64;
      case ffi_float:
        return item_f64;
      default:
        return 0;
    }
  }
  switch (get_word(call->tvm_result_code)) {
    case packed_null:
      return item_null;
    case packed_int:
      return item_i64;
    case packed_float:
      return item_f64;
    default:
      return 0;
  }
}

static int return_tvm_result(struct call* call) {
  if (call->step == step_measure) respond(call, 1 + 8);
  if (call->step != step_collect) return 1;
  const uint8_t tag = tvm_result_tag(call);
  if (tag == 0) return refuse(call, "its result is neither an integer nor a float");
  *respond(call, 1) = tag;
  if (tag == item_null) return 1;
  const uint32_t at = call->kernel->abi == wasmpack_abi_tvm_ffi ? 8 : 0;
  __wasmpack_wapc_copy(respond(call, 8), call->tvm_result + at, 8);
  return 1;
}

static int walk_tvm(struct call* call) {
  const uint32_t count = call->tvm_count;
  call->args = take(call, 6 * wapc_slot_bytes, wapc_slot_bytes);
  call->results = take(call, wapc_slot_bytes, wapc_slot_bytes);
  call->tvm_result = take(call, 16, 8);
  call->tvm_result_code = take(call, 4, 4);
  call->tvm_args = take(call, 16 * count, 8);
  call->tvm_codes = take(call, 4 * count, 4);
  if (!return_tvm_result(call)) return 0;
  while (call->payload.at != call->payload.end) {
    struct wapc_item item;
    if (!next_item(call, &item) || !pass_to_tvm(call, &item)) return 0;
  }
  if (call->step == step_fill) set_tvm_slots(call, count);
  return 1;
}

static int count_tvm_items(struct call* call, struct wapc_reader payload) {
  call->payload = payload;
  call->item_count = 0;
  while (call->payload.at != call->payload.end) {
    struct wapc_item item;
    if (!next_item(call, &item)) return 0;
  }
  call->tvm_count = call->item_count;
  return call->tvm_count <= wapc_most_bytes / 20 ||
         refuse(call, "the payload has too many arguments");
}

// The whole.

static int walk(struct call* call, struct wapc_reader payload, enum step step) {
  call->payload = payload;
  call->step = step;
  call->used = 0;
  call->item_count = 0;
  return is_tvm(call) ? walk_tvm(call) : walk_c(call);
}

static int refuse_memory(const struct call* call) {
  return refuse(call, "there is not enough memory for its arguments and results");
}

static int allocate(struct call* call) {
  const uint64_t response_at = (call->used + block_align - 1) & ~(uint64_t)(block_align - 1);
  if (response_at > wapc_most_bytes || call->returned > wapc_most_bytes - response_at)
    return refuse_memory(call);
  const uint32_t bytes = (uint32_t)(response_at + call->returned);
  call->block = wasmpack_alloc(bytes, block_align);
  if (!call->block) return refuse_memory(call);
  for (uint32_t i = 0; i < (uint32_t)response_at / 8; ++i) set_long(call->block + 8 * i, 0);
  call->response = call->block + (uint32_t)response_at;
  return 1;
}

static int is_callable(const struct call* call, uint32_t handle) {
  if (call->kernel->abi > wasmpack_abi_tvm_ffi)
    return refuse(call, "no payload can describe what IREE's and Halide's functions take");
  return __wasmpack_wapc_calls[handle] ||
         refuse(call, "it takes or gives a reference, which no payload can carry");
}

// Texts of a failed TVM function are its library's.
static int check_tvm_status(const struct call* call) {
  if (!is_tvm(call) || get_word(call->results) == 0) return 1;
  const char* text = wasmpack_error(call->kernel->library);
  return refuse(call, text ? text : "it failed and gave no reason");
}

int32_t __wasmpack_wapc_answer(uint32_t handle, struct wapc_reader payload) {
  struct call call;
  call.kernel = &__wasmpack_bundle.kernels[handle];
  call.block = 0;
  call.returned = 0;
  int is_done = is_callable(&call, handle) && (!is_tvm(&call) || count_tvm_items(&call, payload)) &&
                walk(&call, payload, step_measure) && allocate(&call) &&
                walk(&call, payload, step_fill);
  if (is_done) {
    const uint8_t* response = call.response;
    __wasmpack_wapc_calls[handle](call.args, call.results);
    is_done = check_tvm_status(&call) && walk(&call, payload, step_collect);
    if (is_done) __wasmpack_wapc_response(response, (uint32_t)(call.response - response));
  }
  if (!is_done) __wasmpack_wapc_send_error();
  wasmpack_free(call.block);
  return is_done;
}
