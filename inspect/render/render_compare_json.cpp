// Attributes are written in the order of their names, which makes the keys sorted.

#include "inspect/render/json_values.h"
#include "inspect/render/render.h"
#include "inspect/render/render_compare.h"

namespace wasmpack {
namespace {

using llvm::json::OStream;

// Of a value that is there at all.
void write_value(OStream& json, llvm::StringRef key, std::string_view value, bool is_there) {
  if (is_there)
    write_json_string(json, key, value);
  else
    json.attribute(key, nullptr);
}

void write_file(OStream& json, llvm::StringRef key, const ComparedFile& file) {
  json.attributeObject(key, [&] {
    write_json_string(json, "file", file.path);
    json.attribute("kind",
                   to_ref(file.is_archive ? "archive" : wasm_kind_name(file.members[0].kind)));
    json.attribute("members", static_cast<int64_t>(file.is_archive ? file.members.size() : 0));
    json.attribute("size", file.size);
  });
}

void write_difference(OStream& json, const Difference& difference) {
  json.attribute("breaks", difference.is_break);
  json.attribute("change", to_ref(change_kind_name(difference.change)));
  json.attribute("group", to_ref(difference_group_name(difference.group)));
  if (difference.group == DifferenceGroup::imports)
    write_json_string(json, "module", difference.module);
  write_json_string(json, "name", difference.name);
  write_value(json, "new", difference.new_value, difference.change != ChangeKind::removed);
  write_value(json, "old", difference.old_value, difference.change != ChangeKind::added);
  write_json_string(json, "reason", difference.reason);
}

void write_words(OStream& json, llvm::StringRef key, const std::vector<std::string>& words) {
  json.attributeArray(key, [&] {
    for (const std::string& word : words) json.value(word);
  });
}

void write_place(OStream& json, std::span<const ComparedFile> files, uint32_t file,
                 uint32_t member) {
  write_json_string(json, "file", files[file].path);
  if (files[file].is_archive) write_json_string(json, "member", files[file].members[member].member);
}

void write_collision(OStream& json, std::span<const ComparedFile> files,
                     const Collision& collision) {
  write_json_string(json, "advice", collision.advice);
  write_words(json, "commands", collision.commands);
  json.attribute("id", to_ref(collision.id));
  write_json_string(json, "manifest", collision.manifest);
  write_json_string(json, "name", collision.name);
  json.attribute("place_count", static_cast<int64_t>(collision.place_count));
  json.attributeArray("places", [&] {
    for (const CollisionPlace& place : collision.places)
      json.object([&] {
        write_place(json, files, place.file, place.member);
        write_json_string(json, "text", place.text);
      });
  });
  json.attribute("reason", to_ref(collision.reason));
  json.attribute("severity", severity_name(collision.severity));
}

void write_line_input(OStream& json, std::span<const ComparedFile> files, const LinkLine& line,
                      const LineInput& input) {
  const Facts& facts = files[input.file].members[input.member];
  json.attribute("constructors", static_cast<int64_t>(facts.constructors.size()));
  write_place(json, files, input.file, input.member);
  if (input.puller) {
    const LineInput& puller = line.inputs[*input.puller];
    json.attributeObject("pulled_by",
                         [&] { write_place(json, files, puller.file, puller.member); });
  } else {
    json.attribute("pulled_by", nullptr);
  }
  write_value(json, "symbol", input.symbol, !input.symbol.empty());
  json.attribute("taken", input.is_taken);
}

void write_finding(OStream& json, const Diagnostic& finding) {
  write_json_string(json, "file", finding.where.file);
  write_json_string(json, "help", finding.help);
  json.attribute("id", finding.id);
  if (!finding.where.member.empty()) write_json_string(json, "member", finding.where.member);
  write_json_string(json, "message", finding.message);
  json.attribute("severity", severity_name(finding.severity));
}

}  // namespace

void render_diff_json(llvm::raw_ostream& out, const ComparedFile& old_file,
                      const ComparedFile& new_file, const Comparison& comparison) {
  OStream json(out);
  json.object([&] {
    const auto write_differences = [&](llvm::StringRef key, bool only_breaks) {
      json.attributeArray(key, [&] {
        for (const Difference& difference : comparison.differences)
          if (!only_breaks || difference.is_break)
            json.object([&] { write_difference(json, difference); });
      });
    };
    write_differences("breaks", true);
    write_differences("differences", false);
    write_file(json, "new", new_file);
    write_file(json, "old", old_file);
    json.attribute("schema", kJsonSchema);
    json.attributeArray("sizes", [&] {
      for (const SizeDifference& row : comparison.sizes)
        json.object([&] {
          write_json_string(json, "name", row.name);
          write_json_optional(json, "new", row.new_size);
          write_json_optional(json, "old", row.old_size);
          json.attribute("owner", to_ref(size_owner_name(row.owner)));
        });
    });
  });
  out << '\n';
}

void render_conflicts_json(llvm::raw_ostream& out, std::span<const ComparedFile> files,
                           const Conflicts& conflicts) {
  OStream json(out);
  json.object([&] {
    json.attributeArray("collisions", [&] {
      for (const Collision& collision : conflicts.collisions)
        json.object([&] { write_collision(json, files, collision); });
    });
    write_words(json, "commands", conflicts.commands);
    json.attributeArray("files", [&] {
      for (const ComparedFile& file : files) json.value(escape_controls(file.path));
    });
    json.attribute("schema", kJsonSchema);
  });
  out << '\n';
}

void render_link_line_json(llvm::raw_ostream& out, std::span<const ComparedFile> files,
                           const LinkLine& line, std::span<const Diagnostic> findings) {
  OStream json(out);
  json.object([&] {
    json.attributeArray("findings", [&] {
      for (const Diagnostic& finding : findings) json.object([&] { write_finding(json, finding); });
    });
    json.attributeArray("inputs", [&] {
      for (const LineInput& input : line.inputs)
        json.object([&] { write_line_input(json, files, line, input); });
    });
    json.attribute("schema", kJsonSchema);
  });
  out << '\n';
}

}  // namespace wasmpack
