#include "packager/lazy_wrappers.h"

#include <deque>
#include <string>
#include <utility>

#include "object/object_assembler.h"
#include "packager/library.h"
#include "packager/signature.h"

namespace wasmpack {
namespace {

constexpr uint8_t kLocalGet = 0x20;
constexpr uint8_t kEnd = 0x0b;

}  // namespace

std::vector<uint8_t> make_lazy_wrappers(std::span<const Kernel* const> kernels) {
  ObjectAssembler assembler;
  std::deque<std::string> names;
  const uint32_t initialize =
      assembler.import_function(kRunConstructorsForHost, assembler.add_type({}));
  for (const Kernel* kernel : kernels) {
    const EncodedType encoded(kernel->signature);
    const uint32_t type = assembler.add_type(encoded.view());
    const std::string& symbol =
        names.emplace_back(std::string(kWrappedKernelPrefix) + kernel->name);
    const uint32_t target = assembler.import_function(symbol, type);
    BodyWriter body;
    body.call(initialize);
    const auto params = static_cast<uint32_t>(kernel->signature.find(':'));
    for (uint32_t i = 0; i < params; ++i) body.op(kLocalGet).index(i);
    body.call(target).op(kEnd);
    assembler.define_function(kernel->name, type, std::move(body), kSymbolHidden);
  }
  return assembler.write();
}

}  // namespace wasmpack
