#include "inspect/render/chain_graph.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "inspect/facts/chain_reruns.h"
#include "inspect/render/short_text.h"

namespace wasmpack {
namespace {

constexpr size_t kMaxCallsInDetail = 8;

std::string label_function(const FunctionRef& function) {
  return function.name.empty() ? "func[" + std::to_string(function.index) + ']'
                               : shorten(function.name);
}

class GraphMaker {
 public:
  GraphMaker(const Facts& facts, const ChainGraphLimits& limits)
      : facts_(facts), init_(facts.init), limits_(limits) {
    for (const ExportRuns& runs : init_.runs) runs_.emplace(runs.name, &runs);
    state_ = judge_chain();
  }

  ChainGraph make() {
    const bool has_chain = init_.chain == ChainState::present || facts_.kind == WasmKind::object;
    if (!has_chain && facts_.constructors.empty()) {
      graph_.note = init_.reason.empty() ? "there is no ctor chain" : init_.reason;
      return std::move(graph_);
    }
    if (facts_.kind == WasmKind::object && facts_.constructors.empty() && init_.callers.empty()) {
      graph_.note = "it has no constructors";
      return std::move(graph_);
    }
    const uint32_t host = add_host();
    const uint32_t chain =
        add(ChainNodeKind::chain, state_, chain_column(), "__wasm_call_ctors", describe_chain());
    add_callers(host, chain);
    add_constructors(chain);
    return std::move(graph_);
  }

 private:
  uint32_t add(ChainNodeKind kind, ChainNodeState state, uint32_t column, std::string label,
               std::string detail = {}) {
    graph_.nodes.push_back({kind, state, column, std::move(label), std::move(detail)});
    return static_cast<uint32_t>(graph_.nodes.size() - 1);
  }
  void connect(uint32_t from, uint32_t to) {
    // Ways to the chain may be shared.
    if (edges_.emplace(from, to).second) graph_.edges.push_back({from, to});
  }

  uint32_t chain_column() const {
    size_t longest = 0;
    for (const ChainCaller& caller : init_.callers) longest = std::max(longest, caller.path.size());
    return static_cast<uint32_t>(2 + longest);
  }

  uint32_t add_host() {
    if (facts_.kind == WasmKind::object)
      return add(ChainNodeKind::host, ChainNodeState::neutral, 0, "final link",
                 "it makes the chain, and decides who calls it");
    if (facts_.kind == WasmKind::shared)
      return add(ChainNodeKind::host, ChainNodeState::neutral, 0, "dynamic loader");
    return add(ChainNodeKind::host, ChainNodeState::neutral, 0, "host",
               "whoever instantiates the module and calls its exports");
  }

  std::string describe_chain() const {
    std::string text;
    if (facts_.kind == WasmKind::object)
      text = "made by the final link";
    else if (init_.function)
      text = "function " + std::to_string(*init_.function);
    if (init_.is_by_shape) text += ", found by its shape";
    if (!init_.is_plain) text += ", has other code in it too";
    return text;
  }

  // What becomes of the chain, from its callers.
  ChainNodeState judge_chain() const {
    if (facts_.kind == WasmKind::object) return ChainNodeState::neutral;
    ChainNodeState state = ChainNodeState::never;
    for (const ChainCaller& caller : init_.callers) {
      const ChainNodeState of_caller = judge_caller(caller);
      if (of_caller == ChainNodeState::again) return of_caller;
      if (state != ChainNodeState::once) state = of_caller;
    }
    if (state == ChainNodeState::never && init_.exported_as) return ChainNodeState::once;
    if (state == ChainNodeState::never && !init_.is_complete) return ChainNodeState::unknown;
    return state;
  }

  ChainNodeState judge_caller(const ChainCaller& caller) const {
    if (caller.kind == CallerKind::symbol) return ChainNodeState::neutral;
    if (caller.kind == CallerKind::start) return ChainNodeState::once;
    const auto runs = runs_.find(caller.name);
    if (runs == runs_.end()) {
      return caller.kind == CallerKind::wrapper ? ChainNodeState::again : ChainNodeState::once;
    }
    const ExportRuns& counted = *runs->second;
    if (!counted.first || !counted.again) {
      return caller.kind == CallerKind::wrapper ? ChainNodeState::again : ChainNodeState::unknown;
    }
    if (*counted.again > *counted.first && !is_init_entry_name(caller.name))
      return ChainNodeState::again;
    return *counted.first > 0 ? ChainNodeState::once : ChainNodeState::never;
  }

  std::string describe_caller(const ChainCaller& caller) const {
    const auto runs = runs_.find(caller.name);
    if (runs == runs_.end() || caller.kind == CallerKind::start) return {};
    const ExportRuns& counted = *runs->second;
    if (!counted.first) return "how often is not known: " + counted.reason;
    std::string text = "runs of the chain: " + std::to_string(*counted.first) + " after one call";
    if (counted.again) text += ", " + std::to_string(*counted.again) + " after two";
    if (counted.after_initialize)
      text += ", " + std::to_string(*counted.after_initialize) + " after _initialize and one call";
    return text;
  }

  uint32_t add_caller(const ChainCaller& caller) {
    const ChainNodeState state = judge_caller(caller);
    std::string detail = describe_caller(caller);
    switch (caller.kind) {
      case CallerKind::start:
        return add(ChainNodeKind::start, state, 1, "start section",
                   label_function({caller.function, caller.name}));
      case CallerKind::wrapper:
        return add(ChainNodeKind::wrapper, state, 1, shorten(caller.name), std::move(detail));
      case CallerKind::export_:
        return add(ChainNodeKind::export_, state, 1, shorten(caller.name), std::move(detail));
      case CallerKind::symbol:
        break;
    }
    return add(ChainNodeKind::function, state, 1, shorten(caller.name), std::move(detail));
  }

