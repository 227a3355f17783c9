#include "packager/final_link.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "packager/child_process.h"

namespace wasmpack {
namespace {

constexpr std::string_view kChild = "wasmpack-lld";

std::string make_arguments(const FinalLink& link, size_t allowed_file) {
  std::vector<std::string> arguments = {
      "--no-entry", "--stack-first", "--export-table", "--fatal-warnings", "--no-demangle",
      "--error-limit=0",
      // Threads would not change the bytes, but cost more than they bring at this size.
      "--threads=1", "-z", "stack-size=" + std::to_string(link.stack_size),
      "--soname=" + link.module_name, "-o", "-"};
  if (link.initial_memory)
    arguments.push_back("--initial-memory=" + std::to_string(*link.initial_memory));
  if (link.maximum_memory)
    arguments.push_back("--max-memory=" + std::to_string(*link.maximum_memory));
  for (const std::string& name : link.exports) arguments.push_back("--export=" + name);
  arguments.push_back("--allow-undefined-file=" + child_file_name(allowed_file));
  for (size_t i = 0; i < link.inputs.size(); ++i) arguments.push_back(child_file_name(i));
  std::string text;
  for (const std::string& argument : arguments) {
    text += argument;
    text += '\0';
  }
  return text;
}

// Turns one line of lld's into a diagnostic.
class MessageReader {
 public:
  MessageReader(const FinalLink& link, std::span<const PreparedLibrary> libraries)
      : libraries_(libraries) {
    for (size_t i = 0; i < link.inputs.size(); ++i)
      names_.emplace_back(child_file_name(i), link.inputs[i].name);
    // The name of file 12 begins with that of file 1.
    std::ranges::reverse(names_);
  }

  // The line with the inputs' names in place of the child's.
  std::string name_inputs(std::string_view line) const {
    std::string text(line);
    for (const auto& [file, name] : names_) {
      for (size_t at = 0; (at = text.find(file, at)) != std::string::npos; at += name.size())
        text.replace(at, file.size(), name);
    }
    return text;
  }

  Diagnostic read(std::string_view line) const {
    Diagnostic diagnostic = fail("final-link", {}, "").value();
    for (const auto& [prefix, severity] :
         {std::pair<std::string_view, Severity>{"wasm-ld: error: ", Severity::error},
          {"wasm-ld: warning: ", Severity::warning}}) {
      if (!line.starts_with(prefix)) continue;
      line.remove_prefix(prefix.size());
      diagnostic.severity = severity;
    }
    diagnostic.message = "final link: " + name_inputs(line);
    constexpr std::string_view kUndefined = "undefined symbol: ";
    const size_t undefined = line.find(kUndefined);
    if (undefined != line.npos) explain(diagnostic, line.substr(undefined + kUndefined.size()));
    return diagnostic;
  }

 private:
  // The ways out of an undefined symbol: another library has it sealed, or the host has it.
  void explain(Diagnostic& diagnostic, std::string_view symbol) const {
    diagnostic.id = "undefined-symbol";
    std::optional<SymbolKind> kind;
    for (const PreparedLibrary& library : libraries_) {
      for (const Symbol& candidate : library.object.symbols) {
        if (candidate.name != symbol || candidate.kind == SymbolKind::section) continue;
        if (candidate.is_undefined()) kind = candidate.kind;
        if (!candidate.is_defined() || !candidate.is_local()) continue;
        diagnostic.help = "library `" + library.name +
                          "` defines it, but is sealed: add it to "
                          "that library's `keep-global`";
        return;
      }
    }
    if (kind == SymbolKind::function) {
      diagnostic.help =
          "add a library that defines it, or let the host provide it: "
          "`allow-imports = [\"env." +
          std::string(symbol) + "\"]` in [bundle]";
    } else {
      diagnostic.help = "add a library that defines it";
      if (kind == SymbolKind::data) diagnostic.help += "; hosts cannot provide data";
    }
  }

  std::span<const PreparedLibrary> libraries_;
  std::vector<std::pair<std::string, std::string>> names_;
};

}  // namespace

std::optional<std::vector<uint8_t>> run_final_link(const FinalLink& link,
                                                   std::span<const PreparedLibrary> libraries,
                                                   DiagnosticSink& sink) {
  std::string allowed;
  for (const std::string& name : link.imported) allowed += name + '\n';
  ChildRun run;
  uint64_t bytes = 0;
  for (const FinalLinkInput& input : link.inputs) {
    run.files.push_back(input.bytes);
    bytes += input.bytes.size();
  }
  const std::string arguments = make_arguments(link, run.files.size());
  run.files.push_back(as_bytes(allowed));
  run.input = as_bytes(arguments);
  run.limits.memory_bytes += 16 * bytes;

  Result<ChildResult> result = run_child(kChild, run);
  if (!result) {
    sink.report(std::move(result.error()));
    return std::nullopt;
  }
  const MessageReader reader(link, libraries);
  std::vector<Diagnostic> diagnostics;
  std::string_view messages = result->messages;
  while (!messages.empty()) {
    const size_t end = messages.find('\n');
    const std::string_view line = messages.substr(0, end);
    messages.remove_prefix(end == messages.npos ? messages.size() : end + 1);
    if (line.empty()) continue;
    constexpr std::string_view kFurther = ">>> ";  // a further line of the message before
    if (line.starts_with(kFurther) && !diagnostics.empty())
      diagnostics.back().notes.push_back(reader.name_inputs(line.substr(kFurther.size())));
    else
      diagnostics.push_back(reader.read(line));
  }
  bool has_error = false;
  for (Diagnostic& diagnostic : diagnostics) {
    has_error |= diagnostic.severity == Severity::error;
    sink.report(std::move(diagnostic));
  }
  if (result->exit_code == 0) return std::move(result->output);
  if (!has_error) {
    sink.report(fail("final-link", {},
                     "the final link failed with exit code " + std::to_string(result->exit_code) +
                         " and no message")
                    .value());
  }
  return std::nullopt;
}

}  // namespace wasmpack
