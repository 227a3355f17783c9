#include "tools/overview.h"

#include "tools/command.h"

namespace wasmpack {

std::string overview_text() {
  std::string text = "wasmpack: " + std::string(kOverview) +
                     "\n\nUsage: wasmpack COMMAND [OPTIONS]\n\nCommands:\n";
  for (const Command& command : all_commands()) {
    text += "  ";
    text += command.name;
    text.append(13 - command.name.size(), ' ');
    text += command.summary;
    text += '\n';
  }
  text +=
      "\nOptions:\n"
      "  -h, --help   this text; 'wasmpack COMMAND --help' has a command's options\n"
      "  --version    the version\n\n"
      "Exit codes: ";
  return text + std::string(kExitCodes) + "\n";
}

}  // namespace wasmpack
