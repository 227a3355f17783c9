// Rust: a module without a dependency. The engine is the host's affair, behind a trait of four
// methods: crates of engines change their interfaces every few months, and a generated file must
// not have to follow.

#include "bindgen/languages.h"
#include "bindgen/names.h"
#include "bindgen/rust_text.h"
#include "packager/signature.h"

namespace wasmpack {
namespace {

constexpr std::string_view kLetters = "iIfF";

// Keywords of all editions, and the methods of Bundle.
constexpr std::string_view kReserved[] = {
    "abstract", "alloc",    "as",      "async", "await",      "become", "box",      "break",
    "const",    "continue", "crate",   "do",    "dyn",        "else",   "enum",     "error",
    "extern",   "false",    "final",   "find",  "fn",         "for",    "free",     "gen",
    "host",     "if",       "impl",    "in",    "initialize", "invoke", "let",      "loop",
    "macro",    "match",    "mod",     "move",  "mut",        "new",    "override", "param",
    "priv",     "pub",      "put",     "read",  "ref",        "return", "self",     "slot",
    "static",   "struct",   "super",   "trait", "true",       "try",    "type",     "typeof",
    "union",    "unsafe",   "unsized", "use",   "virtual",    "where",  "while",    "word",
    "write",    "yield",    "Self",    "call",  "read_words"};

constexpr std::string_view kTypes =
    R"rs(#![allow(dead_code, non_snake_case, non_upper_case_globals)]
#![allow(clippy::all)]

/// A value of wasm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    I32(i32),
    I64(i64),
    F32(f32),
    F64(f64),
}

/// One instance of the bundle in some engine.
pub trait Host {
    /// What the engine says of a trap.
    type Error;
    /// Calls an exported function. `results` holds zeros of the types that the function returns.
    fn call(&mut self, export: &str, args: &[Value], results: &mut [Value]) -> Result<(), Self::Error>;
    /// Calls the function in a slot of the table `__indirect_function_table`. Used only for kernels
    /// that the bundle does not export.
    fn call_slot(&mut self, slot: u32, args: &[Value], results: &mut [Value]) -> Result<(), Self::Error>;
    /// Copies out of the memory `memory`; an error if that ends before.
    fn read(&mut self, address: u32, into: &mut [u8]) -> Result<(), Self::Error>;
    /// Copies into it.
    fn write(&mut self, address: u32, from: &[u8]) -> Result<(), Self::Error>;
}

#[derive(Debug)]
pub enum Error<E> {
    /// A trap, or whatever else the engine refuses. After one in `initialize`, throw the instance away.
    Host(E),
    /// The bundle has no memory for so many bytes.
    OutOfMemory(usize),
    /// The bundle has no kernel of that name.
    UnknownKernel(String),
    /// The host returned a value of another type than it was asked for.
    WrongType,
}

impl<E> From<E> for Error<E> {
    fn from(error: E) -> Self {
        Error::Host(error)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DType {
    Float16, Float32, Float64, BFloat16,
    Int8, Int16, Int32, Int64,
    UInt8, UInt16, UInt32, UInt64, Bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tensor {
    pub name: &'static str,
    pub dtype: DType,
    /// -1: any
    pub shape: &'static [i64],
    /// May be empty.
    pub layout: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KernelInfo {
    /// In the registry.
    pub name: &'static str,
    /// "(i32,i32)->(f32)"
    pub signature: &'static str,
    /// Position in LIBRARIES.
    pub library: u32,
    /// 0: plain C, see docs/bundle-abi.md
    pub abi: u32,
    pub args: &'static [Tensor],
    pub results: &'static [Tensor],
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParamInfo {
    pub tensor: Tensor,
    pub bytes: u64,
    /// None: inside the bundle
    pub file: Option<&'static str>,
}

/// What instantiation takes from the host.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Import {
    pub module: &'static str,
    pub name: &'static str,
    /// "(i32)->()", or "memory"
    pub signature: &'static str,
}
)rs";

std::string_view type_of(char letter) {
  switch (letter) {
    case 'i':
      return "i32";
    case 'I':
      return "i64";
    case 'f':
      return "f32";
    default:
      return "f64";
  }
}

std::string_view variant_of(char letter) {
  switch (letter) {
    case 'i':
      return "Value::I32";
    case 'I':
      return "Value::I64";
    case 'f':
      return "Value::F32";
    default:
      return "Value::F64";
  }
}

std::string_view zero_of(char letter) { return letter == 'f' || letter == 'F' ? "0.0" : "0"; }

std::string numbered(std::string_view prefix, size_t i) {
  return std::string(prefix) + std::to_string(i);
}

std::string dtype_variant(std::string_view dtype) {
  std::string name(dtype);
  if (name.starts_with("bf")) return "DType::BFloat16";
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
  if (name.starts_with("Ui")) name[1] = 'I';
  return "DType::" + name;
}

std::string tensor_text(const BoundTensor& tensor) {
  return "Tensor { name: " + quote_rust(tensor.name) + ", dtype: " + dtype_variant(tensor.dtype) +
         ", shape: &[" + join_shape(tensor.shape) + "], layout: " + quote_rust(tensor.layout) +
         " }";
}

std::string tensors_text(const std::vector<BoundTensor>& tensors) {
  std::string text = "&[";
  for (const BoundTensor& tensor : tensors)
    text += (text.size() > 2 ? ", " : "") + tensor_text(tensor);
  return text + "]";
}

// "i32", "(i32, f32)", "()"
std::string result_type(std::string_view letters) {
  const std::string types =
      join(letters, [](size_t, char letter) { return std::string(type_of(letter)); });
  return letters.size() == 1 ? types : "(" + types + ")";
}

class Writer {
 public:
  explicit Writer(const BundleDescription& bundle)
      : bundle_(bundle), identifiers_(kernel_identifiers(bundle, kReserved)) {}

  std::string write() {
    for (const std::string& line : header_lines(bundle_)) out_ += "// " + line + "\n";
    out_ += kTypes;
    write_constants();
    out_ += kRustRuntime;
    write_kernels();
    return std::move(out_);
  }

 private:
  void write_constants() {
    out_ += "\npub const PACKAGE_NAME: &str = " + quote_rust(bundle_.package) +
            ";\npub const PACKAGE_VERSION: &str = " + quote_rust(bundle_.version) +
            ";\n\n/// In the order of the numbers that `Bundle::error` takes.\n"
            "pub const LIBRARIES: &[&str] = &[";
    for (size_t i = 0; i < bundle_.libraries.size(); ++i)
      out_ += (i == 0 ? "" : ", ") + quote_rust(bundle_.libraries[i]);
    out_ +=
        "];\n\n/// What the manifest section says of each kernel, by the name of its method.\n"
        "pub mod kernels {\n    #[allow(unused_imports)]\n"
        "    use super::{DType, KernelInfo, Tensor};\n";
    for (size_t i = 0; i < bundle_.kernels.size(); ++i) {
      const BoundKernel& kernel = bundle_.kernels[i];
      out_ += "\n    pub const " + identifiers_[i] +
              ": KernelInfo = KernelInfo {\n        name: " + quote_rust(kernel.name) +
              ",\n        signature: " + quote_rust(letters_text(kernel.signature)) +
              ",\n        library: " + std::to_string(kernel.library) +
              ",\n        abi: " + std::to_string(kernel.abi) +
              ",\n        args: " + tensors_text(kernel.args) +
              ",\n        results: " + tensors_text(kernel.results) + ",\n    };\n";
    }
    out_ += "}\n\n/// Sorted by name.\npub const PARAMS: &[ParamInfo] = &[\n";
    for (const BoundParam& param : bundle_.params) {
      out_ += "    ParamInfo { tensor: " + tensor_text(param.tensor) +
              ", bytes: " + std::to_string(param.bytes) +
              ", file: " + (param.is_external ? "Some(" + quote_rust(param.file) + ")" : "None") +
              " },\n";
    }
    out_ += "];\n\npub const IMPORTS: &[Import] = &[\n";
    for (const BoundImport& import : bundle_.imports) {
      out_ += "    Import { module: " + quote_rust(import.module) +
              ", name: " + quote_rust(import.field) + ", signature: " +
              quote_rust(import.is_memory ? "memory" : letters_text(import.signature)) + " },\n";
    }
    out_ += "];\n";
  }

  void write_kernels() {
    out_ += "\nimpl<H: Host> Bundle<H> {";
    bool is_first = true;
    for (size_t i = 0; i < bundle_.kernels.size(); ++i) {
      const BoundKernel& kernel = bundle_.kernels[i];
      out_ += is_first ? "\n" : "\n\n";
      is_first = false;
      if (has_only(kernel.signature, kLetters))
        write_method(kernel, identifiers_[i]);
      else
        out_ += "    // " + left_out_line(kernel);
    }
    out_ += "\n}\n";
  }

  void write_method(const BoundKernel& kernel, const std::string& name) {
    const std::string_view params = param_letters(kernel.signature);
    const std::string_view results = result_letters(kernel.signature);
    for (const std::string& line : kernel_lines(bundle_, kernel))
      out_ += line.empty() ? "    ///\n" : "    /// " + line + "\n";
    out_ += "    pub fn " + name + "(&mut self" + (params.empty() ? "" : ", ");
    out_ += join(params, [](size_t i, char letter) {
      return numbered("p", i) + ": " + std::string(type_of(letter));
    });
    out_ += ") -> Result<" + result_type(results) + ", Error<H::Error>> {\n";
    const std::string args = join(params, [](size_t i, char letter) {
      return std::string(variant_of(letter)) + "(" + numbered("p", i) + ")";
    });
    const std::string call = "self.invoke(" + quote_rust(kernel.name) + ", " +
                             (kernel.is_exported ? "true" : "false") + ", &[" + args + "], ";
    if (results.empty()) {
      out_ += "        " + call + "&mut [])\n    }";
      return;
    }
    const std::string zeros = join(results, [](size_t, char letter) {
      return std::string(variant_of(letter)) + "(" + std::string(zero_of(letter)) + ")";
    });
    const std::string pattern = join(results, [](size_t i, char letter) {
      return std::string(variant_of(letter)) + "(" + numbered("r", i) + ")";
    });
    const std::string values = join(results, [](size_t i, char) { return numbered("r", i); });
    out_ += "        let mut results = [" + zeros + "];\n        " + call + "&mut results)?;\n" +
            "        match results {\n            [" + pattern + "] => Ok(" +
            (results.size() == 1 ? values : "(" + values + ")") +
            "),\n            _ => Err(Error::WrongType),\n        }\n    }";
  }

  const BundleDescription& bundle_;
  std::vector<std::string> identifiers_;
  std::string out_;
};

}  // namespace

std::string make_rust_binding(const BundleDescription& bundle) { return Writer(bundle).write(); }

}  // namespace wasmpack
