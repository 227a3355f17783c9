// The parts of the page that are the same for all files. Their sources are in inspect/render/page/;
// cmake/WasmpackEmbed.cmake embeds their bytes.
#pragma once

#include <string_view>

namespace wasmpack {

std::string_view page_style();   // CSS
std::string_view page_body();    // HTML
std::string_view page_script();  // JavaScript, one script
}  // namespace wasmpack
