// The child program wasmpack-lld: one final link by lld, in a process of its own, since lld may
// exit, abort or loop on damaged input.
//
// Standard input has the arguments of wasm-ld, each ended by a NUL byte: there may be more of them
// than a command line takes. Files are inherited descriptors, named /proc/self/fd/N. The exit code
// is lld's.
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <lld/Common/Driver.h>
#include <llvm/Support/raw_ostream.h>

#include "children/standard_input.h"

LLD_HAS_DRIVER(wasm)

namespace {

constexpr std::string_view kMap = "--Map=";

// lld tries whether it can write the map by making a file beside it, and there is no making files
// beside /proc/self/fd/N; it spares pipes. So it gets one, and what comes out goes to `path`.
class MapPipe {
 public:
  // Begins to copy; gives the name for lld.
  std::string open(const std::string& path) {
    int ends[2];
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0 || ::pipe2(ends, O_CLOEXEC) != 0) return path;
    write_end_ = ends[1];
    copier_ = std::thread([file, read_end = ends[0]] {
      char buffer[1 << 14];
      for (ssize_t got; (got = ::read(read_end, buffer, sizeof buffer)) > 0;) {
        if (::write(file, buffer, static_cast<size_t>(got)) != got) break;
      }
      ::close(read_end);
      ::close(file);
    });
    return "/proc/self/fd/" + std::to_string(write_end_);
  }

  // Waits until all is copied.
  void close() {
    if (!copier_.joinable()) return;
    ::close(write_end_);
    copier_.join();
  }

 private:
  int write_end_ = -1;
  std::thread copier_;
};

}  // namespace

int main() {
  const std::vector<uint8_t> bytes = read_standard_input();
  const std::string text(bytes.begin(), bytes.end());
  std::vector<const char*> arguments = {"wasm-ld"};
  for (size_t at = 0; at < text.size(); at += std::char_traits<char>::length(&text[at]) + 1)
    arguments.push_back(&text[at]);
  MapPipe map;
  std::string map_argument;
  for (const char*& argument : arguments) {
    if (std::string_view(argument).substr(0, kMap.size()) != kMap) continue;
    map_argument = std::string(kMap) + map.open(argument + kMap.size());
    argument = map_argument.c_str();
  }
  // With exitEarly the driver ends the process itself, without taking its tables down first.
  const bool exit_early = map_argument.empty();
  const bool done = lld::wasm::link(arguments, llvm::outs(), llvm::errs(), exit_early,
                                    /*disableOutput=*/false);
  llvm::outs().flush();
  map.close();
  return done ? 0 : 1;
}
