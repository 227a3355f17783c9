#include "object/module_editor.h"

#include <algorithm>
#include <map>
#include <span>
#include <string_view>
#include <utility>

#include "object/section_readers.h"
#include "object/write.h"
#include "support/cursor.h"
#include "support/version.h"

namespace wasmpack {
namespace {

constexpr std::string_view kNames = "name";
constexpr std::string_view kProducers = "producers";
constexpr std::string_view kFeatures = "target_features";
constexpr std::string_view kProcessedBy = "processed-by";
constexpr uint8_t kFunctionNames = 1, kGlobalNames = 7;  // subsections of `name`

// The width in bytes of the count at the front of CODE.
unsigned count_width(const Object& module) {
  return module.code.empty() ? 1 : module.code.front().entry_offset;
}

// A name map (core specification, appendix "Name Maps") with more names behind its own; nothing if
// the map is damaged or names something at or behind index `first`.
template <class Item>
std::optional<ByteWriter> extend_name_map(Bytes payload, uint32_t first,
                                          const std::vector<Item>& items) {
  Cursor cursor(payload);
  const uint32_t count = cursor.read_count();
  const Bytes entries = payload.last(cursor.remaining());
  for (uint32_t i = 0; i < count && cursor.ok(); ++i) {
    if (cursor.read_varuint32() >= first) return std::nullopt;
    cursor.read_name();
  }
  if (!cursor.ok() || !cursor.at_end()) return std::nullopt;
  ByteWriter added;
  uint32_t names = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i].name.empty()) continue;
    ++names;
    added.write_varuint(first + i);
    added.write_name(items[i].name);
  }
  ByteWriter extended;
  extended.write_varuint(uint64_t{count} + names);
  extended.write_bytes(entries);
  extended.write_bytes(added.bytes());
  return extended;
}

class ModuleEditor {
 public:
  ModuleEditor(const Object& module, const ModuleEdits& edits) : module_(module), edits_(edits) {
    const auto changes = [&](bool is_changed, SectionId id, ByteWriter (ModuleEditor::*make)()) {
      if (is_changed) contents_.emplace(section_rank(id), Content{id, (this->*make)()});
    };
    changes(!edits.functions.empty(), SectionId::function, &ModuleEditor::make_functions);
    changes(!edits.globals.empty(), SectionId::global, &ModuleEditor::make_globals);
    changes(edits.exports.has_value(), SectionId::export_, &ModuleEditor::make_exports);
    changes(edits.start.has_value(), SectionId::start, &ModuleEditor::make_start);
    changes(!edits.functions.empty(), SectionId::code, &ModuleEditor::make_code);
  }

  std::vector<uint8_t> write() {
    out_.reserve(module_.bytes.size() + 4096);
    out_.write_bytes(kWasmHeader);
    for (const Section& section : module_.sections) {
      if (section.is_custom())
        write_custom(section);
      else
        write_known(section);
    }
    write_contents(INT32_MAX);
    if (edits_.names_wasmpack) write_producers();
    return out_.take();
  }

 private:
  struct Content {
    SectionId id;
    ByteWriter bytes;
  };

  // The entries of a section behind the count.
  Bytes old_entries(SectionId id) const {
    const int position = module_.find_section(id);
    if (position < 0) return {};
    const Bytes content = module_.sections[static_cast<size_t>(position)].content;
    Cursor cursor(content);
    cursor.read_varuint32();
    return content.last(cursor.remaining());
  }

  ByteWriter make_functions() {
    ByteWriter content;
    content.write_varuint(module_.functions.size() + edits_.functions.size());
    content.write_bytes(old_entries(SectionId::function));
    for (const NewFunction& function : edits_.functions) content.write_varuint(function.type);
    return content;
  }

  ByteWriter make_globals() {
    ByteWriter content;
    content.write_varuint(module_.globals.size() + edits_.globals.size());
    content.write_bytes(old_entries(SectionId::global));
    for (const NewGlobal& global : edits_.globals) {
      encode_global_type(content, global.type);
      content.write_bytes(global.init);
    }
    return content;
  }

  ByteWriter make_exports() {
    ByteWriter content;
    content.write_varuint(edits_.exports->size());
    for (const Export& entry : *edits_.exports) encode_export(content, entry);
    return content;
  }

