// A mutator for wasm files: changes one section's content and writes its size anew. Without it,
// nearly every insertion or deletion ends at "section size does not fit" and nothing behind it is
// reached.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "support/leb128.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace wasmpack {

struct FuzzSection {
  uint8_t id;
  std::vector<uint8_t> content;
};

// The sections of a wasm file, as far as their headers make sense.
inline std::vector<FuzzSection> split_sections(const uint8_t* data, size_t size) {
  std::vector<FuzzSection> sections;
  size_t at = 8;
  while (at < size) {
    const uint8_t id = data[at++];
    uint64_t length = 0;
    for (unsigned shift = 0; at < size && shift < 35; shift += 7) {
      const uint8_t byte = data[at++];
      length |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) break;
    }
    if (length > size - at) length = size - at;
    sections.push_back({id, {data + at, data + at + length}});
    at += length;
  }
  return sections;
}

inline size_t join_sections(const std::vector<FuzzSection>& sections, uint8_t* data,
                            size_t max_size) {
  size_t at = 8;
  for (const FuzzSection& section : sections) {
    if (at + 6 + section.content.size() > max_size) break;
    data[at++] = section.id;
    write_padded_uleb(data + at, section.content.size(), kPaddedLeb32);
    at += kPaddedLeb32;
    if (!section.content.empty()) {
      std::memcpy(data + at, section.content.data(), section.content.size());
    }
    at += section.content.size();
  }
  return at;
}

inline bool is_wasm(const uint8_t* data, size_t size) {
  return size > 8 && std::memcmp(data, "\0asm", 4) == 0;
}

// The body of an LLVMFuzzerCustomMutator.
inline size_t mutate_sections(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  std::minstd_rand random(seed);
  if (!is_wasm(data, size) || random() % 4 == 0) return LLVMFuzzerMutate(data, size, max_size);
  std::vector<FuzzSection> sections = split_sections(data, size);
  if (sections.empty()) return LLVMFuzzerMutate(data, size, max_size);
  const size_t picked = random() % sections.size();
  switch (random() % 16) {
    case 0:
      sections.erase(sections.begin() + static_cast<ptrdiff_t>(picked));
      break;
    case 1:
      std::swap(sections[picked], sections[random() % sections.size()]);
      break;
    case 2: {
      const FuzzSection copy = sections[picked];
      sections.insert(sections.begin() + static_cast<ptrdiff_t>(random() % sections.size()), copy);
      break;
    }
    default: {
      std::vector<uint8_t>& content = sections[picked].content;
      const size_t old = content.size();
      content.resize(old + 32);
      content.resize(LLVMFuzzerMutate(content.data(), old, content.size()));
    }
  }
  return join_sections(sections, data, max_size);
}

}  // namespace wasmpack
