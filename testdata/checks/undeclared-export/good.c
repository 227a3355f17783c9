// link: --no-entry
// inspect: --check rules.toml
__attribute__((export_name("add"))) int add(int a, int b) { return a + b; }
