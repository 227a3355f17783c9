#include "inspect/checks/used_features.h"

#include <algorithm>
#include <iterator>

#include "object/instructions.h"

namespace wasmpack {
namespace {

struct Use {
  std::string_view name;
  std::string_view alternative;
  std::string_view what;
};

enum UseIndex : uint8_t {
  kSignExt,
  kSaturating,
  kBulkMemory,
  kMemoryCopy,
  kReferences,
  kSimd,
  kRelaxedSimd,
  kAtomics,
  kTailCall,
  kExceptions,
  kMultivalue,
  kGc,
  kUses,
  kNone = kUses,
};

// By UseIndex. LLVM splits off `bulk-memory-opt`: memory.copy and memory.fill alone.
constexpr Use kUseTable[] = {
    {"sign-ext", "", "a sign extension"},
    {"nontrapping-fptoint", "", "a saturating conversion"},
    {"bulk-memory", "", "a bulk memory operation"},
    {"bulk-memory", "bulk-memory-opt", "memory.copy or memory.fill"},
    {"reference-types", "", "an instruction on references or tables"},
    {"simd128", "relaxed-simd", "a SIMD instruction"},
    {"relaxed-simd", "", "a relaxed SIMD instruction"},
    {"atomics", "", "an atomic instruction"},
    {"tail-call", "", "a tail call"},
    {"exception-handling", "", "a tag or an instruction that throws or catches"},
    {"multivalue", "", "a function with several results"},
    {"gc", "", "a GC instruction"},
};
static_assert(std::size(kUseTable) == kUses);

// Core specification 5.4, with the proposals that target_features has names for.
UseIndex use_of(const Instruction& instruction) {
  const uint32_t index = instruction.index;
  switch (instruction.opcode) {
    case 0xc0:
    case 0xc1:
    case 0xc2:
    case 0xc3:
    case 0xc4:
      return kSignExt;
    case 0x12:
    case 0x13:
      return kTailCall;
    case 0x06:  // try, catch, throw, rethrow
    case 0x07:
    case 0x08:
    case 0x09:
    case 0x0a:  // throw_ref
    case 0x18:  // delegate, catch_all
    case 0x19:
    case 0x1f:  // try_table
      return kExceptions;
    case 0x25:  // table.get, table.set
    case 0x26:
    case 0xd0:  // ref.null, ref.is_null, ref.func
    case 0xd1:
    case 0xd2:
      return kReferences;
    case 0xfb:
      return kGc;
    case 0xfc:
      if (index <= 7) return kSaturating;
      if (index == 10 || index == 11) return kMemoryCopy;
      if (index <= 14) return kBulkMemory;
      return index <= 17 ? kReferences : kNone;
    case 0xfd:
      return index >= 0x100 ? kRelaxedSimd : kSimd;
    case 0xfe:
      return kAtomics;
    default:
      return kNone;
  }
}

class FeatureFinder {
 public:
  FeatureFinder(const Object& object, uint64_t code_bytes)
      : object_(object), code_bytes_(code_bytes) {}

  UsedFeatures find() {
    look_at_declarations();
    look_at_code();
    return std::move(used_);
  }

 private:
  void add(UseIndex use, std::optional<uint64_t> offset) {
    if (use == kNone || seen_[use]) return;
    seen_[use] = true;
    const auto& [name, alternative, what] = kUseTable[use];
    used_.features.push_back({name, alternative, what, offset});
  }

  std::optional<uint64_t> place(SectionId id) const {
    const int section = object_.find_section(id);
    if (section < 0) return std::nullopt;
    return object_.sections[static_cast<size_t>(section)].content_offset;
  }

  void look_at_declarations() {
    for (const uint32_t type : object_.functions) {
      const FuncType& signature = object_.types[type];
      if (signature.is_function && signature.is_simple && signature.results.size() > 1)
        add(kMultivalue, place(SectionId::type));
    }
    const bool has_passive = std::ranges::any_of(
        object_.data, [](const DataSegment& segment) { return segment.init_flags == 1; });
    // Not the DATACOUNT section alone: compilers write it whatever the features.
    if (has_passive) add(kBulkMemory, place(SectionId::data));
    if (!object_.tags.empty()) add(kExceptions, place(SectionId::tag));
  }

  void look_at_code() {
    const std::optional<uint64_t> base = place(SectionId::code);
    if (!base) return;
    for (const FunctionBody& body : object_.code) {
      if (body.size > code_bytes_) {
        used_.is_complete = false;
        return;
      }
      code_bytes_ -= body.size;
      const uint64_t start = *base + body.offset;
      InstructionReader reader(object_.bytes.subspan(start, body.size));
      Instruction instruction;
      while (reader.next(instruction)) add(use_of(instruction), start + instruction.offset);
      if (!reader.is_complete()) used_.is_complete = false;
    }
  }

  const Object& object_;
  uint64_t code_bytes_;
  bool seen_[kUses] = {};
  UsedFeatures used_;
};

}  // namespace

UsedFeatures find_used_features(const Object& object, uint64_t code_bytes) {
  return FeatureFinder(object, code_bytes).find();
}

}  // namespace wasmpack
