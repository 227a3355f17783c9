// link: --no-entry --allow-undefined
// inspect: --check rules.toml
__attribute__((import_module("env"), import_name("system"))) int run(int command);
__attribute__((export_name("kernel"))) int kernel(int x) { return run(x); }
