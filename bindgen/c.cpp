// C: a header (C11, C++ too) over three functions of the host. Neither engines' own C interfaces
// nor wasm2c agree with each other, and wasm.h exists in two incompatible versions (Debian's has
// arrays where today's engines have vectors), so the header includes none of them.

#include "bindgen/c_text.h"
#include "bindgen/languages.h"
#include "bindgen/names.h"
#include "packager/signature.h"

namespace wasmpack {
namespace {

constexpr std::string_view kLetters = "iIfF";

std::string upper_case(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return upper;
}

std::string fill_in(std::string_view text, const std::string& prefix) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$' && i + 1 < text.size() && (text[i + 1] == 'p' || text[i + 1] == 'P'))
      out += text[++i] == 'p' ? prefix : upper_case(prefix);
    else
      out += text[i];
  }
  return out;
}

std::string_view type_of(char letter) {
  switch (letter) {
    case 'i':
      return "int32_t";
    case 'I':
      return "int64_t";
    case 'f':
      return "float";
    default:
      return "double";
  }
}

std::string_view member_of(char letter) {
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

// `"text", length`
std::string counted(std::string_view text) {
  return quote_c(text) + ", " + std::to_string(text.size());
}

class Writer {
 public:
  explicit Writer(const BundleDescription& bundle)
      : bundle_(bundle), identifiers_(kernel_identifiers(bundle, {})) {
    for (const char c : make_identifier(bundle.package))
      prefix_ += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }

  std::string write() {
    for (const std::string& line : header_lines(bundle_)) out_ += "// " + line + "\n";
    add(kCTypes);
    write_constants();
    add(kCRuntime);
    for (size_t i = 0; i < bundle_.kernels.size(); ++i) write_kernel(i);
    add("\n#endif\n");
    return std::move(out_);
  }

 private:
  // Text of ours. That of the bundle goes to out_ as it is.
  void add(std::string_view text) { out_ += fill_in(text, prefix_); }

  void write_constants() {
    add("\n#define $P_BUNDLE_NAME ");
    out_ += quote_c(bundle_.package);
    add("\n#define $P_BUNDLE_VERSION ");
    out_ += quote_c(bundle_.version);
    write_library_names();
    write_kernel_infos();
    write_param_infos();
    write_import_infos();
  }

  void write_library_names() {
    add("\n\n/* In the order of the numbers that $p_bundle_error takes; NULL ends them. */\n"
        "static inline const char *const *$p_bundle_libraries(void) {\n"
        "  static const char *const names[] = {");
    for (const std::string& library : bundle_.libraries) out_ += quote_c(library) + ", ";
    out_ += "NULL};\n  return names;\n}\n";
  }

  void write_kernel_infos() {
    if (!bundle_.kernels.empty()) {
      add("\n/* Positions in $p_bundle_kernels. */\nenum {\n");
      for (size_t i = 0; i < identifiers_.size(); ++i) {
        add("  $P_KERNEL_");
        out_ += identifiers_[i] + (i + 1 < identifiers_.size() ? ",\n" : "\n");
      }
      out_ += "};\n";
    }
    add("#define $P_BUNDLE_KERNEL_COUNT ");
    out_ += std::to_string(bundle_.kernels.size());
    add("\n\n/* What the manifest section says of each kernel; one without a name ends them. */\n"
        "static inline const $p_bundle_kernel_info *$p_bundle_kernels(void) {\n");
    for (size_t i = 0; i < bundle_.kernels.size(); ++i) {
      write_tensors("args" + std::to_string(i), bundle_.kernels[i].args);
      write_tensors("results" + std::to_string(i), bundle_.kernels[i].results);
    }
    add("  static const $p_bundle_kernel_info infos[] = {\n");
    for (size_t i = 0; i < bundle_.kernels.size(); ++i) {
      const BoundKernel& kernel = bundle_.kernels[i];
      out_ += "      {" + counted(kernel.name) + ", " + quote_c(letters_text(kernel.signature)) +
              ", " + std::to_string(kernel.library) + ", " + std::to_string(kernel.abi) + ", " +
              tensors_name("args" + std::to_string(i), kernel.args) + ", " +
              tensors_name("results" + std::to_string(i), kernel.results) + "},\n";
    }
    out_ += "      {NULL, 0, NULL, 0, 0, 0, NULL, 0, NULL}};\n  return infos;\n}\n";
  }

  static std::string tensors_name(const std::string& name,
                                  const std::vector<BoundTensor>& tensors) {
    return std::to_string(tensors.size()) + ", " + (tensors.empty() ? "NULL" : name);
  }

  void write_shape(const std::string& name, const BoundTensor& tensor) {
    if (tensor.shape.empty()) return;
    out_ += "  static const int64_t " + name + "[] = {" + join_shape(tensor.shape) + "};\n";
  }

  std::string tensor_text(const std::string& shape, const BoundTensor& tensor) const {
    return "{" + counted(tensor.name) + ", " + upper_case(prefix_) + "_BUNDLE_" +
           upper_case(tensor.dtype) + ", " + std::to_string(tensor.shape.size()) + ", " +
           (tensor.shape.empty() ? "NULL" : shape) + ", " + quote_c(tensor.layout) + "}";
  }

  void write_tensors(const std::string& name, const std::vector<BoundTensor>& tensors) {
    if (tensors.empty()) return;
    const auto shape = [&](size_t i) { return name + "_shape" + std::to_string(i); };
    for (size_t i = 0; i < tensors.size(); ++i) write_shape(shape(i), tensors[i]);
    add("  static const $p_bundle_tensor ");
    out_ += name + "[] = {";
    for (size_t i = 0; i < tensors.size(); ++i)
      out_ += std::string(i == 0 ? "\n      " : ",\n      ") + tensor_text(shape(i), tensors[i]);
    out_ += "};\n";
  }

  void write_param_infos() {
    add("\n/* Sorted by name; one without a name ends them. */\n"
        "static inline const $p_bundle_param_info *$p_bundle_params(void) {\n");
    const auto shape = [](size_t i) { return "shape" + std::to_string(i); };
    for (size_t i = 0; i < bundle_.params.size(); ++i)
      write_shape(shape(i), bundle_.params[i].tensor);
    add("  static const $p_bundle_param_info infos[] = {\n");
    for (size_t i = 0; i < bundle_.params.size(); ++i) {
      const BoundParam& param = bundle_.params[i];
      out_ += "      {" + tensor_text(shape(i), param.tensor) + ", " + std::to_string(param.bytes) +
              ", " + (param.is_external ? quote_c(param.file) : "NULL") + "},\n";
    }
    add("      {{NULL, 0, $P_BUNDLE_FLOAT16, 0, NULL, NULL}, 0, NULL}};\n  return infos;\n}\n");
  }

  void write_import_infos() {
    add("\n/* One without a module ends them. */\n"
        "static inline const $p_bundle_import *$p_bundle_imports(void) {\n"
        "  static const $p_bundle_import imports[] = {\n");
    for (const BoundImport& import : bundle_.imports) {
      out_ += "      {" + quote_c(import.module) + ", " + quote_c(import.field) + ", " +
              quote_c(import.is_memory ? "memory" : letters_text(import.signature)) + "},\n";
    }
    out_ += "      {NULL, NULL, NULL}};\n  return imports;\n}\n";
  }

  void write_kernel(size_t index) {
    const BoundKernel& kernel = bundle_.kernels[index];
    const std::string_view params = param_letters(kernel.signature);
    const std::string_view results = result_letters(kernel.signature);
    out_ += "\n";
    if (!has_only(kernel.signature, kLetters)) {
      out_ += "// " + left_out_line(kernel) + "\n";
      return;
    }
    for (const std::string& line : kernel_lines(bundle_, kernel))
      out_ += line.empty() ? "//\n" : "// " + line + "\n";
    add("static inline bool $p_call_");
    out_ += identifiers_[index];
    add("($p_bundle *bundle");
    for (size_t i = 0; i < params.size(); ++i)
      out_ += ", " + std::string(type_of(params[i])) + " p" + std::to_string(i);
    for (size_t i = 0; i < results.size(); ++i)
      out_ += ", " + std::string(type_of(results[i])) + " *r" + std::to_string(i);
    out_ += ") {\n";
    write_body(kernel, params, results);
    out_ += "}\n";
  }

  void write_body(const BoundKernel& kernel, std::string_view params, std::string_view results) {
    if (!params.empty()) {
      add("  const $p_bundle_value args[] = {");
      out_ += join(params, [&](size_t i, char letter) {
        return fill_in("$p_bundle_", prefix_) + std::string(member_of(letter)) + "(p" +
               std::to_string(i) + ")";
      });
      out_ += "};\n";
    }
    if (!results.empty()) {
      add("  $p_bundle_value results[] = {");
      out_ += join(results, [&](size_t, char letter) {
        return fill_in("$p_bundle_", prefix_) + std::string(member_of(letter)) + "(0)";
      });
      out_ += "};\n";
    }
    const std::string call =
        fill_in("$p_bundle_invoke(bundle, ", prefix_) + counted(kernel.name) + ", " +
        (kernel.is_exported ? "true" : "false") + ", " + (params.empty() ? "NULL, " : "args, ") +
        std::to_string(params.size()) + ", " + (results.empty() ? "NULL, " : "results, ") +
        std::to_string(results.size()) + ")";
    if (results.empty()) {
      out_ += "  return " + call + ";\n";
      return;
    }
    out_ += "  if (!" + call + ") return false;\n";
    for (size_t i = 0; i < results.size(); ++i) {
      out_ += "  *r" + std::to_string(i) + " = results[" + std::to_string(i) + "].of." +
              std::string(member_of(results[i])) + ";\n";
    }
    out_ += "  return true;\n";
  }

  const BundleDescription& bundle_;
  std::vector<std::string> identifiers_;
  std::string prefix_;
  std::string out_;
};

}  // namespace

std::string make_c_binding(const BundleDescription& bundle) { return Writer(bundle).write(); }

}  // namespace wasmpack
