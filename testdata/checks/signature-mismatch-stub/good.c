// with: callee.c
// link: --no-entry
int scale(float x);
__attribute__((export_name("kernel"))) int kernel(float x) { return scale(x); }
