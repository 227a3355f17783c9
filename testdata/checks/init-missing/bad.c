// The chain is exported; a host must know of it to call it.
// link: --no-entry --export=__wasm_call_ctors
volatile int registered;
__attribute__((constructor)) static void setup(void) { ++registered; }
__attribute__((export_name("count"))) int count(void) { return registered; }
