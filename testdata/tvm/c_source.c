// What TVM's C code generator makes (target "c", TVM 0.26 and later), shortened: no registration, a
// context cell with a strong definition, a static handle for each function it calls.
#include <stddef.h>
#include <stdint.h>

#define TVM_DLL __attribute__((visibility("default")))

typedef struct {
  int32_t type_index;
  uint32_t zero_padding;
  union {
    int64_t v_int64;
    double v_float64;
    void* v_ptr;
  };
} TVMFFIAny;

typedef struct {
  void* data;
  struct {
    int32_t device_type, device_id;
  } device;
  int32_t ndim;
  struct {
    uint8_t code, bits;
    uint16_t lanes;
  } dtype;
  int64_t* shape;
  int64_t* strides;
  uint64_t byte_offset;
} DLTensor;

void TVMFFIErrorSetRaisedFromCStrParts(const char* kind, const char** parts, int32_t num_parts);
int TVMFFIEnvModLookupFromImports(void* library_ctx, const char* func_name, void** out);
int TVMFFIFunctionCall(void* func, TVMFFIAny* args, int32_t num_args, TVMFFIAny* result);

void* __tvm_ffi__library_ctx = NULL;
static void* scaled_packed = NULL;

TVM_DLL int32_t __tvm_ffi_doubled(void* self_handle, void* args, int32_t num_args, void* result);
TVM_DLL int32_t __tvm_ffi_scaled(void* self_handle, void* args, int32_t num_args, void* result);

TVM_DLL int32_t __tvm_ffi_doubled(void* self_handle, void* args, int32_t num_args, void* result) {
  TVMFFIAny stack[4];
  void* stack_ffi_any = (void*)((void*)stack);
  if (!(num_args == 2)) {
    const char* __tvm_assert_parts[6] = {"Expected ",     "2", " arguments", " when calling:\n  `",
                                         "doubled(A, B)", "`"};
    TVMFFIErrorSetRaisedFromCStrParts("TypeError", __tvm_assert_parts, 6);
    return -1;
  }
  void* A_handle = ((TVMFFIAny*)args)[0].v_ptr;
  void* B_handle = ((TVMFFIAny*)args)[1].v_ptr;
  (((TVMFFIAny*)stack_ffi_any)[0].type_index) = 7;
  (((TVMFFIAny*)stack_ffi_any)[0].zero_padding) = 0;
  (((TVMFFIAny*)stack_ffi_any)[0].v_int64) = 0;
  (((TVMFFIAny*)stack_ffi_any)[0].v_ptr) = A_handle;
  (((TVMFFIAny*)stack_ffi_any)[1].type_index) = 7;
  (((TVMFFIAny*)stack_ffi_any)[1].zero_padding) = 0;
  (((TVMFFIAny*)stack_ffi_any)[1].v_int64) = 0;
  (((TVMFFIAny*)stack_ffi_any)[1].v_ptr) = B_handle;
  (((TVMFFIAny*)stack_ffi_any)[2].type_index) = 3;
  (((TVMFFIAny*)stack_ffi_any)[2].zero_padding) = 0;
  (((TVMFFIAny*)stack_ffi_any)[2].v_float64) = 2.0;
  if (scaled_packed == NULL) {
    if (TVMFFIEnvModLookupFromImports(__tvm_ffi__library_ctx, "scaled", &scaled_packed) != 0) {
      return -1;
    }
  }
  TVMFFIAny result_1;
  result_1.type_index = 0;
  result_1.zero_padding = 0;
  result_1.v_int64 = 0;
  if (TVMFFIFunctionCall(scaled_packed, (TVMFFIAny*)stack_ffi_any, 3, &result_1) != 0) {
    return -1;
  }
  return 0;
}

// B = s A + 10; the number tells this library's `scaled` from those of g0.ll to g6.ll.
TVM_DLL int32_t __tvm_ffi_scaled(void* self_handle, void* args, int32_t num_args, void* result) {
  if (!(num_args == 3)) {
    const char* __tvm_assert_parts[6] = {
        "Expected ", "3", " arguments", " when calling:\n  `", "scaled(A, B, s)", "`"};
    TVMFFIErrorSetRaisedFromCStrParts("TypeError", __tvm_assert_parts, 6);
    return -1;
  }
  DLTensor* A = ((TVMFFIAny*)args)[0].v_ptr;
  DLTensor* B = ((TVMFFIAny*)args)[1].v_ptr;
  float s = (float)((TVMFFIAny*)args)[2].v_float64;
  for (int32_t i = 0; i < (int32_t)A->shape[0]; ++i) {
    ((float*)B->data)[i] = ((float*)A->data)[i] * s + 10.0f;
  }
  return 0;
}
