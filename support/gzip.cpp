#include "support/gzip.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <zlib.h>

namespace wasmpack {
namespace {

constexpr size_t kFirstPiece = size_t{64} << 10;
// inflateInit2: a gzip header and trailer around the largest window.
constexpr int kGzipWindow = 16 + MAX_WBITS;

// zlib counts input and output in 32 bits.
uInt piece(size_t bytes) { return static_cast<uInt>(std::min(bytes, size_t{1} << 30)); }

// zlib's state, freed on every way out.
class Inflater {
 public:
  Inflater() : is_ready_(inflateInit2(&stream_, kGzipWindow) == Z_OK) {}
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (is_ready_) inflateEnd(&stream_);
  }

  // What is wrong with `in`, or nothing: then `out` is its content.
  std::string run(Bytes in, size_t most_bytes, std::vector<uint8_t>& out) {
    if (!is_ready_) return "there is no memory to unpack it";
    size_t read = 0, written = 0;
    for (;;) {
      if (written == out.size()) {
        if (written == most_bytes)
          return "it is larger than " + std::to_string(most_bytes) + " bytes when unpacked";
        out.resize(std::min(std::max(2 * written, kFirstPiece), most_bytes));
      }
      stream_.next_in = const_cast<Bytef*>(in.data() + read);
      stream_.avail_in = piece(in.size() - read);
      stream_.next_out = out.data() + written;
      stream_.avail_out = piece(out.size() - written);
      const uInt had_in = stream_.avail_in, had_out = stream_.avail_out;
      const int code = inflate(&stream_, Z_NO_FLUSH);
      read += had_in - stream_.avail_in;
      written += had_out - stream_.avail_out;
      if (code == Z_STREAM_END) {
        const Bytes rest = in.subspan(read);
        if (is_gzip(rest)) {
          inflateReset(&stream_);
          continue;
        }
        if (std::ranges::all_of(rest, [](uint8_t byte) { return byte == 0; })) break;  // padding
        return "it has more than zeros behind its content";
      } else if (code == Z_BUF_ERROR ||
                 (code == Z_OK && had_out != 0 && read == in.size() && written < out.size())) {
        return "it ends too early";
      } else if (code != Z_OK) {
        return "its content is damaged";
      }
    }
    out.resize(written);
    return {};
  }

 private:
  z_stream stream_ = {};
  bool is_ready_;
};

}  // namespace

bool is_gzip(Bytes bytes) { return as_string(bytes).starts_with("\x1f\x8b"); }

Result<InputFile> unpack_gzip(const InputFile& file, size_t most_bytes) {
  std::vector<uint8_t> content;
  const std::string problem = Inflater().run(file.bytes(), most_bytes, content);
  if (!problem.empty()) {
    return fail("bad-gzip", {.file = file.path()}, "this gzip file cannot be unpacked: " + problem);
  }
  return InputFile::take_bytes(file.path(), std::move(content));
}

}  // namespace wasmpack
