#include "inspect/compare/link_line.h"

#include <unordered_map>

namespace wasmpack {
namespace {

constexpr uint32_t kNobody = UINT32_MAX;

// What is known of a name while files are read one by one.
struct NameState {
  uint32_t provider = kNobody;  // the first member that defines it
  bool is_defined = false;
  bool is_wanted = false;        // a strong reference, or a root
  uint32_t wanted_by = kNobody;  // the first that wants it, unless that is a root
};

class LineFollower {
 public:
  explicit LineFollower(std::span<const ComparedFile> files) : files_(files) {}

  LinkLine follow(std::span<const std::string> roots) {
    for (uint32_t file = 0; file < files_.size(); ++file) {
      for (uint32_t member = 0; member < files_[file].members.size(); ++member) {
        const auto input = static_cast<uint32_t>(line_.inputs.size());
        line_.inputs.push_back({file, member, false, {}, {}});
        if (files_[file].is_archive)
          offer(input);
        else
          take(input);
      }
    }
    for (const std::string& root : roots) want_root(root);
    // The wrappers that wasm-ld makes of exports, unless something refers to the ctor chain, call
    // destructors where they are defined.
    const auto chain = names_.find("__wasm_call_ctors");
    if (chain == names_.end() || !chain->second.is_wanted) want_root("__wasm_call_dtors");
    return std::move(line_);
  }

 private:
  const std::vector<SymbolFact>& symbols_of(uint32_t input) const {
    const LineInput& place = line_.inputs[input];
    return files_[place.file].members[place.member].symbols;
  }

  static bool defines_global(const SymbolFact& symbol) {
    return symbol.kind != SymbolKind::section &&
           !(symbol.flags & (kSymbolUndefined | kSymbolLocal));
  }

  void want_root(std::string_view name) {
    NameState& state = names_[name];
    if (!state.is_wanted) state.wanted_by = kNobody;
    state.is_wanted = true;
    if (!state.is_defined && state.provider != kNobody) pull(state.provider, name);
  }

  // The member that defines a name that somebody wants.
  void pull(uint32_t input, std::string_view name) {
    const uint32_t puller = names_[name].wanted_by;
    if (puller != kNobody) line_.inputs[input].puller = puller;
    line_.inputs[input].symbol = name;
    take(input);
  }

  // A pulled member's own references are followed before the rest of the one that pulled it.
  void take(uint32_t first) {
    struct Frame {
      uint32_t input;
      size_t symbol;
    };
    std::vector<Frame> stack;
    const auto push = [&](uint32_t input) {
      line_.inputs[input].is_taken = true;
      // Definitions count before references: an input never pulls what it defines itself.
      for (const SymbolFact& symbol : symbols_of(input))
        if (defines_global(symbol)) names_[symbol.name].is_defined = true;
      stack.push_back({input, 0});
    };
    push(first);
    while (!stack.empty()) {
      const uint32_t input = stack.back().input;
      const std::vector<SymbolFact>& symbols = symbols_of(input);
      if (stack.back().symbol == symbols.size()) {
        stack.pop_back();
        continue;
      }
      const SymbolFact& symbol = symbols[stack.back().symbol++];
      if (!(symbol.flags & kSymbolUndefined) || (symbol.flags & kSymbolWeak)) continue;
      NameState& state = names_[symbol.name];
      if (!state.is_wanted) state.wanted_by = input;
      state.is_wanted = true;
      const uint32_t provider = state.provider;
      if (state.is_defined || provider == kNobody || line_.inputs[provider].is_taken) continue;
      line_.inputs[provider].puller = input;
      line_.inputs[provider].symbol = symbol.name;
      push(provider);
    }
  }

  void offer(uint32_t member) {
    for (const SymbolFact& symbol : symbols_of(member)) {
      if (!defines_global(symbol)) continue;
      NameState& state = names_[symbol.name];
      if (state.provider == kNobody) state.provider = member;
      if (state.is_wanted && !state.is_defined) return pull(member, symbol.name);
    }
  }

  std::span<const ComparedFile> files_;
  LinkLine line_;
  std::unordered_map<std::string_view, NameState> names_;
};

}  // namespace

LinkLine follow_link_line(std::span<const ComparedFile> files, std::span<const std::string> roots) {
  return LineFollower(files).follow(roots);
}

}  // namespace wasmpack
