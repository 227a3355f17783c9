#include <string>

#include "inspect/checks/check_table.h"

namespace wasmpack {
namespace {

constexpr size_t kLongestNameShown = 200;  // bytes

std::string_view find_registered(const std::vector<ConstructorFact>& constructors) {
  for (const ConstructorFact& constructor : constructors)
    if (!constructor.registers.empty()) return constructor.registers[0].name;
  return {};
}

// Libraries in the way of libc have constructors that only matter to who uses the rest of their
// member, so a member is an error only if its constructors register something: that is what nobody
// refers to by name.
void find_dropped(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const std::vector<ConstructorFact>& constructors = input.facts.constructors;
  if (input.is_pulled.value_or(true) || constructors.empty()) return;
  size_t registered = 0;
  for (const ConstructorFact& constructor : constructors)
    registered += constructor.registers.size();
  std::string message = "nothing pulls this member, so its ";
  message += constructors.size() == 1
                 ? "constructor never runs"
                 : std::to_string(constructors.size()) + " constructors never run";
  if (registered > 0) {
    message += ", which would register `" +
               escape_controls(find_registered(constructors).substr(0, kLongestNameShown)) + '`';
    if (registered > 1) message += " and " + std::to_string(registered - 1) + " more";
  }
  Diagnostic finding = make_finding(kCtorDropped, input.facts, std::move(message));
  if (registered == 0) finding.severity = Severity::warning;
  findings.push_back(std::move(finding));
}

}  // namespace

const Check kCtorDropped = {
    .id = "ctor-dropped",
    .severity = Severity::error,
    .reason = "a linker takes no archive member that nothing refers to, nor its constructors",
    .fix =
        "make the library one object, which a link always takes: `wasmpack link LIB.a -o LIB.o`; "
        "or link it with --whole-archive",
    .page =
        "A kernel library is often called by names that its constructors register, so that no "
        "symbol refers to it. Given as an archive, the final link silently leaves it out. The "
        "check needs the link line: `wasmpack inspect --link-line main.o liba.a libb.a`. It is a "
        "warning where the constructors are not known to register anything.",
    .run = find_dropped,
};

}  // namespace wasmpack
