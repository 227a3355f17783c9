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

#include "inspect/facts/retained.h"
#include "inspect/facts/sizes.h"
#include "inspect/facts/why.h"
#include "object/object.h"
#include "support/diagnostic.h"

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

// What a constructor registers, where its body is of the known registering form.
struct RegistrationFact {
  std::string_view registrar;  // the function that is called with name and function
  std::string_view name;
  FunctionRef function;  // or data, then only with a name
};

// One constructor: an init function of an object, or a call in the ctor chain of a finished module.
struct ConstructorFact {
  uint32_t order;                    // 0 runs first
  std::optional<uint32_t> priority;  // objects only: a finished module no longer tells
  FunctionRef function;
  // What its body calls directly, each once, in order; nothing if that is not known.
  std::optional<std::vector<FunctionRef>> calls;
  // The object or library it comes from, where the file tells; empty if it does not.
  std::string_view origin;
  std::vector<RegistrationFact> registers;
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

// How many times the chain has run in an instance, from its making on, the start section included.
// Nothing where that is not known.
struct ExportRuns {
  std::string_view name;
  std::optional<uint32_t> first;             // after the export was called once
  std::optional<uint32_t> again;             // after it was called twice
  std::optional<uint32_t> after_initialize;  // after `_initialize` once, then the export once;
                                             // nothing too if there is no `_initialize`
  // Why something is not known, or what a run (--run) met with that matters: a trap, a limit, a
  // number that the code had told otherwise.
  std::string reason;
  // Every number that is given was counted in a run that met no trouble, and no choice of arguments
  // decided on it.
  bool is_run = false;
  bool is_guess = false;  // numbers that the code does not tell were counted, called with zeros
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
  std::vector<ExportRuns> runs;  // of each exported function of a finished module
  bool is_by_shape = false;      // no name told it: two exports begin with a call of it
  // Whose entries count as runs: the chain, or where each constructor is behind a guard of its own,
  // as `wasmpack link --init-guard` makes them, the first constructor proper.
  std::optional<uint32_t> counted;
  std::optional<uint32_t> destructors;  // the function `__wasm_call_dtors`, if wrappers call one
  bool is_complete = true;  // false: some function was too much to read, or not understood
};

struct KernelFact {
  std::string name;
  std::string symbol;
  std::string type;
  std::string library;
  // Its place among all kernels by name, which is what `wasmpack_find` gives (docs/bundle-abi.md);
  // nothing if two have one name, which no bundle has that pack made.
  std::optional<uint32_t> handle = {};
};

// A table of numbers in or beside a bundle.
struct ParamFact {
  std::string name;
  std::string dtype;           // "float32"
  std::vector<int64_t> shape;  // as the manifest section says; no shape: one number
  std::optional<uint64_t> bytes;
  std::string file;  // of an external one, beside the bundle; else empty
};

// A constructor as the bundle's manifest has it.
struct BundleConstructor {
  std::string symbol;
  std::string library;
  uint32_t order = 0;  // in the bundle's chain
};

// From the `wasmpack.manifest` section.
struct BundleFacts {
  std::string name;
  std::string version;
  std::string init;  // "initialize", "start", "lazy", ...
  std::vector<KernelFact> kernels;
  std::vector<ParamFact> params;
  std::vector<BundleConstructor> constructors;
  std::string problem;  // why the section could not be read; empty if it could
};

// Whether the module is valid, as far as somebody has looked.
enum class Validity : uint8_t {
  not_checked,  // nobody was asked (--no-validate)
  valid,
  invalid,
  not_validated,  // the validator does not know what stands there; never a reason to call it
                  // invalid
};
struct ValidityFact {
  Validity state = Validity::not_checked;
  std::string message;             // of the validator, for invalid and not_validated
  std::optional<uint64_t> offset;  // in the file
};

// A defined function.
struct FunctionFact {
  uint32_t index;  // imports first
  std::string_view name;
  std::string_view type;
  uint64_t offset;  // of its body, in the file
  uint64_t size;    // of its body in bytes
};

// The relocations of one section, encoded as they stand (object/relocation_reader.h decodes them).
struct RelocationsFact {
  uint32_t target;  // position in Facts::sections of the section they apply to
  uint32_t count;
  uint64_t offset;  // of the first entry, in the file
  Bytes entries;
};

// Memories, tables and globals, imported ones first; the text is the type's.
struct SpaceFact {
  ExternKind kind;
  uint32_t index;
  std::string_view name;  // from the name section, symbols, an import or export; may be empty
  std::string_view type;
  std::optional<int64_t> value;  // of a global that is initialized with a constant
  bool is_imported = false;
};

// Where things lie in the first memory of a finished module, in bytes; nothing where it is unknown.
struct LayoutFacts {
  std::optional<uint64_t> memory_minimum;  // bytes
  std::optional<uint64_t> memory_maximum;
  std::optional<uint64_t> data_begin;  // of the active segments at constant addresses
  std::optional<uint64_t> data_end;
  std::optional<uint64_t> stack_pointer;  // initial value of `__stack_pointer`
  std::optional<uint64_t> stack_size;     // where the stack lies before or behind the data
  std::optional<uint64_t> heap_base;      // `__heap_base`
  std::optional<uint64_t> table_minimum;  // of the indirect function table, entries
  uint32_t table_entries = 0;             // functions that element segments put into tables
};

// A custom section that is one text about the module (wasm-metadata convention), or its build id.
struct MetadataFact {
  std::string_view name;  // "description", ..., "build_id" (then the value is hexadecimal)
  std::string_view value;
};

// `dylink.0`, or the older `dylink` (DynamicLinking.md).
struct DylinkFacts {
  uint64_t memory_size = 0;  // bytes
  uint64_t memory_alignment = 1;
  uint64_t table_size = 0;  // entries
  uint64_t table_alignment = 1;
  std::vector<std::string_view> needed;  // shared libraries
  std::vector<std::string_view> runtime_paths;
  std::string problem;  // why it could not be read, else empty
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
  std::vector<FunctionFact> functions;  // defined ones
  std::vector<RelocationsFact> relocations;
  std::vector<SpaceFact> spaces;  // memories, tables, globals, tags
  LayoutFacts layout;
  std::string_view module_name;  // of the name section
  std::vector<MetadataFact> metadata;
  std::optional<DylinkFacts> dylink;
  ValidityFact validity;
  // Rules of Linking.md that the file breaks, and relocated fields that do not hold what their
  // relocation says: ids `invalid-linking` and `stale-relocation`.
  std::vector<Diagnostic> linking_problems;
  std::optional<BundleFacts> bundle;
  Sizes sizes;                      // by section; by symbol when asked for (measure_sizes)
  std::optional<GraphFacts> graph;  // when asked for (gather_graph)
  std::vector<WhyFact> why;         // answers to --why, which are about `graph`
  llvm::BumpPtrAllocator arena;     // of the texts that are not in the file
};

// Gathers from an object that read_object gave. Linear in the file's size.
Facts gather_facts(const Object& object);
// Of a component nothing is known but that it is one.
Facts make_component_facts(Bytes bytes, std::string_view file, std::string_view member);

// "weak", "local", "hidden", ...; an unknown bit is its number, "0x400".
std::vector<std::string> symbol_flag_words(uint32_t flags);
std::vector<std::string> segment_flag_words(uint32_t flags);

}  // namespace wasmpack
