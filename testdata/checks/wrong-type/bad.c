// link: --no-entry
// inspect: --check rules.toml
__attribute__((export_name("add"))) float add(float a, float b) { return a + b; }
