// Attributes are written in the order of their names, which makes the keys sorted.

#include <llvm/Support/JSON.h>

#include "inspect/render/render.h"
#include "inspect/render/render_sizes.h"
#include "support/diagnostic.h"

namespace wasmpack {
namespace {

using llvm::json::OStream;

llvm::StringRef to_ref(std::string_view text) { return {text.data(), text.size()}; }

// JSON is UTF-8; names of wasm files need not be.
void write_string(OStream& json, llvm::StringRef key, std::string_view text) {
  if (llvm::json::isUTF8(to_ref(text)))
    json.attribute(key, to_ref(text));
  else
    json.attribute(key, escape_controls(text));
}

template <class T>
void write_optional(OStream& json, llvm::StringRef key, const std::optional<T>& value) {
  if (value)
    json.attribute(key, *value);
  else
    json.attribute(key, nullptr);
}

void write_words(OStream& json, llvm::StringRef key, const std::vector<std::string>& words) {
  json.attributeArray(key, [&] {
    for (const std::string& word : words) json.value(word);
  });
}

// An array of objects, one for each item.
template <class Items, class Write>
void write_objects(OStream& json, llvm::StringRef key, const Items& items, Write write) {
  json.attributeArray(key, [&] {
    for (const auto& item : items) json.object([&] { write(item); });
  });
}

void write_function(OStream& json, const FunctionRef& function) {
  json.attribute("function", function.index);
  write_string(json, "name", function.name);
}

void write_functions(OStream& json, llvm::StringRef key,
                     const std::vector<FunctionRef>& functions) {
  write_objects(json, key, functions,
                [&](const FunctionRef& function) { write_function(json, function); });
}

void write_comdats(OStream& json, const Facts& facts) {
  write_objects(json, "comdats", facts.comdats, [&](const ComdatFact& comdat) {
    write_objects(json, "entries", comdat.entries, [&](const ComdatEntry& entry) {
      json.attribute("index", entry.index);
      json.attribute("kind", to_ref(comdat_kind_name(entry.kind)));
    });
    write_string(json, "name", comdat.name);
  });
}

void write_constructors(OStream& json, const Facts& facts) {
  write_objects(json, "constructors", facts.constructors, [&](const ConstructorFact& constructor) {
    if (constructor.calls)
      write_functions(json, "calls", *constructor.calls);
    else
      json.attribute("calls", nullptr);
    json.attribute("function", constructor.function.index);
    json.attribute("order", constructor.order);
    write_optional(json, "priority", constructor.priority);
    write_string(json, "symbol", constructor.function.name);
  });
}

void write_exports(OStream& json, const Facts& facts) {
  write_objects(json, "exports", facts.exports, [&](const ExportFact& entry) {
    json.attribute("by_flag", entry.by_flag);
    json.attribute("index", entry.index);
    write_string(json, "internal_name", entry.internal_name);
    json.attribute("kind", to_ref(extern_kind_name(entry.kind)));
    write_string(json, "name", entry.name);
    write_string(json, "type", entry.type);
  });
}

void write_features(OStream& json, const Facts& facts) {
  write_objects(json, "features", facts.features, [&](const TargetFeature& feature) {
    write_string(json, "name", feature.name);
    write_string(json, "prefix", {&feature.prefix, 1});
  });
}

void write_imports(OStream& json, const Facts& facts) {
  write_objects(json, "imports", facts.imports, [&](const ImportFact& import) {
    json.attribute("kind", to_ref(extern_kind_name(import.kind)));
    write_string(json, "module", import.module);
    write_string(json, "name", import.name);
    write_string(json, "type", import.type);
  });
}

void write_init(OStream& json, const InitFacts& init) {
  json.attributeObject("init", [&] {
    write_objects(json, "callers", init.callers, [&](const ChainCaller& caller) {
      json.attribute("function", caller.function);
      json.attribute("kind", to_ref(caller_kind_name(caller.kind)));
      write_string(json, "name", caller.name);
      write_functions(json, "path", caller.path);
    });
    json.attribute("chain", to_ref(chain_state_name(init.chain)));
    json.attribute("complete", init.is_complete);
    if (init.exported_as)
      write_string(json, "exported_as", *init.exported_as);
    else
      json.attribute("exported_as", nullptr);
    write_optional(json, "function", init.function);
    json.attribute("model", to_ref(init_model_name(init.model)));
    json.attribute("plain", init.is_plain);
    write_string(json, "reason", init.reason);
  });
}

void write_bundle(OStream& json, const BundleFacts& bundle) {
  json.attributeObject("bundle", [&] {
    write_string(json, "name", bundle.name);
    write_string(json, "problem", bundle.problem);
    write_string(json, "version", bundle.version);
  });
}

void write_kernels(OStream& json, const BundleFacts& bundle) {
  write_objects(json, "kernels", bundle.kernels, [&](const KernelFact& kernel) {
    write_string(json, "library", kernel.library);
    write_string(json, "name", kernel.name);
    write_string(json, "symbol", kernel.symbol);
    write_string(json, "type", kernel.type);
  });
}

void write_producers(OStream& json, const Facts& facts) {
  write_objects(json, "producers", facts.producers, [&](const ProducerField& field) {
    write_string(json, "field", field.name);
    write_objects(json, "values", field.values, [&](const ProducerValue& value) {
      write_string(json, "name", value.name);
      write_string(json, "version", value.version);
    });
  });
}

void write_relocations(OStream& json, const Facts& facts) {
  json.attributeArray("relocations", [&] {
    for (const SectionFact& section : facts.sections) {
      if (!section.relocations) continue;
      json.object([&] {
        json.attribute("count", *section.relocations);
        write_string(json, "section", section.name);
      });
    }
  });
}

void write_sections(OStream& json, const Facts& facts) {
  write_objects(json, "sections", facts.sections, [&](const SectionFact& section) {
    json.attribute("header_offset", section.header_offset);
    json.attribute("id", section.id);
    write_string(json, "name", section.name);
    json.attribute("offset", section.offset);
    json.attribute("size", section.size);
  });
}

void write_segments(OStream& json, const Facts& facts) {
  write_objects(json, "segments", facts.segments, [&](const SegmentFact& segment) {
    write_optional(json, "address", segment.address);
    json.attribute("alignment", segment.alignment);
    write_words(json, "flags", segment_flag_words(segment.flags));
    write_string(json, "name", segment.name);
    json.attribute("offset", segment.offset);
    json.attribute("passive", segment.is_passive);
    json.attribute("size", segment.size);
  });
}

void write_symbols(OStream& json, const Facts& facts) {
  write_objects(json, "symbols", facts.symbols, [&](const SymbolFact& symbol) {
    write_words(json, "flags", symbol_flag_words(symbol.flags));
    if (symbol.index) json.attribute("index", *symbol.index);
    json.attribute("kind", to_ref(symbol_kind_name(symbol.kind)));
    write_string(json, "name", symbol.name);
    if (symbol.offset) json.attribute("offset", *symbol.offset);
    if (symbol.segment) json.attribute("segment", *symbol.segment);
    if (symbol.size) json.attribute("size", *symbol.size);
  });
}

}  // namespace

void render_facts_json(llvm::raw_ostream& out, const Facts& facts) {
  OStream json(out);
  json.object([&] {
    if (facts.bundle) write_bundle(json, *facts.bundle);
    write_comdats(json, facts);
    write_constructors(json, facts);
    write_exports(json, facts);
    write_features(json, facts);
    write_string(json, "file", facts.file);
    write_imports(json, facts);
    write_init(json, facts.init);
    if (facts.bundle) write_kernels(json, *facts.bundle);
    json.attribute("kind", to_ref(wasm_kind_name(facts.kind)));
    if (!facts.member.empty()) write_string(json, "member", facts.member);
    write_producers(json, facts);
    write_relocations(json, facts);
    if (facts.graph) write_retained_json(json, *facts.graph);
    json.attribute("schema", kJsonSchema);
    write_sections(json, facts);
    write_segments(json, facts);
    json.attribute("size", facts.size);
    write_sizes_json(json, facts.sizes);
    write_symbols(json, facts);
    if (facts.graph) write_unreached_json(json, *facts.graph);
    json.attribute("wasm64", facts.is64);
    if (!facts.why.empty()) write_why_json(json, *facts.graph, facts.why);
  });
  out << '\n';
}

}  // namespace wasmpack
