// pack: less.toml
// inspect: --expect kernels.toml
__attribute__((visibility("default"))) int blur(int x) { return x + 1; }
__attribute__((visibility("default"))) int edge(int x) { return x + 2; }
