# Everything we use that is not ours, each as one target; packages.txt names the Debian packages.
#   wasmpack_llvm         static LLVM Support; also the include folders of the header-only libraries
#   wasmpack_llvm_object  static LLVM Object, for tests only: it aborts on damaged input
#   wasmpack_llvm_shared  the shared libLLVM, whole, for child programs only
#   wasmpack_lld          lldWasm with it, for the child program only
#   wasmpack_wabt         wabt, for the child program only
#   wasmpack_binaryen     the shared Binaryen, for the child program only

set(CMAKE_THREAD_PREFER_PTHREAD ON)
find_package(Threads REQUIRED)
# LLVM's version file accepts only its exact major.minor, so the major is checked here.
find_package(LLVM REQUIRED CONFIG HINTS /usr/lib/llvm-22)
if(NOT LLVM_VERSION_MAJOR EQUAL 22)
  message(FATAL_ERROR "LLVM 22 is needed, found ${LLVM_VERSION} in ${LLVM_DIR}")
endif()
find_package(LLD REQUIRED CONFIG HINTS "${LLVM_LIBRARY_DIR}/..")
find_package(CLI11 REQUIRED CONFIG)
find_package(tomlplusplus REQUIRED CONFIG)
find_package(tl-expected REQUIRED CONFIG)

# find_library(), because the packages' own targets name the shared libraries.
find_library(WASMPACK_LIBZ NAMES libz.a REQUIRED)
find_library(WASMPACK_LIBZSTD NAMES libzstd.a REQUIRED)
find_library(WASMPACK_LIBWABT NAMES libwabt.a REQUIRED)
find_library(WASMPACK_LIBCRYPTO NAMES libcrypto.a REQUIRED)
# There is no static one.
find_library(WASMPACK_LIBBINARYEN NAMES binaryen REQUIRED)
find_path(WASMPACK_BINARYEN_INCLUDE_DIR NAMES binaryen-c.h REQUIRED)

set(llvm_archives "${LLVM_LIBRARY_DIR}")
separate_arguments(llvm_definitions UNIX_COMMAND "${LLVM_DEFINITIONS}")

# LLVMSupport's CMake target would add libz3 and shared libz and libzstd; the archives alone are enough.
add_library(wasmpack_llvm INTERFACE)
target_include_directories(wasmpack_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
target_compile_definitions(wasmpack_llvm INTERFACE ${llvm_definitions})
target_link_libraries(wasmpack_llvm INTERFACE
  "${llvm_archives}/libLLVMSupport.a" "${llvm_archives}/libLLVMDemangle.a"
  "${WASMPACK_LIBZ}" "${WASMPACK_LIBZSTD}" Threads::Threads ${CMAKE_DL_LIBS})

add_library(wasmpack_llvm_object INTERFACE)
set(llvm_object_closure Object IRReader AsmParser BitReader TextAPI MCParser MC DebugInfoDWARFLowLevel Core
  Remarks BitstreamReader BinaryFormat TargetParser)
foreach(component IN LISTS llvm_object_closure)
  if(EXISTS "${llvm_archives}/libLLVM${component}.a")
    target_link_libraries(wasmpack_llvm_object INTERFACE "${llvm_archives}/libLLVM${component}.a")
  endif()
endforeach()
target_link_libraries(wasmpack_llvm_object INTERFACE wasmpack_llvm)

add_library(wasmpack_llvm_shared INTERFACE)
target_include_directories(wasmpack_llvm_shared SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
target_compile_definitions(wasmpack_llvm_shared INTERFACE ${llvm_definitions})
target_link_libraries(wasmpack_llvm_shared INTERFACE LLVM)

add_library(wasmpack_lld INTERFACE)
target_include_directories(wasmpack_lld SYSTEM INTERFACE ${LLD_INCLUDE_DIRS})
target_link_libraries(wasmpack_lld INTERFACE lldWasm lldCommon wasmpack_llvm_shared)

add_library(wasmpack_wabt INTERFACE)
target_link_libraries(wasmpack_wabt INTERFACE "${WASMPACK_LIBWABT}" "${WASMPACK_LIBCRYPTO}"
  Threads::Threads ${CMAKE_DL_LIBS})

add_library(wasmpack_binaryen INTERFACE)
target_include_directories(wasmpack_binaryen SYSTEM INTERFACE "${WASMPACK_BINARYEN_INCLUDE_DIR}")
target_link_libraries(wasmpack_binaryen INTERFACE "${WASMPACK_LIBBINARYEN}")
