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
constexpr size_t kLongestName = 4096;  // bytes

// A value on the stack: the relocation of a constant, or nothing that is known.
struct Site {
  Relocation relocation;
  uint32_t number;  // in reloc.CODE
};
using Value = std::optional<Site>;

// The relocations of the code section by the place they apply to. They stay encoded: where every
// kStride-th one is, is kept.
class CodeRelocations {
 public:
  explicit CodeRelocations(const Object& object) {
    const int code = object.find_section(SectionId::code);
    if (code < 0) return;
    const RelocationSection* section = object.find_relocations(static_cast<uint32_t>(code));
    if (section == nullptr) return;
    entries_ = section->entries;
    RelocationReader reader(entries_);
    const uint8_t* at = reader.position();
    uint32_t last = 0;
    uint32_t number = 0;
    for (Relocation relocation; reader.next(relocation); ++number) {
      if (relocation.offset < last) is_sorted_ = false;
      last = relocation.offset;
      if (number % kStride == 0) marks_.push_back({relocation.offset, at});
      at = reader.position();
    }
  }

  // Those in [begin, end), in order; those only whose symbol exists.
  std::vector<Site> list(const Object& object, uint32_t begin, uint32_t end) const {
    std::vector<Site> sites;
    // A linker reads them in order, so sorted is how they are; else nothing is claimed.
    if (!is_sorted_ || marks_.empty()) return sites;
    auto mark = std::ranges::lower_bound(marks_, begin, {}, &Mark::offset);
    if (mark != marks_.begin()) --mark;
    auto number = static_cast<uint32_t>(mark - marks_.begin()) * kStride;
    RelocationReader reader(entries_.subspan(static_cast<size_t>(mark->at - entries_.data())));
    for (Relocation relocation; reader.next(relocation) && relocation.offset < end; ++number) {
      const bool has_symbol =
          relocation.kind != kTypeIndexLeb && relocation.index < object.symbols.size();
      if (relocation.offset >= begin && has_symbol) sites.push_back({relocation, number});
    }
    return sites;
  }

 private:
  static constexpr uint32_t kStride = 256;
  struct Mark {
    uint32_t offset;
    const uint8_t* at;
  };
  Bytes entries_;
  std::vector<Mark> marks_;
  bool is_sorted_ = true;
};

class RegistrationReader {
 public:
  // Without registrars: any function is one.
  RegistrationReader(const Object& object,
                     std::optional<std::span<const std::string_view>> registrars)
      : object_(object), is_any_(!registrars) {
    if (is_any_) return;
    for (uint32_t i = 0; i < object.symbols.size(); ++i) {
      const Symbol& symbol = object.symbols[i];
      if (symbol.kind != SymbolKind::function) continue;
      if (std::ranges::find(*registrars, symbol.name) != registrars->end())
        registrars_.emplace(symbol.index, symbol.name);
    }
  }

  Registrations read() {
    if (object_.init_functions.empty() || (registrars_.empty() && !is_any_)) return {};
    const int code = object_.find_section(SectionId::code);
    if (code < 0) return {};
    code_ = object_.sections[static_cast<size_t>(code)].content;
    relocations_.emplace(object_);
    std::vector<InitFunction> chain = object_.init_functions;
    std::ranges::stable_sort(chain, {}, &InitFunction::priority);
    for (const InitFunction& init : chain) {
      walk(object_.symbols[init.symbol].index, 0);
      ++constructor_;
    }
    return std::move(result_);
  }

