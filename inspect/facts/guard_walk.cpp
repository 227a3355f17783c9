#include "inspect/facts/guard_walk.h"

#include <algorithm>
#include <utility>

#include "inspect/facts/walk_effects.h"
#include "object/instructions.h"
#include "object/value_types.h"

namespace wasmpack {
namespace {

// Bytes of a long instruction, or of local declarations, that cost as much as an instruction.
constexpr uint64_t kBytesPerStep = 16;
constexpr size_t kMaxActivations = 32;
constexpr size_t kMaxNesting = 256;
constexpr size_t kMaxWritten = 256;  // globals, and bytes, that one state holds
constexpr uint32_t kMaxLocals = 4096;

constexpr std::string_view kTooMuch = "the code between it and the chain is too much to walk";
constexpr std::string_view kDepends =
    "whether it runs the chain depends on values that the code does not tell";
constexpr std::string_view kInLoop = "it runs the chain, or sets flags, in a loop";
constexpr std::string_view kIndirect = "it calls through a table, which may lead to the chain";
constexpr std::string_view kNotUnderstood =
    "the code between it and the chain has instructions that are not followed";

template <class Key, class Value>
Value* find_written(std::vector<std::pair<Key, Value>>& written, Key key) {
  for (auto& [k, value] : written)
    if (k == key) return &value;
  return nullptr;
}

using Stack = std::vector<WalkValue>;

// Below what a stack holds there are further values, of which nothing is known: valid code never
// takes more than there is, so a walk may forget values from the bottom.
WalkValue pop(Stack& stack) {
  if (stack.empty()) return std::nullopt;
  const WalkValue value = stack.back();
  stack.pop_back();
  return value;
}

// What is known on one way, and where several ways meet: what they agree on.
struct Meeting {
  std::optional<WalkState> state;
  Stack values;  // that every way brings
  std::vector<WalkValue> locals;
};

// Of two lists of the same length, the first keeps what the second has too.
void keep_common(std::vector<WalkValue>& values, const std::vector<WalkValue>& others) {
  for (size_t i = 0; i < values.size(); ++i)
    if (values[i] != others[i]) values[i].reset();
}

struct Control {
  uint8_t kind;  // kBlock, kLoop, kIf
  uint32_t arity = 0;
  Meeting end;
  Meeting entry;  // of a loop; of an `if`, for its other branch
};

struct Activation {
  uint32_t function;
  Bytes body;
  InstructionReader reader;
  std::vector<WalkValue> locals;
  uint32_t results;
  std::vector<Control> controls;
  Stack stack;
};

}  // namespace

// One walk: the calls that are open, innermost last.
class GuardWalk::Activations {
 public:
  Activations(GuardWalk& walk, WalkState state) : walk_(walk), state_(std::move(state)) {}

  tl::expected<WalkState, std::string_view> run(uint32_t function) {
    enter(function, {});
    while (!open_.empty() && failure_.empty()) step();
    if (!failure_.empty()) return tl::make_unexpected(failure_);
    if (is_live_) return std::move(state_);
    if (trapped_.state && do_traps_agree_) return std::move(*trapped_.state);
    return tl::make_unexpected(trapped_.state ? kDepends : kInLoop);
  }

 private:
  void fail(std::string_view reason) {
    if (failure_.empty()) failure_ = reason;
  }

  void spend(uint64_t steps) {
    if (steps > walk_.steps_left_) fail(kTooMuch);
    walk_.steps_left_ -= std::min(steps, walk_.steps_left_);
  }

  // ---- The state ----

  WalkValue read_global(uint32_t global) {
    if (const auto* written = find_written(state_.globals, global)) return *written;
    const uint32_t imported = walk_.object_.imported_count(ExternKind::global);
    if (global < imported || global - imported >= walk_.object_.globals.size()) return std::nullopt;
    const auto value = constant_of_expression(walk_.object_.globals[global - imported].init);
    return value ? WalkValue(static_cast<uint32_t>(*value)) : std::nullopt;
  }

