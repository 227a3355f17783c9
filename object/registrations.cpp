#include "object/registrations.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "object/instructions.h"
#include "object/relocation_reader.h"

namespace wasmpack {
namespace {

constexpr uint8_t kLocalGet = 0x20, kLocalSet = 0x21, kLocalTee = 0x22, kGlobalGet = 0x23,
                  kI32Add = 0x6a;
// Constructors call their parts one or two deep (__cxx_global_var_init).
constexpr unsigned kDeepest = 8;

// A value on the stack: the relocation of a constant, or nothing that is known.
using Value = std::optional<uint32_t>;

class RegistrationReader {
 public:
  RegistrationReader(const Object& object, std::span<const std::string_view> registrars)
      : object_(object) {
    for (uint32_t i = 0; i < object.symbols.size(); ++i) {
      const Symbol& symbol = object.symbols[i];
      if (symbol.kind != SymbolKind::function) continue;
      if (std::ranges::find(registrars, symbol.name) != registrars.end())
        registrars_.emplace(symbol.index, symbol.name);
    }
  }

  Registrations read() {
    if (registrars_.empty()) return {};
    decode_relocations();
    std::vector<InitFunction> chain = object_.init_functions;
    std::ranges::stable_sort(chain, {}, &InitFunction::priority);
    for (const InitFunction& init : chain) walk(object_.symbols[init.symbol].index, 0);
    return std::move(result_);
  }

 private:
  void decode_relocations() {
    const int code = object_.find_section(SectionId::code);
    if (code < 0) return;
    code_ = object_.sections[static_cast<size_t>(code)].content;
    const RelocationSection* section = object_.find_relocations(static_cast<uint32_t>(code));
    if (section == nullptr) return;
    RelocationReader reader(section->entries);
    for (Relocation relocation; reader.next(relocation);) {
      if (relocation.kind == kTypeIndexLeb || relocation.index < object_.symbols.size())
        by_offset_.emplace(relocation.offset, static_cast<uint32_t>(relocations_.size()));
      relocations_.push_back(relocation);
    }
  }

  void walk(uint32_t function, unsigned depth) {
    const Bytes body = object_.function_body(function);
    if (body.empty() || depth > kDeepest || !seen_.insert(function).second) return;
    const auto base = static_cast<uint32_t>(body.data() - code_.data());
    std::vector<Value> stack;
    std::unordered_map<uint32_t, Value> locals;
    const auto pop = [&] {
      if (stack.empty()) return Value();
      const Value value = stack.back();
      stack.pop_back();
      return value;
    };
    InstructionReader reader(body);
    for (Instruction instruction; reader.next(instruction);) {
      switch (instruction.opcode) {
        case opcode::kI32Const:
          stack.push_back(relocation_at(base + instruction.immediates));
          break;
        case kGlobalGet:
          // Position independent code: __memory_base or __table_base, to which a constant is added;
          // or a GOT entry, which is the address or slot itself.
          stack.push_back(got_entry_at(base + instruction.immediates));
          break;
        case kI32Add: {
          const Value b = pop();
          const Value a = pop();
          stack.push_back(a && b ? Value() : a ? a : b);
          break;
        }
        case kLocalGet:
          stack.push_back(locals[instruction.index]);
          break;
        case kLocalSet:
          locals[instruction.index] = pop();
          break;
        case kLocalTee:
          locals[instruction.index] = stack.empty() ? Value() : stack.back();
          break;
        case opcode::kDrop:
          pop();
          break;
        case opcode::kCall:
        case opcode::kReturnCall: {
          const auto registrar = registrars_.find(callee_of(instruction, base));
          if (registrar != registrars_.end()) {
            const Value target = pop();
            const Value name = pop();
            if (!add(registrar->second, name, target)) report_unreadable(function);
            stack.push_back(std::nullopt);
          } else {
            stack.clear();
            follow(callee_of(instruction, base), depth);
          }
          break;
        }
        default:
          stack.clear();
      }
    }
  }

  Value relocation_at(uint32_t offset) const {
    const auto found = by_offset_.find(offset);
    return found == by_offset_.end() ? Value() : Value(found->second);
  }

  // The relocation of a global.get that reads the GOT entry of a function or of data.
  Value got_entry_at(uint32_t offset) const {
    const Value site = relocation_at(offset);
    if (!site || relocations_[*site].kind != kGlobalIndexLeb) return std::nullopt;
    const SymbolKind kind = object_.symbols[relocations_[*site].index].kind;
    return kind == SymbolKind::function || kind == SymbolKind::data ? site : Value();
  }

  // The index in the code may be stale: the relocation says who is called.
  uint32_t callee_of(const Instruction& instruction, uint32_t base) const {
    const Value site = relocation_at(base + instruction.immediates);
    if (!site || relocations_[*site].kind != kFunctionIndexLeb) return instruction.index;
    return object_.symbols[relocations_[*site].index].index;
  }

  void follow(uint32_t function, unsigned depth) {
    if (function >= object_.function_count()) return;
    const FuncType& type = object_.types[object_.function_type(function)];
    if (type.params.empty()) walk(function, depth + 1);
  }

  bool add(std::string_view registrar, Value name, Value target) {
    if (!name || !target) return false;
    const Relocation& name_site = relocations_[*name];
    const Relocation& target_site = relocations_[*target];
    const std::optional<std::string_view> text = read_text(name_site);
    constexpr uint8_t kTargets[] = {kTableIndexSleb, kTableIndexRelSleb, kMemoryAddrSleb,
                                    kMemoryAddrRelSleb, kGlobalIndexLeb};
    if (!text || std::ranges::find(kTargets, target_site.kind) == std::end(kTargets)) return false;
    result_.entries.push_back({registrar, *text, target_site.index, *name});
    return true;
  }

  std::optional<std::string_view> read_text(const Relocation& site) const {
    if (site.kind != kMemoryAddrSleb && site.kind != kMemoryAddrRelSleb) return std::nullopt;
    const Symbol& symbol = object_.symbols[site.index];
    if (symbol.is_undefined() || symbol.is_absolute() || symbol.index >= object_.data.size())
      return std::nullopt;
    const std::string_view content = as_string(object_.data[symbol.index].content);
    const uint64_t at = symbol.offset + static_cast<uint64_t>(site.addend);
    if (at >= content.size()) return std::nullopt;
    const size_t end = content.find('\0', static_cast<size_t>(at));
    if (end == content.npos) return std::nullopt;
    return content.substr(static_cast<size_t>(at), end - static_cast<size_t>(at));
  }

  void report_unreadable(uint32_t function) {
    if (unreadable_.insert(function).second) result_.unreadable.push_back(function);
  }

  const Object& object_;
  Bytes code_;
  std::unordered_map<uint32_t, std::string_view> registrars_;  // function index -> name
  std::vector<Relocation> relocations_;
  std::unordered_map<uint32_t, uint32_t> by_offset_;  // in the code section -> relocation
  std::unordered_set<uint32_t> seen_, unreadable_;
  Registrations result_;
};

}  // namespace

Registrations read_registrations(const Object& object,
                                 std::span<const std::string_view> registrars) {
  return RegistrationReader(object, registrars).read();
}

}  // namespace wasmpack
