// What TVM kernels initialize at their first call.

int TVMBackendRunOnce(void** handle, int (*run)(void* data), void* data, int bytes) {
  (void)bytes;
  if (*handle) return 0;
  *handle = (void*)1;
  return run(data);
}

// Initializers set an error text themselves when they fail.
int TVMFFIHandleInitOnce(void** handle, int (*initialize)(void** result)) {
  if (*handle) return 0;
  void* result = 0;
  const int failed = initialize(&result);
  if (failed) return failed;
  if (!result) return -1;
  *handle = result;
  return 0;
}
