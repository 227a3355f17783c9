#include "tools/completion.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "tools/command.h"

namespace wasmpack {
namespace {

// A page with the words that lead to it: "pack", or "oci check".
struct Target {
  std::string words;
  const HelpPage* page;
};

std::vector<Target> list_targets(std::span<const HelpPage> pages) {
  std::vector<Target> targets;
  const auto words_of = [](const HelpPage& page) {
    return page.command.substr(page.command.find(' ') + 1);
  };
  for (const HelpPage& page : pages) {
    targets.push_back({words_of(page), &page});
    for (const HelpPage& subcommand : page.subcommands)
      targets.push_back({words_of(subcommand), &subcommand});
  }
  return targets;
}

// The branches of a `case` that set `place` to "oci check" where two words lead to a page and the
// cursor stands behind them, by the shell's arithmetic `is_behind`.
std::string subcommand_branches(std::span<const Target> targets, std::string_view is_behind) {
  std::string out;
  for (const Target& target : targets) {
    if (target.words.find(' ') == target.words.npos) continue;
    out += "    '" + target.words + "') ((" + std::string(is_behind) + ")) && place='" +
           target.words + "' ;;\n";
  }
  return out;
}

std::string join(std::span<const std::string> words, std::string_view separator = " ") {
  std::string out;
  for (const std::string& word : words) out.append(out.empty() ? "" : separator).append(word);
  return out;
}

std::string option_names(const HelpPage& page) {
  std::string out;
  for (const HelpOption& option : page.options) {
    for (const std::string& name : option.names) out.append(out.empty() ? "" : " ").append(name);
  }
  return out;
}

// The words that may stand where an argument of the command does: subcommands, or choices.
std::string argument_words(const HelpPage& page) {
  std::vector<std::string> words;
  for (const HelpPage& subcommand : page.subcommands)
    words.push_back(subcommand.command.substr(subcommand.command.rfind(' ') + 1));
  for (const HelpOption& positional : page.positionals)
    words.insert(words.end(), positional.choices.begin(), positional.choices.end());
  return join(words);
}

std::string escape(std::string_view text, std::string_view special, std::string_view before) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != special.npos) out += before;
    out += c;
  }
  return out;
}

