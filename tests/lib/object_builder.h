// Small relocatable objects for unit tests, built in memory with the encoders of object/write.h,
// and the inputs of a link made of them.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "linker/input.h"
#include "object/write.h"

namespace wasmpack {

inline constexpr uint8_t kValI32 = 0x7f, kValI64 = 0x7e, kValF32 = 0x7d, kValF64 = 0x7c;

// Collects the parts of one object; bytes() lays them out as LLVM does. Symbols are numbered in the
// order in which they were added, and so are functions, segments and custom sections.
class ObjectBuilder {
 public:
  using TypeBytes = std::vector<uint8_t>;

  // Index of a new entry of TYPE, even if there is an equal one.
  uint32_t add_type(TypeBytes params, TypeBytes results) {
    types_.push_back({std::move(params), std::move(results)});
    return static_cast<uint32_t>(types_.size() - 1);
  }

  // The next four return the number of the symbol.
  uint32_t import_function(std::string name, uint32_t flags = 0, uint32_t type = 0) {
    imports_.push_back({name, type});
    return add_symbol(SymbolKind::function, std::move(name), flags | kSymbolUndefined,
                      static_cast<uint32_t>(imports_.size() - 1));
  }
  // Its body is nothing but `end`, or a call of the symbol `callee`.
  uint32_t define_function(std::string name, uint32_t flags = 0, uint32_t type = 0,
                           uint32_t callee = UINT32_MAX) {
    if (callee == UINT32_MAX) return define_code(std::move(name), {}, {}, flags, type);
    return define_code(std::move(name), {0x10, 0x80, 0x80, 0x80, 0x80, 0x00},
                       {{kFunctionIndexLeb, 1, callee, 0}}, flags, type);
  }
  // With these instructions; the offsets of `sites` count from the first. Fields are patched for
  // function symbols only.
  uint32_t define_code(std::string name, std::vector<uint8_t> code,
                       std::vector<Relocation> sites = {}, uint32_t flags = 0, uint32_t type = 0) {
    functions_.push_back({type, std::move(code), std::move(sites)});
    return add_symbol(SymbolKind::function, std::move(name), flags,
                      static_cast<uint32_t>(functions_.size() - 1));
  }
  uint32_t define_data(std::string name, std::vector<uint8_t> bytes, uint32_t flags = 0) {
    segments_.push_back({".data." + name, std::move(bytes)});
    return add_symbol(SymbolKind::data, std::move(name), flags,
                      static_cast<uint32_t>(segments_.size() - 1));
  }
  uint32_t import_data(std::string name, uint32_t flags = 0) {
    return add_symbol(SymbolKind::data, std::move(name), flags | kSymbolUndefined, 0);
  }

  // At `offset` of the data that `symbol` defines, an address.
  void add_address(uint32_t symbol, uint32_t offset, uint32_t of) {
    constexpr uint8_t kMemoryAddrI32 = 5;
    segments_[symbols_[symbol].index].sites.push_back({kMemoryAddrI32, offset, of, 0});
  }

  // A second name for what `symbol` defines.
  uint32_t add_alias(std::string name, uint32_t symbol, uint32_t flags = 0) {
    const Symbol of = symbols_[symbol];
    return add_symbol(of.kind, std::move(name), flags, of.index);
  }

  void add_constructor(uint32_t symbol, uint32_t priority = 65535) {
    constructors_.push_back({priority, symbol});
  }
  void export_function(std::string name, uint32_t symbol) {
    exports_.push_back({std::move(name), symbol});
  }

  // A custom section in front of `linking`; the number counts these only.
  uint32_t add_custom(std::string name, std::string_view content) {
    customs_.push_back({std::move(name), std::vector<uint8_t>(content.begin(), content.end()), {}});
    return static_cast<uint32_t>(customs_.size() - 1);
  }
  // A function index relocation in that section.
  void add_custom_site(uint32_t custom, uint32_t offset, uint32_t symbol) {
    customs_[custom].sites.push_back({kFunctionIndexLeb, offset, symbol, 0});
  }

  // A group of what the symbols define, and of custom sections.
  void add_comdat(std::string name, std::vector<uint32_t> symbols,
                  std::vector<uint32_t> customs = {}) {
    groups_.push_back({std::move(name), std::move(symbols), std::move(customs)});
  }
  void add_feature(char prefix, std::string name) { features_.push_back(prefix + name); }

