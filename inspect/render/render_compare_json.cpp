// Keys are written in the order of their names, which makes them sorted.

#include "inspect/render/json_writer.h"
#include "inspect/render/render.h"
#include "inspect/render/render_compare.h"

namespace wasmpack {
namespace {

// Of a value that is there at all.
void write_value(JsonWriter& json, std::string_view key, std::string_view value, bool is_there) {
  if (is_there) return json.member(key, value);
  json.key(key);
  json.null();
}

void write_file(JsonWriter& json, std::string_view key, const ComparedFile& file) {
  json.member_object(key, [&] {
    json.member("file", file.path);
    json.member("kind", file.is_archive ? "archive" : wasm_kind_name(file.members[0].kind));
    json.member("members", file.is_archive ? file.members.size() : 0);
    json.member("size", file.size);
  });
}

void write_difference(JsonWriter& json, const Difference& difference) {
  json.member("breaks", difference.is_break);
  json.member("change", change_kind_name(difference.change));
  json.member("group", difference_group_name(difference.group));
  if (difference.group == DifferenceGroup::imports) json.member("module", difference.module);
  json.member("name", difference.name);
  write_value(json, "new", difference.new_value, difference.change != ChangeKind::removed);
  write_value(json, "old", difference.old_value, difference.change != ChangeKind::added);
  json.member("reason", difference.reason);
}

void write_words(JsonWriter& json, std::string_view key, const std::vector<std::string>& words) {
  json.member_array(key, [&] {
    for (const std::string& word : words) json.string(word);
  });
}

void write_place(JsonWriter& json, std::span<const ComparedFile> files, uint32_t file,
                 uint32_t member) {
  json.member("file", files[file].path);
  if (files[file].is_archive) json.member("member", files[file].members[member].member);
}

void write_collision(JsonWriter& json, std::span<const ComparedFile> files,
                     const Collision& collision) {
  json.member("advice", collision.advice);
  write_words(json, "commands", collision.commands);
  json.member("id", collision.id);
  json.member("manifest", collision.manifest);
  json.member("name", collision.name);
  json.member("place_count", collision.place_count);
  json.member_objects("places", collision.places, [&](const CollisionPlace& place) {
    write_place(json, files, place.file, place.member);
    json.member("text", place.text);
  });
  json.member("reason", collision.reason);
  json.member("severity", severity_name(collision.severity));
}

void write_line_input(JsonWriter& json, std::span<const ComparedFile> files, const LinkLine& line,
                      const LineInput& input) {
  const Facts& facts = files[input.file].members[input.member];
  json.member("constructors", facts.constructors.size());
  write_place(json, files, input.file, input.member);
  json.key("pulled_by");
  if (input.puller) {
    const LineInput& puller = line.inputs[*input.puller];
    json.object([&] { write_place(json, files, puller.file, puller.member); });
  } else {
    json.null();
  }
  write_value(json, "symbol", input.symbol, !input.symbol.empty());
  json.member("taken", input.is_taken);
}

void write_finding(JsonWriter& json, const Diagnostic& finding) {
  json.member("file", finding.where.file);
  json.member("help", finding.help);
  json.member("id", finding.id);
  if (!finding.where.member.empty()) json.member("member", finding.where.member);
  json.member("message", finding.message);
  json.member("severity", severity_name(finding.severity));
}

}  // namespace

void render_diff_json(llvm::raw_ostream& out, const ComparedFile& old_file,
                      const ComparedFile& new_file, const Comparison& comparison) {
  JsonWriter json(out);
  const auto write_differences = [&](std::string_view key, bool only_breaks) {
    json.member_array(key, [&] {
      for (const Difference& difference : comparison.differences)
        if (!only_breaks || difference.is_break)
          json.object([&] { write_difference(json, difference); });
    });
  };
  json.object([&] {
    write_differences("breaks", true);
    write_differences("differences", false);
    write_file(json, "new", new_file);
    write_file(json, "old", old_file);
    json.member("same_file", comparison.is_same_file);
    json.member("schema", kJsonSchema);
    json.member_objects("sizes", comparison.sizes, [&](const SizeDifference& row) {
      json.member("name", row.name);
      json.member("new", row.new_size);
      json.member("old", row.old_size);
      json.member("owner", size_owner_name(row.owner));
    });
  });
  json.newline();
}

void render_conflicts_json(llvm::raw_ostream& out, std::span<const ComparedFile> files,
                           const Conflicts& conflicts) {
  JsonWriter json(out);
  json.object([&] {
    json.member_objects("collisions", conflicts.collisions, [&](const Collision& collision) {
      write_collision(json, files, collision);
    });
    write_words(json, "commands", conflicts.commands);
    json.member_array("files", [&] {
      for (const ComparedFile& file : files) json.string(file.path);
    });
    json.member("schema", kJsonSchema);
  });
  json.newline();
}

void render_link_line_json(llvm::raw_ostream& out, std::span<const ComparedFile> files,
                           const LinkLine& line, std::span<const Diagnostic> findings) {
  JsonWriter json(out);
  json.object([&] {
    json.member_objects("findings", findings,
                        [&](const Diagnostic& finding) { write_finding(json, finding); });
    json.member_objects("inputs", line.inputs, [&](const LineInput& input) {
      write_line_input(json, files, line, input);
    });
    json.member("schema", kJsonSchema);
  });
  json.newline();
}

}  // namespace wasmpack
