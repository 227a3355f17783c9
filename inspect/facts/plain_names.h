// What a mangled name is called in its source, as far as that is a plain path.
//
// LLVM's demangler is not used: a short hostile name makes its output exponentially long.
#pragma once

#include <string>
#include <string_view>

namespace wasmpack {

// "a::b::f" for names of C++ (Itanium ABI) and Rust (legacy, v0) that are paths of identifiers;
// without parameters and hash. Empty for anything else, such as templates, operators and v0's
// implementations. At most as long as a few times `mangled`.
std::string demangle_plain_name(std::string_view mangled);

// Whether `written` ("a::b::f", or with parameters "a::b::f(int)", which are not compared) is that
// name of `mangled`.
bool is_plain_name_of(std::string_view written, std::string_view mangled);

}  // namespace wasmpack
