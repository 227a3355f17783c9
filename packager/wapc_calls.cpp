#include "packager/wapc_calls.h"

#include <algorithm>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "object/object_assembler.h"
#include "packager/signature.h"
#include "support/byte_writer.h"

namespace wasmpack {
namespace {

constexpr std::string_view kCallsSymbol = "__wasmpack_wapc_calls";
constexpr uint32_t kSlotBytes = 16;

constexpr uint8_t kLocalGet = 0x20, kI32Add = 0x6a, kEnd = 0x0b, kVectorPrefix = 0xfd;

// How values of a type lie in memory. Those of v128 have a prefix before the opcode.
struct MemoryAccess {
  char letter;
  uint8_t load, store;
  uint8_t alignment_log2;
};
constexpr MemoryAccess kAccesses[] = {{'i', 0x28, 0x36, 2},
                                      {'I', 0x29, 0x37, 3},
                                      {'f', 0x2a, 0x38, 2},
                                      {'F', 0x2b, 0x39, 3},
                                      {'v', 0x00, 0x0b, 4}};

const MemoryAccess* find_access(char letter) {
  const auto* access = std::ranges::find(kAccesses, letter, &MemoryAccess::letter);
  return access == std::end(kAccesses) ? nullptr : access;
}

bool lies_in_memory(std::string_view signature) {
  return std::ranges::all_of(
      signature, [](char letter) { return letter == ':' || find_access(letter) != nullptr; });
}

class WapcCallMaker {
 public:
  std::vector<uint8_t> make(std::span<const Kernel* const> kernels) {
    assembler_.import_table();
    ByteWriter table;
    std::vector<Relocation> relocations;
    for (const Kernel* kernel : kernels) {
      if (lies_in_memory(kernel->signature)) {
        relocations.push_back({.kind = kTableIndexI32,
                               .offset = static_cast<uint32_t>(table.size()),
                               .index = add_call(*kernel),
                               .addend = 0});
      }
      table.write_u32_le(0);
    }
    if (kernels.empty()) table.write_u32_le(0);  // lld takes no symbol of an empty segment
    const uint32_t segment =
        assembler_.add_segment(".rodata.wasmpack_wapc", 2, table.bytes(), std::move(relocations));
    assembler_.define_data(kCallsSymbol, segment, 0, table.size(), kSymbolHidden);
    return assembler_.write();
  }

 private:
  uint32_t add_call(const Kernel& kernel) {
    const std::string_view signature = kernel.signature;
    const size_t colon = signature.find(':');
    const std::string_view params = signature.substr(0, colon);
    const std::string_view results = signature.substr(colon + 1);
    const EncodedType encoded(signature);
    const uint32_t target =
        assembler_.import_function(kernel.name, assembler_.add_type(encoded.view()));
    BodyWriter body;
    for (uint32_t i = 0; i < params.size(); ++i) {
      body.op(kLocalGet).index(0);
      write_access(body, *find_access(params[i]), true, i * kSlotBytes);
    }
    body.call(target);
    for (size_t i = results.size(); i-- != 0;) {  // the last one lies on top
      body.op(kLocalGet).index(1);
      body.constant(static_cast<int32_t>(i * kSlotBytes)).op(kI32Add);
      body.call(store_function(*find_access(results[i])));
    }
    body.op(kEnd);
    return define("call." + kernel.name, "ii:", std::move(body));
  }

  // (value, address): the value lies below the address where it is stored, and these functions have
  // no locals to swap the two.
  uint32_t store_function(const MemoryAccess& access) {
    for (const auto& [letter, function] : stores_) {
      if (letter == access.letter) return function;
    }
    BodyWriter body;
    body.op(kLocalGet).index(1).op(kLocalGet).index(0);
    write_access(body, access, false, 0);
    body.op(kEnd);
    const uint32_t function = define(std::string("store.") + access.letter,
                                     std::string(1, access.letter) + "i:", std::move(body));
    stores_.emplace_back(access.letter, function);
    return function;
  }

  static void write_access(BodyWriter& body, const MemoryAccess& access, bool is_load,
                           uint32_t offset) {
    if (access.letter == 'v') body.op(kVectorPrefix);
    body.op(is_load ? access.load : access.store).index(access.alignment_log2).index(offset);
  }

  uint32_t define(std::string name, std::string_view signature, BodyWriter body) {
    const std::string& symbol = names_.emplace_back("__wasmpack_wapc." + std::move(name));
    const EncodedType type(signature);
    return assembler_.define_function(symbol, assembler_.add_type(type.view()), std::move(body),
                                      kSymbolLocal);
  }

  ObjectAssembler assembler_;
  std::deque<std::string> names_;
  std::vector<std::pair<char, uint32_t>> stores_;  // letter and symbol
};

}  // namespace

std::vector<uint8_t> make_wapc_calls(std::span<const Kernel* const> kernels) {
  return WapcCallMaker().make(kernels);
}

}  // namespace wasmpack
