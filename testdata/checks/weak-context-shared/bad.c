// What a relocatable link makes of two libraries that TVM compiled without a prefix.
int TVMBackendRegisterSystemLibSymbol(const char* name, void* symbol);

__attribute__((weak)) void* __tvm_module_ctx;
__attribute__((constructor)) static void one(void) {
  TVMBackendRegisterSystemLibSymbol("__tvm_module_ctx", &__tvm_module_ctx);
}
__attribute__((constructor)) static void two(void) {
  TVMBackendRegisterSystemLibSymbol("__tvm_module_ctx", &__tvm_module_ctx);
}