  void write_global(uint32_t global, WalkValue value) {
    if (auto* written = find_written(state_.globals, global))
      *written = value;
    else if (state_.globals.size() < kMaxWritten)
      state_.globals.emplace_back(global, value);
    else
      fail(kTooMuch);
  }

  std::optional<uint8_t> read_byte(WalkState& state, uint32_t address) {
    if (state.is_memory_lost) return std::nullopt;
    if (const auto* written = find_written(state.bytes, address)) return *written;
    return walk_.memory_.find_byte(address);
  }

  WalkValue load(WalkValue address, uint64_t offset, unsigned size) {
    if (!address || *address + offset + size > UINT32_MAX) return std::nullopt;
    uint32_t value = 0;
    for (unsigned i = 0; i < size; ++i) {
      const auto byte = read_byte(state_, static_cast<uint32_t>(*address + offset + i));
      if (!byte) return std::nullopt;
      value |= uint32_t{*byte} << 8 * i;
    }
    return value;
  }

  void store(WalkValue address, uint64_t offset, unsigned size, WalkValue value) {
    if (!address || *address + offset + size > UINT32_MAX) return;
    for (unsigned i = 0; i < size; ++i) {
      const auto at = static_cast<uint32_t>(*address + offset + i);
      std::optional<uint8_t> byte;
      if (value && i < 4) byte = static_cast<uint8_t>(*value >> 8 * i);
      if (auto* written = find_written(state_.bytes, at))
        *written = byte;
      else if (state_.bytes.size() < kMaxWritten)
        state_.bytes.emplace_back(at, byte);
      else
        return fail(kTooMuch);
    }
  }

  // ---- Ways that meet ----

  void meet(Meeting& meeting, uint32_t arity, const Stack& stack,
            const std::vector<WalkValue>& locals) {
    const size_t written = state_.globals.size() + state_.bytes.size();
    spend(1 + arity + written * written / 16 + locals.size() / 4);
    Stack values(arity);
    for (uint32_t i = 0; i < arity && i < stack.size(); ++i)
      values[arity - 1 - i] = stack[stack.size() - 1 - i];
    if (!meeting.state) {
      meeting.state = state_;
      meeting.values = std::move(values);
      meeting.locals = locals;
      return;
    }
    keep_common(meeting.values, values);
    keep_common(meeting.locals, locals);
    meet_states(*meeting.state);
  }

  // `other` becomes what it and the current state agree on.
  void meet_states(WalkState& other) {
    if (other.runs != state_.runs) return fail(kDepends);
    if (other == state_) return;
    WalkState current = state_;
    for (const auto& [global, value] : current.globals)
      if (find_written(other.globals, global) == nullptr) {
        std::swap(other, state_);
        const WalkValue before = read_global(global);
        std::swap(other, state_);
        other.globals.emplace_back(global, before);
      }
    for (auto& [global, value] : other.globals)
      if (read_global(global) != value) value.reset();
    for (const auto& [address, byte] : current.bytes)
      if (find_written(other.bytes, address) == nullptr)
        other.bytes.emplace_back(address, read_byte(other, address));
    for (auto& [address, byte] : other.bytes)
      if (read_byte(current, address) != byte) byte.reset();
    other.is_memory_lost |= current.is_memory_lost;
    if (other.globals.size() > kMaxWritten || other.bytes.size() > kMaxWritten) fail(kTooMuch);
  }

  // Counts only if no way returns, and then all must agree.
  void trap() {
    if (trapped_.state && trapped_.state->runs != state_.runs)
      do_traps_agree_ = false;
    else
      meet(trapped_, 0, {}, {});
    is_live_ = false;
  }

  // ---- Calls ----

  const FuncType& type_of(uint32_t function) const {
    return walk_.object_.types[walk_.object_.function_type(function)];
  }

