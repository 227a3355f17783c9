// One wasm file in memory: any binary module, and every part of the object file convention.
//
// Every name and payload is a view into the bytes the file was read from, so those must outlive the
// Object. Sections keep their raw bytes; the fields below them are the parsed view. What is not
// understood stays raw, so `write_object(read_object(bytes)) == bytes` (object/write.h).
//
// Sources: WebAssembly core specification 3.0, chapter 5 (binary format); tool-conventions
// Linking.md, DynamicLinking.md, ProducersSection.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "object/relocation.h"
#include "support/bytes.h"

namespace wasmpack {

// ---- Sections -----------------------------------------------------------------------------------

enum class SectionId : uint8_t {
  custom = 0,
  type = 1,
  import = 2,
  function = 3,
  table = 4,
  memory = 5,
  global = 6,
  export_ = 7,
  start = 8,
  element = 9,
  code = 10,
  data = 11,
  data_count = 12,
  tag = 13,
};

// "CODE", "DATA", ... for messages and relocation section names.
std::string_view section_id_name(SectionId id);
// Known sections stand in the order of their ranks (core specification 5.5.2); 0 for custom ones.
int section_rank(SectionId id);

inline constexpr uint32_t kNoRelocations = UINT32_MAX;

struct Section {
  SectionId id;
  std::string_view name;    // a custom section's own name, else section_id_name(id)
  uint64_t header_offset;   // of the id byte, from the start of the file
  uint64_t content_offset;  // of content[0], from the start of the file
  Bytes raw;                // the whole section with its header, as read
  Bytes content;            // the payload; for a custom section, what follows its name.
                            // Relocation offsets count from here.
  uint32_t relocations = kNoRelocations;  // position of its relocations in Object::relocations
  bool is_custom() const { return id == SectionId::custom; }
};

// ---- Types and index spaces ---------------------------------------------------------------------

// One entry of the type index space. `params` and `results` are encoded value types (5.3.4), which
// are one byte each unless `is_simple` is false.
struct FuncType {
  Bytes params;
  Bytes results;
  bool is_function = true;  // false: struct, array, continuation
  bool is_simple = true;    // every value type is one byte and names no other type; no sub/rec
  bool operator==(const FuncType& other) const;
};

enum class ExternKind : uint8_t { function = 0, table = 1, memory = 2, global = 3, tag = 4 };
std::string_view extern_kind_name(ExternKind kind);  // "function", "table", ...

struct Limits {
  uint64_t minimum = 0;
  std::optional<uint64_t> maximum;
  bool is_shared = false;
  bool is64 = false;
  std::optional<uint32_t> page_size_log2;  // custom-page-sizes proposal
};

struct TableType {
  Bytes element_type;  // an encoded reference type, one byte (0x70 funcref, 0x6f externref) or more
  Limits limits;
};

struct GlobalType {
  Bytes value_type;  // an encoded value type
  bool is_mutable = false;
};

struct Import {
  std::string_view module;
  std::string_view field;
  ExternKind kind;
  uint32_t type_index = 0;  // function, tag
  TableType table;          // table
  Limits memory;            // memory
  GlobalType global;        // global
};

struct Table {
  TableType type;
  Bytes init;  // a constant expression with its `end`, empty if the entry has none
};

struct Global {
  GlobalType type;
  Bytes init;  // constant expression with its `end`
};

struct Export {
  std::string_view name;
  ExternKind kind;
  uint32_t index;
};

struct ElementSegment {
  uint32_t flags = 0;  // 0-7, core specification 5.5.12
  uint32_t table = 0;
  Bytes offset;                     // constant expression of an active segment
  std::vector<uint32_t> functions;  // function indices; kNullFunction for any other expression
};
inline constexpr uint32_t kNullFunction = UINT32_MAX;

// One function body: the atom of the CODE section. Offsets count from the section's content.
struct FunctionBody {
  uint32_t entry_offset;  // of the size field
  uint32_t offset;        // of the body (local declarations first)
  uint32_t size;          // of the body in bytes
};

// Flags of SEGMENT_INFO (Linking.md).
inline constexpr uint32_t kSegmentStrings = 1;
inline constexpr uint32_t kSegmentTls = 2;
inline constexpr uint32_t kSegmentRetain = 4;

// One data segment: the atom of the DATA section.
struct DataSegment {
  uint32_t init_flags = 0;  // 0 active, 1 passive, 2 active with a memory index
  uint32_t memory = 0;
  Bytes offset_init;      // constant expression with its `end`; empty if passive
  uint32_t entry_offset;  // of the flags field, from the section's content
  uint32_t offset;        // of content[0], from the section's content
  Bytes content;
  // From SEGMENT_INFO; empty and zero without one.
  std::string_view name;
  uint32_t alignment_log2 = 0;
  uint32_t flags = 0;
};

// ---- Linking section ----------------------------------------------------------------------------

enum class SymbolKind : uint8_t {
  function = 0,
  data = 1,
  global = 2,
  section = 3,
  tag = 4,
  table = 5
};
std::string_view symbol_kind_name(SymbolKind kind);  // "function", "data", ...
// The index space that a symbol's index counts in; none for data and section symbols.
std::optional<ExternKind> extern_kind_of(SymbolKind kind);

// Symbol flags (Linking.md).
inline constexpr uint32_t kSymbolWeak = 0x1;
inline constexpr uint32_t kSymbolLocal = 0x2;
inline constexpr uint32_t kSymbolBindingMask = 0x3;
inline constexpr uint32_t kSymbolHidden = 0x4;
inline constexpr uint32_t kSymbolUndefined = 0x10;
inline constexpr uint32_t kSymbolExported = 0x20;
inline constexpr uint32_t kSymbolExplicitName = 0x40;
inline constexpr uint32_t kSymbolNoStrip = 0x80;
inline constexpr uint32_t kSymbolTls = 0x100;
inline constexpr uint32_t kSymbolAbsolute = 0x200;

struct Symbol {
  std::string_view name;  // from the import where the table has none; a section's name for sections
  uint64_t offset = 0;    // data: within the segment; the address itself if absolute
  uint64_t size = 0;      // data: bytes
  uint32_t index = 0;  // of the function, global, table, tag (in its index space, imports first),
                       // data segment, or section (position in Object::sections)
  uint32_t flags = 0;
  SymbolKind kind = SymbolKind::function;

