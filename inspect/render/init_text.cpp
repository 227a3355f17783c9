#include "inspect/render/init_text.h"

#include <string_view>
#include <unordered_set>
#include <vector>

#include "inspect/facts/chain_reruns.h"
#include "support/diagnostic.h"

namespace wasmpack {
namespace {

constexpr size_t kMaxNameShown = 1000;
constexpr size_t kMaxNamesListed = 8;

// "`a`, `b` or `c`", "`a`, `b` or 30 more", with the way there where it is not direct.
std::string list_callers(const std::vector<const ChainCaller*>& callers,
                         std::string_view conjunction) {
  std::string text;
  for (size_t i = 0; i < callers.size() && i < kMaxNamesListed; ++i) {
    if (i > 0) text += i + 1 == callers.size() ? std::string(conjunction) : ", ";
    const ChainCaller& caller = *callers[i];
    text += '`' + show_function({caller.function, caller.name}) + '`';
    for (size_t step = 0; step < caller.path.size(); ++step)
      text += (step == 0 ? " (through " : ", ") + show_function(caller.path[step]);
    if (!caller.path.empty()) text += ')';
  }
  if (callers.size() > kMaxNamesListed)
    text += std::string(conjunction) + std::to_string(callers.size() - kMaxNamesListed) + " more";
  return text;
}

std::vector<const ChainCaller*> select_callers(const InitFacts& init, CallerKind kind) {
  std::vector<const ChainCaller*> selected;
  for (const ChainCaller& caller : init.callers)
    if (caller.kind == kind) selected.push_back(&caller);
  return selected;
}

std::string describe_object(const Facts& facts) {
  const size_t count = facts.constructors.size();
  const auto callers = select_callers(facts.init, CallerKind::symbol);
  if (!callers.empty()) {
    const std::string who = list_callers(callers, " or ");
    return count == 0 ? "none; " + who + " runs those of whatever it is linked with"
                      : std::to_string(count) + ", run by " + who;
  }
  if (count == 0) return "none";
  return std::to_string(count) + "; nothing in this object runs them, that is up to the final link";
}

// What runs the chain of a finished module, as clauses.
std::string describe_runs(const Facts& facts) {
  const InitFacts& init = facts.init;
  std::string text;
  const auto add = [&text](const std::string& clause) {
    text += (text.empty() ? "" : "; ") + clause;
  };
  if (!select_callers(init, CallerKind::start).empty())
    add("run when the module is instantiated, by its start section");
  const std::vector<std::string_view> rerun_names = list_reruns(init);
  const std::unordered_set<std::string_view> is_rerun(rerun_names.begin(), rerun_names.end());
  std::vector<const ChainCaller*> once;
  std::vector<const ChainCaller*> again;
  bool are_wrappers = true;
  for (const ChainCaller& caller : init.callers) {
    if (caller.kind == CallerKind::start) continue;
    if (!is_rerun.contains(caller.name)) {
      once.push_back(&caller);
    } else {
      again.push_back(&caller);
      are_wrappers = are_wrappers && caller.kind == CallerKind::wrapper;
    }
  }
  if (!once.empty()) add("run when the host calls " + list_callers(once, " or "));
  if (!again.empty())
    add("run AGAIN at every call of " + list_callers(again, " and ") +
        (are_wrappers ? ", the linker's command wrappers" : ""));
  if (init.exported_as) {
    const std::string name = '`' + show_name(*init.exported_as) + '`';
    if (facts.kind == WasmKind::shared)
      add("run by the dynamic loader, through the export " + name);
    else
      add("run when the host calls " + name);
  }
  const ExportRuns* doubtful = find_doubtful_export(init);
  if (text.empty() && doubtful != nullptr) {
    text = "which nothing runs directly; perhaps `" + show_name(doubtful->name) +
           "` does: " + doubtful->reason;
  } else if (text.empty()) {
    text = init.is_complete
               ? "which NEVER run: nothing that an export or the start section reaches calls "
                 "__wasm_call_ctors"
               : "but no caller of __wasm_call_ctors was found in the code that was read";
  } else if (!init.is_complete) {
    text += " (not all code was read: there may be others)";
  }
  return text;
}

std::string describe_module(const Facts& facts) {
  const InitFacts& init = facts.init;
  if (init.chain == ChainState::absent) return "none: " + init.reason;
  if (init.chain == ChainState::unknown) return "unknown: " + init.reason;
  const size_t count = facts.constructors.size();
  if (count == 0 && init.is_plain) return "none: the ctor chain, __wasm_call_ctors, is empty";
  const std::string number =
      init.is_plain ? std::to_string(count) : "inlined by an optimizer, their number is not known";
  return number + ", " + describe_runs(facts);
}

}  // namespace

std::string show_name(std::string_view name) {
  if (name.size() <= kMaxNameShown) return escape_controls(name);
  return escape_controls(name.substr(0, kMaxNameShown)) + "... (" + std::to_string(name.size()) +
         " bytes)";
}

std::string show_function(const FunctionRef& function) {
  return function.name.empty() ? "func[" + std::to_string(function.index) + "]"
                               : show_name(function.name);
}

std::string describe_constructors(const Facts& facts) {
  return facts.kind == WasmKind::object ? describe_object(facts) : describe_module(facts);
}

}  // namespace wasmpack
