#include "tools/run_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/SHA256.h>
#include <llvm/Support/raw_ostream.h>

#include "packager/signature.h"
#include "runner/tensor_text.h"
#include "runner/trampoline.h"

namespace wasmpack {
namespace {

using JsonArray = llvm::json::Array;
using JsonObject = llvm::json::Object;
using JsonValue = llvm::json::Value;

constexpr uint64_t kMostValues = 64;  // of a tensor in JSON

constexpr std::array<std::string_view, 7> kAbiNames = {"c",   "tvm",  "tvm",   "tvm",
                                                       "tvm", "iree", "halide"};

Bytes output_bytes(const RunReport& report, size_t output) {
  return (*report.outcome->outputs)[output];
}

// What a packed function of TVM gave back: nothing most of the time.
struct TvmValue {
  char letter = 0;  // of an integer or a float; 0 for nothing, '?' for what has no text
  Bytes bits;
};
TvmValue tvm_result(const RunReport& report) {
  constexpr uint32_t kFfiAbi = 4;
  Bytes value, code;
  for (size_t i = 0; i < report.plan->outputs.size(); ++i) {
    const PlanOutput& output = report.plan->outputs[i];
    if (output.kind != PlanOutput::Kind::tvm_result) continue;
    (output.argument == 0 ? value : code) = output_bytes(report, i);
  }
  const bool is_ffi = report.plan->abi == kFfiAbi;
  if (is_ffi) code = value;
  if (value.empty() || code.empty()) return {};
  uint32_t type = 0;
  std::memcpy(&type, code.data(), sizeof type);
  const Bytes bits = is_ffi ? value.subspan(8) : value;
  if (type == (is_ffi ? 0 : 4)) return {};
  if (type == (is_ffi ? 1 : 0)) return {'I', bits};
  if (type == (is_ffi ? 3 : 2)) return {'F', bits};
  return {'?', bits};
}

struct RunValue {
  char letter;
  Bytes bits;
};
std::vector<RunValue> list_results(const RunReport& report) {
  std::vector<RunValue> values;
  const CallPlan& plan = *report.plan;
  if (plan.failure_sign == FailureSign::error_text) {
    if (const TvmValue value = tvm_result(report); value.letter != 0)
      values.push_back({value.letter, value.bits});
    return values;
  }
  if (plan.failure_sign == FailureSign::code) return values;
  const size_t params = plan.signature.find(':');
  for (size_t i = 0; i < plan.outputs.size(); ++i) {
    if (plan.outputs[i].kind != PlanOutput::Kind::frame) continue;
    for (size_t result = 0; result + params + 1 < plan.signature.size(); ++result) {
      values.push_back({plan.signature[params + 1 + result],
                        output_bytes(report, i).subspan((params + result) * kValueBytes)});
    }
  }
  return values;
}

std::string bits_text(Bytes bits, size_t size) {
  std::vector<uint8_t> digits(bits.rend() - static_cast<ptrdiff_t>(size), bits.rend());
  return "0x" + llvm::toHex(digits, /*LowerCase=*/true);
}

// A number of JSON where there is one, else its text. Of one that has at most the precision of
// float, the very value, not the shortest text that gives it back.
JsonValue number_json(const std::string& text, bool is_single) {
  if (text != "-0" && text.find_first_not_of("-0123456789") == text.npos) {
    int64_t number = 0;
    if (!llvm::StringRef(text).getAsInteger(10, number)) return number;
    uint64_t large = 0;
    if (!llvm::StringRef(text).getAsInteger(10, large)) return large;
  }
  if (text == "true") return true;
  if (text == "false") return false;
  double number = 0;
  if (llvm::StringRef(text).getAsDouble(number) || !std::isfinite(number)) return text;
  return is_single ? std::strtof(text.c_str(), nullptr) : number;
}

JsonValue value_json(const RunValue& value) {
  if (value.letter == '?') return JsonObject{{"type", "tvm object"}};
  JsonObject object{
      {"type", std::string(letter_type_name(value.letter))},
      {"value", number_json(value_text(value.letter, value.bits), value.letter == 'f')}};
  if (value.letter == 'f') object["bits"] = bits_text(value.bits, 4);
  if (value.letter == 'F') object["bits"] = bits_text(value.bits, 8);
  return object;
}

JsonValue tensor_json(const PlanOutput& output, Bytes data) {
  JsonArray shape;
  for (const uint64_t length : output.type.shape) shape.push_back(length);
  const auto digest = llvm::SHA256::hash(data);
  const TensorSummary summary = summarize_tensor(output.type, data);
  const bool is_single = output.type.dtype->name != "float64";
  JsonObject object{{"argument", static_cast<int64_t>(output.argument + 1)},
                    {"dtype", std::string(output.type.dtype->name)},
                    {"shape", std::move(shape)},
                    {"sha256", llvm::toHex(digest, /*LowerCase=*/true)},
                    {"nan", summary.nan_count}};
  if (!summary.minimum.empty()) {
    object["min"] = number_json(summary.minimum, is_single);
    object["max"] = number_json(summary.maximum, is_single);
    if (std::isfinite(summary.mean)) object["mean"] = summary.mean;
  }
  const uint64_t count = output.type.element_count();
  if (count <= kMostValues) {
    JsonArray values;
    for (uint64_t i = 0; i < count; ++i)
      values.push_back(number_json(element_text(*output.type.dtype, data, i), is_single));
    object["values"] = std::move(values);
  }
  return object;
}

// The middle of sorted numbers, of two middle ones the mean.
double median(const std::vector<double>& sorted) {
  const size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

// Tenths of a nanosecond are more than any clock has; the nearest double has the shortest text.
double round_time(double nanoseconds) { return std::round(nanoseconds * 10) / 10; }

JsonValue bench_json(const CallOutcome& outcome, const RunSettings& settings) {
  JsonObject object{{"unit", "ns"},
                    {"warmup", settings.warmup},
                    {"repeat", settings.repeat},
                    {"inner", settings.inner}};
  JsonArray samples;
  std::vector<double> sorted;
  for (const uint64_t sample : outcome.samples) {
    sorted.push_back(round_time(static_cast<double>(sample) / settings.inner));
    samples.push_back(sorted.back());
  }
  object["samples"] = std::move(samples);
  if (sorted.empty()) return object;
  std::ranges::sort(sorted);
  const double middle = median(sorted);
  const auto percentile = [&](size_t percent) {
    return sorted[(sorted.size() - 1) * percent / 100];
  };
  object["min"] = sorted.front();
  object["p10"] = percentile(10);
  object["median"] = round_time(middle);
  object["p90"] = percentile(90);
  object["max"] = sorted.back();
  std::vector<double> distances;
  for (const double time : sorted) distances.push_back(std::abs(time - middle));
  std::ranges::sort(distances);
  object["mad"] = round_time(median(distances));
  return object;
}

std::string tensor_line(const BoundTensor& tensor, std::string_view what) {
  std::string line = "    " + std::string(what) + " ";
  if (!tensor.name.empty()) line += escape_controls(tensor.name) + " ";
  line += tensor_type_text(tensor.dtype, tensor.shape);
  if (!tensor.layout.empty()) line += " " + escape_controls(tensor.layout);
  return line + "\n";
}

JsonArray tensors_json(const std::vector<BoundTensor>& tensors) {
  JsonArray array;
  for (const BoundTensor& tensor : tensors) {
    JsonArray shape;
    for (const int64_t length : tensor.shape) shape.push_back(length);
    array.push_back(JsonObject{{"name", tensor.name},
                               {"dtype", tensor.dtype},
                               {"shape", std::move(shape)},
                               {"layout", tensor.layout}});
  }
  return array;
}

}  // namespace

bool has_succeeded(const CallOutcome& outcome) { return !outcome.samples.empty(); }

std::string run_text(const RunReport& report) {
  std::string text;
  for (const RunValue& value : list_results(report))
    text +=
        (value.letter == '?' ? "an object of TVM" : value_text(value.letter, value.bits)) + "\n";
  size_t tensors = 0;
  for (size_t i = 0; i < report.plan->outputs.size(); ++i) {
    const PlanOutput& output = report.plan->outputs[i];
    if (output.kind != PlanOutput::Kind::tensor || tensors++ < report.files.size()) continue;
    text += "argument " + std::to_string(output.argument + 1) + ": " +
            tensor_text(output.type, output_bytes(report, i));
  }
  return text;
}

JsonObject run_json(const RunReport& report, const RunSettings* settings) {
  const CallOutcome& outcome = *report.outcome;
  JsonObject object{{"module", llvm::json::fixUTF8(report.module)},
                    {"kernel", llvm::json::fixUTF8(report.kernel)},
                    {"engine", llvm::json::fixUTF8(outcome.engine)},
                    {"status", has_succeeded(outcome) ? "ok" : "failed"}};
  JsonArray failures;
  for (const FailedRun& failure : outcome.failures) {
    failures.push_back(JsonObject{
        {"run", failure.run ? JsonValue(int64_t{*failure.run}) : JsonValue(nullptr)},
        {"kind", failure.kind},
        {"function", failure.function ? JsonValue(llvm::json::fixUTF8(report.maker->label_function(
                                            report.module, *failure.function)))
                                      : JsonValue(nullptr)},
        {"message", llvm::json::fixUTF8(failure.message)}});
  }
  object["failures"] = std::move(failures);
  object["instructions"] = outcome.instructions && settings
                               ? JsonValue(*outcome.instructions / settings->inner)
                           : outcome.instructions ? JsonValue(*outcome.instructions)
                                                  : JsonValue(nullptr);
  if (settings != nullptr) object["bench"] = bench_json(outcome, *settings);
  if (!outcome.outputs) return object;
  JsonArray results, tensors;
  for (const RunValue& value : list_results(report)) results.push_back(value_json(value));
  for (size_t i = 0; i < report.plan->outputs.size(); ++i) {
    const PlanOutput& output = report.plan->outputs[i];
    if (output.kind != PlanOutput::Kind::tensor) continue;
    JsonValue tensor = tensor_json(output, output_bytes(report, i));
    if (tensors.size() < report.files.size())
      (*tensor.getAsObject())["file"] = llvm::json::fixUTF8(report.files[tensors.size()]);
    tensors.push_back(std::move(tensor));
  }
  object["results"] = std::move(results);
  object["tensors"] = std::move(tensors);
  return object;
}

std::string kernel_list_text(const BundleDescription& bundle) {
  std::string text;
  for (const BoundKernel& kernel : bundle.kernels) {
    text += escape_controls(kernel.name) + " " + letters_text(kernel.signature) + "  " +
            std::string(kAbiNames[kernel.abi]) + ", library " +
            escape_controls(bundle.libraries[kernel.library]) + "\n";
    if (!kernel.doc.empty()) text += "    " + escape_controls(kernel.doc) + "\n";
    for (const BoundTensor& tensor : kernel.args) text += tensor_line(tensor, "in");
    for (const BoundTensor& tensor : kernel.results) text += tensor_line(tensor, "out");
  }
  return text;
}

JsonValue kernel_list_json(const BundleDescription& bundle) {
  JsonArray array;
  for (const BoundKernel& kernel : bundle.kernels) {
    array.push_back(JsonObject{{"name", kernel.name},
                               {"type", letters_text(kernel.signature)},
                               {"abi", int64_t{kernel.abi}},
                               {"library", bundle.libraries[kernel.library]},
                               {"doc", kernel.doc},
                               {"args", tensors_json(kernel.args)},
                               {"results", tensors_json(kernel.results)}});
  }
  return array;
}

std::string json_line(JsonValue value) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << value;
  return text + "\n";
}

}  // namespace wasmpack
