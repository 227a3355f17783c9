// link: --no-entry --allow-undefined
// inspect: --check rules.toml
__attribute__((import_module("env"), import_name("log"))) int log_text(int text);
__attribute__((export_name("kernel"))) int kernel(int x) { return log_text(x); }
