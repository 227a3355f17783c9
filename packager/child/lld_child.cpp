// The child program wasmpack-lld: one final link by lld, in a process of its own, since lld may
// exit, abort or loop on damaged input.
//
// Standard input has the arguments of wasm-ld, each ended by a NUL byte: there may be more of them
// than a command line takes. Files are inherited descriptors, named /proc/self/fd/N. The exit code
// is lld's.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <lld/Common/Driver.h>
#include <llvm/Support/raw_ostream.h>

LLD_HAS_DRIVER(wasm)

namespace {

constexpr std::string_view kMapOption = "--Map=";
constexpr std::string_view kDescriptor = "/proc/self/fd/";

// lld first tries whether it could put a new file in the place of a map that is a regular file,
// which no descriptor's name allows. A pipe it just writes into: this passes on what comes out.
class MapPipe {
 public:
  // Changes `argument`, the option with the descriptor's name, to that of the pipe.
  explicit MapPipe(std::string& argument)
      : file_(std::atoi(argument.c_str() + kMapOption.size() + kDescriptor.size())) {
    if (::pipe(ends_) != 0) return;
    argument = std::string(kMapOption) + std::string(kDescriptor) + std::to_string(ends_[1]);
    reader_ = std::thread([this] { pass_on(); });
  }
  MapPipe(const MapPipe&) = delete;
  MapPipe& operator=(const MapPipe&) = delete;
  ~MapPipe() {
    if (!reader_.joinable()) return;
    ::close(ends_[1]);
    reader_.join();
  }

 private:
  void pass_on() const {
    std::vector<char> buffer(1 << 16);
    for (;;) {
      const ssize_t got = ::read(ends_[0], buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return;
      for (ssize_t done = 0; done < got;) {
        const ssize_t written =
            ::write(file_, buffer.data() + done, static_cast<size_t>(got - done));
        if (written < 0 && errno != EINTR) std::_Exit(1);
        if (written > 0) done += written;
      }
    }
  }

  int file_;
  int ends_[2] = {-1, -1};
  std::thread reader_;
};

}  // namespace

int main() {
  std::string text;
  char buffer[1 << 14];
  for (size_t got; (got = std::fread(buffer, 1, sizeof buffer, stdin)) != 0;)
    text.append(buffer, got);

  std::vector<std::string> options;
  for (size_t at = 0; at < text.size(); at += options.back().size() + 1)
    options.emplace_back(&text[at]);
  std::optional<MapPipe> map;
  for (std::string& option : options) {
    if (!map && option.rfind(std::string(kMapOption) + std::string(kDescriptor), 0) == 0)
      map.emplace(option);
  }
  std::vector<const char*> arguments = {"wasm-ld"};
  for (const std::string& option : options) arguments.push_back(option.c_str());
  // With exitEarly the driver ends the process itself, without taking its tables down first.
  const bool done = lld::wasm::link(arguments, llvm::outs(), llvm::errs(), /*exitEarly=*/!map,
                                    /*disableOutput=*/false);
  return done ? 0 : 1;
}
