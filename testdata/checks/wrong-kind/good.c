// link: --no-entry
// inspect: --expect-kind module
__attribute__((export_name("add"))) int add(int a, int b) { return a + b; }
