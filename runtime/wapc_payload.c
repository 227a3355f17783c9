// Reads the items of a payload. Nothing is read behind its end, whatever the lengths in it say.
#include "runtime/wapc.h"

// Codes of DLPack, and the bits of an element; by the dtypes of docs/bundle-abi.md.
enum { dl_int = 0, dl_uint = 1, dl_float = 2, dl_bfloat = 4, dl_bool = 6 };
static const struct {
  uint8_t code, bits;
} types[] = {
    {0, 0},        {dl_float, 16}, {dl_float, 32}, {dl_float, 64}, {dl_bfloat, 16},
    {dl_int, 8},   {dl_int, 16},   {dl_int, 32},   {dl_int, 64},   {dl_uint, 8},
    {dl_uint, 16}, {dl_uint, 32},  {dl_uint, 64},  {dl_bool, 8},
};
enum { type_count = sizeof types / sizeof *types, dtype_bool = type_count - 1, abi_tvm_ffi = 4 };

uint32_t __wasmpack_wapc_dlpack_type(uint8_t dtype, uint32_t abi) {
  // TVM before its FFI knows truth values as integers of one bit.
  if (dtype == dtype_bool && abi != abi_tvm_ffi) return dl_uint | 1 << 8;
  return types[dtype].code | (uint32_t)types[dtype].bits << 8;
}

uint32_t __wasmpack_wapc_value_bytes(char letter) {
  switch (letter) {
    case item_i32:
    case item_f32:
      return 4;
    case item_i64:
    case item_f64:
      return 8;
    case item_v128:
      return 16;
    default:
      return 0;
  }
}

// Little endian, at any address.
static uint32_t word_at(const uint8_t* at) {
  uint32_t word;
  __builtin_memcpy(&word, at, sizeof word);
  return word;
}

static const char cut_off[] = "the payload ends within it";
static const char too_large[] = "it is larger than a memory";

static int has(const struct wapc_reader* reader, uint32_t bytes) {
  return (uint32_t)(reader->end - reader->at) >= bytes;
}

static const char* read_content(struct wapc_reader* reader, struct wapc_item* item) {
  if (!has(reader, item->bytes)) return cut_off;
  item->content = reader->at;
  reader->at += item->bytes;
  return 0;
}

static const char* read_size(struct wapc_reader* reader, struct wapc_item* item) {
  if (!has(reader, 4)) return cut_off;
  item->bytes = word_at(reader->at);
  reader->at += 4;
  return 0;
}

static const char* read_shape(struct wapc_reader* reader, struct wapc_item* item) {
  if (!has(reader, 2)) return cut_off;
  item->dtype = reader->at[0];
  item->rank = reader->at[1];
  reader->at += 2;
  if (item->dtype == 0 || item->dtype >= type_count) return "there is no such dtype";
  const uint32_t dims_bytes = 4 * (uint32_t)item->rank;
  if (!has(reader, dims_bytes)) return cut_off;
  item->dims = reader->at;
  reader->at += dims_bytes;
  uint64_t bytes = types[item->dtype].bits / 8;
  for (uint32_t i = 0; i < item->rank; ++i) {
    const uint32_t length = word_at(item->dims + 4 * i);
    if (length == 0) {
      bytes = 0;
      break;
    }
    // Once too large it stays so, unless a length of 0 follows.
    if (bytes <= wapc_most_bytes) bytes *= length;
  }
  if (bytes > wapc_most_bytes) return too_large;
  item->bytes = (uint32_t)bytes;
  return 0;
}

const char* __wasmpack_wapc_read_item(struct wapc_reader* reader, struct wapc_item* item) {
  item->tag = *reader->at++;
  item->content = 0;
  item->bytes = 0;
  if (item->tag == item_null) return 0;
  const char* wrong = 0;
  if (wapc_is_tensor(item->tag)) {
    wrong = read_shape(reader, item);
  } else if (wapc_is_memory(item->tag)) {
    wrong = read_size(reader, item);
  } else {
    item->bytes = __wasmpack_wapc_value_bytes((char)item->tag);
    if (item->bytes == 0) return "there is no such item";
  }
  if (wrong) return wrong;
  if (item->bytes > wapc_most_bytes) return too_large;
  if (item->tag == item_bytes_out || item->tag == item_tensor_out) return 0;
  return read_content(reader, item);
}
