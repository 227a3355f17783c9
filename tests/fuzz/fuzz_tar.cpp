// Any bytes are a tar archive or an error; members lie inside of the archive.
#include <cstdlib>

#include "support/tar.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wasmpack;
  const Result<std::vector<TarMember>> members = read_tar({data, size}, "a.tar");
  if (!members) return 0;
  for (const TarMember& member : *members) {
    const uint8_t* begin = member.content.data();
    if (!member.content.empty() && (begin < data || begin + member.content.size() > data + size))
      std::abort();
  }
  return 0;
}
