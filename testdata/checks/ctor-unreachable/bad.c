// Code that no export reaches refers to the chain: so wasm-ld makes no wrappers.
// link: --no-entry
volatile int registered;
__attribute__((constructor)) static void setup(void) { ++registered; }
__attribute__((export_name("count"))) int count(void) { return registered; }

void __wasm_call_ctors(void);
__attribute__((used)) void nobody(void) { __wasm_call_ctors(); }
