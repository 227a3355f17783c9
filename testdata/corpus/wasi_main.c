// A WASI program over libc: printf, malloc, qsort, floating point.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static int order(const void* a, const void* b) {
  return strcmp(*(const char* const*)a, *(const char* const*)b);
}
__attribute__((constructor)) static void before_main(void) { puts("constructor"); }
__attribute__((destructor)) static void after_main(void) { puts("destructor"); }
int main(void) {
  const char* words[] = {"pear", "apple", "fig"};
  qsort(words, 3, sizeof *words, order);
  char* copy = malloc(100);
  for (int i = 0; i < 3; ++i) printf("%s %zu\n", strcpy(copy, words[i]), strlen(copy));
  printf("%.6f %a %lld\n", sqrt(2.0) + sin(1.0), 0.1, 1LL << 40);
  free(copy);
  return 3;
}
