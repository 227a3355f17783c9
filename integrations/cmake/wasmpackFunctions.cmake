# wasmpack_add_library() and wasmpack_add_bundle(), for the projects of users; docs/cmake.md has the whole of it.
# A command is run again when one of its inputs changed, by the depfile that wasmpack writes.

# The policies hold inside of the functions, whatever the project has.
cmake_policy(PUSH)
cmake_policy(VERSION 3.25...3.31)

# wasmpack_add_library(NAME [SOURCES source...] [OBJECTS object...] [PREFIX prefix] [KEEP_GLOBAL pattern...]
#                      [EXPORTS pattern...] [INIT_GUARD auto|off|none|NAME,...] [OUTPUT file] [OPTIONS option...])
# A library target that is one object, made by `wasmpack link`. It links whole into every executable that depends on it,
# directly or through other targets: the object itself stands on the link line, once.
function(wasmpack_add_library name)
  set(single PREFIX INIT_GUARD OUTPUT)
  set(multiple SOURCES OBJECTS KEEP_GLOBAL EXPORTS OPTIONS)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "${single}" "${multiple}")
  _wasmpack_check_call(wasmpack_add_library "${name}" "${arg_UNPARSED_ARGUMENTS}" "${arg_KEYWORDS_MISSING_VALUES}"
    ${single} ${multiple})
  _wasmpack_check_files(wasmpack_add_library "${name}" "${arg_SOURCES};${arg_OBJECTS}"
    ${single} ${multiple})
  if(NOT arg_SOURCES AND NOT arg_OBJECTS)
    message(FATAL_ERROR "wasmpack_add_library(${name}): neither SOURCES nor OBJECTS: the library would be empty")
  endif()

  set(inputs "")
  if(arg_SOURCES)
    add_library(${name}_sources OBJECT ${arg_SOURCES})
    list(APPEND inputs "$<TARGET_OBJECTS:${name}_sources>")
  endif()
  foreach(object IN LISTS arg_OBJECTS)
    if(TARGET "${object}")
      get_target_property(file ${object} WASMPACK_FILE)
      get_target_property(type ${object} TYPE)
      if(NOT file AND NOT type MATCHES "^(OBJECT_LIBRARY|STATIC_LIBRARY|EXECUTABLE)$")
        message(FATAL_ERROR "wasmpack_add_library(${name}): target ${object} (${type}) has no objects")
      endif()
    endif()
    _wasmpack_input("${object}" input)
    list(APPEND inputs "${input}")
  endforeach()

  if(NOT DEFINED arg_OUTPUT)
    set(arg_OUTPUT "${name}.o")
  endif()
  _wasmpack_output("${arg_OUTPUT}" output)
  if(NOT output MATCHES "\\.(o|obj)$")
    message(FATAL_ERROR "wasmpack_add_library(${name}): OUTPUT ${arg_OUTPUT} must end in .o: an archive would lose "
      "what nothing refers to")
  endif()

  set(options "")
  if(DEFINED arg_PREFIX)
    list(APPEND options "--prefix-symbols=${arg_PREFIX}")
  endif()
  foreach(pattern IN LISTS arg_KEEP_GLOBAL)
    list(APPEND options "--keep-global-symbol=${pattern}")
  endforeach()
  foreach(pattern IN LISTS arg_EXPORTS)
    list(APPEND options "--export=${pattern}")
  endforeach()
  _wasmpack_init_guard("${name}" "${arg_INIT_GUARD}" guard)
  list(APPEND options ${guard} ${arg_OPTIONS})

  # The inputs go in a file: a command line has a limit, and generators quote differently.
  set(response "${output}.inputs")
  file(GENERATE OUTPUT "${response}" CONTENT "'$<JOIN:${inputs},'\n'>'\n")
  add_custom_command(OUTPUT "${output}"
    COMMAND wasmpack::wasmpack link ${options} "@${response}" -o "${output}" --depfile "${output}.d"
    DEPENDS "${response}" wasmpack::wasmpack ${inputs}
    DEPFILE "${output}.d"
    COMMENT "Linking wasm library ${name}"
    COMMAND_EXPAND_LISTS VERBATIM)

  # The custom target makes the object, the imported target carries it, the interface library is what users link.
  add_custom_target(${name}_link ALL DEPENDS "${output}")
  _wasmpack_add_order(${name}_link ${inputs} ${arg_OBJECTS})
  add_library(${name}_object OBJECT IMPORTED GLOBAL)
  set_target_properties(${name}_object PROPERTIES IMPORTED_OBJECTS "${output}")
  foreach(configuration IN LISTS CMAKE_CONFIGURATION_TYPES)
    string(TOUPPER "${configuration}" suffix)
    string(REPLACE "$<CONFIG>" "${configuration}" path "${output}")
    set_target_properties(${name}_object PROPERTIES IMPORTED_OBJECTS_${suffix} "${path}")
  endforeach()
  add_library(${name} INTERFACE)
  target_link_libraries(${name} INTERFACE "$<TARGET_OBJECTS:${name}_object>")
  add_dependencies(${name} ${name}_link)
  set_target_properties(${name} PROPERTIES WASMPACK_FILE "${output}")
