# Files as bytes in a program, by the assembler.

# wasmpack_embed(name files result)
# The text of an assembler statement that embeds files, one behind the other, between two symbols.
function(wasmpack_embed name files result)
  set(lines "")
  foreach(file IN LISTS files)
    string(APPEND lines "    \".incbin \\\"${file}\\\"\\n\"\n")
  endforeach()
  string(CONCAT statement
    "asm(\".pushsection .rodata.wasmpack_${name},\\\"a\\\",@progbits\\n\"\n"
    "    \"wasmpack_${name}_begin:\\n\"\n"
    "${lines}"
    "    \"wasmpack_${name}_end: .popsection\\n\"\n"
    "    \".globl wasmpack_${name}_begin, wasmpack_${name}_end\\n\");\n"
    "extern \"C\" const unsigned char wasmpack_${name}_begin[], wasmpack_${name}_end[];\n")
  set(${result} "${statement}" PARENT_SCOPE)
endfunction()

# wasmpack_embed_page(target)
# Adds to a library the parts of the report that are a web page: inspect/render/page/*, interface
# inspect/render/page_files.h. The scripts are one script in the end, in the order of their names.
function(wasmpack_embed_page target)
  set(folder "${PROJECT_SOURCE_DIR}/inspect/render/page")
  file(GLOB scripts CONFIGURE_DEPENDS "${folder}/*.js")
  list(SORT scripts)
  set(statements "")
  set(functions "")
  set(all "")
  foreach(part IN ITEMS style body script)
    set(files "${folder}/${part}.css")
    if(part STREQUAL "body")
      set(files "${folder}/body.html")
    elseif(part STREQUAL "script")
      set(files ${scripts})
    endif()
    wasmpack_embed("page_${part}" "${files}" statement)
    string(APPEND statements "${statement}")
    string(APPEND functions
      "std::string_view page_${part}() {\n"
      "  return as_string({wasmpack_page_${part}_begin, wasmpack_page_${part}_end});\n}\n")
    list(APPEND all ${files})
  endforeach()
  set(embedded "${CMAKE_BINARY_DIR}/page_files.cpp")
  file(CONFIGURE OUTPUT "${embedded}" @ONLY CONTENT [[
#include "inspect/render/page_files.h"

#include "support/bytes.h"

@statements@
namespace wasmpack {
@functions@}  // namespace wasmpack
]])
  set_source_files_properties("${embedded}" PROPERTIES OBJECT_DEPENDS "${all}")
  target_sources(${target} PRIVATE "${embedded}")
endfunction()

# wasmpack_embed_diagnostics(target)
# Adds to a library the page that `wasmpack explain` reads, interface tools/diagnostics_page.h.
function(wasmpack_embed_diagnostics target)
  set(page "${PROJECT_SOURCE_DIR}/docs/diagnostics.md")
  wasmpack_embed(diagnostics "${page}" statement)
  set(embedded "${CMAKE_BINARY_DIR}/diagnostics_page.cpp")
  file(CONFIGURE OUTPUT "${embedded}" @ONLY CONTENT [[
#include "tools/diagnostics_page.h"

#include "support/bytes.h"

@statement@
namespace wasmpack {
std::string_view diagnostics_page() {
  return as_string({wasmpack_diagnostics_begin, wasmpack_diagnostics_end});
}
}  // namespace wasmpack
]])
  set_source_files_properties("${embedded}" PROPERTIES OBJECT_DEPENDS "${page}")
  target_sources(${target} PRIVATE "${embedded}")
endfunction()

# wasmpack_embed_engines(target)
# Adds to a library the programs for engines that are somebody else's command: runner/engines/*, interface
# runner/engine_scripts.h.
function(wasmpack_embed_engines target)
  set(node "${PROJECT_SOURCE_DIR}/runner/engines/node.js")
  set(wasmtime "${PROJECT_SOURCE_DIR}/runner/engines/wasmtime_engine.py")
  set(statements "")
  set(functions "")
  foreach(engine IN ITEMS node wasmtime)
    wasmpack_embed("engine_${engine}" "${${engine}}" statement)
    string(APPEND statements "${statement}")
    string(APPEND functions
      "std::string_view ${engine}_engine_script() {\n"
      "  return as_string({wasmpack_engine_${engine}_begin, wasmpack_engine_${engine}_end});\n}\n")
  endforeach()
  set(embedded "${CMAKE_BINARY_DIR}/engine_scripts.cpp")
  file(CONFIGURE OUTPUT "${embedded}" @ONLY CONTENT [[
#include "runner/engine_scripts.h"

#include "support/bytes.h"

@statements@
namespace wasmpack {
@functions@}  // namespace wasmpack
]])
  set_source_files_properties("${embedded}" PROPERTIES OBJECT_DEPENDS "${node};${wasmtime}")
  target_sources(${target} PRIVATE "${embedded}")
endfunction()
