// link: --no-entry
// inspect: --check rules.toml
__attribute__((export_name("sum"))) int sum(const int* x) { return x[0] + x[4]; }
