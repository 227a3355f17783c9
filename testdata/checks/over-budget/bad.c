// link: --no-entry
// inspect: --check rules.toml
__attribute__((export_name("table"))) const int* table(void) {
  static const int numbers[300] = {1, 2, 3};
  return numbers;
}
