// Completions of shells from the tables that the help is made of.
#pragma once

#include <span>
#include <string>

#include "tools/help_page.h"

namespace wasmpack {

// Scripts that the shell sources. `pages`: one of each command, in the order of all_commands().
std::string render_bash_completion(std::span<const HelpPage> pages);
std::string render_zsh_completion(std::span<const HelpPage> pages);
std::string render_fish_completion(std::span<const HelpPage> pages);

}  // namespace wasmpack
