// What there is to know about one wasm file, as plain structs: gathered once, then rendered.
//
// Every string_view points into the bytes the facts were gathered from, which must outlive them, or
// into the facts' own arena. Facts are the file's own; nothing here judges.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <llvm/Support/Allocator.h>

#include "object/object.h"

namespace wasmpack {

enum class WasmKind : uint8_t {
  object,     // has a `linking` section: relocatable
  module,     // finished
  shared,     // finished, with `dylink.0`
  component,  // component model: only named as such
  bundle,     // finished, with a `wasmpack.manifest` section
};
std::string_view wasm_kind_name(WasmKind kind);  // "object", ...

struct SectionFact {
  uint8_t id;
  std::string_view name;   // a custom section's own name, else "TYPE", "CODE", ...
  uint64_t header_offset;  // of the id byte
  uint64_t offset;         // of the payload; a custom section's payload begins with its name
  uint64_t size;           // of the payload in bytes
  std::optional<uint32_t> relocations;  // entries of the relocation section that applies to it
};

// Names and types stay views: a hostile file may have a million uses of one name of a megabyte.
struct ImportFact {
  std::string_view module;
  std::string_view name;
  ExternKind kind;
  std::string_view type;  // inspect/type_text.h
};

struct ExportFact {
  std::string_view name;
  ExternKind kind;
  uint32_t index;  // in its index space, imports first
  std::string_view type;
  std::string_view internal_name;  // of the function behind it; empty if it has none
  // Of an object: not in the EXPORT section, but its symbol is flagged EXPORTED, so a final link
  // exports it.
  bool by_flag = false;
};

struct SymbolFact {
  std::string_view name;
  SymbolKind kind;
  uint32_t flags;                   // as in the file; symbol_flag_words() names them
  std::optional<uint32_t> index;    // not of data symbols
  std::optional<uint32_t> segment;  // defined data that is not absolute
  std::optional<uint64_t> offset;   // data: in the segment, or the address of an absolute one
  std::optional<uint64_t> size;  // defined data; functions: of the body; sections: of the content
};

struct ComdatFact {
  std::string_view name;
  std::vector<ComdatEntry> entries;
};
std::string_view comdat_kind_name(ComdatKind kind);  // "data", "function", ...

struct SegmentFact {
  std::string_view name;  // empty without SEGMENT_INFO
  uint64_t alignment;     // in bytes; 1 without SEGMENT_INFO
  uint32_t flags;         // of SEGMENT_INFO; segment_flag_words() names them
  uint64_t offset;        // of the content, in the file
  uint64_t size;          // bytes
  bool is_passive;
  std::optional<int64_t> address;  // active, at a constant
};

// A function where it is spoken of; the name is empty if it has none.
struct FunctionRef {
  uint32_t index;
  std::string_view name;
};

// One constructor: an init function of an object, or a call in the ctor chain of a finished module.
struct ConstructorFact {
  uint32_t order;                    // 0 runs first
  std::optional<uint32_t> priority;  // objects only: a finished module no longer tells
  FunctionRef function;
  // What its body calls directly, each once, in order; nothing if that is not known.
  std::optional<std::vector<FunctionRef>> calls;
};

// How a wasm file is meant to be started.
enum class InitModel : uint8_t {
  object,   // not yet: it is relocatable
  command,  // exports `_start`
  reactor,  // exports `_initialize`
  library,  // neither
};
std::string_view init_model_name(InitModel model);

enum class ChainState : uint8_t { present, absent, unknown };
std::string_view chain_state_name(ChainState state);

enum class CallerKind : uint8_t {
  symbol,   // a function of an object that refers to the chain
  export_,  // an exported function from which calls lead to the chain
  wrapper,  // the same, and it is one of wasm-ld's command wrappers: it reruns the chain each time
  start,    // the start section
};
std::string_view caller_kind_name(CallerKind kind);

struct ChainCaller {
  CallerKind kind;
  std::string_view name;  // of the symbol or export; of the function for the start section
  uint32_t function;
  std::vector<FunctionRef> path;  // functions from there to the chain, both ends left out
};

// The ctor chain: who runs the constructors. The chain is the function `__wasm_call_ctors`, which
// the final link makes; an object can only refer to it.
struct InitFacts {
  InitModel model = InitModel::library;
  ChainState chain = ChainState::unknown;
  std::string reason;                // for absent and unknown
  std::optional<uint32_t> function;  // of the chain, where it is defined
  std::optional<std::string_view> exported_as;
  bool is_plain = true;  // it only calls; false: other code stands in it too
  std::vector<ChainCaller> callers;
  bool is_complete = true;  // false: some function was too much to read, or not understood
};

struct KernelFact {
  std::string name;
  std::string symbol;
  std::string type;
  std::string library;
};

// From the `wasmpack.manifest` section.
struct BundleFacts {
  std::string name;
  std::string version;
  std::vector<KernelFact> kernels;
  std::string problem;  // why the section could not be read; empty if it could
};

// Moves, but does not copy.
struct Facts {
  std::string file;
  std::string member;  // of an archive, else empty
  WasmKind kind = WasmKind::module;
  uint64_t size = 0;
  bool is64 = false;
  uint32_t function_count = 0;  // defined ones
  std::vector<SectionFact> sections;
  std::vector<ImportFact> imports;
  std::vector<ExportFact> exports;
  std::vector<SymbolFact> symbols;
  std::vector<ComdatFact> comdats;
  std::vector<SegmentFact> segments;
  std::vector<ConstructorFact> constructors;  // in the order a linker runs them
  InitFacts init;
  std::vector<TargetFeature> features;
  std::vector<ProducerField> producers;
  std::optional<BundleFacts> bundle;
  llvm::BumpPtrAllocator arena;  // of the texts that are not in the file
};

// Gathers from an object that read_object gave. Linear in the file's size.
Facts gather_facts(const Object& object);
// Of a component nothing is known but that it is one.
Facts make_component_facts(Bytes bytes, std::string_view file, std::string_view member);

// "weak", "local", "hidden", ...; an unknown bit is its number, "0x400".
std::vector<std::string> symbol_flag_words(uint32_t flags);
std::vector<std::string> segment_flag_words(uint32_t flags);

}  // namespace wasmpack
