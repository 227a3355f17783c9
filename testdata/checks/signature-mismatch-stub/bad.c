// with: callee.c
// link: --no-entry
int scale(int x);  // its definition takes a float
__attribute__((export_name("kernel"))) int kernel(int x) { return scale(x); }
