// TypeScript: one ES module for browsers and node, without a dependency. It declares the little of
// the WebAssembly API that it uses, so it compiles with and without the types of DOM or node, and
// has only types to erase, so node can run it as it is.

#include "bindgen/languages.h"
#include "bindgen/names.h"
#include "packager/signature.h"

namespace wasmpack {
namespace {

constexpr std::string_view kLetters = "iIfFx";

// Members that every object has, and the one that makes it a promise to `await`.
constexpr std::string_view kReserved[] = {"constructor",    "hasOwnProperty", "isPrototypeOf",
                                          "prototype",      "then",           "toJSON",
                                          "toLocaleString", "toString",       "valueOf"};

constexpr std::string_view kTypes = R"ts(
export type DType =
  | "float16" | "float32" | "float64" | "bfloat16"
  | "int8" | "int16" | "int32" | "int64"
  | "uint8" | "uint16" | "uint32" | "uint64" | "bool";

export interface Tensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[]; // -1: any
  readonly layout: string; // may be empty
}

export interface KernelInfo {
  readonly name: string; // in the registry
  readonly type: string; // "(i32,i32)->(f32)"
  readonly library: number; // position in `libraries`
  readonly abi: number; // 0: plain C, see docs/bundle-abi.md
  readonly args: readonly Tensor[];
  readonly results: readonly Tensor[];
}

export interface ParamInfo extends Tensor {
  readonly bytes: number;
  readonly file: string | null; // null: inside the bundle
}
)ts";

constexpr std::string_view kRuntime = R"ts(
interface Memory {
  readonly buffer: ArrayBuffer;
}

interface Contract {
  readonly memory: Memory;
  readonly __indirect_function_table: { get(slot: number): unknown };
  readonly _initialize: () => void;
  readonly wasmpack_query: (newest: number) => number;
  readonly wasmpack_find: (name: number, length: number) => number;
  readonly wasmpack_entry: (handle: number) => number;
  readonly wasmpack_alloc: (size: number, align: number) => number;
  readonly wasmpack_free: (address: number) => void;
  readonly wasmpack_error: (library: number) => number;
}

declare const WebAssembly: {
  compile(bytes: ArrayBuffer | ArrayBufferView): Promise<object>;
  instantiate(module: object, imports: object): Promise<{ readonly exports: object }>;
  Memory: new (limits: { initial: number; maximum?: number }) => Memory;
};
declare const TextDecoder: new () => { decode(bytes: Uint8Array): string };
declare const TextEncoder: new () => { encode(text: string): Uint8Array };

const arrays = {
  float16: Uint16Array, float32: Float32Array, float64: Float64Array, bfloat16: Uint16Array,
  int8: Int8Array, int16: Int16Array, int32: Int32Array, int64: BigInt64Array,
  uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, uint64: BigUint64Array, bool: Uint8Array,
};

/** The typed array of a dtype; the 16-bit floats come as their bits. */
export type View<D extends DType> = InstanceType<(typeof arrays)[D]>;

/** One instance of the bundle. After a trap of initialize() or a kernel lookup, throw it away. */
export class Bundle {
  readonly exports: Contract & Readonly<Record<string, unknown>>;
  readonly kernels: Kernels;

  /** Of an instance that the host made itself; its constructors run with initialize(). */
  constructor(exports: object) {
    this.exports = exports as Contract & Readonly<Record<string, unknown>>;
    this.kernels = bindKernels(this);
  }

  /** Compiles, instantiates and initializes. */
  static async instantiate(bytes: ArrayBuffer | ArrayBufferView, ...[imports]: ImportArguments): Promise<Bundle> {
    return Bundle.from(await WebAssembly.compile(bytes), ...([imports] as ImportArguments));
  }

  /** The same from a WebAssembly.Module. */
  static async from(module: object, ...[imports]: ImportArguments): Promise<Bundle> {
    const instance = await WebAssembly.instantiate(module, addMemory(imports ?? {}));
    const bundle = new Bundle(instance.exports);
    bundle.initialize();
    return bundle;
  }

  /** Runs the constructors, once; every later call does nothing. */
  initialize(): void {
    this.exports._initialize();
  }

  /** The handle of a kernel, by its name in the registry. */
  find(name: string): number {
    const bytes = new TextEncoder().encode(name);
    const at = this.alloc(bytes.length, 1);
    this.bytes(at, bytes.length).set(bytes);
    const handle = this.exports.wasmpack_find(at, bytes.length);
    this.free(at);
    if (handle < 0) throw new Error(`the bundle has no kernel ${JSON.stringify(name)}`);
    return handle;
  }

  /** A kernel as a function, through the table. */
  kernel(name: string): unknown {
    return this.exports.__indirect_function_table.get(this.exports.wasmpack_entry(this.find(name)));
  }

