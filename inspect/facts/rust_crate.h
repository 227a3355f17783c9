// Which Rust crate a function comes from, by its mangled name.
//
// Sources: RFC 2603 (v0); rustc_symbol_mangling/src/legacy.rs.
#pragma once

#include <string_view>

namespace wasmpack {

// A view into `symbol`; empty if the name is not Rust's or does not tell.
//
// Both manglings begin a path with its crate, so an item and an inherent method are exact. A legacy
// name of a trait's method (`<A as B>::f`) has no crate of its own, but the implementation must
// stand in the crate of A or B (the orphan rule), and that crate knows all crates that are named:
// of core, alloc and std the highest, or the only other crate that is named. If two others are
// named, nothing is known. v0 names the crate of the implementation; of a default method
// (`Y`) nothing is known. Linear in the name's length.
std::string_view find_rust_crate(std::string_view symbol);

// Takes a decimal number and as many characters off the front of `text`; empty if that is not what
// stands there. v0 may have an underscore between them.
std::string_view take_mangled_identifier(std::string_view& text, bool has_separator);

}  // namespace wasmpack