  std::vector<uint8_t> bytes() const {
    ByteWriter out;
    out.write_bytes(kWasmHeader);
    uint32_t sections = 0;
    const auto section = [&](SectionId id, const ByteWriter& content) {
      append_section(out, id, content.bytes());
      return sections++;
    };
    const auto custom = [&](std::string_view name, const ByteWriter& content) {
      append_custom_section(out, name, content.bytes());
      return sections++;
    };

    std::vector<Type> types = types_;
    if (types.empty()) types.push_back({});
    ByteWriter type;
    type.write_varuint(types.size());
    for (const Type& entry : types) encode_func_type(type, {entry.params, entry.results});
    section(SectionId::type, type);

    ByteWriter import;
    import.write_varuint(imports_.size() + 1);
    for (const ImportedFunction& entry : imports_) {
      Import encoded;
      encoded.module = "env";
      encoded.field = entry.name;
      encoded.kind = ExternKind::function;
      encoded.type_index = entry.type;
      encode_import(import, encoded);
    }
    Import memory;
    memory.module = "env";
    memory.field = "__linear_memory";
    memory.kind = ExternKind::memory;
    encode_import(import, memory);
    section(SectionId::import, import);

    if (!functions_.empty()) {
      ByteWriter function;
      function.write_varuint(functions_.size());
      for (const Function& entry : functions_) function.write_varuint(entry.type);
      section(SectionId::function, function);
    }
    if (!exports_.empty()) {
      ByteWriter exported;
      exported.write_varuint(exports_.size());
      for (const NamedExport& entry : exports_)
        encode_export(exported,
                      {entry.name, ExternKind::function, index_of(symbols_[entry.symbol])});
      section(SectionId::export_, exported);
    }
    ByteWriter code_sites;
    uint32_t code_count = 0, code_section = 0;
    if (!functions_.empty()) {
      ByteWriter code;
      code.write_varuint(functions_.size());
      for (const Function& entry : functions_) {
        std::vector<uint8_t> body = entry.code;
        code.write_varuint(body.size() + 2);
        code.write_u8(0);  // no locals
        for (Relocation site : entry.sites) {
          if (site.kind == kFunctionIndexLeb)
            write_padded_uleb(&body[site.offset], index_of(symbols_[site.index]), kPaddedLeb32);
          site.offset += static_cast<uint32_t>(code.size());
          encode_relocation(code_sites, site);
          ++code_count;
        }
        code.write_bytes(body);
        code.write_u8(0x0b);
      }
      code_section = section(SectionId::code, code);
    }
    ByteWriter data_sites;
    uint32_t data_count = 0, data_section = 0;
    if (!segments_.empty()) {
      ByteWriter data;
      data.write_varuint(segments_.size());
      uint32_t address = 0;
      for (const Segment& entry : segments_) {
        data.write_u8(0);
        data.write_u8(0x41);  // i32.const
        data.write_varint(address);
        data.write_u8(0x0b);
        data.write_varuint(entry.content.size());
        for (Relocation site : entry.sites) {
          site.offset += static_cast<uint32_t>(data.size());
          encode_relocation(data_sites, site);
          ++data_count;
        }
        data.write_bytes(entry.content);
        address += static_cast<uint32_t>(entry.content.size());
      }
      data_section = section(SectionId::data, data);
    }
    std::vector<uint32_t> custom_sections;
    for (const Custom& entry : customs_) {
      ByteWriter content;
      content.write_bytes(entry.content);
      custom_sections.push_back(custom(entry.name, content));
    }
    custom("linking", encode_linking(custom_sections));
    if (code_count != 0) custom("reloc.CODE", with_target(code_section, code_count, code_sites));
    if (data_count != 0) custom("reloc.DATA", with_target(data_section, data_count, data_sites));
    for (size_t i = 0; i < customs_.size(); ++i) {
      if (customs_[i].sites.empty()) continue;
      ByteWriter sites;
      for (const Relocation& site : customs_[i].sites) encode_relocation(sites, site);
      custom(
          "reloc." + customs_[i].name,
          with_target(custom_sections[i], static_cast<uint32_t>(customs_[i].sites.size()), sites));
    }
    if (!features_.empty()) {
      ByteWriter features;
      features.write_varuint(features_.size());
      for (const std::string& feature : features_) {
        features.write_u8(static_cast<uint8_t>(feature[0]));
        features.write_name(std::string_view(feature).substr(1));
      }
      custom("target_features", features);
    }
    return out.take();
  }

 private:
  struct Type {
    TypeBytes params, results;
  };
  struct ImportedFunction {
    std::string name;
    uint32_t type;
  };
  struct Function {
    uint32_t type;
    std::vector<uint8_t> code;
    std::vector<Relocation> sites;
  };
  struct Segment {
    std::string name;
    std::vector<uint8_t> content;
    std::vector<Relocation> sites = {};
  };
  struct Custom {
    std::string name;
    std::vector<uint8_t> content;
    std::vector<Relocation> sites;
  };
  struct Group {
    std::string name;
    std::vector<uint32_t> symbols, customs;
  };
  struct NamedExport {
    std::string name;
    uint32_t symbol;
  };

