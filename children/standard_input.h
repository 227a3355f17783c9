// What each child program begins with.
#pragma once

#include <cstdint>
#include <cstdio>
#include <vector>

// All bytes of standard input.
inline std::vector<uint8_t> read_standard_input() {
  std::vector<uint8_t> bytes;
  uint8_t buffer[1 << 16];
  for (size_t got; (got = std::fread(buffer, 1, sizeof buffer, stdin)) != 0;)
    bytes.insert(bytes.end(), buffer, buffer + got);
  return bytes;
}