// Of a text in single quotes.
std::string zsh_quoted(std::string_view text) {
  std::string out;
  for (const char c : escape(text, "[]:\\", "\\")) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string fish_quoted(std::string_view text) {
  std::string out = escape(text, "'\\", "\\");
  std::replace(out.begin(), out.end(), '\n', ' ');
  return "'" + out + "'";
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

std::string render_bash_completion(std::span<const HelpPage> pages) {
  std::string names;
  for (const Command& command : all_commands()) names.append(command.name).append(" ");
  std::string out =
      "# Completions of wasmpack for bash, by `wasmpack completion bash`.\n"
      "_wasmpack() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
      "  local place=${COMP_WORDS[1]} options= words=\n"
      "  # bash takes --name=value apart at the sign.\n"
      "  [[ $current == = ]] && current=\n"
      "  [[ $previous == = ]] && previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
      "  COMPREPLY=()\n"
      "  if ((COMP_CWORD == 1)); then\n"
      "    COMPREPLY=($(compgen -W '" +
      names +
      "--help --version' -- \"$current\"))\n"
      "    return\n"
      "  fi\n"
      "  case \"$place ${COMP_WORDS[2]}\" in\n";
  const std::vector<Target> targets = list_targets(pages);
  out += subcommand_branches(targets, "COMP_CWORD > 2");
  out += "  esac\n  case $place in\n";
  for (const Target& target : targets) {
    out += "    '" + target.words + "')\n";
    std::string values;
    for (const HelpOption& option : target.page->options) {
      if (option.choices.empty()) continue;
      values +=
          "        " + join(option.names, " | ") + ") words='" + join(option.choices) + "' ;;\n";
    }
    if (!values.empty()) out += "      case $previous in\n" + values + "      esac\n";
    out += "      options='" + option_names(*target.page) + "'\n";
    if (const std::string words = argument_words(*target.page); !words.empty())
      out += "      [[ -z $words && $current != -* ]] && words='" + words + "'\n";
    out += "      ;;\n";
  }
  out +=
      "  esac\n"
      "  if [[ -n $words ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "  elif [[ $current == -* ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
      "  else\n"
      "    mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
      "  fi\n"
      "}\n"
      "complete -o filenames -o bashdefault -F _wasmpack wasmpack\n";
  return out;
}

std::string render_zsh_completion(std::span<const HelpPage> pages) {
  std::string out =
      "#compdef wasmpack\n"
      "# Completions of wasmpack for zsh, by `wasmpack completion zsh`.\n"
      "_wasmpack() {\n"
      "  local -a commands=(\n";
  for (const Command& command : all_commands()) {
    out += "    '" + std::string(command.name) + ":" + zsh_quoted(command.summary) + "'\n";
  }
  out +=
      "  )\n"
      "  if ((CURRENT == 2)); then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  local place=$words[2]\n"
      "  case \"$words[2] $words[3]\" in\n";
  const std::vector<Target> targets = list_targets(pages);
  out += subcommand_branches(targets, "CURRENT > 3");
  out += "  esac\n  shift words\n  ((CURRENT--))\n  case $place in\n";
  for (const Target& target : targets) {
    out += "    '" + target.words + "')\n      _arguments \\\n";
    for (const HelpOption& option : target.page->options) {
      for (const std::string& name : option.names) {
        // "=": the value stands behind the sign or is the next word; "=-": behind the sign only.
        std::string line = name;
        if (!option.value.empty() && name.starts_with("--"))
          line += option.is_value_optional ? "=-" : "=";
        else if (!option.value.empty())
          line += "+";
        line += "[" + zsh_quoted(first_line(option.text)) + "]";
        if (!option.value.empty()) {
          line += option.is_value_optional ? "::" : ":";
          line += zsh_quoted(option.value) + ":";
          line += option.choices.empty() ? "_files" : "(" + join(option.choices) + ")";
        }
        out += "        '*" + line + "' \\\n";
      }
    }
    const std::string words = argument_words(*target.page);
    out += words.empty() ? "        '*:file:_files'\n" : "        '*:word:(" + words + ")'\n";
    out += "      ;;\n";
  }
  return out +
         "  esac\n}\nif [[ $funcstack[1] == _wasmpack ]]; then\n  _wasmpack \"$@\"\nelse\n  "
         "compdef _wasmpack wasmpack\nfi\n";
}

std::string render_fish_completion(std::span<const HelpPage> pages) {
  std::string out = "# Completions of wasmpack for fish, by `wasmpack completion fish`.\n";
  for (const Command& command : all_commands()) {
    out += "complete -c wasmpack -f -n __fish_use_subcommand -a " + std::string(command.name) +
           " -d " + fish_quoted(command.summary) + "\n";
  }
  for (const Target& target : list_targets(pages)) {
    std::string condition;
    for (std::string_view words = target.words; !words.empty();) {
      const size_t end = std::min(words.find(' '), words.size());
      condition.append(condition.empty() ? "" : "; and ")
          .append("__fish_seen_subcommand_from ")
          .append(words.substr(0, end));
      words.remove_prefix(std::min(end + 1, words.size()));
    }
    const std::string start = "complete -c wasmpack -n '" + condition + "'";
    if (const std::string words = argument_words(*target.page); !words.empty())
      out += start + " -f -a '" + words + "'\n";
    for (const HelpOption& option : target.page->options) {
      out += start;
      for (const std::string& name : option.names)
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (!option.choices.empty())
        out += " -x -a '" + join(option.choices) + "'";
      else if (!option.value.empty())
        out += " -r";
      out += " -d " + fish_quoted(first_line(option.text)) + "\n";
    }
  }
  return out;
}

}  // namespace wasmpack
