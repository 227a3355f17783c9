#include "runner/npy.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "support/byte_writer.h"

namespace wasmpack {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kMaxHeader = size_t{1} << 16;  // numpy's own limit is 10,000
constexpr size_t kAlignment = 64;               // of the data in the file

// numpy's name without the byte order -> ours.
constexpr std::pair<std::string_view, std::string_view> kNames[] = {
    {"f2", "float16"}, {"f4", "float32"}, {"f8", "float64"}, {"V2", "bfloat16"}, {"i1", "int8"},
    {"i2", "int16"},   {"i4", "int32"},   {"i8", "int64"},   {"u1", "uint8"},    {"u2", "uint16"},
    {"u4", "uint32"},  {"u8", "uint64"},  {"b1", "bool"}};

// The header is a literal of Python: a dict with the keys descr, fortran_order and shape.
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view text) : text_(text) {}

  std::string descr;
  bool fortran_order = false;
  std::vector<uint64_t> shape;

  // Empty if all is well, else what is wrong.
  std::string read() {
    bool seen[3] = {};
    expect('{');
    while (problem_.empty() && !take('}')) {
      const std::string key = read_text();
      expect(':');
      const size_t which = key == "descr" ? 0 : key == "fortran_order" ? 1 : key == "shape" ? 2 : 3;
      if (which == 3) stop("has an unknown key");
      if (which < 3 && std::exchange(seen[which], true)) stop("has a key twice");
      if (which == 0) read_descr();
      if (which == 1) read_order();
      if (which == 2) read_shape();
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip_blanks();
    if (at_ != text_.size()) stop("has something behind its end");
    if (!seen[0] || !seen[1] || !seen[2]) stop("lacks descr, fortran_order or shape");
    return problem_;
  }

 private:
  void stop(std::string_view what) {
    if (problem_.empty()) problem_ = what;
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool take(char wanted) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void expect(char wanted) {
    if (!take(wanted)) stop("is not what numpy writes");
  }
  bool take_word(std::string_view word) {
    skip_blanks();
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  std::string read_text() {
    skip_blanks();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    const size_t end = quote == '\'' || quote == '"' ? text_.find(quote, at_ + 1) : text_.npos;
    if (end == text_.npos) {
      stop("is not what numpy writes");
      return {};
    }
    const std::string text(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return text;
  }

  void read_descr() {
    if (take('['))
      stop("has a structured element type");
    else
      descr = read_text();
  }

  void read_order() {
    fortran_order = take_word("True");
    if (!fortran_order && !take_word("False")) stop("is not what numpy writes");
  }

  void read_shape() {
    expect('(');
    while (problem_.empty() && !take(')')) {
      skip_blanks();
      uint64_t length = 0;
      const char* begin = text_.data() + at_;
      const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), length);
      if (error != std::errc()) return stop("has a shape that is no list of lengths");
      at_ += static_cast<size_t>(end - begin);
      take('L');  // a long of Python 2
      if (shape.size() == kMaxTensorRank) return stop("has too many dimensions");
      shape.push_back(length);
      if (!take(',')) {
        expect(')');
        return;
      }
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string problem_;
};

const DataType* data_type_of(std::string_view descr) {
  for (const auto& [numpy, ours] : kNames)
    if (descr.substr(std::min<size_t>(1, descr.size())) == numpy) return find_data_type(ours);
  return nullptr;
}

// The length of the header in front of the data, magic and version included; 0 if the file is none.
struct HeaderPlace {
  size_t begin = 0, end = 0;
};
std::optional<HeaderPlace> find_header(Bytes file) {
  constexpr size_t kVersion = 6;
  if (file.size() < 10 || !as_string(file).starts_with(kMagic)) return std::nullopt;
  const unsigned version = file[kVersion];
  if (version < 1 || version > 3) return std::nullopt;
  HeaderPlace place{.begin = version == 1 ? size_t{10} : size_t{12}};
  if (file.size() < place.begin) return std::nullopt;
  size_t length = 0;
  for (size_t i = place.begin; i-- > 8;) length = length << 8 | file[i];
  if (length > kMaxHeader || length > file.size() - place.begin) return std::nullopt;
  place.end = place.begin + length;
  return place;
}

}  // namespace

Result<NpyTensor> read_npy(Bytes file, std::string_view name) {
  const auto stop = [&](std::string message, std::string help = {}) {
    return fail("bad-npy", {.file = std::string(name)}, std::move(message), std::move(help));
  };
  const std::optional<HeaderPlace> place = find_header(file);
  if (!place) {
    return stop("it is no .npy file, or one whose header is cut off",
                "numpy.save(path, array) writes one");
  }
  HeaderReader header(as_string(file.subspan(place->begin, place->end - place->begin)));
  if (const std::string problem = header.read(); !problem.empty())
    return stop("its header " + problem);
  if (header.descr.starts_with('>')) {
    return stop("its numbers are big endian (" + header.descr + ")",
                "array.astype(array.dtype.newbyteorder('<')) has little endian ones");
  }
  NpyTensor tensor;
  tensor.type.dtype = data_type_of(header.descr);
  if (tensor.type.dtype == nullptr ||
      std::string_view("<|=").find(header.descr[0]) == std::string_view::npos) {
    return stop("its element type '" + header.descr + "' is not one of a bundle",
                "docs/run.md lists them; array.astype(numpy.float32) converts");
  }
  if (header.fortran_order && header.shape.size() > 1) {
    return stop("it is in Fortran order", "numpy.ascontiguousarray(array) is in C order");
  }
  tensor.type.shape = std::move(header.shape);
  const std::optional<uint64_t> bytes = tensor_bytes(tensor.type.shape, tensor.type.dtype->bytes);
  if (!bytes)
    return stop("it says that it has more than " + std::to_string(kMaxTensorBytes >> 20) + " MiB");
  tensor.data = file.subspan(place->end);
  if (tensor.data.size() != *bytes) {
    return stop("its shape " + tensor_type_text(tensor.type) + " takes " + std::to_string(*bytes) +
                " bytes, but " + std::to_string(tensor.data.size()) + " stand behind the header");
  }
  return tensor;
}

std::vector<uint8_t> write_npy(const TensorType& type, Bytes data) {
  const auto* name = std::ranges::find(kNames, type.dtype->name,
                                       &std::pair<std::string_view, std::string_view>::second);
  std::string header = "{'descr': '";
  header += type.dtype->bytes == 1 ? '|' : '<';
  header += std::string(name->first) + "', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i < type.shape.size(); ++i) {
    header += (i == 0 ? "" : " ") + std::to_string(type.shape[i]);
    if (i + 1 < type.shape.size() || i == 0) header += ',';
  }
  header += "), }";
  const size_t before = kMagic.size() + 4;
  header.append(kAlignment - 1 - (before + header.size()) % kAlignment, ' ');
  header += '\n';
  ByteWriter file;
  file.reserve(before + header.size() + data.size());
  file.write_bytes(as_bytes(kMagic));
  for (const size_t byte : {size_t{1}, size_t{0}, header.size() & 0xff, header.size() >> 8})
    file.write_u8(static_cast<uint8_t>(byte));
  file.write_bytes(as_bytes(header));
  file.write_bytes(data);
  return file.take();
}

}  // namespace wasmpack
