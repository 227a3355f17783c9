// Parallel loops whose result never depends on the number of threads: each index writes only its
// own results.
#pragma once

#include <cstddef>
#include <functional>

namespace wasmpack {

// Threads that parallel_for may use; 0 = one per core. Call it before the first loop, from the
// main thread. One thread runs every loop in the caller, in order, with no thread started.
void set_thread_count(unsigned count);
unsigned thread_count();

// Calls body(i) once for each i in [0, count). Bodies run in any order on any thread and must not
// call parallel_for themselves. `weight` is the work of the whole loop in bytes: a loop of little
// work stays on this thread, since starting threads costs more than it saves.
void parallel_for(size_t count, size_t weight, const std::function<void(size_t)>& body);

}  // namespace wasmpack
