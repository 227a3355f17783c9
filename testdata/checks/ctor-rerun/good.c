// link: --no-entry
volatile int registered;
__attribute__((constructor)) static void setup(void) { ++registered; }
__attribute__((export_name("count"))) int count(void) { return registered; }

// What crt1-reactor.o does.
void __wasm_call_ctors(void);
__attribute__((export_name("_initialize"))) void _initialize(void) { __wasm_call_ctors(); }
