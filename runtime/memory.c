// wasmpack_alloc and wasmpack_free: an allocator that lives from memory.grow alone, so it never
// meets one that starts at __heap_base, and that expects others to grow the memory between its own
// calls.
//
// Blocks lie side by side in regions of whole pages. A block begins at an address that is 8 more
// than a multiple of 16: 8 bytes of header, then the payload, aligned to 16. Free blocks are in
// lists by the power of two below their size; neighbours that are free are joined at once, so a
// block's header also has the size of the block before it. A region ends with a header that is
// always in use.
#include "runtime/bundle.h"

enum { page_bytes = 65536, header_bytes = 8, granule = 16, bin_count = 32 };
enum { used = 1 };
// What is left of 32 bits for a request, with room for headers, alignment and rounding.
static const uint32_t largest_request = 0xfff00000u;

struct block {
  uint32_t previous_bytes;  // of the block before this one in its region, 0 for the first
  uint32_t bytes_and_used;  // a multiple of 16, with the header; bit 0: in use
  struct block* next;       // in the list of its bin, while it is free
  struct block* previous;
};

static struct block* bins[bin_count];
static uint32_t nonempty_bins;  // bit n: bins[n] has a block
static uint32_t last_region_end;

static uint32_t block_bytes(const struct block* block) {
  return block->bytes_and_used & ~(uint32_t)used;
}
static struct block* block_at(uint32_t address) { return (struct block*)address; }
static uint32_t address_of(const struct block* block) { return (uint32_t)block; }
static struct block* block_after(const struct block* block) {
  return block_at(address_of(block) + block_bytes(block));
}
static uint32_t bin_of(uint32_t bytes) { return 31 - (uint32_t)__builtin_clz(bytes); }

static void insert_free(struct block* block) {
  const uint32_t bin = bin_of(block_bytes(block));
  block->previous = 0;
  block->next = bins[bin];
  if (block->next) block->next->previous = block;
  bins[bin] = block;
  nonempty_bins |= 1u << bin;
}

static void remove_free(struct block* block) {
  const uint32_t bin = bin_of(block_bytes(block));
  if (block->next) block->next->previous = block->previous;
  if (block->previous) {
    block->previous->next = block->next;
  } else {
    bins[bin] = block->next;
    if (!block->next) nonempty_bins &= ~(1u << bin);
  }
}

// Makes [address, address + bytes) one free block, joined with free neighbours, and lists it.
static void release(uint32_t address, uint32_t bytes, uint32_t previous_bytes) {
  if (previous_bytes) {
    struct block* before = block_at(address - previous_bytes);
    if (!(before->bytes_and_used & used)) {
      remove_free(before);
      address -= previous_bytes;
      bytes += previous_bytes;
      previous_bytes = before->previous_bytes;
    }
  }
  struct block* after = block_at(address + bytes);
  if (!(after->bytes_and_used & used)) {
    remove_free(after);
    bytes += block_bytes(after);
  }
  struct block* block = block_at(address);
  block->previous_bytes = previous_bytes;
  block->bytes_and_used = bytes;
  block_after(block)->previous_bytes = bytes;
  insert_free(block);
}

// Gets memory for a block of `bytes`; 0 if the engine gives none. Addresses may wrap to 0 at the
// end of a full memory of 4 GiB, which the arithmetic allows.
static int grow(uint32_t bytes) {
  const uint32_t pages = (bytes + 2 * header_bytes + page_bytes - 1) / page_bytes;
  __wasmpack_claim_heap();
  const uint32_t old_pages = (uint32_t)__builtin_wasm_memory_grow(0, pages);
  if (old_pages == UINT32_MAX) return 0;
  const uint32_t start = old_pages * page_bytes;
  const uint32_t end = start + pages * page_bytes;
  uint32_t address = start + header_bytes;
  uint32_t previous_bytes = 0;
  if (start == last_region_end && start != 0) {
    // Nobody grew in between: the end mark of the last region becomes part of the new block.
    address = start - header_bytes;
    previous_bytes = block_at(address)->previous_bytes;
  }
  last_region_end = end;
  struct block* mark = block_at(end - header_bytes);
  mark->bytes_and_used = used;
  release(address, end - header_bytes - address, previous_bytes);
  return 1;
}

// A free block of at least `bytes`, or 0. Looks at a few blocks of the bin that `bytes` falls into,
// then takes any of a larger one.
static struct block* find_free(uint32_t bytes) {
  const uint32_t bin = bin_of(bytes);
  struct block* block = bins[bin];
  for (int tries = 0; block && tries < 8; ++tries, block = block->next)
    if (block_bytes(block) >= bytes) return block;
  const uint32_t larger = bin == 31 ? 0 : nonempty_bins & ~0u << (bin + 1);
  return larger ? bins[__builtin_ctz(larger)] : 0;
}

void* wasmpack_alloc(uint32_t size, uint32_t align) {
  if (align == 0 || align > 65536 || (align & (align - 1)) || size > largest_request) return 0;
  const uint32_t bytes = (size + header_bytes + granule - 1) & ~(uint32_t)(granule - 1);
  const uint32_t searched = align > granule ? bytes + align - granule : bytes;
  struct block* block = find_free(searched);
  if (!block) {
    if (!grow(searched)) return 0;
    block = find_free(searched);
  }
  remove_free(block);

  const uint32_t address = address_of(block);
  const uint32_t end = address + block_bytes(block);
  const uint32_t mask = (align > granule ? align : granule) - 1;
  const uint32_t payload = (address + header_bytes + mask) & ~mask;
  struct block* taken = block_at(payload - header_bytes);
  const uint32_t front = address_of(taken) - address;
  uint32_t previous_bytes = block->previous_bytes;
  taken->bytes_and_used = bytes | used;
  if (front) {
    release(address, front, previous_bytes);
    previous_bytes = front;
  }
  taken->previous_bytes = previous_bytes;
  const uint32_t rest = end - address_of(taken) - bytes;
  if (rest) {
    release(address_of(taken) + bytes, rest, bytes);
  } else {
    block_at(end)->previous_bytes = bytes;
  }
  return (void*)payload;
}

void wasmpack_free(void* payload) {
  if (!payload) return;
  struct block* block = block_at((uint32_t)payload - header_bytes);
  if (!(block->bytes_and_used & used)) __builtin_trap();  // freed twice
  release(address_of(block), block_bytes(block), block->previous_bytes);
}
