#include "tools/terminal.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace wasmpack {
namespace {

constexpr unsigned kLeastWidth = 20;  // less is no screen that a table fits on
constexpr unsigned kMostWidth = 10000;
constexpr unsigned kUsualWidth = 80;

bool is_sensible(unsigned width) { return width >= kLeastWidth && width <= kMostWidth; }

}  // namespace

unsigned terminal_width(int fd) {
  if (::isatty(fd) == 0) return 0;
  if (const char* columns = std::getenv("COLUMNS")) {
    const std::string_view text = columns;
    unsigned width = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
    if (error == std::errc() && end == text.data() + text.size() && is_sensible(width))
      return width;
  }
  winsize size = {};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && is_sensible(size.ws_col)) return size.ws_col;
  return kUsualWidth;
}

}  // namespace wasmpack
