// Error texts: each TVM library has the text of its last failed call, in a buffer that the packager
// gives it. Defines the wasmpack_error of bundles with TVM code.
#include "runtime/tvm.h"

static struct wasmpack_tvm_library* latest;
static uint32_t text_count;

struct writer {
  char* text;
  uint32_t length, room;  // without the NUL
  int is_full;
};

static int continues_character(char byte) { return (byte & 0xc0) == 0x80; }

static void write_text(struct writer* writer, const char* text) {
  for (; text && *text && !writer->is_full; ++text) {
    if (writer->length < writer->room) {
      writer->text[writer->length++] = *text;
      continue;
    }
    // Full. The start of a UTF-8 character whose rest does not fit goes too.
    writer->is_full = 1;
    if (continues_character(*text)) {
      while (writer->length > 0 && continues_character(writer->text[writer->length - 1]))
        --writer->length;
      if (writer->length > 0) --writer->length;
    }
  }
}

void __wasmpack_tvm_set_text(struct wasmpack_tvm_library* library, const char* kind,
                             const char* const* parts, uint32_t count) {
  if (library->error_bytes == 0) return;
  struct writer writer = {library->error, 0, library->error_bytes - 1, 0};
  if (kind) {
    write_text(&writer, kind);
    write_text(&writer, ": ");
  }
  for (uint32_t i = 0; i < count; ++i) write_text(&writer, parts[i]);
  writer.text[writer.length] = 0;
  library->has_error = 1;
  latest = library;
  ++text_count;
}

uint32_t __wasmpack_tvm_text_count(void) { return text_count; }

void __wasmpack_tvm_pass_on_text(struct wasmpack_tvm_library* library,
                                 const struct wasmpack_kernel* kernel, uint32_t count_before) {
  if (text_count == count_before) {
    const char* const parts[] = {kernel->name, " failed without an error text"};
    __wasmpack_tvm_set_text(library, 0, parts, 2);
  } else if (latest != library) {
    const char* const parts[] = {latest->error};
    __wasmpack_tvm_set_text(library, 0, parts, 1);
  }
}

void __wasmpack_tvm_set_error(struct wasmpack_tvm_library* library, const char* message) {
  __wasmpack_tvm_set_text(library, 0, &message, 1);
}

const char* wasmpack_error(uint32_t library) {
  if (library == UINT32_MAX) return latest ? latest->error : 0;
  const struct wasmpack_tvm_libraries* all = &__wasmpack_tvm_libraries;
  for (uint32_t i = 0; i < all->count; ++i) {
    const struct wasmpack_tvm_library* one = all->libraries[i];
    if (one->library == library) return one->has_error ? one->error : 0;
  }
  return 0;
}
