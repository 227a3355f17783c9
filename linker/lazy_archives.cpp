#include "linker/lazy_archives.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace wasmpack {
namespace {

// What is known of a name while inputs are added one by one.
struct NameState {
  Input* provider = nullptr;  // lazy member that would define it
  bool is_defined = false;
  bool is_wanted = false;  // a strong undefined symbol asked for it
};

class MemberChooser {
 public:
  std::vector<Input*> choose(const std::vector<LazyCandidate>& candidates,
                             std::span<const std::string> wanted) {
    for (const std::string& name : wanted) names_[name].is_wanted = true;
    for (const LazyCandidate& candidate : candidates) {
      if (candidate.archive == kNotLazy)
        add(candidate.input);
      else
        offer(candidate.input);
    }
    return std::move(chosen_);
  }

 private:
  // A pulled member's own references are followed before the rest of the one that pulled it: the
  // stack holds how far each input was scanned. An input has its place once it was scanned wholly,
  // so what it pulls comes before it (wasm-ld, SymbolTable::addFile).
  void add(Input* first) {
    struct Frame {
      Input* input;
      size_t symbol;
    };
    std::vector<Frame> stack;
    const auto push = [&](Input* input) {
      input->turn = turns_++;
      taken_[input] = true;
      // Definitions count before references: an input never pulls what it defines itself.
      for (const Symbol& symbol : input->object.symbols)
        if (symbol.is_defined() && !symbol.is_local()) names_[symbol.name].is_defined = true;
      stack.push_back({input, 0});
    };
    push(first);
    while (!stack.empty()) {
      Frame& frame = stack.back();
      const std::vector<Symbol>& symbols = frame.input->object.symbols;
      if (frame.symbol == symbols.size()) {
        chosen_.push_back(frame.input);
        stack.pop_back();
        continue;
      }
      const Symbol& symbol = symbols[frame.symbol++];
      if (!symbol.is_undefined() || symbol.is_weak()) continue;
      NameState& state = names_[symbol.name];
      state.is_wanted = true;
      if (!state.is_defined && state.provider != nullptr && !taken_[state.provider])
        push(state.provider);
    }
  }

  void offer(Input* member) {
    for (const Symbol& symbol : member->object.symbols) {
      if (!symbol.is_defined() || symbol.is_local()) continue;
      NameState& state = names_[symbol.name];
      if (state.provider == nullptr) state.provider = member;
      if (state.is_wanted && !state.is_defined) return add(member);
    }
  }

  std::vector<Input*> chosen_;
  uint32_t turns_ = 0;
  std::unordered_map<Input*, bool> taken_;
  std::unordered_map<std::string_view, NameState> names_;
};

}  // namespace

std::vector<Input*> choose_inputs(const std::vector<LazyCandidate>& candidates,
                                  std::span<const std::string> wanted) {
  const bool any_lazy = std::ranges::any_of(
      candidates, [](const LazyCandidate& candidate) { return candidate.archive != kNotLazy; });
  if (any_lazy) return MemberChooser().choose(candidates, wanted);
  std::vector<Input*> all;
  for (const LazyCandidate& candidate : candidates) {
    candidate.input->turn = static_cast<uint32_t>(all.size());
    all.push_back(candidate.input);
  }
  return all;
}

}  // namespace wasmpack
