// Python: one module over the `wasmtime` package, which is imported only to instantiate: with the
// exports of an instance that a host made itself, anything that behaves like its objects will do.

#include "bindgen/languages.h"
#include "bindgen/names.h"
#include "packager/signature.h"

namespace wasmpack {
namespace {

constexpr std::string_view kLetters = "iIfF";

constexpr std::string_view kReserved[] = {
    "False",    "None",  "True",     "and",   "as",     "assert", "async", "await",  "break",
    "case",     "class", "continue", "def",   "del",    "elif",   "else",  "except", "finally",
    "for",      "from",  "global",   "if",    "import", "in",     "is",    "lambda", "match",
    "nonlocal", "not",   "or",       "pass",  "raise",  "return", "self",  "try",    "type",
    "while",    "with",  "yield",    "float", "int",    "typing"};

constexpr std::string_view kTypes = R"py(
import ctypes
import typing


class Tensor(typing.NamedTuple):
    name: str
    dtype: str  # "float32"
    shape: typing.Tuple[int, ...]  # -1: any
    layout: str  # may be empty


class KernelInfo(typing.NamedTuple):
    name: str  # in the registry
    type: str  # "(i32,i32)->(f32)"
    library: int  # position in LIBRARIES
    abi: int  # 0: plain C, see docs/bundle-abi.md
    args: typing.Tuple[Tensor, ...]
    results: typing.Tuple[Tensor, ...]


class ParamInfo(typing.NamedTuple):
    tensor: Tensor
    bytes: int
    file: typing.Optional[str]  # None: inside the bundle


class BundleError(Exception):
    """What the bundle cannot do. A trap is an exception of the engine's own."""

)py";

constexpr std::string_view kRuntime = R"py(

class Bundle:
    """One instance of the bundle. After a trap of initialize() or a kernel lookup, throw it away."""

    kernels: Kernels

    def __init__(self, store: typing.Any, exports: typing.Any) -> None:
        """Of an instance that the host made itself; its constructors run with initialize()."""
        self.store = store
        self.exports = exports
        self.memory = exports["memory"]
        self.kernels = Kernels(self)

    @classmethod
    def instantiate(cls, code: bytes, imports: typing.Any = None, store: typing.Any = None) -> "Bundle":
        """Compiles, instantiates and initializes.

        imports[module][name] is a Python function, or an object of wasmtime's; see IMPORTS.
        """
        import wasmtime

        store = wasmtime.Store() if store is None else store
        module = wasmtime.Module(store.engine, code)
        values = []
        for item in module.imports:
            value = (imports or {}).get(item.module, {}).get(item.name)
            if value is None and isinstance(item.type, wasmtime.MemoryType):
                value = wasmtime.Memory(store, item.type)
            elif value is None:
                raise BundleError("the bundle imports %s.%s" % (item.module, item.name))
            elif isinstance(item.type, wasmtime.FuncType) and not isinstance(value, wasmtime.Func):
                value = wasmtime.Func(store, item.type, value)
            values.append(value)
        bundle = cls(store, wasmtime.Instance(store, module, values).exports(store))
        bundle.initialize()
        return bundle

    def initialize(self) -> None:
        """Runs the constructors, once; every later call does nothing."""
        self.exports["_initialize"](self.store)

    def find(self, name: str) -> int:
        """The handle of a kernel, by its name in the registry."""
        code = name.encode()
        at = self.put(code, 1)
        handle: int = self.exports["wasmpack_find"](self.store, at, len(code))
        self.free(at)
        if handle < 0:
            raise BundleError("the bundle has no kernel %r" % name)
        return handle

    def kernel(self, name: str) -> typing.Any:
        """A kernel through the table; it is called with the store first."""
        slot = self.exports["wasmpack_entry"](self.store, self.find(name))
        return self.exports["__indirect_function_table"].get(self.store, slot)

    def alloc(self, size: int, align: int = 16) -> int:
        """The address of new memory; align is a power of two up to 65536."""
        at: int = self.exports["wasmpack_alloc"](self.store, size, align) & 0xFFFFFFFF
        if at == 0:
            raise BundleError("the bundle has no memory for %d bytes" % size)
        return at

