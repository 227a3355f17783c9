#include "tools/manual.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "packager/manifest_schema.h"
#include "support/version.h"
#include "tools/command.h"
#include "tools/overview.h"

namespace wasmpack {
namespace {

// Text for roff: what would be a request, an escape or a typographic hyphen stays what it is.
std::string roff_text(std::string_view text) {
  std::string out;
  bool is_line_start = true;
  for (const char c : text) {
    if (is_line_start && (c == '.' || c == '\'')) out += "\\&";
    is_line_start = c == '\n';
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

std::string upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

// No date: the page of one version is the same whenever it is made.
std::string title(const std::string& name, std::string_view section) {
  return ".TH " + upper_case(roff_text(name)) + " " + std::string(section) + " \"\" \"wasmpack " +
         std::string(kVersion) + "\" \"wasmpack\"\n";
}

void add_section(std::string_view heading, std::string& out) {
  out += ".SH " + upper_case(roff_text(heading)) + "\n";
}

// A term in bold and what it means.
void add_term(std::string_view term, std::string_view text, std::string& out) {
  out += ".TP\n.B " + roff_text(term) + "\n";
  out += roff_text(text.empty() ? "\xc2\xa0" : text) + "\n";
}

// Paragraphs; runs of indented lines are examples, shown as they are.
void add_paragraphs(std::string_view text, std::string& out) {
  bool is_example = false;
  bool is_new = true;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool is_indented = line.starts_with("  ");
    if (is_indented != is_example) out += is_indented ? ".PP\n.nf\n" : ".fi\n";
    is_example = is_indented;
    if (line.empty()) {
      is_new = true;
      continue;
    }
    if (is_new && !is_indented) out += ".PP\n";
    is_new = false;
    out += roff_text(line) + "\n";
  }
  if (is_example) out += ".fi\n";
}

std::string first_sentence(std::string_view text) {
  size_t end = text.find_first_of(".:\n");
  if (end == text.npos) end = text.size();
  std::string sentence(text.substr(0, end));
  if (!sentence.empty())
    sentence[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(sentence[0])));
  return sentence;
}

void add_options(const HelpPage& page, std::string& out) {
  if (!page.positionals.empty()) add_section("Arguments", out);
  for (const HelpOption& positional : page.positionals)
    add_term(option_head(positional), positional.text, out);
  const std::string* group = nullptr;
  for (const HelpOption& option : page.options) {
    if (group == nullptr || *group != option.group) {
      add_section(option.group, out);
      group = &option.group;
    }
    std::string head = option_head(option);
    for (size_t at = head.find(",-"); at != head.npos; at = head.find(",-", at))
      head.insert(at + 1, " ");
    add_term(head, option.text, out);
  }
}

std::string dashed(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

}  // namespace

std::string render_overview_manual() {
  std::string out = title("wasmpack", "1");
  add_section("Name", out);
  out += "wasmpack \\- " + roff_text(kOverview) + "\n";
  add_section("Synopsis", out);
  out += ".B wasmpack\n.I COMMAND\n[OPTIONS]\n";
  add_section("Commands", out);
  for (const Command& command : all_commands()) add_term(command.name, command.summary, out);
  add_section("Exit status", out);
  out += roff_text(kExitCodes) + "\n";
  add_section("Environment", out);
  add_term("NO_COLOR", "If set, no colours.", out);
  add_term("CLICOLOR_FORCE", "If set and not 0, colours also where the output is no terminal.",
           out);
  add_term("SOURCE_DATE_EPOCH",
           "The time of an OCI artifact, in seconds since 1970. Without it the config says 1970.",
           out);
  add_term("WASM_OPT", "The wasm-opt that pack runs in place of the built-in Binaryen.", out);
  add_section("See also", out);
  bool is_first = true;
  for (const Command& command : all_commands()) {
    const std::string page = "wasmpack-" + std::string(command.name);
    out += (is_first ? "" : ",\n") + std::string(".BR ") + roff_text(page) + " (1)";
    is_first = false;
  }
  return out + ",\n.BR wasmpack\\-manifest (5)\n";
}

std::string render_manual(const HelpPage& page) {
  const std::string name = dashed(page.command);
  std::string out = title(name, "1");
  add_section("Name", out);
  out += roff_text(name) + " \\- " + roff_text(first_sentence(page.description)) + "\n";
  add_section("Synopsis", out);
  out += ".B " + roff_text(page.command) + "\n";
  if (!page.subcommands.empty()) out += ".I COMMAND\n";
  out += "[OPTIONS]\n";
  for (const HelpOption& positional : page.positionals) {
    const std::string text = positional.names[0] + (positional.is_repeated ? "..." : "");
    out += positional.is_required ? ".I " + roff_text(text) + "\n" : "[" + roff_text(text) + "]\n";
  }
  add_section("Description", out);
  add_paragraphs(page.description, out);
  add_options(page, out);
  for (const HelpPage& subcommand : page.subcommands) {
    add_section(subcommand.command, out);
    add_paragraphs(subcommand.description, out);
    add_options(subcommand, out);
  }
  if (!page.footer.empty()) {
    add_section("Notes", out);
    add_paragraphs(page.footer, out);
  }
  add_section("Exit status", out);
  out += roff_text(kExitCodes) + "\n";
  return out;
}

std::string render_manifest_manual() {
  std::string out = title("wasmpack-manifest", "5");
  add_section("Name", out);
  out += "wasmpack\\-manifest \\- the keys of a bundle's manifest, for wasmpack pack\n";
  add_section("Description", out);
  out += roff_text(
      "TOML 1.0 in UTF-8, at most 1 MiB, usually in a file wasmpack.toml. Sizes are a number of "
      "bytes or text with B, KiB, MiB or GiB. Paths are relative to the manifest's folder.");
  out += '\n';
  for (const ManifestTable& table : manifest_schema()) {
    add_section(table.title, out);
    for (const ManifestKey& key : table.keys) {
      add_term(key.name, manifest_key_text(key), out);
    }
  }
  add_section("See also", out);
  return out + ".BR wasmpack\\-pack (1)\n";
}

}  // namespace wasmpack
