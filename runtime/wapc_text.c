// The error text of a call, put together from pieces in memory of its own: stacks may be small.
#include "runtime/wapc.h"

__attribute__((import_module("wapc"), import_name("__guest_error"))) void __wasmpack_wapc_error(
    const uint8_t* text, uint32_t length);

enum { text_bytes = 768, longest_piece = 511 };  // as long as TVM's texts are (tvm_error.c)
static uint8_t text[text_bytes];
static uint32_t text_length;

void __wasmpack_wapc_begin_text(void) { text_length = 0; }

void __wasmpack_wapc_add_bytes(const uint8_t* bytes, uint32_t length) {
  if (length > longest_piece) length = longest_piece;
  for (uint32_t i = 0; i < length && text_length < text_bytes; ++i) text[text_length++] = bytes[i];
}

void __wasmpack_wapc_add_text(const char* piece) {
  uint32_t length = 0;
  while (length < longest_piece && piece[length]) ++length;
  __wasmpack_wapc_add_bytes((const uint8_t*)piece, length);
}

void __wasmpack_wapc_add_number(uint32_t number) {
  uint32_t power = 1;
  while (number / power >= 10) power *= 10;
  for (; power; power /= 10) {
    const uint8_t digit = (uint8_t)('0' + number / power % 10);
    __wasmpack_wapc_add_bytes(&digit, 1);
  }
}

int32_t __wasmpack_wapc_send_error(void) {
  __wasmpack_wapc_error(text, text_length);
  return 0;
}
