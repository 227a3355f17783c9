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

# wasmpack_embed_texts(target header FUNCTION file... [FUNCTION file...]...)
# Adds to a library the functions that a header declares, each `std::string_view name()` with the bytes of its files:
# `FUNCTION name file...`. Paths are relative to the project's root.
function(wasmpack_embed_texts target header)
  set(statements "")
  set(functions "")
  set(all "")
  set(arguments ${ARGN})
  while(arguments)
    list(POP_FRONT arguments keyword name)
    list(FIND arguments FUNCTION next)
    list(SUBLIST arguments 0 ${next} files)
    if(next EQUAL -1)
      set(arguments "")
    else()
      list(SUBLIST arguments ${next} -1 arguments)
    endif()
    list(TRANSFORM files PREPEND "${PROJECT_SOURCE_DIR}/")
    wasmpack_embed("${name}" "${files}" statement)
    string(APPEND statements "${statement}")
    string(APPEND functions
      "std::string_view ${name}() {\n  return as_string({wasmpack_${name}_begin, wasmpack_${name}_end});\n}\n")
    list(APPEND all ${files})
  endwhile()
  cmake_path(GET header STEM stem)
  set(embedded "${CMAKE_BINARY_DIR}/${stem}.cpp")
  file(CONFIGURE OUTPUT "${embedded}" @ONLY CONTENT [[
#include "@header@"

#include "support/bytes.h"

@statements@
namespace wasmpack {
@functions@}  // namespace wasmpack
]])
  set_source_files_properties("${embedded}" PROPERTIES OBJECT_DEPENDS "${all}")
  target_sources(${target} PRIVATE "${embedded}")
endfunction()
