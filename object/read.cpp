#include "object/read.h"

#include <cstring>

#include "object/section_readers.h"
#include "object/write.h"

namespace wasmpack {
namespace {

void read_known_section(SectionId id, Cursor& cursor, Object& object) {
  switch (id) {
    case SectionId::custom:
      return;
    case SectionId::type:
      return read_type_section(cursor, object);
    case SectionId::import:
      return read_import_section(cursor, object);
    case SectionId::function:
      return read_function_section(cursor, object);
    case SectionId::table:
      return read_table_section(cursor, object);
    case SectionId::memory:
      return read_memory_section(cursor, object);
    case SectionId::global:
      return read_global_section(cursor, object);
    case SectionId::export_:
      return read_export_section(cursor, object);
    case SectionId::start:
      return read_start_section(cursor, object);
    case SectionId::element:
      return read_element_section(cursor, object);
    case SectionId::code:
      return read_code_section(cursor, object);
    case SectionId::data:
      return read_data_section(cursor, object);
    case SectionId::data_count:
      return read_data_count_section(cursor, object);
    case SectionId::tag:
      return read_tag_section(cursor, object);
  }
}

// Custom sections that are understood; all others stay as they are.
void read_custom_section(std::string_view name, Cursor& cursor, Object& object, uint32_t section,
                         std::vector<LinkingDamage>* damages) {
  if (name == "linking") return read_linking_section(cursor, object, damages);
  if (name.starts_with("reloc.")) return read_relocation_section(cursor, object, section);
  if (name == "target_features" || name == "producers") {
    // The parsed view has one list of each.
    if (object.find_custom_section(name) != static_cast<int>(section))
      return cursor.fail("section occurs twice");
    return name == "producers" ? read_producers(cursor, object)
                               : read_target_features(cursor, object);
  }
  if (name == "dylink.0" || name == "dylink") object.has_dylink = true;  // before and since LLVM 13
  cursor.read_bytes(cursor.remaining());
}

class ModuleReader {
 public:
  ModuleReader(Bytes bytes, std::string_view file, std::string_view member, uint32_t order)
      : order_(order) {
    object_.bytes = bytes;
    object_.file = file;
    object_.member = member;
  }

  Result<LenientObject> read_leniently() {
    is_lenient_ = true;
    Result<Object> object = read();
    if (!object) return tl::unexpected<Diagnostic>(std::move(object.error()));
    return LenientObject{std::move(*object), std::move(problems_)};
  }

  Result<Object> read() {
    if (object_.bytes.size() < sizeof kWasmHeader ||
        std::memcmp(object_.bytes.data(), kWasmHeader, sizeof kWasmHeader) != 0)
      return error({}, 0, "not a core WebAssembly module of version 1");
    Cursor file(object_.bytes.subspan(sizeof kWasmHeader), sizeof kWasmHeader);
    int last_rank = 0;
    while (!file.at_end()) {
      Section section;
      section.header_offset = file.offset();
      const uint8_t* start = file.position();
      const uint8_t id = file.read_u8();
      if (id > static_cast<uint8_t>(SectionId::tag))
        return error({}, section.header_offset, "unknown section id " + std::to_string(id));
      section.id = static_cast<SectionId>(id);
      section.name = section_id_name(section.id);
      const uint32_t size = file.read_varuint32();
      if (!file.ok()) return error(section.name, file.failure_offset(), file.failure());
      section.content_offset = file.offset();
      section.content = file.read_bytes(size);
      if (!file.ok())
        return error(section.name, file.failure_offset(),
                     std::string(file.failure()) + " (the section claims " + std::to_string(size) +
                         " bytes)");
      section.raw = {start, static_cast<size_t>(file.position() - start)};
      if (auto problem = read_section(section, last_rank)) return std::move(*problem);
    }
    if (object_.functions.size() != object_.code.size())
      return error("FUNCTION", object_.bytes.size(),
                   "functions without bodies: the CODE section is missing");
    if (object_.data_count.value_or(0) != object_.data.size() && object_.data_count)
      return error("DATACOUNT", object_.bytes.size(), "the DATA section is missing");
    return std::move(object_);
  }

