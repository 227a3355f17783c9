#include "object/reserved_names.h"

#include <algorithm>
#include <array>

namespace wasmpack {
namespace {

// Sorted, for the binary search below.
constexpr std::array<std::string_view, 30> kLinkerOwned = {
    "__data_end",
    "__dso_handle",
    "__global_base",
    "__heap_base",
    "__heap_end",
    "__indirect_function_table",
    "__linear_memory",
    "__memory_base",
    "__memory_base32",
    "__rodata_end",
    "__stack_high",
    "__stack_low",
    "__stack_pointer",
    "__table_base",
    "__table_base32",
    "__tls_align",
    "__tls_base",
    "__tls_size",
    "__wasm_apply_data_relocs",
    "__wasm_apply_global_relocs",
    "__wasm_apply_global_tls_relocs",
    "__wasm_apply_tls_relocs",
    "__wasm_call_ctors",
    "__wasm_call_dtors",
    "__wasm_first_page_end",
    "__wasm_init_memory",
    "__wasm_init_memory_flag",
    "__wasm_init_tls",
    "__wasm_set_tls_base",
    "__wasm_start",
};
static_assert(std::is_sorted(kLinkerOwned.begin(), kLinkerOwned.end()));

}  // namespace

bool is_linker_owned(std::string_view name) {
  if (!name.starts_with("__")) return false;
  // The bounds of a named segment are computed by the final linker from the segment's name.
  if (name.starts_with("__start_") || name.starts_with("__stop_")) return true;
  return std::ranges::binary_search(kLinkerOwned, name);
}

bool is_init_entry(std::string_view name) { return name == "_initialize" || name == "wapc_init"; }

}  // namespace wasmpack
