# CMake 3.25 does not know this system; wasi-sdk brings a file like this along. Newer CMakes have their own.
set(WASI 1)