  void enter(uint32_t function, const std::vector<WalkValue>& arguments) {
    const Bytes body = walk_.object_.function_body(function);
    if (body.empty() || open_.size() >= kMaxActivations) return fail(kTooMuch);
    const FuncType& type = type_of(function);
    Activation activation{function, body, InstructionReader(body), arguments, 0, {}, {}};
    activation.locals.resize(type.params.size());
    activation.results = static_cast<uint32_t>(type.results.size());
    spend(activation.reader.offset() / kBytesPerStep);
    if (!type.is_simple || !declare_locals(body, activation.locals)) return fail(kTooMuch);
    if (function == walk_.chain_) ++state_.runs;
    activation.controls.push_back({kBlock, activation.results, {}, {}});
    open_.push_back(std::move(activation));
  }

  static bool declare_locals(Bytes body, std::vector<WalkValue>& locals) {
    Cursor cursor(body);
    const uint32_t groups = cursor.read_varuint32();
    for (uint32_t i = 0; i < groups && cursor.ok(); ++i) {
      const uint32_t count = cursor.read_varuint32();
      bool is_simple = true;
      read_value_type(cursor, is_simple);
      if (count > kMaxLocals || locals.size() + count > kMaxLocals) return false;
      locals.resize(locals.size() + count, 0);
    }
    return cursor.ok();
  }

  void call(uint32_t function) {
    if (function >= walk_.object_.function_count()) return fail(kNotUnderstood);
    const FuncType& type = type_of(function);
    if (!type.is_simple) return fail(kNotUnderstood);
    spend(type.params.size() + type.results.size());
    Stack& stack = open_.back().stack;
    std::vector<WalkValue> arguments(type.params.size());
    for (size_t i = arguments.size(); i-- > 0;) arguments[i] = pop(stack);
    const bool is_way = walk_.ways_.contains(function);
    if (is_way && (function != walk_.chain_ || walk_.is_chain_entered_))
      return enter(function, arguments);
    if (function == walk_.chain_) ++state_.runs;
    stack.resize(stack.size() + type.results.size());
  }

  // The innermost call returns, if any way in it did.
  void leave() {
    Activation& done = open_.back();
    const bool returns = done.controls.empty() && is_live_;
    Stack values(done.results);
    for (size_t i = values.size(); i-- > 0;) values[i] = pop(done.stack);
    open_.pop_back();
    if (open_.empty() || !returns) return;
    Stack& stack = open_.back().stack;
    stack.insert(stack.end(), values.begin(), values.end());
  }

  // ---- Control ----

  Cursor immediates_of(const Instruction& instruction) const {
    return Cursor(open_.back().body.subspan(instruction.immediates));
  }

  struct BlockType {
    uint32_t params, results;
  };
  BlockType read_block_type(const Instruction& instruction) {
    Cursor cursor = immediates_of(instruction);
    const int64_t type = cursor.read_varint33();
    if (type == -64) return {0, 0};
    if (type < 0) return {0, 1};
    const std::vector<FuncType>& types = walk_.object_.types;
    if (static_cast<uint64_t>(type) >= types.size() ||
        !types[static_cast<size_t>(type)].is_simple) {
      fail(kNotUnderstood);
      return {0, 0};
    }
    const FuncType& function = types[static_cast<size_t>(type)];
    return {static_cast<uint32_t>(function.params.size()),
            static_cast<uint32_t>(function.results.size())};
  }

  void open_block(const Instruction& instruction) {
    Activation& top = open_.back();
    if (top.controls.size() >= kMaxNesting) return fail(kTooMuch);
    const BlockType type = read_block_type(instruction);
    const bool is_loop = instruction.opcode == kLoop;
    Control control{instruction.opcode, is_loop ? type.params : type.results, {}, {}};
    if (is_live_ && is_loop) {
      // What changes from one turn to the next is not known in any.
      spend(top.locals.size() / 4);
      std::ranges::fill(top.locals, std::nullopt);
      top.stack.clear();
      control.entry.state = state_;
    }
    if (is_live_ && instruction.opcode == kIf) {
      const WalkValue condition = pop(top.stack);
      if (!condition || *condition == 0) meet(control.entry, 0, {}, top.locals);
      is_live_ = !condition || *condition != 0;
      top.stack.clear();
    }
    top.controls.push_back(std::move(control));
  }

