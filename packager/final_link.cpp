#include "packager/final_link.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "packager/symbol_users.h"
#include "support/child_process.h"

namespace wasmpack {
namespace {

constexpr std::string_view kChild = "wasmpack-lld";

// Where the child finds what is no input: behind the inputs.
struct FilePlaces {
  size_t allowed, builtins, map;
  explicit FilePlaces(const FinalLink& link)
      : allowed(link.inputs.size()), builtins(allowed + 1), map(allowed + 2) {}
};

std::string make_arguments(const FinalLink& link) {
  const FilePlaces places(link);
  std::vector<std::string> arguments = {
      "--no-entry", "--stack-first", "--export-table", "--no-demangle", "--error-limit=0",
      // Threads would not change the bytes, but cost more than they bring at this size.
      "--threads=1", "-z", "stack-size=" + std::to_string(link.stack_size),
      "--soname=" + link.module_name, "-o", "-"};
  if (!link.allow_signature_mismatch) arguments.push_back("--fatal-warnings");
  if (link.initial_memory)
    arguments.push_back("--initial-memory=" + std::to_string(*link.initial_memory));
  if (link.maximum_memory)
    arguments.push_back("--max-memory=" + std::to_string(*link.maximum_memory));
  if (link.global_base) arguments.push_back("--global-base=" + std::to_string(*link.global_base));
  if (link.import_memory) arguments.insert(arguments.end(), {"--import-memory", "--export-memory"});
  if (link.want_map) arguments.push_back("--Map=" + child_file_name(places.map));
  for (const std::string& name : link.exports) arguments.push_back("--export=" + name);
  arguments.push_back("--allow-undefined-file=" + child_file_name(places.allowed));
  for (size_t i = 0; i < link.inputs.size(); ++i) arguments.push_back(child_file_name(i));
  if (!link.builtins.empty()) arguments.push_back(child_file_name(places.builtins));
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
  MessageReader(const FinalLink& link, std::span<const BundlePart> parts) : parts_(parts) {
    for (size_t i = 0; i < link.inputs.size(); ++i)
      names_.emplace_back(child_file_name(i), link.inputs[i].name);
    const FilePlaces places(link);
    names_.emplace_back(child_file_name(places.allowed), "the allowed imports");
    names_.emplace_back(child_file_name(places.builtins), "wasmpack's builtins");
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

  Diagnostic read(std::string_view line) {
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
    if (undefined != line.npos && explained_ < kMostExplained) {
      ++explained_;
      explain(diagnostic, line.substr(undefined + kUndefined.size()));
    }
    for (const auto& [complaint, help] : kHelps) {
      if (line.find(complaint) != line.npos) diagnostic.help = help;
    }
    return diagnostic;
  }

 private:
  // The ways out of an undefined symbol: another library has it sealed, or the host has it.
  void explain(Diagnostic& diagnostic, std::string_view symbol) const {
    diagnostic.id = "undefined-symbol";
    std::optional<SymbolKind> kind;
    for (const BundlePart& part : parts_) {
      for (const Symbol& candidate : part.object->symbols) {
        if (candidate.name != symbol || candidate.kind == SymbolKind::section) continue;
        if (candidate.is_undefined()) {
          kind = candidate.kind;
          const std::string users = list_users(*part.object, symbol);
          if (!users.empty())
            diagnostic.notes.push_back("needed by " + users + " of " + part.title);
        } else if (candidate.is_local()) {
          diagnostic.help =
              part.title + " defines it, but is sealed: add it to that library's `keep-global`";
        }
      }
    }
    if (!diagnostic.help.empty()) return;
    diagnostic.help = "add a library that defines it";
    if (kind == SymbolKind::function) {
      diagnostic.help += ", or let the host provide it: `allow-imports = [\"env." +
                         std::string(symbol) + "\"]` in [bundle]";
    } else if (kind == SymbolKind::data) {
      diagnostic.help += "; hosts cannot provide data";
    }
  }

  // "`f`, `g` and 3 more": the functions whose code refers to that symbol.
  static std::string list_users(const Object& object, std::string_view symbol) {
    constexpr size_t kListed = 4;
    const std::vector<std::string_view> users = find_symbol_users(object, symbol);
    std::string text;
    for (size_t i = 0; i < users.size() && i < kListed; ++i)
      text += (i == 0 ? "`" : ", `") + std::string(users[i]) + "`";
    if (users.size() > kListed) text += " and " + std::to_string(users.size() - kListed) + " more";
    return text;
  }

  // Explaining looks through all libraries; nobody reads so many messages.
  static constexpr int kMostExplained = 40;
  // What lld complains of in its own words, and the manifest's word for it.
  static constexpr std::pair<std::string_view, std::string_view> kHelps[] = {
      {"initial memory too small", "raise `initial` of `memory` in [bundle], or leave it out"},
      {"maximum memory too small", "raise `max` of `memory` in [bundle], or leave it out"},
      {"maximum memory too large", "lower `max` of `memory` in [bundle]"},
      {"initial memory too large", "lower `initial` of `memory` in [bundle]"},
      {"signature mismatch",
       "let both agree on the type; `signature-mismatch = \"warn\"` in "
       "[bundle] makes a call of the wrong type a trap"}};

  std::span<const BundlePart> parts_;
  int explained_ = 0;
  std::vector<std::pair<std::string, std::string>> names_;
};

}  // namespace

std::optional<FinalLinkResult> run_final_link(const FinalLink& link,
                                              std::span<const BundlePart> parts,
                                              DiagnosticSink& sink) {
  std::string allowed;
  for (const std::string& name : link.imported) allowed += name + '\n';
  ChildRun run;
  uint64_t bytes = 0;
  for (const FinalLinkInput& input : link.inputs) {
    run.files.push_back(input.bytes);
    bytes += input.bytes.size();
  }
  const std::string arguments = make_arguments(link);
  run.files.push_back(as_bytes(allowed));
  run.files.push_back(link.builtins);
  run.scratch_files = link.want_map ? 1 : 0;
  run.input = as_bytes(arguments);
  run.limits.memory_bytes += 16 * bytes;

  Result<ChildResult> result = run_child(kChild, run);
  if (!result) {
    sink.report(std::move(result.error()));
    return std::nullopt;
  }
  MessageReader reader(link, parts);
  std::vector<Diagnostic> diagnostics;
  std::unordered_set<std::string_view> said;
  std::string_view messages = result->messages;
  while (!messages.empty()) {
    const size_t end = messages.find('\n');
    const std::string_view line = messages.substr(0, end);
    messages.remove_prefix(end == messages.npos ? messages.size() : end + 1);
    if (line.empty()) continue;
    constexpr std::string_view kFurther = ">>> ";  // a further line of the message before
    if (line.starts_with(kFurther)) {
      if (!diagnostics.empty())
        diagnostics.back().notes.push_back(reader.name_inputs(line.substr(kFurther.size())));
    } else if (said.insert(line).second) {  // lld complains once for each place
      diagnostics.push_back(reader.read(line));
    }
  }
  bool has_error = false;
  for (Diagnostic& diagnostic : diagnostics) {
    // What the manifest puts up with is one kind of warning.
    if (diagnostic.message.find("function signature mismatch") == std::string::npos)
      diagnostic.severity = Severity::error;
    else if (link.allow_signature_mismatch)
      diagnostic.severity = Severity::warning;
    has_error |= diagnostic.severity == Severity::error;
    sink.report(std::move(diagnostic));
  }
  if (result->exit_code != 0 && !has_error) {
    sink.report(fail("final-link", {},
                     "the final link failed with exit code " + std::to_string(result->exit_code) +
                         " and no message")
                    .value());
    has_error = true;
  }
  if (has_error) return std::nullopt;
  FinalLinkResult linked{std::move(result->output), {}};
  if (link.want_map) linked.map = reader.name_inputs(as_string(result->scratch.front()));
  return linked;
}

}  // namespace wasmpack
