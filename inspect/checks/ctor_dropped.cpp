// The row of `ctor-dropped`; inspect/compare/ finds it, since it takes several files.

#include "inspect/checks/check_table.h"

namespace wasmpack {

const Check kCtorDropped = {
    .id = "ctor-dropped",
    .severity = Severity::error,
    .reason =
        "constructors in an archive member that nothing pulls are not in the program, and no "
        "linker says so",
    .fix =
        "link the archive with --whole-archive, or make one object of it: `wasmpack link "
        "--whole-archive`",
    .page =
        "Only with `--link-line`, which tells what is linked. A linker takes a member of an "
        "archive only for an undefined symbol; a library that registers itself has none.",
    .run = nullptr,
};

}  // namespace wasmpack