 private:
  // Reads one framed section; an error is returned, success is nullopt.
  std::optional<tl::unexpected<Diagnostic>> read_section(Section& section, int& last_rank) {
    Cursor cursor(section.content, section.content_offset);
    if (section.is_custom()) {
      section.name = cursor.read_name();
      section.content_offset = cursor.offset();
      section.content = section.content.last(cursor.remaining());
      if (!cursor.ok()) return error("CUSTOM", cursor.failure_offset(), cursor.failure());
    } else {
      const int rank = section_rank(section.id);
      if (rank <= last_rank)
        return error(section.name, section.header_offset,
                     "section is out of order or occurs twice");
      last_rank = rank;
    }
    if (object_.sections.size() >= kMaxSections)
      return error(section.name, section.header_offset, "too many sections");
    object_.sections.push_back(section);
    if (section.is_custom() && is_lenient_) return read_custom_leniently(section, cursor);
    if (section.is_custom())
      read_custom_section(section.name, cursor, object_,
                          static_cast<uint32_t>(object_.sections.size() - 1), nullptr);
    else
      read_known_section(section.id, cursor, object_);
    if (cursor.ok() && !cursor.at_end()) cursor.fail("data left over at the end of the section");
    if (!cursor.ok()) return error(section.name, cursor.failure_offset(), cursor.failure());
    return std::nullopt;
  }

  std::optional<tl::unexpected<Diagnostic>> read_custom_leniently(const Section& section,
                                                                  Cursor& cursor) {
    // What relocations name is not known.
    if (is_symbol_table_damaged_ && section.name.starts_with("reloc.")) return std::nullopt;
    std::vector<LinkingDamage> damages;
    read_custom_section(section.name, cursor, object_,
                        static_cast<uint32_t>(object_.sections.size() - 1), &damages);
    if (cursor.ok() && !cursor.at_end()) cursor.fail("data left over at the end of the section");
    if (!cursor.ok()) {
      damages.push_back({cursor.failure(), cursor.failure_offset(), std::nullopt});
      is_symbol_table_damaged_ |= section.name == "linking";
    }
    for (const LinkingDamage& damage : damages) add_problem(section, damage);
    return std::nullopt;
  }

  void add_problem(const Section& section, const LinkingDamage& damage) {
    is_symbol_table_damaged_ |= damage.symbol.has_value();
    constexpr size_t kMaxProblems = 100;  // a file may have a million `reloc.` sections
    if (problems_.size() >= kMaxProblems) return;
    Diagnostic problem = error(section.name, damage.offset, damage.what).value();
    problem.id = "invalid-linking";
    if (section.name == "producers") problem.severity = Severity::warning;
    if (damage.symbol) {
      problem.notes.push_back("in symbol " + std::to_string(*damage.symbol) +
                              "; what names symbols, init functions and relocations, is not read");
    }
    problems_.push_back(std::move(problem));
  }

  tl::unexpected<Diagnostic> error(std::string_view section, uint64_t offset,
                                   std::string message) const {
    return fail("malformed-wasm",
                {.file = std::string(object_.file),
                 .member = std::string(object_.member),
                 .section = std::string(section),
                 .offset = offset,
                 .order = order_},
                std::move(message),
                "the file is damaged or was cut short; make it again with its compiler");
  }

  Object object_;
  uint32_t order_;
  bool is_lenient_ = false;
  bool is_symbol_table_damaged_ = false;
  std::vector<Diagnostic> problems_;
};

}  // namespace

Result<Object> read_object(Bytes bytes, std::string_view file, std::string_view member,
                           uint32_t order) {
  return ModuleReader(bytes, file, member, order).read();
}

Result<LenientObject> read_object_leniently(Bytes bytes, std::string_view file,
                                            std::string_view member) {
  return ModuleReader(bytes, file, member, UINT32_MAX).read_leniently();
}

}  // namespace wasmpack
