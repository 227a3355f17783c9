// Default options of the sanitizers, linked into every program of a sanitized build.
//
// Debian's LLVM is not sanitized, but the bump allocators of its headers are inlined into our code
// and poison their slabs there; memory that LLVM's own code then hands out looks poisoned. Letting
// no user code poison memory loses nothing else.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WASMPACK_ADDRESS_SANITIZER 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define WASMPACK_ADDRESS_SANITIZER 1
#endif

#ifdef WASMPACK_ADDRESS_SANITIZER
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "allow_user_poisoning=0:detect_stack_use_after_return=1";
}
#endif