  void begin_else() {
    Activation& top = open_.back();
    Control& control = top.controls.back();
    if (is_live_) meet(control.end, control.arity, top.stack, top.locals);
    is_live_ = control.entry.state.has_value();
    if (is_live_) {
      state_ = std::move(*control.entry.state);
      top.locals = std::move(control.entry.locals);
      control.entry.state.reset();
    }
    top.stack.clear();
  }

  void end_block() {
    Activation& top = open_.back();
    // An `if` without `else`, perhaps not taken.
    if (top.controls.back().kind == kIf && top.controls.back().entry.state) begin_else();
    Control control = std::move(top.controls.back());
    top.controls.pop_back();
    if (control.end.state) {
      if (is_live_) meet(control.end, control.arity, top.stack, top.locals);
      state_ = std::move(*control.end.state);
      top.stack = std::move(control.end.values);
      top.locals = std::move(control.end.locals);
      is_live_ = true;
    }
    if (top.controls.empty()) leave();
  }

  void branch(uint32_t depth) {
    std::vector<Control>& controls = open_.back().controls;
    if (depth >= controls.size()) return fail(kNotUnderstood);
    Control& target = controls[controls.size() - 1 - depth];
    if (target.kind != kLoop)
      meet(target.end, target.arity, open_.back().stack, open_.back().locals);
    else if (target.entry.state && !(*target.entry.state == state_))
      fail(kInLoop);
  }

  void branch_by_table(const Instruction& instruction) {
    const WalkValue selector = pop(open_.back().stack);
    Cursor cursor = immediates_of(instruction);
    const uint32_t count = cursor.read_count();
    for (uint32_t i = 0; i <= count && cursor.ok() && failure_.empty(); ++i) {
      const uint32_t depth = cursor.read_varuint32();
      if (!selector || (i == count ? *selector >= count : *selector == i)) branch(depth);
    }
    is_live_ = false;
  }

  // ---- Instructions ----

  void step() {
    Instruction instruction;
    InstructionReader& reader = open_.back().reader;
    if (!reader.next(instruction)) return fail(kNotUnderstood);
    spend(1 + (reader.offset() - instruction.offset) / kBytesPerStep);
    switch (instruction.opcode) {
      case kBlock:
      case kLoop:
      case kIf:
        return open_block(instruction);
      case kElse:
        return begin_else();
      case kEnd:
        return end_block();
      default:
        if (is_live_) execute(instruction);
    }
  }

  void execute(const Instruction& instruction) {
    Stack& stack = open_.back().stack;
    switch (instruction.opcode) {
      case kUnreachable:
        return trap();
      case kNop:
        return;
      case kBr:
        branch(instruction.index);
        is_live_ = false;
        return;
      case kBrIf: {
        const WalkValue condition = pop(stack);
        if (condition && *condition == 0) return;
        branch(instruction.index);
        is_live_ = !condition;
        return;
      }
      case kBrTable:
        return branch_by_table(instruction);
      case kReturn:
        branch(static_cast<uint32_t>(open_.back().controls.size() - 1));
        is_live_ = false;
        return;
      case kCall:
        return call(instruction.index);
      case kReturnCall:
        return return_call(instruction.index);
      case kCallIndirect:
        return call_indirect(instruction);
      case kDrop:
        pop(stack);
        return;
      case kSelect:
      case kSelectTyped: {
        const WalkValue condition = pop(stack), b = pop(stack), a = pop(stack);
        stack.push_back(condition ? (*condition != 0 ? a : b) : a == b ? a : WalkValue());
        return;
      }
      case kI32Const:
        stack.push_back(static_cast<uint32_t>(instruction.constant));
        return;
      case kGlobalGet:
        stack.push_back(read_global(instruction.index));
        return;
      case kGlobalSet:
        return write_global(instruction.index, pop(stack));
      case kLocalGet:
      case kLocalSet:
      case kLocalTee:
        return access_local(instruction);
      default:
        compute_or_access(instruction);
    }
  }