    def free(self, address: int) -> None:
        self.exports["wasmpack_free"](self.store, address)

    def put(self, data: typing.Any, align: int = 16) -> int:
        """The address of a copy of bytes, an array or anything else with a buffer."""
        code = bytes(memoryview(data).cast("B"))
        at = self.alloc(len(code), align)
        self.write(at, code)
        return at

    def read(self, address: int, size: int) -> bytes:
        return bytes(self.view(address, size))

    def write(self, address: int, code: bytes) -> None:
        self.view(address, len(code))[:] = code

    def view(self, address: int, size: int) -> memoryview:
        """The bundle's memory as unsigned bytes, cast() gives others.

        Any call may grow memory, which ends the view: make it anew.
        """
        address &= 0xFFFFFFFF
        if size < 0 or address + size > self.memory.data_len(self.store):
            raise BundleError("%d bytes at address %d are outside the memory" % (size, address))
        base = ctypes.addressof(self.memory.data_ptr(self.store).contents)
        return memoryview((ctypes.c_ubyte * size).from_address(base + address)).cast("B")

    def error(self, library: int = -1) -> typing.Optional[str]:
        """The text of a library's last failed call (-1: of any library), None if there is none."""
        at = self.exports["wasmpack_error"](self.store, library) & 0xFFFFFFFF
        if at == 0:
            return None
        text = bytearray()
        while True:
            byte = self.read(at + len(text), 1)[0]
            if byte == 0:
                return text.decode(errors="replace")
            text.append(byte)

    def param(self, name: str) -> typing.Optional[typing.Tuple[int, int]]:
        """Address and size in bytes of a param; None: the bundle does not hold it."""

        def word(at: int) -> int:
            return int.from_bytes(self.read(at, 4), "little")

        registry = self.exports["wasmpack_query"](self.store, 1) & 0xFFFFFFFF
        for i in range(word(registry + 40) if registry else 0):
            at = word(registry + 44) + 28 * i
            if self.read(word(at), word(at + 4)) == name.encode():
                return (word(at + 8), word(at + 12)) if word(at + 8) else None
        return None
)py";

std::string type_of(char letter) { return letter == 'i' || letter == 'I' ? "int" : "float"; }

std::string result_type(std::string_view letters) {
  if (letters.empty()) return "None";
  if (letters.size() == 1) return type_of(letters[0]);
  return "typing.Tuple[" + join(letters, [](size_t, char letter) { return type_of(letter); }) + "]";
}

std::string tensor_text(const BoundTensor& tensor) {
  std::string shape = join_shape(tensor.shape);
  if (tensor.shape.size() == 1) shape += ",";
  return "Tensor(" + quote_python(tensor.name) + ", " + quote_python(tensor.dtype) + ", (" + shape +
         "), " + quote_python(tensor.layout) + ")";
}

// A tuple of the texts, with the comma that one of one needs.
std::string tuple_text(const std::vector<std::string>& items) {
  std::string text = "(";
  for (const std::string& item : items) text += (text.size() > 1 ? ", " : "") + item;
  return text + (items.size() == 1 ? ",)" : ")");
}

std::string tensors_text(const std::vector<BoundTensor>& tensors) {
  std::vector<std::string> texts;
  for (const BoundTensor& tensor : tensors) texts.push_back(tensor_text(tensor));
  return tuple_text(texts);
}

class Writer {
 public:
  explicit Writer(const BundleDescription& bundle)
      : bundle_(bundle), identifiers_(kernel_identifiers(bundle, kReserved)) {}

  std::string write() {
    for (const std::string& line : header_lines(bundle_)) out_ += "# " + line + "\n";
    out_ += kTypes;
    write_constants();
    write_kernels();
    out_ += kRuntime;
    return std::move(out_);
  }