 private:
  void walk(uint32_t function, unsigned depth) {
    const Bytes body = object_.function_body(function);
    if (body.empty() || depth > kDeepest || !seen_.insert(function).second) return;
    const auto base = static_cast<uint32_t>(body.data() - code_.data());
    const std::vector<Site> sites =
        relocations_->list(object_, base, base + static_cast<uint32_t>(body.size()));
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
          stack.push_back(find_site(sites, base + instruction.immediates));
          break;
        case kGlobalGet:
          // Position independent code: __memory_base or __table_base, to which a constant is added;
          // or a GOT entry, which is the address or slot itself.
          stack.push_back(got_entry_at(sites, base + instruction.immediates));
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
          const uint32_t callee = callee_of(sites, instruction, base);
          const std::optional<std::string_view> registrar = find_registrar(callee);
          const Value target = registrar ? pop() : Value();
          const Value name = registrar ? pop() : Value();
          if (registrar && add(*registrar, name, target)) {
            stack.push_back(std::nullopt);
          } else if (registrar && !is_any_) {
            report_unreadable(function);
            stack.push_back(std::nullopt);
          } else {
            stack.clear();
            follow(callee, depth);
          }
          break;
        }
        default:
          stack.clear();
      }
    }
  }

  static Value find_site(const std::vector<Site>& sites, uint32_t offset) {
    const auto found = std::ranges::lower_bound(
        sites, offset, {}, [](const Site& site) { return site.relocation.offset; });
    return found == sites.end() || found->relocation.offset != offset ? Value() : Value(*found);
  }

  // The relocation of a global.get that reads the GOT entry of a function or of data.
  Value got_entry_at(const std::vector<Site>& sites, uint32_t offset) const {
    const Value site = find_site(sites, offset);
    if (!site || site->relocation.kind != kGlobalIndexLeb) return std::nullopt;
    const SymbolKind kind = object_.symbols[site->relocation.index].kind;
    return kind == SymbolKind::function || kind == SymbolKind::data ? site : Value();
  }

  // The index in the code may be stale: the relocation says who is called.
  uint32_t callee_of(const std::vector<Site>& sites, const Instruction& instruction,
                     uint32_t base) {
    const Value site = find_site(sites, base + instruction.immediates);
    if (!site || site->relocation.kind != kFunctionIndexLeb) return instruction.index;
    const Symbol& symbol = object_.symbols[site->relocation.index];
    if (is_any_ && symbol.kind == SymbolKind::function) names_[symbol.index] = symbol.name;
    return symbol.index;
  }

  // The name of a function if it is a registrar, or may be one.
  std::optional<std::string_view> find_registrar(uint32_t function) const {
    if (!is_any_) {
      const auto found = registrars_.find(function);
      return found == registrars_.end() ? std::nullopt : std::optional(found->second);
    }
    const auto name = names_.find(function);
    if (name == names_.end() || function >= object_.function_count()) return std::nullopt;
    constexpr uint8_t kTwoI32[] = {0x7f, 0x7f};
    const FuncType& type = object_.types[object_.function_type(function)];
    if (!std::ranges::equal(type.params, kTwoI32)) return std::nullopt;
    return name->second;
  }

  void follow(uint32_t function, unsigned depth) {
    if (function >= object_.function_count()) return;
    const FuncType& type = object_.types[object_.function_type(function)];
    if (type.params.empty()) walk(function, depth + 1);
  }

  bool add(std::string_view registrar, Value name, Value target) {
    if (!name || !target) return false;
    const Relocation& name_site = name->relocation;
    const Relocation& target_site = target->relocation;
    const std::optional<std::string_view> text = read_text(name_site);
    constexpr uint8_t kTargets[] = {kTableIndexSleb, kTableIndexRelSleb, kMemoryAddrSleb,
                                    kMemoryAddrRelSleb, kGlobalIndexLeb};
    if (!text || std::ranges::find(kTargets, target_site.kind) == std::end(kTargets)) return false;
    if (is_any_ && !is_tvm_registrar(registrar) &&
        (object_.symbols[target_site.index].kind != SymbolKind::function ||
         !is_registered_name(*text)))
      return false;
    result_.entries.push_back({registrar, *text, target_site.index, name->number, constructor_});
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
    const std::string_view text = content.substr(static_cast<size_t>(at), kLongestName + 1);
    const size_t end = text.find('\0');
    return end == text.npos ? std::nullopt : std::optional(text.substr(0, end));
  }

  void report_unreadable(uint32_t function) {
    if (unreadable_.insert(function).second) result_.unreadable.push_back(function);
  }

  const Object& object_;
  Bytes code_;
  std::unordered_map<uint32_t, std::string_view> registrars_;  // function index -> name
  bool is_any_;
  std::unordered_map<uint32_t, std::string_view> names_;  // of functions that are called
  std::optional<CodeRelocations> relocations_;
  uint32_t constructor_ = 0;
  std::unordered_set<uint32_t> seen_, unreadable_;
  Registrations result_;
};

}  // namespace

Registrations read_registrations(const Object& object,
                                 std::span<const std::string_view> registrars) {
  return RegistrationReader(object, registrars).read();
}

Registrations find_registrations(const Object& object) {
  return RegistrationReader(object, std::nullopt).read();
}

bool is_registered_name(std::string_view text) {
  return !text.empty() && std::ranges::none_of(text, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

bool is_tvm_registrar(std::string_view function) {
  return function == "TVMBackendRegisterSystemLibSymbol" ||
         function == "TVMFFIEnvModRegisterSystemLibSymbol";
}

}  // namespace wasmpack
