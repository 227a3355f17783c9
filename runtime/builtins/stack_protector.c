// What code compiled with a stack protector needs, as Debian's compiler-rt is. A bundle runs in an
// engine that keeps its call stack out of reach, so the guard only has to be no likely value.
#include <stdint.h>

uintptr_t __stack_chk_guard = 0x5bd1e995;

_Noreturn void __stack_chk_fail(void) { __builtin_trap(); }
