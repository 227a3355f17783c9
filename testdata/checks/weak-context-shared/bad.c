// Two libraries that TVM made without a prefix, linked into one module.
// link: --no-entry --allow-undefined --export=__wasm_call_ctors
// expect: weak-context-shared init-missing
int TVMBackendRegisterSystemLibSymbol(const char* name, void* symbol);

__attribute__((weak)) void* __tvm_module_ctx;
__attribute__((constructor)) static void one(void) {
  TVMBackendRegisterSystemLibSymbol("__tvm_module_ctx", &__tvm_module_ctx);
}
__attribute__((constructor)) static void two(void) {
  TVMBackendRegisterSystemLibSymbol("__tvm_module_ctx", &__tvm_module_ctx);
}
