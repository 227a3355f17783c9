// The terminal behind a file descriptor.
#pragma once

namespace wasmpack {

// Columns of the terminal: COLUMNS if it is a sensible number, else what the terminal says, else
// 80. 0 if `fd` is no terminal: what goes into a file or pipe is not cut to fit.
unsigned terminal_width(int fd);

}  // namespace wasmpack
