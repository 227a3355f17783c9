// link: --no-entry
__attribute__((export_name("source"))) const char* source(void) {
  return "/home/me/project/kernels.c";
}
