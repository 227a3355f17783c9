#include "packager/params.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "object/object_assembler.h"
#include "packager/inputs.h"
#include "packager/manifest_paths.h"

namespace wasmpack {
namespace {

// Letters that every file system takes as they are.
constexpr std::string_view kPlainLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

// "conv1/weight" -> "conv1%2Fweight.bin"
std::string external_file_name(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string file;
  for (const char c : name) {
    const bool is_plain =
        kPlainLetters.find(c) != kPlainLetters.npos && (c != '.' || !file.empty());
    if (is_plain) {
      file += c;
      continue;
    }
    const auto byte = static_cast<uint8_t>(c);
    file += '%';
    file += kDigits[byte >> 4];
    file += kDigits[byte & 15];
  }
  return file + ".bin";
}

class ParamOpener {
 public:
  ParamOpener(const Manifest& manifest, const PackOptions& options, DiagnosticSink& sink)
      : manifest_(manifest), options_(options), sink_(sink) {}

  std::vector<Param> open() {
    for (const ParamRequest& request : manifest_.params) open_one(request);
    // Bytewise: std::string compares its chars as unsigned.
    std::ranges::sort(params_, {}, [](const Param& param) -> const std::string& {
      return param.request->name.text;
    });
    for (size_t i = 0; i < params_.size(); ++i) {
      Param& param = params_[i];
      if (param.request->is_embedded)
        param.symbol = "__wasmpack_param." + std::to_string(i);
      else
        param.external_name = external_file_name(param.request->name.text);
    }
    return std::move(params_);
  }

 private:
  void report(std::string_view id, TextPlace place, std::string message, std::string help = {}) {
    sink_.report(fail(id, text_location(manifest_.path, place), std::move(message), std::move(help))
                     .value());
  }

  void open_one(const ParamRequest& request) {
    const std::string title = "param `" + request.name.text + "`";
    const PlacedString& path = request.path;
    const std::vector<std::string> files = expand_manifest_path(manifest_, path, sink_);
    if (files.empty()) return;
    if (files.size() > 1) {
      return report("bad-param", path.place,
                    "`" + path.text + "` matches several files, a param has one");
    }
    if (!options_.allow_outside && !check_inside(manifest_, path, files.front(), sink_)) return;
    Result<InputFile> file = InputFile::open(files.front());
    if (!file) {
      Diagnostic problem = std::move(file.error());
      problem.notes.push_back(title + " at " + describe(text_location(manifest_.path, path.place)));
      return sink_.report(std::move(problem));
    }
    const uint64_t size = file->bytes().size();
    const uint64_t left = size - std::min(size, request.offset);
    if (request.bytes > left) {
      return report("bad-param", request.place,
                    title + ": dtype and shape make " + std::to_string(request.bytes) +
                        " bytes, but " + path.text + " has " + std::to_string(left) +
                        (request.offset != 0 ? " from `offset` on" : ""));
    }
    if (request.bytes != left && !request.is_slice) {
      return report("bad-param", request.place,
                    title + ": dtype and shape make " + std::to_string(request.bytes) +
                        " bytes, but " + path.text + " has " + std::to_string(size),
                    "give the `offset` of the slice, if it is one");
    }
    Param param{.request = &request,
                .file = std::move(*file),
                .content = {},
                .hash = {},
                .symbol = {},
                .external_name = {}};
    param.content = param.file.bytes().subspan(static_cast<size_t>(request.offset),
                                               static_cast<size_t>(request.bytes));
    param.hash = hash_text(param.content);
    if (request.hash && request.hash->text != param.hash) {
      return report("wrong-hash", request.hash->place,
                    title + ": the sha256 of its bytes is " + param.hash + ", the manifest says " +
                        request.hash->text,
                    "this is not the file that the manifest was written for");
    }
    params_.push_back(std::move(param));
  }

  const Manifest& manifest_;
  const PackOptions& options_;
  DiagnosticSink& sink_;
  std::vector<Param> params_;
};

}  // namespace

std::vector<Param> open_params(const Manifest& manifest, const PackOptions& options,
                               DiagnosticSink& sink) {
  return ParamOpener(manifest, options, sink).open();
}

std::vector<uint8_t> make_params_object(std::span<const Param> params) {
  ObjectAssembler assembler;
  bool is_empty = true;
  for (const Param& param : params) {
    if (param.symbol.empty()) continue;
    is_empty = false;
    const auto alignment = static_cast<uint32_t>(std::countr_zero(param.request->align));
    const uint32_t segment =
        assembler.add_segment(".rodata.wasmpack_param", alignment, param.content, {});
    assembler.define_data(param.symbol, segment, 0, param.content.size(), kSymbolHidden);
  }
  if (is_empty) return {};
  return assembler.write();
}

}  // namespace wasmpack