endfunction()

# wasmpack_add_bundle(NAME MANIFEST manifest [OUTPUT file] [DEPENDS target|file...] [OCI_DIR folder]
#                     [OPTIONS option...])
# A target, part of `all`, that packs a bundle with `wasmpack pack`. A manifest NAME.toml.in is configured to NAME.toml
# in the build folder. DEPENDS names what the build must make before; all files that the manifest takes are known once
# the bundle was packed.
function(wasmpack_add_bundle name)
  set(single MANIFEST OUTPUT OCI_DIR)
  set(multiple DEPENDS OPTIONS)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "${single}" "${multiple}")
  _wasmpack_check_call(wasmpack_add_bundle "${name}" "${arg_UNPARSED_ARGUMENTS}" "${arg_KEYWORDS_MISSING_VALUES}"
    ${single} ${multiple})
  _wasmpack_check_files(wasmpack_add_bundle "${name}" "${arg_DEPENDS}" ${single} ${multiple})
  if(NOT DEFINED arg_MANIFEST)
    message(FATAL_ERROR "wasmpack_add_bundle(${name}): no MANIFEST; `wasmpack pack --init` writes one to begin with")
  endif()
  _wasmpack_manifest("${name}" "${arg_MANIFEST}" manifest)
  if(NOT DEFINED arg_OUTPUT)
    set(arg_OUTPUT "${name}.wasm")
  endif()
  _wasmpack_output("${arg_OUTPUT}" output)
  set(inputs "")
  foreach(dependency IN LISTS arg_DEPENDS)
    _wasmpack_input("${dependency}" input)
    list(APPEND inputs "${input}")
  endforeach()
  set(oci "")
  set(options ${arg_OPTIONS})
  if(DEFINED arg_OCI_DIR)
    _wasmpack_output("${arg_OCI_DIR}" folder)
    list(APPEND options --oci "${folder}")
    set(oci "${folder}/index.json")
  endif()

  add_custom_command(OUTPUT "${output}" ${oci}
    COMMAND wasmpack::wasmpack pack "${manifest}" -o "${output}" --depfile "${output}.d" ${options}
    DEPENDS "${manifest}" wasmpack::wasmpack ${inputs}
    DEPFILE "${output}.d"
    COMMENT "Packing wasm bundle ${name}"
    COMMAND_EXPAND_LISTS VERBATIM)
  add_custom_target(${name} ALL DEPENDS "${output}" ${oci})
  _wasmpack_add_order(${name} ${inputs} ${arg_DEPENDS})
  set_target_properties(${name} PROPERTIES WASMPACK_FILE "${output}")
endfunction()

# What is wrong with a call, whatever it is about: a name that is taken, words that are no keywords.
function(_wasmpack_check_call function name unknown empty)
  if(NOT TARGET wasmpack::wasmpack)
    message(FATAL_ERROR "${function}(${name}): find_package(wasmpack CONFIG) was not called in this folder or above it")
  endif()
  if(NOT name MATCHES "^[A-Za-z0-9_.+-]+$")
    message(FATAL_ERROR "${function}(${name}): this is no name for a target: letters, digits, `_`, `.`, `+`, `-`")
  endif()
  foreach(suffix IN ITEMS "" _link _object _sources)
    if(TARGET ${name}${suffix})
      message(FATAL_ERROR "${function}(${name}): there is a target ${name}${suffix} already")
    endif()
  endforeach()
  list(JOIN ARGN ", " known)
  if(unknown)
    list(JOIN unknown " " unknown)
    message(FATAL_ERROR "${function}(${name}): not understood: ${unknown}; the keywords are ${known}")
  endif()
  if(empty)
    list(JOIN empty ", " empty)
    message(FATAL_ERROR "${function}(${name}): nothing stands behind ${empty}")
  endif()
endfunction()

