#include "tools/help_page.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringRef.h>
#include <CLI/CLI.hpp>

namespace wasmpack {
namespace {

constexpr unsigned kDefaultWidth = 80;
constexpr unsigned kWidest = 100;  // longer lines are harder to read
constexpr size_t kTextColumn = 26;

HelpPage* wanted = nullptr;

// "TEXT:{a,b}" of CLI11's type names: the choices, and what stands before them.
void split_type_name(std::string name, HelpOption& option) {
  const size_t open = name.find('{');
  const size_t close = name.rfind('}');
  if (open != name.npos && close != name.npos && close > open) {
    llvm::SmallVector<llvm::StringRef, 8> words;
    llvm::StringRef(name).slice(open + 1, close).split(words, ',');
    for (const llvm::StringRef word : words) option.choices.push_back(word.trim().str());
    name.erase(name.find_last_not_of(": ", open == 0 ? 0 : open - 1) + 1);
    if (open == 0) name.clear();
  }
  option.value = name == "TEXT" || name.empty() ? "VALUE" : name;
}

HelpOption describe_option(const CLI::Option& option) {
  HelpOption out;
  out.text = option.get_description();
  if (!option.get_envname().empty()) out.text += " (default: $" + option.get_envname() + ")";
  out.is_required = option.get_required();
  out.is_repeated = option.get_expected_max() > 1;
  if (option.get_positional()) {
    split_type_name(option.get_type_name(), out);
    out.value.clear();
    out.names.push_back(option.get_single_name());
    return out;
  }
  for (const std::string& name : option.get_snames()) out.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) out.names.push_back("--" + name);
  out.group = option.get_group();
  if (option.get_type_size_max() == 0 && option.get_expected_max() == 0) return out;  // a flag
  split_type_name(option.get_type_name(), out);
  // An option that has a value of its own choice if none is given is a flag with a value to CLI11.
  out.is_value_optional = option.get_expected_min() == 0 && !out.choices.empty();
  if (option.get_expected_min() == 0 && out.choices.empty()) out.value.clear();
  return out;
}

// Paragraphs, whose lines are joined, in lines of at most `width` columns, the later ones indented.
// Lines that begin with a blank are examples and stay as they are.
void wrap(std::string_view text, size_t indent, size_t width, std::string& out) {
  const size_t room = std::max<size_t>(width > indent ? width - indent : 0, 20);
  size_t used = 0;  // columns of the current line; 0: it is new
  const auto end_line = [&] {
    if (used != 0) out += '\n';
    used = 0;
  };
  bool is_first = true;
  const auto begin_line = [&] {
    if (!is_first) out.append(indent, ' ');
    is_first = false;
  };
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with(' ')) {
      end_line();
      if (!line.empty()) begin_line();
      out.append(line).append("\n");
      continue;
    }
    while (!line.empty()) {
      const size_t word = std::min(line.find(' '), line.size());
      if (used != 0 && used + 1 + word > room) end_line();
      if (used == 0)
        begin_line();
      else
        out += ' ';
      out += line.substr(0, word);
      used += word + (used != 0 ? 1 : 0);
      line.remove_prefix(std::min(word + 1, line.size()));
    }
  }
  end_line();
}

void render_row(std::string_view head, std::string_view text, size_t width, std::string& out) {
  out += "  ";
  out += head;
  const size_t used = head.size() + 2;
  if (used + 1 > kTextColumn) {
    out += '\n';
    out.append(kTextColumn, ' ');
  } else {
    out.append(kTextColumn - used, ' ');
  }
  if (text.empty())
    out += '\n';
  else
    wrap(text, kTextColumn, width, out);
}

std::string usage_line(const HelpPage& page) {
  std::string line = "Usage: " + page.command;
  if (!page.subcommands.empty()) line += " COMMAND";
  if (!page.options.empty()) line += " [OPTIONS]";
  for (const HelpOption& positional : page.positionals) {
    const std::string name = positional.names[0] + (positional.is_repeated ? "..." : "");
    line += positional.is_required ? " " + name : " [" + name + "]";
  }
  return line;
}

}  // namespace

HelpPage describe_help(const CLI::App& app) {
  HelpPage page;
  page.command = app.get_name();
  page.description = app.get_description();
  page.footer = app.get_footer();
  std::vector<std::string> groups;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    HelpOption described = describe_option(*option);
    if (option->get_positional()) {
      page.positionals.push_back(std::move(described));
      continue;
    }
    if (std::find(groups.begin(), groups.end(), described.group) == groups.end())
      groups.push_back(described.group);
    page.options.push_back(std::move(described));
  }
  std::stable_sort(page.options.begin(), page.options.end(), [&](const auto& a, const auto& b) {
    return std::find(groups.begin(), groups.end(), a.group) <
           std::find(groups.begin(), groups.end(), b.group);
  });
  for (const CLI::App* subcommand : app.get_subcommands({})) {
    page.subcommands.push_back(describe_help(*subcommand));
    std::string& name = page.subcommands.back().command;
    if (!name.starts_with(page.command)) name = page.command + " " + name;
  }
  return page;
}

HelpPage capture_help(int (*run)(int argc, char** argv), const char* name) {
  HelpPage page;
  HelpPage* const outer = std::exchange(wanted, &page);  // a command may capture its subcommands
  std::string word = name;
  char* argv[] = {word.data(), nullptr};
  run(1, argv);
  wanted = outer;
  return page;
}

HelpPage* wanted_help_page() { return wanted; }

std::string option_head(const HelpOption& option) {
  std::string head;
  for (const std::string& name : option.names) {
    if (!head.empty()) head += ',';
    head += name;
  }
  if (option.value.empty()) return head + (option.is_repeated ? "..." : "");
  std::string value = option.value;
  if (option.value == "VALUE" && !option.choices.empty()) {
    value.clear();
    for (const std::string& choice : option.choices) value += (value.empty() ? "" : "|") + choice;
  }
  if (option.is_value_optional) return head + "[=" + value + "]";
  return head + " " + value + (option.is_repeated ? "..." : "");
}

std::string render_help(const HelpPage& page, unsigned width) {
  const size_t columns = std::min(width == 0 ? kDefaultWidth : width, kWidest);
  std::string out;
  wrap(page.description, 0, columns, out);
  out += "\n" + usage_line(page) + "\n";
  if (!page.subcommands.empty()) out += "\nCommands:\n";
  for (const HelpPage& subcommand : page.subcommands) {
    const std::string_view name = subcommand.command;
    render_row(name.substr(name.rfind(' ') + 1), subcommand.description, columns, out);
  }
  if (!page.positionals.empty()) out += "\nArguments:\n";
  for (const HelpOption& positional : page.positionals)
    render_row(option_head(positional), positional.text, columns, out);
  const std::string* group = nullptr;
  for (const HelpOption& option : page.options) {
    if (group == nullptr || *group != option.group) {
      out += "\n" + option.group + ":\n";
      group = &option.group;
    }
    const std::string required = option.is_required ? " (required)" : "";
    render_row(option_head(option), option.text + required, columns, out);
  }
  if (!page.footer.empty()) {
    out += '\n';
    wrap(page.footer, 0, columns, out);
  }
  return out;
}

}  // namespace wasmpack
