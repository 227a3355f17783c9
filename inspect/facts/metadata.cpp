#include "inspect/facts/metadata.h"

#include <algorithm>
#include <array>
#include <string>

#include "object/name_section.h"
#include "support/cursor.h"

namespace wasmpack {
namespace {

constexpr std::string_view kBuildId = "build_id";
constexpr std::array<std::string_view, 7> kTexts = {"authors",  "description", "licenses", "source",
                                                    "homepage", "revision",    "version"};

// Each kind of section once: a hostile file may have a million.
constexpr size_t kMaxMetadata = 100;

// A length and the bytes (BuildId.md); nothing if that does not stand there.
std::optional<std::string_view> read_build_id(const Section& section, Facts& facts) {
  Cursor cursor(section.content);
  const Bytes id = cursor.read_bytes(cursor.read_varuint32());
  if (!cursor.ok() || !cursor.at_end() || id.empty()) return std::nullopt;
  constexpr char digits[] = "0123456789abcdef";
  char* text = facts.arena.Allocate<char>(2 * id.size());
  for (size_t i = 0; i < id.size(); ++i) {
    text[2 * i] = digits[id[i] >> 4];
    text[2 * i + 1] = digits[id[i] & 15];
  }
  return std::string_view(text, 2 * id.size());
}

unsigned read_log2(Cursor& cursor) {
  const uint64_t at = cursor.offset();
  const uint32_t value = cursor.read_varuint32();
  if (value > 63) cursor.fail_at("alignment is too large", at);
  return value & 63;
}

void read_names(Cursor& cursor, std::vector<std::string_view>& names) {
  const uint32_t count = cursor.read_count();
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    const std::string_view name = cursor.read_name();
    if (cursor.ok()) names.push_back(name);
  }
}

// MEM_INFO, in either form of the section.
void read_memory_info(Cursor& cursor, DylinkFacts& dylink) {
  dylink.memory_size = cursor.read_varuint32();
  dylink.memory_alignment = uint64_t{1} << read_log2(cursor);
  dylink.table_size = cursor.read_varuint32();
  dylink.table_alignment = uint64_t{1} << read_log2(cursor);
}

// One subsection; EXPORT_INFO and IMPORT_INFO (3, 4) are passed over.
void read_dylink_subsection(uint8_t type, Cursor& cursor, DylinkFacts& dylink) {
  switch (type) {
    case 1:
      read_memory_info(cursor, dylink);
      break;
    case 2:
      read_names(cursor, dylink.needed);
      break;
    case 5:
      read_names(cursor, dylink.runtime_paths);
      break;
    default:
      return;
  }
  if (cursor.ok() && !cursor.at_end()) cursor.fail("data left over at the end of the subsection");
}

void read_dylink_subsections(Cursor& cursor, DylinkFacts& dylink) {
  while (cursor.ok() && !cursor.at_end()) {
    const uint8_t type = cursor.read_u8();
    const uint32_t size = cursor.read_varuint32();
    const uint64_t at = cursor.offset();
    Cursor payload(cursor.read_bytes(size), at);
    if (!cursor.ok()) break;
    read_dylink_subsection(type, payload, dylink);
    if (!payload.ok()) cursor.fail_at(payload.failure(), payload.failure_offset());
  }
}

// Nothing if there is no such section. Before LLVM 13 it was `dylink`, without subsections.
std::optional<DylinkFacts> read_dylink(const Object& object) {
  const int current = object.find_custom_section("dylink.0");
  const int position = current < 0 ? object.find_custom_section("dylink") : current;
  if (position < 0) return std::nullopt;
  const Section& section = object.sections[static_cast<size_t>(position)];
  DylinkFacts dylink;
  Cursor cursor(section.content, section.content_offset);
  if (current < 0) {
    read_memory_info(cursor, dylink);
    read_names(cursor, dylink.needed);
  } else {
    read_dylink_subsections(cursor, dylink);
  }
  if (!cursor.ok())
    dylink.problem = std::string(cursor.failure()) + " (byte " +
                     std::to_string(cursor.failure_offset()) + " of the file)";
  return dylink;
}

}  // namespace

void gather_metadata(const Object& object, Facts& facts) {
  for (const Section& section : object.sections) {
    if (!section.is_custom() || facts.metadata.size() >= kMaxMetadata) continue;
    if (section.name == kBuildId) {
      if (const auto id = read_build_id(section, facts)) facts.metadata.push_back({kBuildId, *id});
    } else if (std::ranges::find(kTexts, section.name) != kTexts.end()) {
      facts.metadata.push_back({section.name, as_string(section.content)});
    }
  }
  facts.module_name = read_module_name(object);
  facts.dylink = read_dylink(object);
}

}  // namespace wasmpack
