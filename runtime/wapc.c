// What a waPC host calls: wapc_init and __guest_call. Nothing is kept between calls, and a kernel
// may call a host that calls back.
#include "runtime/wapc.h"

__attribute__((import_module("wapc"), import_name("__guest_request"))) void __wasmpack_wapc_request(
    uint8_t* operation, uint8_t* payload);

uint32_t wasmpack_find(const char* name, uint32_t length);
void* wasmpack_alloc(uint32_t size, uint32_t align);
void wasmpack_free(void* block);

// Such hosts do not know _initialize.
void wapc_init(void) { __wasmpack_initialize_from_host(); }

void __wasmpack_wapc_copy(uint8_t* to, const uint8_t* from, uint32_t bytes) {
  for (; bytes >= 8; bytes -= 8, to += 8, from += 8) __builtin_memcpy(to, from, 8);
  for (; bytes; --bytes) *to++ = *from++;
}

static int32_t refuse_name(const uint8_t* name, uint32_t length) {
  enum { shown = 100 };
  __wasmpack_wapc_begin_text();
  __wasmpack_wapc_add_text("bundle `");
  __wasmpack_wapc_add_bytes((const uint8_t*)__wasmpack_bundle.name, __wasmpack_bundle.name_length);
  __wasmpack_wapc_add_text("` has no kernel `");
  __wasmpack_wapc_add_bytes(name, length > shown ? shown : length);
  __wasmpack_wapc_add_text(length > shown ? "...`" : "`");
  return __wasmpack_wapc_send_error();
}

static int32_t refuse_size(uint32_t operation_size, uint32_t payload_size) {
  __wasmpack_wapc_begin_text();
  __wasmpack_wapc_add_text("there is no memory for an operation of ");
  __wasmpack_wapc_add_number(operation_size);
  __wasmpack_wapc_add_text(" and a payload of ");
  __wasmpack_wapc_add_number(payload_size);
  __wasmpack_wapc_add_text(" bytes");
  return __wasmpack_wapc_send_error();
}

int32_t __guest_call(uint32_t operation_size, uint32_t payload_size) {
  __wasmpack_initialize_from_host();
  if (operation_size > wapc_most_bytes || payload_size > wapc_most_bytes - operation_size)
    return refuse_size(operation_size, payload_size);
  uint8_t* operation = wasmpack_alloc(operation_size + payload_size, 16);
  if (!operation) return refuse_size(operation_size, payload_size);
  uint8_t* payload = operation + operation_size;
  __wasmpack_wapc_request(operation, payload);
  const uint32_t handle = wasmpack_find((const char*)operation, operation_size);
  const int32_t answer =
      handle == UINT32_MAX
          ? refuse_name(operation, operation_size)
          : __wasmpack_wapc_answer(handle, (struct wapc_reader){payload, payload + payload_size});
  wasmpack_free(operation);
  return answer;
}