  /** The address of new memory; align is a power of two up to 65536. */
  alloc(size: number, align: number = 16): number {
    const at = this.exports.wasmpack_alloc(size, align) >>> 0;
    if (at === 0) throw new Error(`the bundle has no memory for ${size} bytes`);
    return at;
  }

  free(address: number): void {
    this.exports.wasmpack_free(address);
  }

  /** The address of a copy of an array. */
  put(array: ArrayBufferView, align: number = 16): number {
    const at = this.alloc(array.byteLength, align);
    this.bytes(at, array.byteLength).set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    return at;
  }

  /** A view of the bundle's memory. Any call may grow memory, which ends the view: make it anew. */
  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, address >>> 0, length);
  }

  /** The same with elements of a dtype; the address is a multiple of their size. */
  view<D extends DType>(dtype: D, address: number, count: number): View<D> {
    const array = arrays[dtype] as unknown as new (buffer: ArrayBuffer, at: number, count: number) => View<D>;
    return new array(this.exports.memory.buffer, address >>> 0, count);
  }

  /** The text of a library's last failed call (-1: of any library), null if there is none. */
  error(library: number = -1): string | null {
    const at = this.exports.wasmpack_error(library) >>> 0;
    if (at === 0) return null;
    const rest = new Uint8Array(this.exports.memory.buffer, at);
    return new TextDecoder().decode(rest.subarray(0, rest.indexOf(0)));
  }

  /** Where a param lies in memory; null: the bundle does not hold it. */
  param(name: string): { readonly address: number; readonly bytes: number } | null {
    const memory = new DataView(this.exports.memory.buffer);
    const word = (at: number): number => memory.getUint32(at, true);
    const registry = this.exports.wasmpack_query(1) >>> 0;
    if (registry === 0) return null;
    for (let i = 0; i < word(registry + 40); ++i) {
      const at = word(registry + 44) + 28 * i;
      if (new TextDecoder().decode(this.bytes(word(at), word(at + 4))) !== name) continue;
      const address = word(at + 8);
      return address === 0 ? null : { address, bytes: word(at + 12) };
    }
    return null;
  }
}
)ts";

std::string_view type_of(char letter) {
  if (letter == 'I') return "bigint";
  return letter == 'x' ? "unknown" : "number";
}

std::string parameters(std::string_view signature) {
  return join(param_letters(signature), [](size_t i, char letter) {
    return "p" + std::to_string(i) + ": " + std::string(type_of(letter));
  });
}

std::string result_type(std::string_view signature) {
  const std::string_view letters = result_letters(signature);
  if (letters.empty()) return "void";
  if (letters.size() == 1) return std::string(type_of(letters[0]));
  return "[" + join(letters, [](size_t, char letter) { return std::string(type_of(letter)); }) +
         "]";
}

std::string tensor_fields(const BoundTensor& tensor) {
  return "name: " + quote_script(tensor.name) + ", dtype: " + quote_script(tensor.dtype) +
         ", shape: [" + join_shape(tensor.shape) + "], layout: " + quote_script(tensor.layout);
}

std::string tensor_list(const std::vector<BoundTensor>& tensors) {
  std::string text = "[";
  for (const BoundTensor& tensor : tensors)
    text += std::string(text.size() > 1 ? ", " : "") + "{ " + tensor_fields(tensor) + " }";
  return text + "]";
}

class Writer {
 public:
  explicit Writer(const BundleDescription& bundle)
      : bundle_(bundle),
        identifiers_(kernel_identifiers(bundle, kReserved)),
        param_identifiers_(param_identifiers(bundle, kReserved)) {}

  std::string write() {
    for (const std::string& line : header_lines(bundle_)) out_ += "// " + line + "\n";
    out_ += kTypes;
    write_constants();
    write_kernels();
    write_imports();
    out_ += kRuntime;
    return std::move(out_);
  }

 private:
  void write_constants() {
    out_ += "\nexport const packageName = " + quote_script(bundle_.package) + ";\n";
    out_ += "export const packageVersion = " + quote_script(bundle_.version) + ";\n";
    out_ += "\n/** In the order of the numbers that Bundle.error() takes. */\n";
    out_ += "export const libraries: readonly string[] = [";
    for (size_t i = 0; i < bundle_.libraries.size(); ++i)
      out_ += (i == 0 ? "" : ", ") + quote_script(bundle_.libraries[i]);
    out_ += "];\n\nexport const kernelInfo = {\n";
    for (size_t i = 0; i < bundle_.kernels.size(); ++i) {
      const BoundKernel& kernel = bundle_.kernels[i];
      out_ += "  " + identifiers_[i] + ": {\n    name: " + quote_script(kernel.name) +
              ", type: " + quote_script(letters_text(kernel.signature)) +
              ", library: " + std::to_string(kernel.library) +
              ", abi: " + std::to_string(kernel.abi) + ",\n    args: " + tensor_list(kernel.args) +
              ",\n    results: " + tensor_list(kernel.results) + ",\n  },\n";
    }
    out_ += "} as const;\n\nexport const paramInfo = {\n";
    for (size_t i = 0; i < bundle_.params.size(); ++i) {
      const BoundParam& param = bundle_.params[i];
      out_ += "  " + param_identifiers_[i] + ": { " + tensor_fields(param.tensor) +
              ", bytes: " + std::to_string(param.bytes) +
              ", file: " + (param.is_external ? quote_script(param.file) : "null") + " },\n";
    }
    out_ += "} as const;\n";
  }

