// Destructors of a bundle never run (docs/bundle-abi.md), so what asks for them is taken and
// forgotten. A C library's own definitions come first.
int __cxa_atexit(void (*function)(void* object), void* object, void* module) {
  (void)function, (void)object, (void)module;
  return 0;
}

int atexit(void (*function)(void)) {
  (void)function;
  return 0;
}
