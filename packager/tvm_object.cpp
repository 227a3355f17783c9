// The generated half of runtime/tvm.h: records, tables, names, and the functions that pass a
// library's record on.
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

#include "object/object_assembler.h"
#include "packager/signature.h"
#include "packager/tvm_plan.h"

namespace wasmpack {
namespace {

// Sizes of the structures of runtime/tvm.h and runtime/bundle.h, whose pointers have 4 bytes.
constexpr uint32_t kRecordBytes = 28;
constexpr uint32_t kKernelBytes = 24;
constexpr uint32_t kErrorBytes = 1024;  // TVM's texts hold whole signatures
constexpr uint32_t kWordAlignment = 2;  // log2

constexpr uint8_t kLocalGet = 0x20;
constexpr uint8_t kEnd = 0x0b;

// A segment under construction: words, some of which the linker fills in.
class Table {
 public:
  void word(uint32_t value) { bytes_.write_u32_le(value); }
  void address(uint32_t symbol, uint32_t addend = 0) {
    relocations_.push_back(
        {.kind = kMemoryAddrI32, .offset = size(), .index = symbol, .addend = addend});
    word(0);
  }
  void slot(uint32_t function) {
    relocations_.push_back(
        {.kind = kTableIndexI32, .offset = size(), .index = function, .addend = 0});
    word(0);
  }
  // Returns where it begins.
  uint32_t text(std::string_view text) {
    const uint32_t at = size();
    bytes_.write_bytes(as_bytes(text));
    bytes_.write_u8(0);
    return at;
  }
  uint32_t size() const { return static_cast<uint32_t>(bytes_.size()); }
  Bytes bytes() const { return bytes_.bytes(); }
  const std::vector<Relocation>& relocations() const { return relocations_; }

 private:
  ByteWriter bytes_;
  std::vector<Relocation> relocations_;
};

class TvmObject {
 public:
  explicit TvmObject(const TvmPlan& plan) : plan_(plan) {}

  std::vector<uint8_t> write() {
    const auto count = static_cast<uint32_t>(plan_.libraries.size());
    texts_symbol_ = assembler_.define_data("__wasmpack_tvm_texts", kTexts, 0, 0, kLocal);
    records_symbol_ = assembler_.define_data("__wasmpack_tvm_records", kRecords, 0, 0, kLocal);
    errors_symbol_ = assembler_.define_data("__wasmpack_tvm_errors", kErrors, 0, 0, kLocal);
    tables_symbol_ =
        assembler_.define_data("__wasmpack_tvm_libraries", kTables, 0, 8, kSymbolHidden);
    assembler_.import_table();
    // struct wasmpack_tvm_libraries, then the array it points to, then the tables of functions.
    tables_.word(count);
    tables_.address(tables_symbol_, 8);
    for (uint32_t i = 0; i < count; ++i) tables_.address(records_symbol_, i * kRecordBytes);
    for (uint32_t i = 0; i < count; ++i) add_library(plan_.libraries[i], i);
    const std::vector<uint8_t> errors(count * size_t{kErrorBytes});
    assembler_.add_segment(".rodata.wasmpack_tvm", kWordAlignment, tables_.bytes(),
                           tables_.relocations());
    assembler_.add_segment(".rodata.wasmpack_tvm_texts", 0, texts_.bytes(), {});
    assembler_.add_segment(".data.wasmpack_tvm", kWordAlignment, records_.bytes(),
                           records_.relocations());
    assembler_.add_segment(".bss.wasmpack_tvm", 0, errors, {});
    return assembler_.write();
  }

 private:
  static constexpr uint32_t kLocal = kSymbolLocal;
  enum : uint32_t { kTables, kTexts, kRecords, kErrors };  // the order in which they are added

  void add_library(const TvmBundleLibrary& library, uint32_t number) {
    const uint32_t functions_at = tables_.size();
    for (const TvmBundleLibrary::Function& function : library.functions)
      add_function(library, function);
    records_.word(library.library);
    records_.word(static_cast<uint32_t>(library.abi));
    records_.address(tables_symbol_, functions_at);
    records_.word(static_cast<uint32_t>(library.functions.size()));
    records_.address(errors_symbol_, number * kErrorBytes);
    records_.word(kErrorBytes);
    records_.word(0);  // has_error
    for (const TvmBundleLibrary::Name& name : library.names) {
      const uint32_t at = texts_.text(name.text);
      assembler_.define_data(name.symbol, kTexts, at, name.text.size() + 1, kSymbolHidden);
    }
    const uint32_t record = assembler_.define_data(
        keep("__wasmpack_tvm." + std::to_string(library.library) + ".record"), kRecords,
        number * kRecordBytes, kRecordBytes, kLocal);
    for (const TvmFunction* function : library.thunks) add_thunk(library, *function, record);
  }

  // struct wasmpack_kernel
  void add_function(const TvmBundleLibrary& library, const TvmBundleLibrary::Function& function) {
    const EncodedType type(function.signature);
    const uint32_t symbol =
        assembler_.import_function(function.symbol, assembler_.add_type(type.view()));
    tables_.address(texts_symbol_, texts_.text(function.name));
    tables_.word(static_cast<uint32_t>(function.name.size()));
    tables_.slot(symbol);
    tables_.word(static_cast<uint32_t>(library.abi));
    tables_.address(texts_symbol_, texts_.text(function.signature));
    tables_.word(library.library);
  }

  void add_thunk(const TvmBundleLibrary& library, const TvmFunction& function, uint32_t record) {
    const EncodedType type(function.signature);
    const auto [shim, is_new] = shims_.try_emplace(function.shim, 0);
    if (is_new) {
      const EncodedType shim_type("i" + std::string(function.signature));
      shim->second =
          assembler_.import_function(function.shim, assembler_.add_type(shim_type.view()));
    }
    BodyWriter body;
    body.address(record);
    const size_t params = function.signature.find(':');
    for (uint32_t i = 0; i < params; ++i) body.op(kLocalGet).index(i);
    body.call(shim->second).op(kEnd);
    assembler_.define_function(keep(tvm_thunk_symbol(library.library, function.name)),
                               assembler_.add_type(type.view()), std::move(body), kSymbolHidden);
  }

  std::string_view keep(std::string name) { return names_.emplace_back(std::move(name)); }

  const TvmPlan& plan_;
  ObjectAssembler assembler_;
  std::deque<std::string> names_;
  std::unordered_map<std::string_view, uint32_t> shims_;
  Table tables_, texts_, records_;
  uint32_t tables_symbol_ = 0, texts_symbol_ = 0, records_symbol_ = 0, errors_symbol_ = 0;
};

}  // namespace

std::vector<uint8_t> make_tvm_object(const TvmPlan& plan) {
  if (plan.libraries.empty()) return {};
  return TvmObject(plan).write();
}

}  // namespace wasmpack
