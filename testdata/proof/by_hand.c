// What someone writes who links the libraries of this folder by hand: `_initialize`, and TVM's
// runtime for the two generations at hand, with one list of functions, no error texts and room for
// one workspace.
#include <stdint.h>

void __wasm_call_ctors(void);
void _initialize(void) { __wasm_call_ctors(); }

static struct {
  const char* name;
  void* address;
} functions[32];
static int function_count;

static int registered(const char* name, void* address) {
  functions[function_count].name = name;
  functions[function_count++].address = address;
  return 0;
}

static int is_equal(const char* a, const char* b) {
  while (*a && *a == *b) ++a, ++b;
  return *a == *b;
}

static int find(const char* prefix, const char* name, void** result) {
  for (int i = 0; i < function_count; ++i) {
    const char *at = functions[i].name, *expected = prefix;
    while (*expected && *at == *expected) ++at, ++expected;
    if (*expected || !is_equal(at, name)) continue;
    *result = functions[i].address;
    return 0;
  }
  return -1;
}

int TVMBackendRegisterSystemLibSymbol(const char* name, void* address) {
  return registered(name, address);
}
int TVMFFIEnvModRegisterSystemLibSymbol(const char* name, void* address) {
  return registered(name, address);
}
int TVMBackendGetFuncFromEnv(void* context, const char* name, void** result) {
  return find("", name, result);
}
int TVMFFIEnvModLookupFromImports(void* context, const char* name, void** result) {
  return find("__tvm_ffi_", name, result);
}
int TVMFFIHandleInitOnce(void** handle, int (*initialize)(void** result)) {
  return *handle ? 0 : initialize(handle);
}
int TVMFuncCall(void* function, void* args, int* types, int count, void* result, int* result_type) {
  return ((int (*)(void*, int*, int, void*, int*, void*))function)(args, types, count, result,
                                                                   result_type, 0);
}
int TVMFFIFunctionCall(void* function, void* args, int count, void* result) {
  return ((int (*)(void*, void*, int, void*))function)(0, args, count, result);
}
void TVMAPISetLastError(const char* text) {}
void TVMFFIErrorSetRaisedFromCStrParts(const char* kind, const char** parts, int count) {}

struct group {
  void* sync;
  int32_t tasks;
};
int TVMBackendParallelLaunch(int (*run)(int, struct group*, void*), void* data, int tasks) {
  struct group group = {&group, 1};
  return run(0, &group, data);
}
int TVMBackendParallelBarrier(int task, struct group* group) { return 0; }

static _Alignas(64) char workspace[4096];
void* TVMBackendAllocWorkspace(int type, int device, uint64_t bytes, int code, int bits) {
  return bytes <= sizeof workspace ? workspace : 0;
}
int TVMBackendFreeWorkspace(int type, int device, void* memory) { return 0; }
