// Counts what the libraries' constructors register: more than 2 means that they ran twice.
static int count;
void register_operation(const char* name) {
  (void)name;
  ++count;
}
__attribute__((visibility("default"))) int registered(void) { return count; }
