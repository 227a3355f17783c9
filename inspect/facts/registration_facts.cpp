#include "inspect/facts/registration_facts.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "inspect/facts/memory_image.h"
#include "object/instructions.h"
#include "object/registrations.h"

namespace wasmpack {
namespace {

constexpr uint8_t kLocalGet = 0x20, kLocalSet = 0x21, kLocalTee = 0x22, kI32Add = 0x6a;
// Constructors call their parts one or two deep.
constexpr unsigned kDeepest = 8;
constexpr uint8_t kTwoI32[] = {0x7f, 0x7f};

bool has_reg(std::string_view name) {
  constexpr std::string_view kReg = "reg";
  return !std::ranges::search(name, kReg, {}, [](char c) {
            return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
          }).empty();
}

// Follows constants from where they are made to where they are arguments.
class ModuleReader {
 public:
  ModuleReader(const Object& object, const FunctionNames& names)
      : object_(object), names_(names), memory_(object), table_(object) {}

  void read(ConstructorFact& constructor) {
    constructor_ = &constructor;
    walk(constructor.function.index, 0);
  }

  // A chain into which constructors were inlined: what it registers itself goes to the constructors
  // that stand for the calls, by their position among the chain's calls.
  void read_chain(uint32_t chain, std::vector<ConstructorFact>& constructors) {
    chain_constructors_ = &constructors;
    walk(chain, kDeepest);
    chain_constructors_ = nullptr;
  }

 private:
  using Value = std::optional<uint32_t>;

  void walk(uint32_t function, unsigned depth) {
    const Bytes body = object_.function_body(function);
    if (body.empty() || depth > kDeepest || body.size() > left_) return;
    if (!seen_.insert(function).second) return;
    left_ -= body.size();
    std::vector<Value> stack;
    std::unordered_map<uint32_t, Value> locals;
    const auto pop = [&stack] {
      if (stack.empty()) return Value();
      const Value value = stack.back();
      stack.pop_back();
      return value;
    };
    InstructionReader reader(body);
    for (Instruction instruction; reader.next(instruction);) {
      switch (instruction.opcode) {
        case opcode::kI32Const:
          stack.push_back(static_cast<uint32_t>(instruction.constant));
          break;
        case kI32Add: {
          const Value b = pop(), a = pop();
          stack.push_back(a && b ? Value(*a + *b) : Value());
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
          const Value target = pop(), name = pop();
          call(instruction.index, name, target, depth);
          stack.clear();
          break;
        }
        case opcode::kEnd:
          break;
        default:
          stack.clear();
      }
    }
  }

  void call(uint32_t callee, Value name, Value target, unsigned depth) {
    if (callee >= object_.function_count()) return;
    ConstructorFact* const constructor = find_constructor(callee);
    const FuncType& type = object_.types[object_.function_type(callee)];
    if (std::ranges::equal(type.params, kTwoI32)) {
      if (name && target && constructor != nullptr) add(*constructor, callee, *name, *target);
    } else if (type.params.empty()) {
      walk(callee, depth + 1);
    }
  }

  // Calls that the list of constructors leaves out are passed over; both are in the chain's order.
  ConstructorFact* find_constructor(uint32_t callee) {
    if (chain_constructors_ == nullptr) return constructor_;
    if (next_ == chain_constructors_->size() ||
        (*chain_constructors_)[next_].function.index != callee)
      return nullptr;
    return &(*chain_constructors_)[next_++];
  }

  void add(ConstructorFact& constructor, uint32_t registrar, uint32_t name, uint32_t target) {
    const std::string_view registrar_name = names_.find(registrar);
    if (!has_reg(registrar_name)) return;
    const std::optional<std::string_view> text = memory_.find_text(name);
    const std::optional<uint32_t> function = table_.find_function(target);
    if (!text || !function || !is_registered_name(*text)) return;
    constructor.registers.push_back({registrar_name, *text, {*function, names_.find(*function)}});
  }

  const Object& object_;
  const FunctionNames& names_;
  MemoryImage memory_;
  TableImage table_;
  ConstructorFact* constructor_ = nullptr;
  std::vector<ConstructorFact>* chain_constructors_ = nullptr;
  size_t next_ = 0;  // in chain_constructors_
  std::unordered_set<uint32_t> seen_;
  uint64_t left_ = kMaxBytesWalked;
};

}  // namespace

void gather_object_registrations(const Object& object, Facts& facts) {
  for (const Registration& entry : find_registrations(object).entries) {
    const Symbol& target = object.symbols[entry.target];
    if (entry.constructor >= facts.constructors.size()) continue;
    const uint32_t function = target.kind == SymbolKind::function ? target.index : UINT32_MAX;
    facts.constructors[entry.constructor].registers.push_back(
        {entry.registrar, entry.name, {function, target.name}});
  }
}

void gather_module_registrations(const Object& object, const FunctionNames& names, Facts& facts) {
  if (facts.constructors.empty()) return;
  ModuleReader reader(object, names);
  if (!facts.init.is_plain) reader.read_chain(*facts.init.function, facts.constructors);
  for (ConstructorFact& constructor : facts.constructors) reader.read(constructor);
}

}  // namespace wasmpack
