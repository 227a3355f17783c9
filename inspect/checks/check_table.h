// The rows of the checks, one a file of the same name (not_validated is in invalid_module.cpp,
// stale_relocation in invalid_linking.cpp).
#pragma once

#include "inspect/checks/check.h"

namespace wasmpack {

extern const Check kCtorDropped, kCtorRerun, kCtorTwice, kCtorUnreachable, kDebugInfo,
    kDlopenNeeded, kDuplicateKernel, kEngineLimit, kExportLost, kFeatureConflict,
    kFeatureNotAllowed, kForbiddenImport, kInitMissing, kInvalidLinking, kInvalidModule,
    kMissingExport, kMissingKernel, kNotRelocatable, kNotValidated, kOverBudget, kPathLeak,
    kSignatureMismatchStub, kStaleRelocation, kUndeclaredExport, kUnreadableSection,
    kWeakContextShared, kWrongBundle, kWrongKind, kWrongType;

}  // namespace wasmpack
