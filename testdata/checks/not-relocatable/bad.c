// link: --no-entry
// inspect: --expect-kind object
__attribute__((export_name("add"))) int add(int a, int b) { return a + b; }
