#include "inspect/facts/relocated_fields.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "inspect/facts/code_sites.h"
#include "inspect/facts/provisional_values.h"
#include "object/instructions.h"
#include "object/relocation_reader.h"
#include "support/leb128.h"

namespace wasmpack {
namespace {

constexpr const char* kStaleHelp =
    "a tool changed the file without its relocations (wasm-opt and wasm-strip do): make the "
    "object again with its compiler, and optimize after the final link";

// The bits of a field that is encoded as its kind says; nothing if it is not.
std::optional<uint64_t> read_field(const uint8_t* at, RelocationEncoding encoding) {
  if (encoding == RelocationEncoding::u32) {
    uint32_t value;
    std::memcpy(&value, at, sizeof value);
    return value;
  }
  if (encoding == RelocationEncoding::u64) {
    uint64_t value;
    std::memcpy(&value, at, sizeof value);
    return value;
  }
  const unsigned width = relocation_width(encoding);
  uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i) {
    if ((at[i] >= 0x80) != (i + 1 < width)) return std::nullopt;
    value |= uint64_t{at[i] & 0x7fu} << (7 * i);
  }
  // Signed ones have copies of the sign above bit 31 or 63.
  if (width == kPaddedLeb32) {
    const bool is_signed = encoding == RelocationEncoding::sleb32;
    const uint64_t sign_copies = is_signed && (value >> 31 & 1) != 0 ? 7 : 0;
    if (value >> 32 != sign_copies) return std::nullopt;
    return value & UINT32_MAX;
  }
  return value;
}

// The common case of the above: a LEB128 of five bytes. False if it is not encoded so.
bool read_padded32(const uint8_t* at, uint32_t& value) {
  uint32_t low;
  std::memcpy(&low, at, sizeof low);
  if ((low & 0x80808080) != 0x80808080 || at[4] > 0x0f) return false;
  value = (low & 0x7f) | (low >> 1 & 0x3f80) | (low >> 2 & 0x1fc000) | (low >> 3 & 0xfe00000) |
          static_cast<uint32_t>(at[4]) << 28;
  return true;
}

// By relocation kind.
constexpr std::array<SiteKind, kRelocationKinds> make_expected_sites() {
  std::array<SiteKind, kRelocationKinds> sites = {};
  for (unsigned kind = 0; kind < kRelocationKinds; ++kind)
    sites[kind] = expected_site(relocation_table::kRelocationTable[kind]);
  return sites;
}
constexpr std::array<SiteKind, kRelocationKinds> kExpectedSites = make_expected_sites();

// What is compared the same way, and so is stale or provisional together.
enum class FieldGroup : uint8_t { index, address, slot, code_offset, section_offset };
constexpr size_t kFieldGroups = 5;

FieldGroup group_of(RelocationTarget target) {
  switch (target) {
    case RelocationTarget::memory_address:
      return FieldGroup::address;
    case RelocationTarget::table_index:
      return FieldGroup::slot;
    case RelocationTarget::function_offset:
      return FieldGroup::code_offset;
    case RelocationTarget::section_offset:
      return FieldGroup::section_offset;
    default:
      return FieldGroup::index;
  }
}

class FieldChecker {
 public:
  FieldChecker(const Object& object, ProblemList& problems)
      : object_(object), problems_(problems), values_(object) {}

  void check() {
    for (const RelocationSection& relocations : object_.relocations) {
      target_ = &object_.sections[relocations.target];
      if (target_->id == SectionId::code)
        check_code(relocations.entries);
      else
        check_data(relocations.entries);
      end_section();
    }
    for (size_t group = 0; group < kFieldGroups; ++group) {
      // Zeros only: the producer left the fields to the linker.
      if (group != static_cast<size_t>(FieldGroup::index) && !is_written_[group]) continue;
      problems_.add(std::move(stale_[group]));
    }
  }

