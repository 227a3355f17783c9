#include <string>

#include "inspect/checks/check_table.h"
#include "inspect/checks/finding_text.h"

namespace wasmpack {
namespace {

// Libraries in the way of libc have constructors that only matter to who uses the rest of their
// member, so a member is an error only if its constructors register something: that is what nobody
// refers to by name.
void find_dropped(const CheckInput& input, std::vector<Diagnostic>& findings) {
  const std::vector<ConstructorFact>& constructors = input.facts.constructors;
  if (input.is_pulled.value_or(true) || constructors.empty()) return;
  NameList registered;
  for (const ConstructorFact& constructor : constructors)
    for (const RegistrationFact& registration : constructor.registers)
      registered.add(registration.name);
  std::string message = "nothing pulls this member, so its ";
  message += constructors.size() == 1 ? "constructor never runs"
                                      : count_of(constructors.size(), "constructor") + " never run";
  if (!registered.empty()) message += ", which would register " + registered.text();
  Diagnostic finding = make_finding(kCtorDropped, input.facts, std::move(message));
  if (registered.empty()) finding.severity = Severity::warning;
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
