// What a command's help says, as data: --help, the manual pages and the completions of shells are
// three renderings of it.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace wasmpack {

struct HelpOption {
  std::vector<std::string> names;  // "-o", "--output"; of a positional one name, "FILE"
  std::string value;               // what follows it: "FILE"; empty for a flag and a positional
  bool is_value_optional = false;  // --sizes[=WHAT]
  bool is_repeated = false;        // takes several values
  bool is_required = false;
  std::vector<std::string> choices;  // of the value, where it is one of a few words
  std::string text;                  // one sentence or more
  std::string group;                 // heading; empty for positionals
};

struct HelpPage {
  std::string command;      // "wasmpack pack"
  std::string description;  // one paragraph or more, its first sentence is the summary
  std::vector<HelpOption> positionals;
  std::vector<HelpOption> options;  // those of one group stand together
  std::vector<HelpPage> subcommands;
  std::string footer;  // paragraphs; indented lines are examples
};

HelpPage describe_help(const CLI::App& app);

// The help page of the command that `run` is (see tools/command.h), which is called with its name
// alone and ends where it would parse its arguments.
HelpPage capture_help(int (*run)(int argc, char** argv), const char* name);
// Where a command parses its arguments, it fills this page and ends, unless it is null.
HelpPage* wanted_help_page();

// The text that --help prints. `width`: columns of the terminal; 0 if it is none, then 80.
std::string render_help(const HelpPage& page, unsigned width);

// "-o FILE, --output FILE" as a usage table has it: "-o,--output FILE", "--sizes[=WHAT]".
std::string option_head(const HelpOption& option);

}  // namespace wasmpack