 private:
  // Walks the bodies that have relocations in step with them. Stops at sites that do not ascend:
  // that is a problem of its own.
  void check_code(Bytes entries) {
    RelocationReader reader(entries);
    Relocation relocation;
    bool has_entry = reader.next(relocation);
    uint32_t last = 0;
    for (const FunctionBody& function : object_.code) {
      const uint64_t end = uint64_t{function.offset} + function.size;
      if (!has_entry) return;
      if (relocation.offset >= end) continue;
      const Bytes body = target_->content.subspan(function.offset, function.size);
      InstructionReader walk(body);
      Instruction instruction;
      bool is_known = true;
      while (has_entry && relocation.offset < end) {
        if (relocation.offset < last) return;
        last = relocation.offset;
        if (relocation.offset >= function.offset) {
          const uint32_t at = relocation.offset - function.offset;
          while (is_known && walk.offset() <= at) is_known = walk.next(instruction);
          if (is_known) check_code_entry(relocation, body, instruction, at);
        }
        has_entry = reader.next(relocation);
      }
    }
  }

  void check_code_entry(const Relocation& relocation, Bytes body, const Instruction& instruction,
                        uint32_t at) {
    const SiteKind expected = kExpectedSites[relocation.kind];
    const SiteKind site = find_site(body, instruction, at);
    uint32_t fast = 0;
    if (site == expected && at + kPaddedLeb32 <= body.size() &&
        read_padded32(body.data() + at, fast) && values_.holds(relocation, fast)) [[likely]] {
      is_written_[static_cast<size_t>(FieldGroup::address)] |= fast != 0 && is_address(relocation);
      return;
    }
    const RelocationInfo& info = *find_relocation_info(relocation.kind);
    if (!values_.is_valid(relocation, info)) return;
    const unsigned width = relocation_width(info.encoding);
    const bool is_table_number = info.target == RelocationTarget::table_number;
    if (!is_table_number && at + width > body.size()) return;
    if (expected == SiteKind::none) {
      add_rule(relocation, info, "is not allowed in CODE: its field is no LEB128");
      return;
    }
    if (site != expected) {
      if (site == SiteKind::none || site == SiteKind::other)
        add_stale(relocation, info, FieldGroup::index,
                  "no immediate that could be patched begins where it stands; expected " +
                      std::string(site_kind_name(expected)));
      else
        add_rule(relocation, info,
                 "stands at " + std::string(site_kind_name(site)) + "; only " +
                     std::string(site_kind_name(expected)) + " can be patched with it");
      return;
    }
    // LLVM before 16 did not pad table numbers (LLVM D95052).
    if (is_table_number) return check_table_number(relocation, info);
    const std::optional<uint64_t> field = read_field(body.data() + at, info.encoding);
    if (!field) {
      add_rule(relocation, info,
               "field is not a LEB128 padded to " + std::to_string(width) + " bytes");
      return;
    }
    compare(relocation, info, *field);
  }

  static bool is_address(const Relocation& relocation) {
    return relocation.kind == kMemoryAddrLeb || relocation.kind == kMemoryAddrSleb;
  }

  void check_table_number(const Relocation& relocation, const RelocationInfo& info) {
    Cursor cursor(target_->content.subspan(relocation.offset));
    const uint32_t field = cursor.read_varuint32();
    if (cursor.ok()) compare(relocation, info, field);
  }

  // DATA and custom sections.
  void check_data(Bytes entries) {
    RelocationReader reader(entries);
    const uint8_t* content = target_->content.data();
    const uint64_t size = target_->content.size();
    for (Relocation relocation; reader.next(relocation);) {
      const uint64_t room = size - std::min<uint64_t>(relocation.offset, size);
      if (is_word(relocation.kind) && room >= sizeof(uint32_t)) [[likely]] {
        uint32_t word;
        std::memcpy(&word, content + relocation.offset, sizeof word);
        if (values_.holds(relocation, word)) {
          is_written_[static_cast<size_t>(group_of_word(relocation.kind))] |= word != 0;
          continue;
        }
      }
      const RelocationInfo& info = *find_relocation_info(relocation.kind);
      const unsigned width = relocation_width(info.encoding);
      if (width > room || !values_.is_valid(relocation, info)) continue;
      const bool is_fixed =
          info.encoding == RelocationEncoding::u32 || info.encoding == RelocationEncoding::u64;
      const std::optional<uint64_t> field = read_field(content + relocation.offset, info.encoding);
      if (!field) continue;
      if (!is_fixed && target_->id == SectionId::data)
        add_rule(relocation, info, "is not allowed in DATA: data is no LEB128");
      else
        compare(relocation, info, *field);
    }
  }

