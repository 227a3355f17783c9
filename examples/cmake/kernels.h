// What a kernel library needs of the program or host that it is linked into.
#pragma once

// Called by the constructor of each library.
void register_kernel(const char* name);