  void write_kernels() {
    out_ += "\n/** The kernels; an i32 that is an address comes as a signed number. */\n";
    out_ += "export interface Kernels {\n";
    std::string bound;
    bool uses_table = false;
    for (size_t i = 0; i < bundle_.kernels.size(); ++i) {
      const BoundKernel& kernel = bundle_.kernels[i];
      const std::string& name = identifiers_[i];
      if (!has_only(kernel.signature, kLetters)) {
        out_ += "  // " + left_out_line(kernel) + "\n";
        continue;
      }
      write_comment(kernel_lines(bundle_, kernel));
      out_ += "  " + name + "(" + parameters(kernel.signature) +
              "): " + result_type(kernel.signature) + ";\n";
      const std::string as_type = " as Kernels[" + quote_script(name) + "]";
      const std::string text = quote_script(kernel.name);
      bound += "    " + name + ": ";
      if (kernel.is_exported) {
        bound += "bundle.exports[" + text + "]" + as_type + ",\n";
      } else {
        const std::string arguments =
            join(param_letters(kernel.signature),
                 [](size_t position, char) { return "p" + std::to_string(position); });
        bound += "(" + arguments + ") => ((found[" + text +
                 "] ?"
                 "?= bundle.kernel(" +
                 text + "))" + as_type + ")(" + arguments + "),\n";
        uses_table = true;
      }
    }
    out_ += "}\n\nfunction bindKernels(bundle: Bundle): Kernels {\n";
    if (uses_table) out_ += "  const found: Record<string, unknown> = Object.create(null);\n";
    out_ += "  return {\n" + bound + "  };\n}\n";
  }

  // What the host gives; the memory, if it is imported, is made where the host gives none.
  void write_imports() {
    out_ += "\n/** What instantiation takes from the host. */\nexport interface Imports {\n";
    bool has_function = false;
    std::string memory;
    for (size_t i = 0; i < bundle_.imports.size(); ++i) {
      const BoundImport& import = bundle_.imports[i];
      const bool is_first = i == 0 || bundle_.imports[i - 1].module != import.module;
      const bool is_last =
          i + 1 == bundle_.imports.size() || bundle_.imports[i + 1].module != import.module;
      // A module that gives nothing but memory may be left away.
      const bool is_optional = is_first && is_last && import.is_memory;
      if (is_first) out_ += "  " + quote_script(import.module) + (is_optional ? "?" : "") + ": {\n";
      if (import.is_memory) {
        out_ += "    " + quote_script(import.field) + "?: object;\n";
        memory = memory_text(import);
      } else {
        out_ += "    " + quote_script(import.field) + ": (" + parameters(import.signature) +
                ") => " + result_type(import.signature) + ";\n";
        has_function = true;
      }
      if (is_last) out_ += "  };\n";
    }
    out_ += "}\ntype ImportArguments = [imports" + std::string(has_function ? "" : "?") +
            ": Imports];\n";
    out_ += "\nfunction addMemory(imports: object): object {\n";
    out_ += memory.empty() ? "  return imports;\n" : memory;
    out_ += "}\n";
  }

  static std::string memory_text(const BoundImport& import) {
    const std::string module = quote_script(import.module);
    std::string limits = "initial: " + std::to_string(import.minimum);
    if (import.maximum) limits += ", maximum: " + std::to_string(*import.maximum);
    return "  const given = (imports as Record<string, Record<string, unknown>>)[" + module +
           "];\n  return { ...imports, [" + module + "]: { [" + quote_script(import.field) +
           "]: new WebAssembly.Memory({ " + limits + " }), ...given } };\n";
  }

  void write_comment(const std::vector<std::string>& lines) {
    out_ += "  /**\n";
    for (const std::string& line : lines) out_ += line.empty() ? "   *\n" : "   * " + line + "\n";
    out_ += "   */\n";
  }

  const BundleDescription& bundle_;
  std::vector<std::string> identifiers_;
  std::vector<std::string> param_identifiers_;
  std::string out_;
};

}  // namespace

std::string make_typescript_binding(const BundleDescription& bundle) {
  return Writer(bundle).write();
}

}  // namespace wasmpack
