// Names that belong to the linker or the host.
#include <gtest/gtest.h>

#include "object/reserved_names.h"

namespace wasmpack {
namespace {

TEST(ReservedNames, WhatWasmLdDefinesOrLooksUp) {
  for (const char* name : {"__stack_pointer",
                           "__indirect_function_table",
                           "__wasm_call_ctors",
                           "__memory_base",
                           "__table_base",
                           "__tls_base",
                           "__tls_size",
                           "__tls_align",
                           "__wasm_init_tls",
                           "__wasm_init_memory",
                           "__wasm_apply_data_relocs",
                           "__dso_handle",
                           "__data_end",
                           "__heap_base",
                           "__heap_end",
                           "__global_base",
                           "__stack_low",
                           "__stack_high",
                           "__linear_memory",
                           "__wasm_call_dtors",
                           "__start_things",
                           "__stop_things"})
    EXPECT_TRUE(is_linker_owned(name)) << name;
}

TEST(ReservedNames, NothingElse) {
  for (const char* name : {"", "main", "_", "__", "__stack", "__stack_pointer_", "_stack_pointer",
                           "__heap_bas", "__start", "start_things", "__cxa_atexit", "_initialize"})
    EXPECT_FALSE(is_linker_owned(name)) << name;
}

TEST(ReservedNames, TheEntriesOfTheGuard) {
  EXPECT_TRUE(is_init_entry("_initialize"));
  EXPECT_TRUE(is_init_entry("wapc_init"));
  for (const char* name : {"", "_start", "initialize", "_initialize_", "__wasm_call_ctors"})
    EXPECT_FALSE(is_init_entry(name)) << name;
}

}  // namespace
}  // namespace wasmpack
