// As much of the C++ exception runtime as catch (...) needs; the tag itself is in eh_tag.s.
#include "host.h"
static char room[64];
void* __cxa_allocate_exception(unsigned long size) {
  host_log("allocate", (int)size);
  return room;
}
void __cxa_throw(void* object, void* type, void* destructor) {
  host_log("throw", *(int*)object);
  __builtin_wasm_throw(0, object);
}
void* __cxa_begin_catch(void* object) { return object; }
void __cxa_end_catch(void) { host_log("end catch", 0); }
void _ZSt9terminatev(void) { __builtin_trap(); }
char _ZTIi[8];
