// Writes an Object, and the encodings that every writer of wasm shares.
#pragma once

#include <cstdint>
#include <vector>

#include "object/object.h"
#include "support/byte_writer.h"

namespace wasmpack {

// The file as it was read: `write_object(read_object(bytes)) == bytes`, byte for byte.
std::vector<uint8_t> write_object(const Object& object);

// The same file, with every section that the parsed view covers encoded anew from that view. Equal
// to write_object() where the producer uses LLVM's encodings (shortest integers, 5-byte section
// sizes): the test that reader and writer agree on every field.
std::vector<uint8_t> encode_object(const Object& object);

inline constexpr uint8_t kWasmHeader[8] = {0x00, 'a', 's', 'm', 1, 0, 0, 0};

// Encoders of single entries (core specification 5.4-5.5; Linking.md).
void encode_func_type(ByteWriter& out, const FuncType& type);
void encode_limits(ByteWriter& out, const Limits& limits);
void encode_table_type(ByteWriter& out, const TableType& type);
void encode_global_type(ByteWriter& out, const GlobalType& type);
void encode_import(ByteWriter& out, const Import& import);
void encode_export(ByteWriter& out, const Export& entry);
void encode_element_segment(ByteWriter& out, const ElementSegment& segment);
void encode_symbol(ByteWriter& out, const Symbol& symbol);
void encode_producers(ByteWriter& out, const std::vector<ProducerField>& producers);
void encode_comdat(ByteWriter& out, const Comdat& comdat);
void encode_relocation(ByteWriter& out, const Relocation& relocation);

// Appends a section: id, size in five bytes as LLVM writes it, content. For a custom section the
// name goes first.
void append_section(ByteWriter& out, SectionId id, Bytes content);
void append_custom_section(ByteWriter& out, std::string_view name, Bytes content);

}  // namespace wasmpack