  // Functions between are shared: many exports may reach the chain by one way.
  uint32_t find_function(const FunctionRef& function, uint32_t column) {
    const auto [place, is_new] = functions_.try_emplace({function.index, column}, 0);
    if (is_new)
      place->second =
          add(ChainNodeKind::function, ChainNodeState::neutral, column, label_function(function));
    return place->second;
  }

  void add_callers(uint32_t host, uint32_t chain) {
    size_t count = 0;
    for (const ChainCaller& caller : init_.callers) {
      if (count++ == limits_.callers) {
        const size_t rest = init_.callers.size() - limits_.callers;
        const uint32_t others =
            add(ChainNodeKind::others, state_, 1, std::to_string(rest) + " more");
        connect(host, others);
        connect(others, chain);
        break;
      }
      uint32_t from = add_caller(caller);
      connect(host, from);
      // The path ends in the column before the chain's, whatever its length.
      uint32_t column = chain_column() - static_cast<uint32_t>(caller.path.size());
      for (const FunctionRef& step : caller.path) {
        const uint32_t node = find_function(step, column++);
        connect(from, node);
        from = node;
      }
      connect(from, chain);
    }
    if (init_.exported_as) {
      const uint32_t node = add(ChainNodeKind::export_, ChainNodeState::once, 1,
                                shorten(*init_.exported_as), "the exported chain itself");
      connect(host, node);
      connect(node, chain);
    }
    if (facts_.kind == WasmKind::object) {
      if (init_.callers.empty()) connect(host, chain);
    } else {
      add_idle_exports(host);
    }
  }

  void add_idle_exports(uint32_t host) {
    size_t count = static_cast<size_t>(
        std::ranges::count(facts_.exports, ExternKind::function, &ExportFact::kind));
    size_t named = init_.exported_as ? 1 : 0;
    for (const ChainCaller& caller : init_.callers)
      named += caller.kind == CallerKind::start ? 0 : 1;
    count -= std::min(count, named);
    if (count == 0) return;
    const uint32_t node = add(
        ChainNodeKind::idle, ChainNodeState::neutral, 1,
        std::to_string(count) + (named > 0 ? " other export" : " export") + (count == 1 ? "" : "s"),
        init_.is_complete ? "they do not reach the chain"
                          : "no way from them to the chain was found");
    connect(host, node);
  }

  void add_constructors(uint32_t chain) {
    const uint32_t column = graph_.nodes[chain].column + 1;
    size_t registrations = 0;
    for (const ConstructorFact& constructor : facts_.constructors) {
      if (constructor.order >= limits_.constructors) {
        const size_t rest = facts_.constructors.size() - constructor.order;
        connect(chain, add(ChainNodeKind::others, state_, column, std::to_string(rest) + " more"));
        return;
      }
      const uint32_t node =
          add(ChainNodeKind::constructor, state_, column,
              std::to_string(constructor.order) + ": " + label_function(constructor.function),
              describe_constructor(constructor));
      connect(chain, node);
      size_t shown = 0;
      for (const RegistrationFact& entry : constructor.registers) {
        if (registrations == limits_.registrations) {
          connect(node, add(ChainNodeKind::others, state_, column + 1,
                            std::to_string(constructor.registers.size() - shown) + " more"));
          break;
        }
        ++registrations;
        ++shown;
        connect(node, add(ChainNodeKind::registration, state_, column + 1, shorten(entry.name),
                          label_function(entry.function) + " by " + shorten(entry.registrar)));
      }
    }
  }

  static std::string describe_constructor(const ConstructorFact& constructor) {
    std::string text;
    const auto add_part = [&text](const std::string& part) {
      text += (text.empty() ? "" : ", ") + part;
    };
    if (constructor.priority) add_part("priority " + std::to_string(*constructor.priority));
    if (!constructor.origin.empty()) add_part("from " + shorten(constructor.origin));
    if (!constructor.calls || constructor.calls->empty()) return text;
    std::string calls = "calls";
    for (size_t i = 0; i < std::min(constructor.calls->size(), kMaxCallsInDetail); ++i)
      calls += (i == 0 ? " " : ", ") + label_function((*constructor.calls)[i]);
    if (constructor.calls->size() > kMaxCallsInDetail) calls += ", ...";
    add_part(calls);
    return text;
  }

  const Facts& facts_;
  const InitFacts& init_;
  const ChainGraphLimits& limits_;
  std::unordered_map<std::string_view, const ExportRuns*> runs_;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> functions_;  // function and column -> node
  std::set<std::pair<uint32_t, uint32_t>> edges_;
  ChainNodeState state_;
  ChainGraph graph_;
};

}  // namespace

std::string_view chain_node_kind_name(ChainNodeKind kind) {
  static constexpr std::array<std::string_view, 10> kNames = {
      "host",  "start",       "export",       "wrapper", "function",
      "chain", "constructor", "registration", "others",  "idle"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view chain_node_state_name(ChainNodeState state) {
  static constexpr std::array<std::string_view, 5> kNames = {"neutral", "once", "again", "never",
                                                             "unknown"};
  return kNames[static_cast<size_t>(state)];
}

ChainGraph make_chain_graph(const Facts& facts, const ChainGraphLimits& limits) {
  return GraphMaker(facts, limits).make();
}

}  // namespace wasmpack
