#include "runner/call_plan.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "packager/signature.h"
#include "runner/tensor_header.h"
#include "runner/trampoline.h"
#include "support/byte_writer.h"

namespace wasmpack {
namespace {

constexpr uint32_t kTensorAlign = 64;  // what TVM and Halide ask for
constexpr std::string_view kTvmSignatures[] = {"iii:i", "iiiii:i", "iiiiii:i", "iiii:i"};
constexpr uint32_t kTvmFfiAbi = 4, kIreeAbi = 5, kHalideAbi = 6;

bool is_tensor(const CallArgument& argument) {
  return argument.kind == ArgumentKind::input || argument.kind == ArgumentKind::inout ||
         argument.kind == ArgumentKind::output;
}

std::string kernel_text(const BoundKernel& kernel) {
  return "'" + kernel.name + "' of type " + letters_text(kernel.signature);
}

tl::unexpected<Diagnostic> refuse(const BoundKernel& kernel, std::string message,
                                  std::string help = {}) {
  auto failure = fail("run-argument", {}, std::move(message), std::move(help));
  failure.value().notes.push_back("the kernel is " + kernel_text(kernel));
  return failure;
}

std::string argument_text(size_t position, const CallArgument& argument) {
  return "argument " + std::to_string(position + 1) + ", '" + argument.text + "', ";
}

// Whether the declared type, -1 being any length, is that of the tensor.
bool fits(const BoundTensor& declared, const TensorType& type) {
  return declared.dtype == type.dtype->name &&
         std::ranges::equal(declared.shape, type.shape, [](int64_t wanted, uint64_t length) {
           return wanted < 0 || static_cast<uint64_t>(wanted) == length;
         });
}

// One call in the making.
class Planner {
 public:
  Planner(const BoundKernel& kernel, const std::vector<CallArgument>& arguments)
      : kernel_(kernel), arguments_(arguments) {}

  Result<CallPlan> plan() {
    if (kernel_.abi == kIreeAbi) {
      return refuse(kernel_, "IREE's query functions cannot be called with arguments",
                    "they give a library to IREE's runtime; only that calls what is in it");
    }
    if (Result<void> done = resolve_types(); !done)
      return tl::make_unexpected(std::move(done.error()));
    const bool is_tvm = kernel_.abi >= 1 && kernel_.abi <= kTvmFfiAbi;
    // Nobody vouches for what the manifest section says.
    if (is_tvm && kernel_.signature != kTvmSignatures[kernel_.abi - 1])
      return refuse(kernel_, "no kernel of TVM has this type");
    if (kernel_.abi == kHalideAbi && !kernel_.signature.ends_with(":i"))
      return refuse(kernel_, "no kernel of Halide has this type");
    if (Result<void> done = is_tvm ? plan_tvm() : plan_values(); !done)
      return tl::make_unexpected(std::move(done.error()));
    uint64_t total = 0;
    for (const PlanBuffer& buffer : plan_.buffers) total += buffer.size;
    if (total > kMaxTensorBytes) {
      return refuse(kernel_, "the tensors take more than " + std::to_string(kMaxTensorBytes >> 20) +
                                 " MiB together");
    }
    plan_.kernel = kernel_.name;
    plan_.signature = kernel_.signature;
    plan_.abi = kernel_.abi;
    plan_.library = kernel_.library;
    return std::move(plan_);
  }

 private:
  // Checks tensors against the manifest: inputs in their order are the declared args, outputs the
  // results. A bare `out` gets its type from there.
  Result<void> resolve_types() {
    types_.resize(arguments_.size());
    size_t inputs = 0, outputs = 0, inouts = 0;
    for (size_t i = 0; i < arguments_.size(); ++i) {
      const CallArgument& argument = arguments_[i];
      if (!is_tensor(argument)) continue;
      const bool is_output = argument.kind == ArgumentKind::output;
      if (argument.kind == ArgumentKind::inout) ++inouts;
      const std::vector<BoundTensor>& declared = is_output ? kernel_.results : kernel_.args;
      const size_t position = is_output ? outputs++ : inputs++;
      const BoundTensor* wanted = position < declared.size() ? &declared[position] : nullptr;
      if (argument.tensor)
        types_[i] = *argument.tensor;
      else if (Result<TensorType> type = declared_type(i, wanted); type)
        types_[i] = std::move(*type);
      else
        return tl::make_unexpected(std::move(type.error()));
      if (wanted != nullptr && !fits(*wanted, *types_[i])) {
        return refuse(kernel_, argument_text(i, argument) + "is " + tensor_type_text(*types_[i]) +
                                   ", but the manifest declares " +
                                   (wanted->name.empty() ? "" : "'" + wanted->name + "' as ") +
                                   tensor_type_text(wanted->dtype, wanted->shape));
      }
    }
    // What is changed in place may be declared on both sides, or on one.
    if (inouts != 0) return {};
    if (Result<void> done = check_count(inputs, kernel_.args, "input"); !done) return done;
    return check_count(outputs, kernel_.results, "output");
  }

