# The kinds of target there are. Sources are found by folder, so a new file needs no edit here.

# wasmpack_library(folder DEPENDS target...)
# Static library wasmpack_<folder> of the sources in <folder> and its subfolders, without main.cpp. A folder without sources gives an
# interface library, and a dependency that does not exist is left out.
function(wasmpack_library folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
  # These two belong to programs, see wasmpack_add_program().
  list(FILTER sources EXCLUDE REGEX "/(main|asan_options)\\.cpp$")
  set(target "wasmpack_${folder}")
  if(sources)
    add_library(${target} STATIC ${sources})
    set(visibility PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(visibility INTERFACE)
  endif()
  target_link_libraries(${target} ${visibility} wasmpack_options)
  foreach(dependency IN LISTS arg_DEPENDS)
    if(TARGET ${dependency})
      target_link_libraries(${target} ${visibility} ${dependency})
    endif()
  endforeach()
endfunction()

# wasmpack_add_program(target source...)
# A program of our own code. The sanitizers' default options are a source of the program: the runtime has a
# weak definition of them, so a library's would not be taken.
function(wasmpack_add_program target)
  add_executable(${target} ${ARGN})
  target_link_libraries(${target} PRIVATE wasmpack_options)
  set(options_source "${PROJECT_SOURCE_DIR}/support/asan_options.cpp")
  if(WASMPACK_SANITIZE AND EXISTS "${options_source}")
    target_sources(${target} PRIVATE "${options_source}")
  endif()
endfunction()

# wasmpack_command(name source): bin/<name>, installed.
function(wasmpack_command name source)
  if(NOT EXISTS "${PROJECT_SOURCE_DIR}/${source}")
    message(STATUS "No ${source}: the command ${name} is not built")
    return()
  endif()
  wasmpack_add_program(${name} "${source}")
  target_link_libraries(${name} PRIVATE wasmpack_tools)
  install(TARGETS ${name} EXPORT wasmpackTargets RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  add_dependencies(programs ${name})
endfunction()

# wasmpack_child(name source... LIBRARIES target...): libexec/wasmpack/<name>, installed. The command looks for it
# beside its own folder. Few source files around somebody else's library: it is not sanitized, since that
# library is not, and it is C++17, since wabt's interpreter headers are no C++20 for g++ 12.
function(wasmpack_child name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBRARIES")
  list(GET arg_UNPARSED_ARGUMENTS 0 source)
  if(NOT EXISTS "${PROJECT_SOURCE_DIR}/${source}")
    message(STATUS "No ${source}: the child program ${name} is not built")
    return()
  endif()
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  set_target_properties(${name} PROPERTIES
    CXX_STANDARD 17 RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/libexec/wasmpack")
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_compile_options(${name} PRIVATE -Wall -Wextra -Wconversion
    $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion> $<$<BOOL:${WASMPACK_WERROR}>:-Werror>)
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES})
  install(TARGETS ${name} RUNTIME DESTINATION "${CMAKE_INSTALL_LIBEXECDIR}/wasmpack")
  add_dependencies(programs ${name})
endfunction()
