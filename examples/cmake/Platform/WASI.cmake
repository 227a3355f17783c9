# CMake 3.25 does not know this system; wasi-sdk brings a file like this along.
set(WASI 1)
set(CMAKE_EXECUTABLE_SUFFIX .wasm)