  ByteWriter make_start() {
    ByteWriter content;
    content.write_varuint(*edits_.start);
    return content;
  }

  ByteWriter make_code() {
    const size_t count = module_.code.size() + edits_.functions.size();
    const Bytes bodies = old_entries(SectionId::code);
    ByteWriter content;
    content.reserve(bodies.size() + 4096);
    content.write_padded_varuint(count, std::max(count_width(module_), uleb_size(count)));
    content.write_bytes(bodies);
    for (const NewFunction& function : edits_.functions) content.write_sized(function.body);
    return content;
  }

  // Those changed sections whose place is before `rank`.
  void write_contents(int rank) {
    while (!contents_.empty() && contents_.begin()->first < rank) {
      const auto first = contents_.extract(contents_.begin());
      append_section(out_, first.mapped().id, first.mapped().bytes.bytes());
    }
  }

  void write_known(const Section& section) {
    const int rank = section_rank(section.id);
    write_contents(rank);
    if (contents_.contains(rank))
      write_contents(rank + 1);
    else
      out_.write_bytes(section.raw);
  }

  void write_custom(const Section& section) {
    const bool is_new_name = section.name == kNames && !std::exchange(has_names_, true);
    if (is_new_name) return write_names(section);
    if (edits_.names_wasmpack) {
      if (section.name == kProducers) return write_producers();
      // ProducersSection.md: it stands before `target_features`.
      if (section.name == kFeatures && module_.find_custom_section(kProducers) < 0)
        write_producers();
    }
    out_.write_bytes(section.raw);
  }

  void write_names(const Section& section) {
    ByteWriter content;
    bool has_functions = false, has_globals = false;
    Cursor cursor(section.content);
    while (cursor.ok() && !cursor.at_end()) {
      const uint8_t* begin = cursor.position();
      const uint8_t type = cursor.read_u8();
      const Bytes payload = cursor.read_bytes(cursor.read_varuint32());
      if (!cursor.ok()) break;
      std::optional<ByteWriter> extended;
      if (type == kFunctionNames && !edits_.functions.empty() &&
          !std::exchange(has_functions, true)) {
        extended = extend_name_map(payload, module_.function_count(), edits_.functions);
      } else if (type == kGlobalNames && !edits_.globals.empty() &&
                 !std::exchange(has_globals, true)) {
        extended =
            extend_name_map(payload, index_space_size(module_, ExternKind::global), edits_.globals);
      } else {
        content.write_bytes({begin, cursor.position()});
        continue;
      }
      if (!extended) return out_.write_bytes(section.raw);
      content.write_u8(type);
      content.write_sized(extended->bytes());
    }
    if (cursor.ok() && (has_functions || has_globals))
      append_custom_section(out_, section.name, content.bytes());
    else
      out_.write_bytes(section.raw);
  }

  void write_producers() {
    if (std::exchange(has_producers_, true)) return;
    ByteWriter content;
    encode_producers(content, add_wasmpack_producer(module_.producers));
    append_custom_section(out_, kProducers, content.bytes());
  }

  const Object& module_;
  const ModuleEdits& edits_;
  std::map<int, Content> contents_;  // by rank; what is not written yet
  ByteWriter out_;
  bool has_names_ = false;
  bool has_producers_ = false;
};

}  // namespace

std::vector<uint8_t> edit_module(const Object& module, const ModuleEdits& edits) {
  return ModuleEditor(module, edits).write();
}

bool moves_bodies(const Object& module, size_t count) {
  return uleb_size(module.code.size() + count) > count_width(module);
}

std::vector<ProducerField> add_wasmpack_producer(std::vector<ProducerField> fields) {
  const ProducerValue self = {"wasmpack", kVersion};
  const auto field = std::ranges::find(fields, kProcessedBy, &ProducerField::name);
  if (field == fields.end()) {
    fields.push_back({kProcessedBy, {self}});
  } else {
    std::erase_if(field->values,
                  [&](const ProducerValue& value) { return value.name == self.name; });
    field->values.push_back(self);
  }
  return fields;
}

}  // namespace wasmpack
