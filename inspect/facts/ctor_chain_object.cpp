#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

#include "inspect/facts/ctor_chain_parts.h"
#include "object/relocation_reader.h"

namespace wasmpack {
namespace {

constexpr uint32_t kNoFunction = UINT32_MAX;

void list_init_functions(const Object& object, Facts& facts) {
  std::vector<uint32_t> order(object.init_functions.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&object](uint32_t a, uint32_t b) {
    return object.init_functions[a].priority < object.init_functions[b].priority;
  });
  for (const uint32_t position : order) {
    const InitFunction& init = object.init_functions[position];
    const Symbol& symbol = object.symbols[init.symbol];
    facts.constructors.push_back({static_cast<uint32_t>(facts.constructors.size()),
                                  init.priority,
                                  {symbol.index, symbol.name},
                                  std::nullopt,
                                  {},
                                  {}});
  }
}

// Walks the relocations of the code once: who refers to the chain, and what constructors call.
class ObjectCalls {
 public:
  ObjectCalls(const Object& object, const FunctionNames& names, Facts& facts)
      : object_(object), names_(names), facts_(facts) {
    for (size_t i = facts.constructors.size(); i-- > 0;)
      constructor_of_[facts.constructors[i].function.index] = i;
  }

  void gather() {
    const int code = object_.find_section(SectionId::code);
    if (code < 0) return;
    for (const auto& [function, position] : constructor_of_)
      if (!object_.function_body(function).empty()) facts_.constructors[position].calls.emplace();
    const RelocationSection* relocations = object_.find_relocations(static_cast<uint32_t>(code));
    if (relocations == nullptr) return;
    Cursor cursor(relocations->entries);
    for (uint32_t i = 0; i < relocations->count && cursor.ok(); ++i) {
      const Relocation relocation = read_relocation(cursor);
      if (cursor.ok()) visit(relocation);
    }
    if (!cursor.ok()) facts_.init.is_complete = false;
  }

 private:
  void visit(const Relocation& relocation) {
    if (relocation.kind == kTypeIndexLeb || relocation.index >= object_.symbols.size()) return;
    const Symbol& symbol = object_.symbols[relocation.index];
    if (symbol.kind != SymbolKind::function) return;
    const bool is_chain = symbol.name == kChainName;
    if (!is_chain && constructor_of_.empty()) return;
    const uint32_t function = find_function_at(relocation.offset);
    if (function == kNoFunction) return;
    if (is_chain && callers_seen_.insert(function).second)
      facts_.init.callers.push_back({CallerKind::symbol, names_.find(function), function, {}});
    if (relocation.kind != kFunctionIndexLeb) return;
    const auto found = constructor_of_.find(function);
    if (found != constructor_of_.end()) add_call(found->second, symbol);
  }

  void add_call(size_t constructor, const Symbol& symbol) {
    const uint64_t key = uint64_t{constructor} << 32 | symbol.index;
    if (!calls_seen_.insert(key).second) return;
    std::optional<std::vector<FunctionRef>>& calls = facts_.constructors[constructor].calls;
    if (calls_seen_.size() > kMaxCallsListed)
      calls.reset();
    else if (calls)
      calls->push_back({symbol.index, symbol.name});
  }

  // The function whose body holds that offset of the code section. Relocations come in order, so
  // the search goes on where the last one ended.
  uint32_t find_function_at(uint32_t offset) {
    const std::vector<FunctionBody>& code = object_.code;
    if (position_ < code.size() && offset < code[position_].offset) position_ = 0;
    position_ = static_cast<size_t>(
        std::upper_bound(
            code.begin() + static_cast<std::ptrdiff_t>(position_), code.end(), offset,
            [](uint32_t at, const FunctionBody& body) { return at < body.offset + body.size; }) -
        code.begin());
    if (position_ == code.size() || offset < code[position_].offset) return kNoFunction;
    return object_.imported_count(ExternKind::function) + static_cast<uint32_t>(position_);
  }

  const Object& object_;
  const FunctionNames& names_;
  Facts& facts_;
  std::unordered_map<uint32_t, size_t> constructor_of_;  // function -> its first ConstructorFact
  std::unordered_set<uint32_t> callers_seen_;
  std::unordered_set<uint64_t> calls_seen_;
  size_t position_ = 0;
};

}  // namespace

void gather_object_chain(const Object& object, const FunctionNames& names, Facts& facts) {
  InitFacts& init = facts.init;
  init.model = InitModel::object;
  list_init_functions(object, facts);
  init.chain = ChainState::absent;
  for (const Symbol& symbol : object.symbols) {
    if (symbol.kind != SymbolKind::function || symbol.name != kChainName) continue;
    init.chain = ChainState::present;
    if (symbol.is_defined()) init.function = symbol.index;
  }
  if (init.chain == ChainState::absent)
    init.reason = "nothing in this object refers to __wasm_call_ctors, which the final link makes";
  if (init.chain == ChainState::present || !facts.constructors.empty())
    ObjectCalls(object, names, facts).gather();
}

}  // namespace wasmpack