# cmake_parse_arguments() takes a misspelt keyword for one more file of the list before it.
function(_wasmpack_check_files function name files)
  list(JOIN ARGN ", " known)
  foreach(file IN LISTS files)
    if(file MATCHES "^[A-Z][A-Z_]+(=.*)?$" AND NOT TARGET "${file}"
        AND NOT EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
      message(FATAL_ERROR "${function}(${name}): ${file} is no file and no keyword; the keywords are ${known}")
    endif()
  endforeach()
endfunction()

# What an entry of OBJECTS or DEPENDS stands for: the files of a target, or a path as CMake resolves those of sources.
function(_wasmpack_input entry result)
  if(TARGET "${entry}")
    get_target_property(file ${entry} WASMPACK_FILE)
    get_target_property(type ${entry} TYPE)
    if(file)
      set(entry "${file}")
    elseif(type STREQUAL "OBJECT_LIBRARY")
      set(entry "$<TARGET_OBJECTS:${entry}>")
    elseif(type MATCHES "^(STATIC_LIBRARY|EXECUTABLE)$")
      set(entry "$<TARGET_FILE:${entry}>")
    endif()
  elseif(NOT entry MATCHES "\\$<")
    cmake_path(ABSOLUTE_PATH entry BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE OUTPUT_VARIABLE in_source)
    cmake_path(ABSOLUTE_PATH entry BASE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}" NORMALIZE OUTPUT_VARIABLE entry)
    if(EXISTS "${in_source}")
      set(entry "${in_source}")
    endif()
  endif()
  set(${result} "${entry}" PARENT_SCOPE)
endfunction()

# The path of a manifest. One that ends in .in is written to the build folder, beside the libraries that it names.
function(_wasmpack_manifest name file result)
  _wasmpack_input("${file}" manifest)
  get_source_file_property(generated "${manifest}" GENERATED)
  if(NOT manifest MATCHES "\\$<" AND NOT EXISTS "${manifest}" AND NOT generated)
    message(FATAL_ERROR "wasmpack_add_bundle(${name}): there is no manifest ${file}, neither in "
      "${CMAKE_CURRENT_SOURCE_DIR} nor in ${CMAKE_CURRENT_BINARY_DIR}; one that a command of the build writes needs "
      "the property GENERATED")
  endif()
  if(manifest MATCHES "\\.in$")
    cmake_path(GET manifest STEM LAST_ONLY stem)
    set(configured "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${name}.manifest/${stem}")
    configure_file("${manifest}" "${configured}" @ONLY)
    _wasmpack_output("${stem}" manifest)
    file(GENERATE OUTPUT "${manifest}" INPUT "${configured}")
  endif()
  set(${result} "${manifest}" PARENT_SCOPE)
endfunction()

# The place of an output: in the build folder, and apart for each configuration where the generator has several.
function(_wasmpack_output file result)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}")
  get_property(several GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(several)
    string(APPEND folder "/$<CONFIG>")
  endif()
  cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY "${folder}" NORMALIZE)
  set(${result} "${file}" PARENT_SCOPE)
endfunction()

# Makefiles know files of other targets only by the order of the targets.
function(_wasmpack_add_order target)
  foreach(input IN LISTS ARGN)
    if(TARGET "${input}")
      add_dependencies(${target} ${input})
    endif()
    string(REGEX MATCHALL "\\$<TARGET_(OBJECTS|FILE):[^>]+>" uses "${input}")
    foreach(use IN LISTS uses)
      string(REGEX REPLACE "^.*:([^>]+)>$" "\\1" used "${use}")
      add_dependencies(${target} ${used})
    endforeach()
  endforeach()
endfunction()

# The options of link for constructors that run once. With `auto` an entry point is added where no start-up code of
# the platform runs the chain: wasi-libc's crt1 does, as _start or as _initialize, and so does Emscripten's loader.
function(_wasmpack_init_guard name mode result)
  if(mode MATCHES "^(auto)?$")
    set(mode _initialize)
    if(CMAKE_SYSTEM_NAME MATCHES "^(WASI|Emscripten)$"
        OR "${CMAKE_C_COMPILER_TARGET} ${CMAKE_CXX_COMPILER_TARGET}" MATCHES "wasi")
      set(mode none)
    endif()
  endif()
  if(mode STREQUAL "off")
    set(option "")
  elseif(mode MATCHES "^[A-Za-z_][A-Za-z0-9_]*(,[A-Za-z_][A-Za-z0-9_]*)*$")
    set(option "--init-guard=${mode}")
  else()
    message(FATAL_ERROR "wasmpack_add_library(${name}): INIT_GUARD ${mode} is none of auto, off, none or NAME,...")
  endif()
  set(${result} "${option}" PARENT_SCOPE)
endfunction()

cmake_policy(POP)
