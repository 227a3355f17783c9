// The waPC adapter among its own files. One call goes: wapc.c takes the request from the host,
// wapc_call.c lays out the kernel's arguments, calls it and collects the response, wapc_payload.c
// reads the payload, wapc_text.c has the error text. docs/hosts/wapc.md is the contract.
#ifndef WASMPACK_RUNTIME_WAPC_H
#define WASMPACK_RUNTIME_WAPC_H

#include "runtime/bundle.h"

// What begins an item of a payload. Those of plain values are the letters of signatures.
enum {
  item_i32 = 'i',
  item_i64 = 'I',
  item_f32 = 'f',
  item_f64 = 'F',
  item_v128 = 'v',
  item_null = 'n',
  item_bytes_in = 'b',
  item_bytes_out = 'o',
  item_bytes_in_out = 'u',
  item_tensor_in = 'B',
  item_tensor_out = 'O',
  item_tensor_in_out = 'U',
};

// No item and no call takes more bytes: what wasmpack_alloc gives at most.
enum { wapc_most_bytes = 0xffe00000u };

struct wapc_reader {
  const uint8_t* at;
  const uint8_t* end;
};

struct wapc_item {
  uint8_t tag;
  const uint8_t* content;  // value or data in the payload; 0 where none stands there
  uint32_t bytes;          // of the value or data
  uint8_t dtype;           // of a tensor
  uint8_t rank;
  const uint8_t* dims;  // u32 each, unaligned
};

// Reads the next item; there must be at least one byte. 0, or what is wrong with it.
const char* __wasmpack_wapc_read_item(struct wapc_reader* reader, struct wapc_item* item);
// Bytes of a plain value of that letter, 0 for what is none.
uint32_t __wasmpack_wapc_value_bytes(char letter);
static inline int wapc_is_tensor(uint8_t tag) {
  return tag == item_tensor_in || tag == item_tensor_out || tag == item_tensor_in_out;
}
static inline int wapc_is_memory(uint8_t tag) {
  return wapc_is_tensor(tag) || tag == item_bytes_in || tag == item_bytes_out ||
         tag == item_bytes_in_out;
}
// Whether the response has the content after the call.
static inline int wapc_is_returned(uint8_t tag) {
  return tag == item_bytes_out || tag == item_bytes_in_out || tag == item_tensor_out ||
         tag == item_tensor_in_out;
}
// The first half of a DLDataType, code + 256 * bits, for one of docs/bundle-abi.md's dtypes.
uint32_t __wasmpack_wapc_dlpack_type(uint8_t dtype, uint32_t abi);

// Decodes the payload, calls the kernel and answers the host: 1, or 0 after an error text.
int32_t __wasmpack_wapc_answer(uint32_t handle, struct wapc_reader payload);

// One text at a time: it is the host's as soon as it is finished.
void __wasmpack_wapc_begin_text(void);
void __wasmpack_wapc_add_text(const char* text);
void __wasmpack_wapc_add_bytes(const uint8_t* bytes, uint32_t length);
void __wasmpack_wapc_add_number(uint32_t number);
// Gives the text to the host as the call's error; returns 0, which __guest_call then returns.
int32_t __wasmpack_wapc_send_error(void);

void __wasmpack_wapc_copy(uint8_t* to, const uint8_t* from, uint32_t bytes);

// Made by the packager (packager/wapc_calls.h): for each handle a function that takes the kernel's
// arguments from slots of 16 bytes and puts its results into such; 0 where a reference is among
// them.
enum { wapc_slot_bytes = 16 };
typedef void wapc_trampoline(const uint8_t* args, uint8_t* results);
extern wapc_trampoline* const __wasmpack_wapc_calls[];

#endif