  Result<void> check_count(size_t count, const std::vector<BoundTensor>& declared,
                           std::string_view what) {
    if (declared.empty() || count == declared.size()) return {};
    std::string list;
    for (const BoundTensor& tensor : declared) {
      list += list.empty() ? "" : ", ";
      list += tensor.name + (tensor.name.empty() ? "" : " ") +
              tensor_type_text(tensor.dtype, tensor.shape);
    }
    return refuse(kernel_, "there are " + std::to_string(count) + " " + std::string(what) +
                               " tensors, but the manifest declares " +
                               std::to_string(declared.size()) + ": " + list);
  }

  Result<TensorType> declared_type(size_t position, const BoundTensor* declared) {
    const std::string who = argument_text(position, arguments_[position]);
    const std::string help = "write its type: out:float32[4,4]";
    if (declared == nullptr)
      return refuse(kernel_, who + "has no type, and the manifest declares none", help);
    TensorType type{.dtype = find_data_type(declared->dtype)};
    for (const int64_t length : declared->shape) {
      if (length < 0) {
        return refuse(kernel_,
                      who + "is declared as " + tensor_type_text(declared->dtype, declared->shape) +
                          ", which leaves lengths open",
                      help);
      }
      type.shape.push_back(static_cast<uint64_t>(length));
    }
    if (type.shape.size() > kMaxTensorRank || !tensor_bytes(type.shape, type.dtype->bytes))
      return refuse(kernel_, who + "is declared too large");
    return type;
  }

  uint32_t add_buffer(size_t size, uint32_t align, Bytes content = {}) {
    plan_.buffers.push_back(
        {.size = static_cast<uint32_t>(size), .align = align, .content = content, .patches = {}});
    return static_cast<uint32_t>(plan_.buffers.size() - 1);
  }
  uint32_t add_owned(std::vector<uint8_t> bytes, uint32_t align) {
    plan_.owned.push_back(std::make_unique<std::vector<uint8_t>>(std::move(bytes)));
    const std::vector<uint8_t>& content = *plan_.owned.back();
    return add_buffer(content.size(), align, content);
  }
  void patch(uint32_t buffer, size_t offset, uint32_t target) {
    plan_.buffers[buffer].patches.push_back({static_cast<uint32_t>(offset), target});
  }

  // The elements of a tensor argument.
  uint32_t add_data(size_t position) {
    const CallArgument& argument = arguments_[position];
    const TensorType& type = *types_[position];
    const uint32_t buffer = add_buffer(type.byte_size(), kTensorAlign, argument.data);
    if (argument.kind != ArgumentKind::input)
      outputs_.push_back({PlanOutput::Kind::tensor, buffer, position, type});
    return buffer;
  }

  // The structure by which TVM or Halide knows a tensor.
  uint32_t add_header(size_t position) {
    const bool is_halide = kernel_.abi == kHalideAbi;
    const TensorType& type = *types_[position];
    TensorHeader header =
        is_halide ? make_halide_buffer(type, arguments_[position].kind != ArgumentKind::output)
                  : make_dl_tensor(type, kernel_.abi == kTvmFfiAbi);
    const uint32_t lengths = add_owned(std::move(header.lengths), 8);
    const uint32_t data = add_data(position);
    const uint32_t buffer = add_owned(std::move(header.bytes), 8);
    patch(buffer, header.data_offset, data);
    patch(buffer, header.lengths_offset, lengths);
    return buffer;
  }

  // Each argument is one parameter of the kernel's type.
  Result<void> plan_values() {
    const size_t params = kernel_.signature.find(':');
    const size_t results = kernel_.signature.size() - params - 1;
    if (arguments_.size() != params) {
      return refuse(kernel_, "it takes " + std::to_string(params) + " arguments, " +
                                 std::to_string(arguments_.size()) + " are given");
    }
    ByteWriter frame;
    std::vector<PlanBuffer::Patch> addresses;
    for (size_t i = 0; i < params; ++i) {
      const char letter = kernel_.signature[i];
      const CallArgument& argument = arguments_[i];
      const bool is_reference = letter == 'x' || letter == 'p';
      if (is_tensor(argument)) {
        if (letter != 'i') {
          return refuse(kernel_, argument_text(i, argument) +
                                     "is a tensor, passed as its address, and the parameter is " +
                                     std::string(letter_type_name(letter)));
        }
        const uint32_t buffer = kernel_.abi == kHalideAbi ? add_header(i) : add_data(i);
        addresses.push_back({static_cast<uint32_t>(i * kValueBytes), buffer});
        frame.extend(kValueBytes);
      } else if (argument.kind == ArgumentKind::null) {
        if (!is_reference && letter != 'i')
          return refuse(kernel_, argument_text(i, argument) + "is no " +
                                     std::string(letter_type_name(letter)));
        frame.extend(kValueBytes);
      } else if (is_reference) {
        return refuse(kernel_, argument_text(i, argument) + "is no reference",
                      "only null can be passed as one");
      } else {
        const ParsedNumber number = parse_number(argument.text, letter);
        if (number.bits.empty())
          return refuse(kernel_, "argument " + std::to_string(i + 1) + ", '" + argument.text +
                                     "', " + number.problem);
        frame.write_bytes(number.bits);
      }
    }
    frame.extend(kValueBytes * results);
    finish_frame(frame, addresses);
    if (kernel_.abi == kHalideAbi) plan_.failure_sign = FailureSign::code;
    return {};
  }

