// The lines that answer first: what a file is, whether its constructors run, what is wrong with
// it, what it offers and needs.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <llvm/Support/raw_ostream.h>

#include "inspect/facts/facts.h"
#include "inspect/render/text_fit.h"
#include "support/diagnostic.h"

namespace wasmpack {

// "3 exports"
std::string plural(size_t count, std::string_view noun);

// "libx.a(y.o): relocatable object, wasm32, 647 bytes, 8 functions": one line with its newline.
void print_title(llvm::raw_ostream& out, const Facts& facts, const TextStyle& style);

// "error[ctor-rerun]: ", as findings begin.
void print_finding_head(llvm::raw_ostream& out, Severity severity, std::string_view id,
                        const TextStyle& style);

// The lines below the title. A file with findings is long enough with them: no more than `limit`
// are shown.
void print_answer(llvm::raw_ostream& out, const Facts& facts);
void print_findings(llvm::raw_ostream& out, std::span<const Diagnostic> findings, size_t limit,
                    const TextStyle& style);
void print_offers(llvm::raw_ostream& out, const Facts& facts, const TextStyle& style);

}  // namespace wasmpack
