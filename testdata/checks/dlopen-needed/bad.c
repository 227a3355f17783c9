// link: --no-entry --allow-undefined
// inspect: --expect-kind module
void* dlopen(const char* path, int flags);
__attribute__((export_name("load"))) int load(void) { return dlopen("kernels.so", 1) != 0; }