  void access_local(const Instruction& instruction) {
    Activation& top = open_.back();
    if (instruction.index >= top.locals.size()) return fail(kNotUnderstood);
    WalkValue& local = top.locals[instruction.index];
    if (instruction.opcode == kLocalGet) return top.stack.push_back(local);
    local = pop(top.stack);
    if (instruction.opcode == kLocalTee) top.stack.push_back(local);
  }

  // A call, then a return of what it gives, which is as many values as this function's.
  void return_call(uint32_t function) {
    // Entered, the callee's end could not be told from the caller's going on.
    if (function < walk_.object_.function_count() && walk_.ways_.contains(function) &&
        (function != walk_.chain_ || walk_.is_chain_entered_))
      return fail(kNotUnderstood);
    call(function);
    if (!failure_.empty()) return;
    branch(static_cast<uint32_t>(open_.back().controls.size() - 1));
    is_live_ = false;
  }

  void call_indirect(const Instruction& instruction) {
    if (walk_.is_in_table_) return fail(kIndirect);
    Cursor cursor = immediates_of(instruction);
    const uint32_t type = cursor.read_varuint32();
    if (type >= walk_.object_.types.size() || !walk_.object_.types[type].is_simple)
      return fail(kNotUnderstood);
    Stack& stack = open_.back().stack;
    pop(stack);
    for (size_t i = 0; i < walk_.object_.types[type].params.size(); ++i) pop(stack);
    stack.resize(stack.size() + walk_.object_.types[type].results.size());
  }

  void compute_or_access(const Instruction& instruction) {
    Stack& stack = open_.back().stack;
    const uint8_t opcode = instruction.opcode;
    if (opcode >= kFirstStore && opcode <= kLastStore) {
      const WalkValue value = pop(stack);
      const WalkValue address = pop(stack);
      return store(address, read_offset(instruction), store_size(opcode), value);
    }
    if (opcode == kI32Load || opcode == kI32Load8U) {
      const WalkValue address = pop(stack);
      return stack.push_back(load(address, read_offset(instruction), opcode == kI32Load ? 4 : 1));
    }
    if (opcode == kI32Load8S) {
      const WalkValue byte = load(pop(stack), read_offset(instruction), 1);
      return stack.push_back(byte ? WalkValue(static_cast<uint32_t>(static_cast<int8_t>(*byte)))
                                  : WalkValue());
    }
    if (opcode == kI32Eqz) {
      const WalkValue value = pop(stack);
      return stack.push_back(value ? WalkValue(*value == 0) : WalkValue());
    }
    if (opcode == kMiscellaneous || opcode == kSimd || opcode == kAtomics) {
      stack.clear();
      state_.is_memory_lost = state_.is_memory_lost || opcode != kMiscellaneous ||
                              instruction.index >= 8;  // below: conversions
      return;
    }
    const WalkEffect effect = effect_of(opcode);
    if (effect.taken == 255) return fail(kNotUnderstood);
    const WalkValue b = effect.taken >= 1 ? pop(stack) : WalkValue();
    const WalkValue a = effect.taken == 2 ? pop(stack) : WalkValue();
    if (effect.left == 1) stack.push_back(effect.taken == 2 ? compute(opcode, a, b) : WalkValue());
  }

  uint64_t read_offset(const Instruction& instruction) const {
    Cursor cursor = immediates_of(instruction);
    const uint32_t flags = cursor.read_varuint32();
    if (flags & 0x40) return UINT32_MAX;  // another memory: an address that nothing has
    return cursor.read_varuint64();
  }

  GuardWalk& walk_;
  WalkState state_;
  bool is_live_ = true;  // the code at hand is reached
  std::vector<Activation> open_;
  Meeting trapped_;
  bool do_traps_agree_ = true;
  std::string_view failure_;
};

tl::expected<WalkState, std::string_view> GuardWalk::call(WalkState state, uint32_t function) {
  if (function == chain_ && !is_chain_entered_) {
    ++state.runs;
    return state;
  }
  return Activations(*this, std::move(state)).run(function);
}

}  // namespace wasmpack
