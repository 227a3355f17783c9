# What `cmake --install` puts beside the programs, the build tree's own CMake package, and the Debian package.
include(CMakePackageConfigHelpers)

# The CMake package, always in lib/: CMake searches lib/<architecture> only for that architecture, which is never the
# one of a project that compiles to wasm. Its functions are used from the sources in the build tree.
set(package_folder "lib/cmake/wasmpack")
set(package_sources "${PROJECT_SOURCE_DIR}/integrations/cmake")
set(WASMPACK_FUNCTIONS "${package_folder}/wasmpackFunctions.cmake")
configure_package_config_file("${package_sources}/wasmpackConfig.cmake.in"
  "${CMAKE_BINARY_DIR}/install/wasmpackConfig.cmake"
  INSTALL_DESTINATION "${package_folder}" PATH_VARS WASMPACK_FUNCTIONS)
set(WASMPACK_FUNCTIONS "${package_sources}/wasmpackFunctions.cmake")
configure_package_config_file("${package_sources}/wasmpackConfig.cmake.in" "${CMAKE_BINARY_DIR}/wasmpackConfig.cmake"
  INSTALL_DESTINATION "${CMAKE_BINARY_DIR}" INSTALL_PREFIX "${CMAKE_BINARY_DIR}" PATH_VARS WASMPACK_FUNCTIONS)

# ARCH_INDEPENDENT: without it the version file refuses a project with 32-bit pointers. Below 1.0 each minor version
# may differ.
set(compatibility SameMajorVersion)
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(compatibility SameMinorVersion)
endif()
write_basic_package_version_file("${CMAKE_BINARY_DIR}/wasmpackConfigVersion.cmake"
  COMPATIBILITY ${compatibility} ARCH_INDEPENDENT)

if(TARGET wasmpack)
  export(EXPORT wasmpackTargets NAMESPACE wasmpack:: FILE "${CMAKE_BINARY_DIR}/wasmpackTargets.cmake")
  install(EXPORT wasmpackTargets NAMESPACE wasmpack:: DESTINATION "${package_folder}")
  install(FILES "${CMAKE_BINARY_DIR}/install/wasmpackConfig.cmake" "${CMAKE_BINARY_DIR}/wasmpackConfigVersion.cmake"
    "${package_sources}/wasmpackFunctions.cmake" DESTINATION "${package_folder}")
endif()

# For people. Debian wants a file `copyright`; third-party/ has the terms of what is linked in statically or embedded,
# as THIRD_PARTY.md lists it, from the packages it was taken from.
install(FILES README.md CHANGELOG.md LICENSE THIRD_PARTY.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" RENAME copyright)
install(DIRECTORY docs DESTINATION "${CMAKE_INSTALL_DOCDIR}")
# What using the examples and packages in place leaves in their folders, as their .gitignore files have it, stays there.
set(leave_out "")
foreach(pattern IN ITEMS build layout pulled target venv node_modules package-lock.json __pycache__ digest.txt .gitignore
    *.egg-info *.o *.wasm)
  list(APPEND leave_out PATTERN "${pattern}" EXCLUDE)
endforeach()
install(DIRECTORY examples DESTINATION "${CMAKE_INSTALL_DOCDIR}" ${leave_out})
foreach(package IN ITEMS llvm-22-dev liblld-22-dev libclang-rt-22-dev-wasm32 wasi-libc wabt libssl-dev zlib1g-dev
    libzstd-dev libcli11-dev libtomlplusplus-dev libexpected-dev)
  set(terms "/usr/share/doc/${package}/copyright")
  if(EXISTS "${terms}")
    file(REAL_PATH "${terms}" terms)
    install(FILES "${terms}" DESTINATION "${CMAKE_INSTALL_DOCDIR}/third-party" RENAME "${package}")
  endif()
endforeach()

wasmpack_manuals(wasmpack)

# What users' builds and hosts take by path: a crate, an npm package, a Python package.
install(DIRECTORY integrations/cargo integrations/js integrations/python DESTINATION "${CMAKE_INSTALL_DATADIR}/wasmpack"
  ${leave_out})

# `cpack` in the build folder writes wasmpack_<version>_<architecture>.deb. dpkg-shlibdeps (package dpkg-dev) finds the
# packages of the shared libraries, except that of Binaryen's, which has no version in its name: any of the same
# upstream version will do.
set(binaryen_package binaryen)
execute_process(COMMAND dpkg-query --show "--showformat=\${Version}" binaryen
  OUTPUT_VARIABLE binaryen_version ERROR_QUIET RESULT_VARIABLE failed)
if(NOT failed AND binaryen_version MATCHES "^[0-9]+")
  math(EXPR next "${CMAKE_MATCH_0} + 1")
  set(binaryen_package "binaryen (>= ${CMAKE_MATCH_0}), binaryen (<< ${next}~)")
endif()
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME wasmpack)
set(CPACK_PACKAGE_CONTACT "The wasmpack developers <wasmpack@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Puts WebAssembly kernel libraries together without dlopen")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "${binaryen_package}")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "cmake (>= 3.25), clang-22, lld-22, nodejs, wasi-libc")
include(CPack)
