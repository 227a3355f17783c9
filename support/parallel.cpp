#include "support/parallel.h"

#include <llvm/Support/Parallel.h>
#include <llvm/Support/Threading.h>

namespace wasmpack {
namespace {

// Below this many bytes of work a loop is done before a second thread has started (measured:
// about 100 microseconds to start the pool, 1 GB/s of copying and patching).
constexpr size_t kParallelWeight = size_t{1} << 18;

}  // namespace

void set_thread_count(unsigned count) {
  llvm::parallel::strategy = llvm::hardware_concurrency(count);
}

unsigned thread_count() { return llvm::parallel::strategy.compute_thread_count(); }

void parallel_for(size_t count, size_t weight, const std::function<void(size_t)>& body) {
  if (count <= 1 || weight < kParallelWeight || thread_count() <= 1) {
    for (size_t i = 0; i < count; ++i) body(i);
    return;
  }
  llvm::parallelFor(0, count, body);
}

}  // namespace wasmpack
