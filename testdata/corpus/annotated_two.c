__attribute__((annotate("kernel"))) int annotated_two(int x) { return x * 2; }