  uint32_t add_symbol(SymbolKind kind, std::string name, uint32_t flags, uint32_t index) {
    Symbol symbol;
    symbol.kind = kind;
    symbol.flags = flags;
    symbol.name = names_.emplace_back(std::move(name));
    symbol.index = index;
    if (kind == SymbolKind::data && symbol.is_defined())
      symbol.size = segments_[index].content.size();
    symbols_.push_back(symbol);
    return static_cast<uint32_t>(symbols_.size() - 1);
  }

  // In the symbols the defined functions count from 0, in the file behind the imports.
  uint32_t index_of(const Symbol& symbol) const {
    const bool is_behind = symbol.kind == SymbolKind::function && symbol.is_defined();
    return symbol.index + (is_behind ? static_cast<uint32_t>(imports_.size()) : 0);
  }

  static ByteWriter with_target(uint32_t section, uint32_t count, const ByteWriter& entries) {
    ByteWriter content;
    content.write_varuint(section);
    content.write_varuint(count);
    content.write_bytes(entries.bytes());
    return content;
  }

  ByteWriter encode_linking(const std::vector<uint32_t>& custom_sections) const {
    ByteWriter linking;
    linking.write_varuint(2);
    const auto subsection = [&](uint8_t type, const ByteWriter& content) {
      linking.write_u8(type);
      linking.write_sized(content.bytes());
    };
    ByteWriter symbols;
    symbols.write_varuint(symbols_.size());
    for (Symbol symbol : symbols_) {
      symbol.index = index_of(symbol);
      encode_symbol(symbols, symbol);
    }
    subsection(8, symbols);
    if (!segments_.empty()) {
      ByteWriter segments;
      segments.write_varuint(segments_.size());
      for (const Segment& entry : segments_) {
        segments.write_name(entry.name);
        segments.write_varuint(0);
        segments.write_varuint(0);
      }
      subsection(5, segments);
    }
    if (!constructors_.empty()) {
      ByteWriter init;
      init.write_varuint(constructors_.size());
      for (const InitFunction& entry : constructors_) {
        init.write_varuint(entry.priority);
        init.write_varuint(entry.symbol);
      }
      subsection(6, init);
    }
    if (!groups_.empty()) {
      ByteWriter comdats;
      comdats.write_varuint(groups_.size());
      for (const Group& group : groups_) {
        Comdat comdat;
        comdat.name = group.name;
        for (const uint32_t s : group.symbols)
          comdat.entries.push_back(
              {symbols_[s].kind == SymbolKind::data ? ComdatKind::data : ComdatKind::function,
               index_of(symbols_[s])});
        for (const uint32_t c : group.customs)
          comdat.entries.push_back({ComdatKind::section, custom_sections[c]});
        encode_comdat(comdats, comdat);
      }
      subsection(7, comdats);
    }
    return linking;
  }

  std::vector<Type> types_;
  std::vector<ImportedFunction> imports_;
  std::vector<Function> functions_;
  std::vector<Segment> segments_;
  std::vector<Custom> customs_;
  std::vector<Group> groups_;
  std::vector<NamedExport> exports_;
  std::vector<InitFunction> constructors_;
  std::vector<std::string> features_;
  std::vector<Symbol> symbols_;
  std::deque<std::string> names_;  // of the symbols
};

// Opened inputs and the bytes they live in.
class TestInputs {
 public:
  void add(std::string name, const ObjectBuilder& object) {
    const std::vector<uint8_t> bytes = object.bytes();
    files_.push_back({InputFile::from_bytes(std::move(name), bytes)});
  }
  const std::vector<LinkInput>& files() const { return files_; }

  // The inputs; the test fails if one of them cannot be read.
  std::vector<Input> open() const {
    DiagnosticSink sink;
    std::vector<Input> inputs = open_inputs(files_, {}, sink);
    for (const Diagnostic& diagnostic : sink.take_sorted())
      ADD_FAILURE() << render_text(diagnostic, false);
    return inputs;
  }

 private:
  std::vector<LinkInput> files_;
};

// The text of everything that was reported.
inline std::string render_all(DiagnosticSink& sink) {
  std::string text;
  for (const Diagnostic& diagnostic : sink.take_sorted()) text += render_text(diagnostic, false);
  return text;
}

}  // namespace wasmpack