 private:
  void write_constants() {
    out_ += "\nPACKAGE_NAME = " + quote_python(bundle_.package) +
            "\nPACKAGE_VERSION = " + quote_python(bundle_.version) +
            "\n\n# In the order of the numbers that Bundle.error() takes.\nLIBRARIES = ";
    std::vector<std::string> libraries;
    for (const std::string& library : bundle_.libraries) libraries.push_back(quote_python(library));
    out_ += tuple_text(libraries) + "\n\n# By the names of the methods of Kernels.\nKERNELS = {\n";
    for (size_t i = 0; i < bundle_.kernels.size(); ++i) {
      const BoundKernel& kernel = bundle_.kernels[i];
      out_ += "    " + quote_python(identifiers_[i]) + ": KernelInfo(\n        " +
              quote_python(kernel.name) + ", " + quote_python(letters_text(kernel.signature)) +
              ", " + std::to_string(kernel.library) + ", " + std::to_string(kernel.abi) +
              ",\n        " + tensors_text(kernel.args) + ",\n        " +
              tensors_text(kernel.results) + ",\n    ),\n";
    }
    out_ += "}\n\n# By their names.\nPARAMS = {\n";
    for (const BoundParam& param : bundle_.params) {
      out_ += "    " + quote_python(param.tensor.name) + ": ParamInfo(" +
              tensor_text(param.tensor) + ", " + std::to_string(param.bytes) + ", " +
              (param.is_external ? quote_python(param.file) : "None") + "),\n";
    }
    out_ += "}\n\n# (module, name, type) of what instantiation takes from the host.\nIMPORTS = (\n";
    for (const BoundImport& import : bundle_.imports) {
      out_ += "    (" + quote_python(import.module) + ", " + quote_python(import.field) + ", " +
              quote_python(import.is_memory ? "memory" : letters_text(import.signature)) + "),\n";
    }
    out_ += ")\n";
  }

  void write_kernels() {
    out_ +=
        "\n\nclass Kernels:\n"
        "    \"\"\"The kernels; an i32 that is an address comes as a signed number.\"\"\"\n\n"
        "    def __init__(self, bundle: \"Bundle\") -> None:\n"
        "        self._bundle = bundle\n"
        "        self._store = bundle.store\n";
    std::string initializers, methods;
    for (size_t i = 0; i < bundle_.kernels.size(); ++i) {
      const BoundKernel& kernel = bundle_.kernels[i];
      if (!has_only(kernel.signature, kLetters)) {
        methods += "\n    # " + left_out_line(kernel) + "\n";
        continue;
      }
      write_method(kernel, identifiers_[i], initializers, methods);
    }
    out_ += initializers + methods;
  }

  void write_method(const BoundKernel& kernel, const std::string& name, std::string& initializers,
                    std::string& methods) {
    const std::string_view params = param_letters(kernel.signature);
    const std::string_view results = result_letters(kernel.signature);
    const std::string text = quote_python(kernel.name);
    methods += "\n";
    for (const std::string& line : kernel_lines(bundle_, kernel))
      methods += line.empty() ? "    #\n" : "    # " + line + "\n";
    methods += "    def " + name + "(self" + (params.empty() ? "" : ", ");
    methods += join(params, [](size_t position, char letter) {
      return "p" + std::to_string(position) + ": " + type_of(letter);
    });
    methods += ") -> " + result_type(results) + ":\n";
    // Kernels that are no exports are looked up by their first call: a lookup runs constructors.
    if (kernel.is_exported) {
      initializers += "        self._call_" + name + " = bundle.exports[" + text + "]\n";
    } else {
      initializers += "        self._call_" + name + " = None\n";
      methods += "        if self._call_" + name + " is None:\n            self._call_" + name +
                 " = self._bundle.kernel(" + text + ")\n";
    }
    std::string call = "self._call_" + name + "(self._store" + (params.empty() ? "" : ", ");
    call += join(params, [](size_t position, char letter) {
      // The engine tells 1 from 1.0.
      const std::string value = "p" + std::to_string(position);
      return letter == 'f' || letter == 'F' ? "float(" + value + ")" : value;
    });
    call += ")";
    if (results.size() > 1) call = "tuple(" + call + ")";
    methods += std::string("        ") + (results.empty() ? "" : "return ") + call + "\n";
  }

  const BundleDescription& bundle_;
  std::vector<std::string> identifiers_;
  std::string out_;
};

}  // namespace

std::string make_python_binding(const BundleDescription& bundle) { return Writer(bundle).write(); }

}  // namespace wasmpack
