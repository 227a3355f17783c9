# How our own code is compiled: one interface target, wasmpack_options, that every target of ours links.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

# Builds of other folders and branches give most of the objects back.
find_program(WASMPACK_CCACHE ccache)
if(WASMPACK_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${WASMPACK_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${WASMPACK_CCACHE}")
endif()

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release" FORCE)
endif()

set(WASMPACK_SANITIZE "" CACHE STRING "Sanitizers for our code, as in -fsanitize=: 'address,undefined', 'thread'")
option(WASMPACK_FUZZ "Build tests/fuzz/*.cpp as libFuzzer programs (clang)" OFF)
option(WASMPACK_COVERAGE "Instrument our code for llvm-cov (clang)" OFF)
option(WASMPACK_WERROR "Warnings in our own code are errors" ON)

add_library(wasmpack_options INTERFACE)
target_include_directories(wasmpack_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(wasmpack_options INTERFACE
  -Wall -Wextra -Wconversion
  # g++ does not count signedness among C++ conversions, clang does: the two must agree on what is an error.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>
  # Fields that a designated initializer leaves out are left out on purpose; g++ has one warning for these and for
  # positional ones, where clang still warns.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-missing-field-initializers>
  $<$<CXX_COMPILER_ID:Clang>:-Wno-missing-designated-field-initializers>
  # std::stable_sort of g++ 12's library uses what that library deprecates; clang puts that at our call.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>
  $<$<BOOL:${WASMPACK_WERROR}>:-Werror>
  -ffunction-sections -fdata-sections)
target_link_options(wasmpack_options INTERFACE -Wl,--gc-sections -Wl,--as-needed)

if(WASMPACK_SANITIZE)
  target_compile_options(wasmpack_options INTERFACE
    "-fsanitize=${WASMPACK_SANITIZE}" -fno-sanitize-recover=all -fno-omit-frame-pointer
    $<$<BOOL:${WASMPACK_FUZZ}>:-fsanitize=fuzzer-no-link>)
  target_link_options(wasmpack_options INTERFACE "-fsanitize=${WASMPACK_SANITIZE}")
else()
  # Start-up is most of a small link: no relocation of the program itself, no shared libstdc++.
  target_compile_options(wasmpack_options INTERFACE -fno-pie)
  target_link_options(wasmpack_options INTERFACE -no-pie -static-libstdc++ -static-libgcc)
endif()

if(WASMPACK_COVERAGE)
  target_compile_options(wasmpack_options INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(wasmpack_options INTERFACE -fprofile-instr-generate)
endif()
