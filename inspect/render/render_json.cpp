// Members are written in the order of their names, which makes the keys sorted.

#include "inspect/render/json_parts.h"
#include "inspect/render/render.h"
#include "inspect/render/render_sizes.h"

namespace wasmpack {
namespace {

void write_exports(JsonWriter& json, const Facts& facts) {
  json.member_objects("exports", facts.exports, [&](const ExportFact& entry) {
    json.member("by_flag", entry.by_flag);
    json.member("index", entry.index);
    json.member("internal_name", entry.internal_name);
    json.member("kind", extern_kind_name(entry.kind));
    json.member("name", entry.name);
    json.member("type", entry.type);
  });
}

void write_imports(JsonWriter& json, const Facts& facts) {
  json.member_objects("imports", facts.imports, [&](const ImportFact& import) {
    json.member("kind", extern_kind_name(import.kind));
    json.member("module", import.module);
    json.member("name", import.name);
    json.member("type", import.type);
  });
}

void write_features(JsonWriter& json, const Facts& facts) {
  json.member_objects("features", facts.features, [&](const TargetFeature& feature) {
    json.member("name", feature.name);
    json.member("prefix", std::string_view(&feature.prefix, 1));
  });
}

void write_functions(JsonWriter& json, const Facts& facts) {
  json.member_objects("functions", facts.functions, [&](const FunctionFact& function) {
    json.member("index", function.index);
    json.member("name", function.name);
    json.member("offset", function.offset);
    json.member("size", function.size);
    json.member("type", function.type);
  });
}

void write_bundle(JsonWriter& json, const BundleFacts& bundle) {
  json.member_object("bundle", [&] {
    json.member("init", std::string_view(bundle.init));
    json.member("name", std::string_view(bundle.name));
    json.member("problem", std::string_view(bundle.problem));
    json.member("version", std::string_view(bundle.version));
  });
}

void write_kernels(JsonWriter& json, const std::vector<KernelFact>& kernels) {
  json.member_objects("kernels", kernels, [&](const KernelFact& kernel) {
    json.member("handle", kernel.handle);
    json.member("library", std::string_view(kernel.library));
    json.member("name", std::string_view(kernel.name));
    json.member("symbol", std::string_view(kernel.symbol));
    json.member("type", std::string_view(kernel.type));
  });
}

void write_params(JsonWriter& json, const std::vector<ParamFact>& params) {
  json.member_objects("params", params, [&](const ParamFact& param) {
    json.member("bytes", param.bytes);
    json.member("dtype", std::string_view(param.dtype));
    json.member("file", std::string_view(param.file));
    json.member("name", std::string_view(param.name));
    json.member_array("shape", [&] {
      for (const int64_t extent : param.shape) json.number(extent);
    });
  });
}

void write_dylink(JsonWriter& json, const std::optional<DylinkFacts>& dylink) {
  json.key("dylink");
  if (!dylink) return json.null();
  json.object([&] {
    json.member("memory_alignment", dylink->memory_alignment);
    json.member("memory_size", dylink->memory_size);
    json.member_array("needed", [&] {
      for (const std::string_view name : dylink->needed) json.string(name);
    });
    json.member("problem", std::string_view(dylink->problem));
    json.member_array("runtime_paths", [&] {
      for (const std::string_view path : dylink->runtime_paths) json.string(path);
    });
    json.member("table_alignment", dylink->table_alignment);
    json.member("table_size", dylink->table_size);
  });
}

void write_layout(JsonWriter& json, const LayoutFacts& layout) {
  json.member_object("layout", [&] {
    json.member("data_begin", layout.data_begin);
    json.member("data_end", layout.data_end);
    json.member("heap_base", layout.heap_base);
    json.member("memory_maximum", layout.memory_maximum);
    json.member("memory_minimum", layout.memory_minimum);
    json.member("stack_pointer", layout.stack_pointer);
    json.member("stack_size", layout.stack_size);
    json.member("table_entries", layout.table_entries);
    json.member("table_minimum", layout.table_minimum);
  });
}

void write_metadata(JsonWriter& json, const Facts& facts) {
  json.member_objects("metadata", facts.metadata, [&](const MetadataFact& entry) {
    json.member("name", entry.name);
    json.member("value", entry.value);
  });
}

void write_producers(JsonWriter& json, const Facts& facts) {
  json.member_objects("producers", facts.producers, [&](const ProducerField& field) {
    json.member("field", field.name);
    json.member_objects("values", field.values, [&](const ProducerValue& value) {
      json.member("name", value.name);
      json.member("version", value.version);
    });
  });
}

void write_sections(JsonWriter& json, const Facts& facts) {
  json.member_objects("sections", facts.sections, [&](const SectionFact& section) {
    json.member("header_offset", section.header_offset);
    json.member("id", section.id);
    json.member("name", section.name);
    json.member("offset", section.offset);
    json.member("size", section.size);
  });
}

void write_spaces(JsonWriter& json, const Facts& facts) {
  json.member_objects("spaces", facts.spaces, [&](const SpaceFact& space) {
    json.member("imported", space.is_imported);
    json.member("index", space.index);
    json.member("kind", extern_kind_name(space.kind));
    json.member("name", space.name);
    json.member("type", space.type);
    json.member("value", space.value);
  });
}

std::string_view validity_name(Validity validity) {
  constexpr std::string_view names[] = {"not_checked", "valid", "invalid", "not_validated"};
  return names[static_cast<size_t>(validity)];
}

void write_validity(JsonWriter& json, const ValidityFact& validity) {
  json.member_object("validity", [&] {
    json.member("message", std::string_view(validity.message));
    json.member("offset", validity.offset);
    json.member("state", validity_name(validity.state));
  });
}

// Members, and what lies between them: every byte once, as in `sizes` of a file.
void write_archive_sizes(JsonWriter& json, const InspectedArchive& archive) {
  json.member_array("sizes", [&] {
    uint64_t end = 0;
    const auto add = [&](uint64_t until, std::string_view owner) {
      if (until <= end) return;
      json.object([&] {
        json.member("offset", end);
        json.member("section", owner);
        json.member("size", until - end);
      });
      end = until;
    };
    for (const MemberFact& member : archive.members) {
      add(member.offset, "[archive headers]");
      add(member.offset + member.size, "[member " + std::string(member.name) + ']');
    }
    add(archive.size, "[archive headers]");
  });
}

}  // namespace

void write_words(JsonWriter& json, std::string_view key, const std::vector<std::string>& words) {
  json.member_array(key, [&] {
    for (const std::string& word : words) json.string(word);
  });
}

void write_findings(JsonWriter& json, std::span<const Diagnostic> findings) {
  json.member_objects("findings", findings, [&](const Diagnostic& finding) {
    json.member("help", std::string_view(finding.help));
    json.member("id", std::string_view(finding.id));
    json.member("message", std::string_view(finding.message));
    write_words(json, "notes", finding.notes);
    json.member("offset", finding.where.offset);
    json.member("section", std::string_view(finding.where.section));
    json.member("severity", severity_name(finding.severity));
  });
}

void render_facts_json(llvm::raw_ostream& out, const Inspected& inspected) {
  const Facts& facts = inspected.facts;
  const BundleFacts none;
  const BundleFacts& bundle = facts.bundle ? *facts.bundle : none;
  JsonWriter json(out);
  json.object([&] {
    if (facts.bundle) write_bundle(json, *facts.bundle);
    write_comdats(json, facts);
    write_constructors(json, facts);
    write_dylink(json, facts.dylink);
    write_exports(json, facts);
    write_features(json, facts);
    json.member("file", std::string_view(facts.file));
    write_findings(json, inspected.findings);
    write_functions(json, facts);
    write_imports(json, facts);
    write_init(json, facts.init);
    write_kernels(json, bundle.kernels);
    json.member("kind", wasm_kind_name(facts.kind));
    write_layout(json, facts.layout);
    if (!facts.member.empty()) json.member("member", std::string_view(facts.member));
    write_metadata(json, facts);
    json.member("module_name", facts.module_name);
    write_params(json, bundle.params);
    write_producers(json, facts);
    write_relocations(json, facts);
    if (facts.graph) write_retained_json(json, *facts.graph);
    json.member("schema", kJsonSchema);
    write_sections(json, facts);
    write_segments(json, facts);
    json.member("size", facts.size);
    write_sizes_json(json, facts.sizes);
    write_spaces(json, facts);
    write_symbols(json, facts);
    if (facts.graph) write_unreached_json(json, *facts.graph);
    write_validity(json, facts.validity);
    json.member("wasm64", facts.is64);
    if (!facts.why.empty()) write_why_json(json, *facts.graph, facts.why);
  });
  json.newline();
}

void render_archive_json(llvm::raw_ostream& out, const InspectedArchive& archive) {
  JsonWriter json(out);
  json.object([&] {
    json.member("file", archive.file);
    write_findings(json, {});
    json.member("kind", "archive");
    json.member_objects("members", archive.members, [&](const MemberFact& member) {
      json.member("name", member.name);
      json.member("offset", member.offset);
      json.member("read", member.is_read);
      json.member("size", member.size);
    });
    json.member("schema", kJsonSchema);
    json.member("size", archive.size);
    write_archive_sizes(json, archive);
  });
  json.newline();
}

}  // namespace wasmpack
