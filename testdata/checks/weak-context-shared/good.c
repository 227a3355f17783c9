// Each has a prefix, and so a cell of its own.
int TVMBackendRegisterSystemLibSymbol(const char* name, void* symbol);

__attribute__((weak)) void *one__tvm_module_ctx, *two__tvm_module_ctx;
__attribute__((constructor)) static void one(void) {
  TVMBackendRegisterSystemLibSymbol("one__tvm_module_ctx", &one__tvm_module_ctx);
}
__attribute__((constructor)) static void two(void) {
  TVMBackendRegisterSystemLibSymbol("two__tvm_module_ctx", &two__tvm_module_ctx);
}
