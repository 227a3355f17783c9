// wasm-ld wraps `count`: each call runs `setup` first.
// link: --no-entry
volatile int registered;
__attribute__((constructor)) static void setup(void) { ++registered; }
__attribute__((export_name("count"))) int count(void) { return registered; }