  bool is_undefined() const { return flags & kSymbolUndefined; }
  bool is_defined() const { return !is_undefined(); }
  bool is_local() const { return flags & kSymbolLocal; }
  bool is_weak() const { return flags & kSymbolWeak; }
  bool is_hidden() const { return flags & kSymbolHidden; }
  bool is_exported() const { return flags & kSymbolExported; }
  bool is_no_strip() const { return flags & kSymbolNoStrip; }
  bool is_absolute() const { return flags & kSymbolAbsolute; }
  bool has_explicit_name() const { return flags & kSymbolExplicitName; }
};

struct InitFunction {
  uint32_t priority;
  uint32_t symbol;  // index into Object::symbols
};

enum class ComdatKind : uint8_t {
  data = 0,
  function = 1,
  global = 2,
  tag = 3,
  table = 4,
  section = 5
};

struct ComdatEntry {
  ComdatKind kind;
  uint32_t index;  // data segment; function, global, tag, table in their index space; section
};

struct Comdat {
  std::string_view name;
  uint32_t flags = 0;
  std::vector<ComdatEntry> entries;
};

// A subsection of `linking` as it stands in the file: the known ones are also parsed.
struct LinkingSubsection {
  uint8_t type;
  Bytes payload;
};

// One `reloc.*` section. The entries stay encoded: 2.6 million of them are cheaper to decode twice
// than to keep (object/relocation.h has the reader).
struct RelocationSection {
  uint32_t section;  // position of the reloc section itself in Object::sections
  uint32_t target;   // position of the section it applies to
  uint32_t count;
  uint64_t entries_offset;  // of entries[0], from the start of the file
  Bytes entries;
};

// ---- Metadata -----------------------------------------------------------------------------------

// An entry of `target_features`: '+' used, '-' disallowed, '=' required (before LLVM 16).
struct TargetFeature {
  char prefix;
  std::string_view name;
};

struct ProducerValue {
  std::string_view name;
  std::string_view version;
};
struct ProducerField {
  std::string_view name;  // "language", "processed-by", "sdk"
  std::vector<ProducerValue> values;
};

// ---- The file -----------------------------------------------------------------------------------

struct Object {
  Bytes bytes;
  std::string_view file;    // for messages; both views belong to the caller
  std::string_view member;  // archive member, else empty

  std::vector<Section> sections;

  std::vector<FuncType> types;
  std::vector<Import> imports;
  std::vector<uint32_t> functions;  // type index of each defined function
  std::vector<Table> tables;        // defined ones; so are all below
  std::vector<Limits> memories;
  std::vector<uint32_t> tags;  // type index
  std::vector<Global> globals;
  std::vector<Export> exports;
  std::optional<uint32_t> start;
  std::vector<ElementSegment> elements;
  std::optional<uint32_t> data_count;
  std::vector<FunctionBody> code;
  std::vector<DataSegment> data;

  // Positions in `imports` by ExternKind: the imported part of each index space, in order.
  std::array<std::vector<uint32_t>, 5> imported;

  bool has_linking = false;  // it is a relocatable object
  uint32_t linking_version = 0;
  std::vector<LinkingSubsection> linking;
  std::vector<Symbol> symbols;
  std::vector<InitFunction> init_functions;  // in file order
  std::vector<Comdat> comdats;
  std::vector<RelocationSection> relocations;

  std::vector<TargetFeature> features;
  std::vector<ProducerField> producers;
  bool has_dylink = false;

  bool is64() const;  // its memory (imported or defined) has 64-bit addresses
  uint32_t imported_count(ExternKind kind) const {
    return static_cast<uint32_t>(imported[static_cast<size_t>(kind)].size());
  }
  uint32_t function_count() const {
    return imported_count(ExternKind::function) + static_cast<uint32_t>(functions.size());
  }
  // Type index of any function, imported or defined; the index was checked.
  uint32_t function_type(uint32_t function) const;
  // The body of a defined function, local declarations first; empty for an imported one.
  Bytes function_body(uint32_t function) const;
  // The import behind an imported function, global, table or tag index; null if it is defined.
  const Import* find_import(ExternKind kind, uint32_t index) const;
  // Position of the first section with that id (and name, for custom ones), or -1.
  int find_section(SectionId id) const;
  int find_custom_section(std::string_view name) const;
  // The relocations of that section, or null.
  const RelocationSection* find_relocations(uint32_t section) const;
};

}  // namespace wasmpack
