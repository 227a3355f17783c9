// The checks, one a file of the same name.
#pragma once

#include "inspect/checks/check.h"

namespace wasmpack {

extern const Check kCtorDropped;
extern const Check kCtorRerun;

}  // namespace wasmpack
