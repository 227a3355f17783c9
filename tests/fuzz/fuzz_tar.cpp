// Any bytes are a tar archive or an error, packed with gzip or not; members lie inside of the
// archive.
#include <cstdlib>

#include "support/gzip.h"
#include "support/input_file.h"
#include "support/tar.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wasmpack;
  constexpr size_t kMostUnpacked = 1
                                   << 20;  // what an input packs could be a thousand times its size
  const InputFile file = InputFile::from_bytes("a.tar.gz", {data, size});
  if (const Result<InputFile> unpacked = unpack_gzip(file, kMostUnpacked);
      unpacked && unpacked->bytes().size() > kMostUnpacked)
    std::abort();
  const Result<std::vector<TarMember>> members = read_tar({data, size}, "a.tar");
  if (!members) return 0;
  for (const TarMember& member : *members) {
    const uint8_t* begin = member.content.data();
    if (!member.content.empty() && (begin < data || begin + member.content.size() > data + size))
      std::abort();
  }
  return 0;
}
