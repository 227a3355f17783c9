// What every freestanding program of the corpus prints through: tests/lib/host.mjs.
#pragma once
#ifdef __cplusplus
extern "C" {
#endif
__attribute__((import_module("host"), import_name("log"))) void host_log(const char* text,
                                                                         int value);
int host_value(int which);  // an ordinary undefined symbol: imported as env.host_value
#ifdef __cplusplus
}
#endif