  void finish_frame(ByteWriter& frame, std::vector<PlanBuffer::Patch> addresses) {
    plan_.frame = add_owned(frame.take(), 16);
    plan_.buffers[plan_.frame].patches = std::move(addresses);
    plan_.outputs.push_back({PlanOutput::Kind::frame, plan_.frame, 0, {}});
    std::ranges::move(outputs_, std::back_inserter(plan_.outputs));
  }

  // docs/tvm.md, "Calling a kernel".
  Result<void> plan_tvm() {
    const bool is_ffi = kernel_.abi == kTvmFfiAbi;
    const size_t step = is_ffi ? 16 : 8, at = is_ffi ? 8 : 0;
    const uint32_t integer = is_ffi ? 1 : 0, real = is_ffi ? 3 : 2, null = is_ffi ? 0 : 4,
                   tensor = 7;
    ByteWriter values, codes;
    std::vector<PlanBuffer::Patch> addresses;
    for (size_t i = 0; i < arguments_.size(); ++i) {
      const CallArgument& argument = arguments_[i];
      uint32_t code = null;
      std::vector<uint8_t> value(8);
      if (is_tensor(argument)) {
        code = tensor;
        addresses.push_back({static_cast<uint32_t>(i * step + at), add_header(i)});
      } else if (argument.kind == ArgumentKind::number) {
        const bool is_integer = is_integer_text(argument.text);
        code = is_integer ? integer : real;
        const ParsedNumber number = parse_number(argument.text, is_integer ? 'I' : 'F');
        if (number.bits.empty())
          return refuse(kernel_, argument_text(i, argument) + "is no argument of a TVM kernel",
                        "these take integers, floats, null and tensors");
        value.assign(number.bits.begin(), number.bits.begin() + 8);
      }
      if (is_ffi) {
        values.write_u32_le(code);
        values.write_u32_le(0);
      }
      values.write_bytes(value);
      codes.write_u32_le(code);
    }
    const uint32_t value_buffer = add_owned(values.take(), 16);
    plan_.buffers[value_buffer].patches = std::move(addresses);
    const uint32_t code_buffer = is_ffi ? 0 : add_owned(codes.take(), 8);
    // Of abi 4: the kind, and 8 bytes behind it the value. The others have a code elsewhere.
    const uint32_t result = add_buffer(16, 16);
    outputs_.push_back({PlanOutput::Kind::tvm_result, result, 0, {}});

    // self or args, args or type_codes, count, result, code of the result, resource
    const size_t params = kernel_.signature.find(':');
    ByteWriter frame;
    frame.extend(kValueBytes * (params + 1));
    const auto count = static_cast<uint32_t>(arguments_.size());
    std::memcpy(frame.data() + 2 * kValueBytes, &count, sizeof count);
    std::vector<PlanBuffer::Patch> words;
    const auto add_word = [&](uint32_t param, uint32_t buffer) {
      if (param < params) words.push_back({param * kValueBytes, buffer});
    };
    add_word(is_ffi ? 1 : 0, value_buffer);
    if (!is_ffi) add_word(1, code_buffer);
    add_word(3, result);
    if (!is_ffi && params > 4) {
      // Functions that give nothing may leave it alone.
      ByteWriter nothing;
      nothing.write_u32_le(null);
      const uint32_t code = add_owned(nothing.take(), 4);
      add_word(4, code);
      outputs_.push_back({PlanOutput::Kind::tvm_result, code, 1, {}});
    }
    finish_frame(frame, words);
    plan_.failure_sign = FailureSign::error_text;
    return {};
  }

  const BoundKernel& kernel_;
  const std::vector<CallArgument>& arguments_;
  std::vector<std::optional<TensorType>> types_;
  std::vector<PlanOutput> outputs_;
  CallPlan plan_;
};

}  // namespace

Result<CallPlan> plan_call(const BundleDescription& bundle, const BoundKernel& kernel,
                           const std::vector<CallArgument>& arguments) {
  Result<CallPlan> plan = Planner(kernel, arguments).plan();
  if (plan) plan->imports = bundle.imports;
  return plan;
}

}  // namespace wasmpack