  // The common kinds of debug information and data.
  static bool is_word(uint8_t kind) {
    return kind == kFunctionOffsetI32 || kind == kSectionOffsetI32 || kind == kMemoryAddrI32;
  }
  static FieldGroup group_of_word(uint8_t kind) {
    if (kind == kMemoryAddrI32) return FieldGroup::address;
    return kind == kFunctionOffsetI32 ? FieldGroup::code_offset : FieldGroup::section_offset;
  }

  void compare(const Relocation& relocation, const RelocationInfo& info, uint64_t field) {
    const auto group = static_cast<size_t>(group_of(info.target));
    switch (values_.compare(relocation, info, field)) {
      case FieldState::unknown:
        return;
      case FieldState::holds:
        is_written_[group] |= field != 0;
        return;
      case FieldState::stale:
        break;
    }
    if (count_[group] >= kListedStale) {
      ++count_[group];
      return;
    }
    std::string message = "the field holds " + std::to_string(field);
    if (const std::optional<uint64_t> expected = values_.expect(relocation, info))
      message += ", but the relocation stands for " + std::to_string(*expected);
    else
      message += ", which is not what the relocation stands for";
    add_stale(relocation, info, group_of(info.target), message);
  }

  // ---- Messages ----

  std::string describe(const Relocation& relocation, const RelocationInfo& info) const {
    std::string text = "relocation " + std::string(info.name);
    if (info.target == RelocationTarget::type_index)
      text += " (type " + std::to_string(relocation.index) + ")";
    else
      text += " (symbol `" + std::string(object_.symbols[relocation.index].name) + "`)";
    return text;
  }

  void add_rule(const Relocation& relocation, const RelocationInfo& info, const std::string& what) {
    if (problems_.is_full()) return;
    problems_.add_rule(target_->name, target_->content_offset + relocation.offset,
                       describe(relocation, info) + ": " + what, kStaleHelp);
  }

  void add_stale(const Relocation& relocation, const RelocationInfo& info, FieldGroup group,
                 const std::string& what) {
    const auto g = static_cast<size_t>(group);
    if (++count_[g] > kListedStale) return;
    Diagnostic problem;
    problem.id = "stale-relocation";
    problem.where = {.file = std::string(object_.file),
                     .member = std::string(object_.member),
                     .section = std::string(target_->name),
                     .offset = target_->content_offset + relocation.offset};
    problem.message = describe(relocation, info) + ": " + what;
    problem.help = kStaleHelp;
    stale_[g].push_back(std::move(problem));
  }

  void end_section() {
    for (size_t group = 0; group < kFieldGroups; ++group) {
      if (count_[group] > kListedStale)
        stale_[group].back().notes.push_back(std::to_string(count_[group] - kListedStale) +
                                             " more fields of this section are stale");
      count_[group] = 0;
    }
  }

  const Object& object_;
  ProblemList& problems_;
  ProvisionalValues values_;
  const Section* target_ = nullptr;    // of the section that is checked
  uint32_t count_[kFieldGroups] = {};  // stale fields of that section
  std::vector<Diagnostic> stale_[kFieldGroups];
  bool is_written_[kFieldGroups] = {};  // some field holds what it should, and not zero
};

}  // namespace

void check_relocated_fields(const Object& object, ProblemList& problems) {
  FieldChecker(object, problems).check();
}

}  // namespace wasmpack
