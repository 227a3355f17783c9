#include "linker/init_guard.h"

#include <algorithm>
#include <deque>
#include <map>

#include "object/write.h"

namespace wasmpack {
namespace {

constexpr uint8_t kI32[] = {0x7f};
constexpr uint8_t kZeroInit[] = {0x41, 0x00, 0x0b};  // i32.const 0; end

// Opcodes of the generated bodies (core specification 5.4).
constexpr uint8_t kGlobalGet = 0x23, kGlobalSet = 0x24, kIf = 0x04, kEmptyBlock = 0x40,
                  kReturn = 0x0f, kEnd = 0x0b, kI32Const = 0x41, kCall = 0x10, kDrop = 0x1a;

// Assembles the object: types, imports, functions, globals, code, linking, reloc.CODE.
class GuardBuilder {
 public:
  // The guard of constructor `target`, which is called `name`.
  void add_guard(const std::string& name, const FuncType& target_type, SymbolRef target) {
    const uint32_t callee = import_function(name, type_number(target_type));
    preset_.resize(symbols_.size());
    preset_[callee] = target;
    const uint32_t flag = define_global(std::string(kGuardPrefix) + name + ".done");
    Body body(*this);
    body.op(kGlobalGet).site(kGlobalIndexLeb, flag);
    body.op(kIf).op(kEmptyBlock).op(kReturn).op(kEnd);
    body.op(kI32Const).op(1);
    body.op(kGlobalSet).site(kGlobalIndexLeb, flag);
    body.op(kCall).site(kFunctionIndexLeb, callee);
    for (size_t i = 0; i < target_type.results.size(); ++i) body.op(kDrop);
    body.op(kEnd);
    define_function(std::string(kGuardPrefix) + name, kSymbolLocal, body);
  }

  void add_entry(const std::string& name, uint32_t call_ctors) {
    Body body(*this);
    body.op(kCall).site(kFunctionIndexLeb, call_ctors).op(kEnd);
    define_function(name, kSymbolWeak | kSymbolExported, body);
  }

  uint32_t import_function(const std::string& name, uint32_t type) {
    Import import;
    import.module = "env";
    import.field = intern(name);
    import.kind = ExternKind::function;
    import.type_index = type;
    imports_.push_back(import);
    Symbol symbol;
    symbol.kind = SymbolKind::function;
    symbol.flags = kSymbolUndefined;
    symbol.name = import.field;
    symbol.index = static_cast<uint32_t>(imports_.size() - 1);
    symbols_.push_back(symbol);
    return static_cast<uint32_t>(symbols_.size() - 1);
  }

  uint32_t type_number(const FuncType& type) {
    for (uint32_t i = 0; i < types_.size(); ++i)
      if (types_[i] == type) return i;
    types_.push_back(type);
    return static_cast<uint32_t>(types_.size() - 1);
  }

  // The symbol of the function defined last.
  uint32_t last_symbol() const { return static_cast<uint32_t>(symbols_.size() - 1); }

  GeneratedInput finish() {
    preset_.resize(symbols_.size());
    number_defined_functions();
    ByteWriter out;
    out.write_bytes(kWasmHeader);
    uint32_t sections = 0;
    append(out, SectionId::type, types_, encode_func_type, sections);
    append(out, SectionId::import, imports_, encode_import, sections);
    append(
        out, SectionId::function, bodies_,
        [this](ByteWriter& o, const ByteWriter&) { o.write_varuint(type_number({})); }, sections);
    append(
        out, SectionId::global, globals_,
        [](ByteWriter& o, const Global& global) {
          encode_global_type(o, global.type);
          o.write_bytes(global.init);
        },
        sections);
    ByteWriter code;
    code.write_varuint(bodies_.size());
    ByteWriter relocations;
    relocations.write_varuint(sections);
    relocations.write_varuint(sites_.size());
    for (size_t b = 0, s = 0; b < bodies_.size(); ++b) {
      code.write_varuint(bodies_[b].size());
      for (; s < sites_.size() && sites_[s].body == b; ++s)
        encode_relocation(relocations,
                          {sites_[s].kind, static_cast<uint32_t>(code.size()) + sites_[s].offset,
                           sites_[s].symbol, 0});
      code.write_bytes(bodies_[b].bytes());
    }
    if (!bodies_.empty()) append_section(out, SectionId::code, code.bytes());
    ByteWriter table;
    table.write_varuint(symbols_.size());
    for (const Symbol& symbol : symbols_) encode_symbol(table, symbol);
    ByteWriter linking;
    linking.write_varuint(2);
    linking.write_u8(8);  // symbol table
    linking.write_sized(table.bytes());
    append_custom_section(out, "linking", linking.bytes());
    if (!sites_.empty()) append_custom_section(out, "reloc.CODE", relocations.bytes());
    return {out.take(), std::move(preset_)};
  }

 private:
  struct Site {
    size_t body;
    uint32_t offset;  // in the body
    uint8_t kind;
    uint32_t symbol;
  };

  // One function body; it has no locals.
  class Body {
   public:
    explicit Body(GuardBuilder& builder) : builder_(builder) { code.write_u8(0); }
    Body& op(uint8_t byte) {
      code.write_u8(byte);
      return *this;
    }
    Body& site(uint8_t kind, uint32_t symbol) {
      builder_.sites_.push_back(
          {builder_.bodies_.size(), static_cast<uint32_t>(code.size()), kind, symbol});
      code.write_padded_varuint(0, kPaddedLeb32);
      return *this;
    }
    ByteWriter code;

   private:
    GuardBuilder& builder_;
  };

  template <class Items, class Encode>
  static void append(ByteWriter& out, SectionId id, const Items& items, Encode encode,
                     uint32_t& sections) {
    if (items.empty()) return;
    ByteWriter content;
    content.write_varuint(items.size());
    for (const auto& item : items) encode(content, item);
    append_section(out, id, content.bytes());
    ++sections;
  }

  void define_function(const std::string& name, uint32_t flags, Body& body) {
    type_number({});
    Symbol symbol;
    symbol.kind = SymbolKind::function;
    symbol.flags = flags;
    symbol.name = intern(name);
    symbol.index = static_cast<uint32_t>(bodies_.size());  // the imports are added at the end
    symbols_.push_back(symbol);
    bodies_.push_back(std::move(body.code));
  }

  uint32_t define_global(const std::string& name) {
    globals_.push_back({{kI32, true}, kZeroInit});
    Symbol symbol;
    symbol.kind = SymbolKind::global;
    symbol.flags = kSymbolLocal;
    symbol.name = intern(name);
    symbol.index = static_cast<uint32_t>(globals_.size() - 1);
    symbols_.push_back(symbol);
    return static_cast<uint32_t>(symbols_.size() - 1);
  }

  void number_defined_functions() {
    for (Symbol& symbol : symbols_)
      if (symbol.kind == SymbolKind::function && symbol.is_defined())
        symbol.index += static_cast<uint32_t>(imports_.size());
  }

  std::string_view intern(const std::string& name) { return names_.emplace_back(name); }

  std::deque<std::string> names_;
  std::vector<FuncType> types_;
  std::vector<Import> imports_;
  std::vector<Global> globals_;
  std::vector<ByteWriter> bodies_;
  std::vector<Symbol> symbols_;
  std::vector<SymbolRef> preset_;
  std::vector<Site> sites_;
};

// The input that brings the entry point itself: crt1-reactor.o, or an object that has our guard.
const Input* find_definition(const std::vector<Input>& inputs, std::string_view name) {
  const auto at = std::ranges::find_if(inputs, [&](const Input& input) {
    return std::ranges::any_of(input.object.symbols, [&](const Symbol& symbol) {
      return symbol.is_defined() && !symbol.is_local() && symbol.name == name;
    });
  });
  return at == inputs.end() ? nullptr : &*at;
}

void warn_if_no_chain(const Input& input, const std::string& name, DiagnosticSink& sink) {
  const bool runs_chain = std::ranges::any_of(input.object.symbols, [](const Symbol& symbol) {
    return symbol.name == "__wasm_call_ctors";
  });
  if (runs_chain) return;
  Diagnostic diagnostic =
      fail("init-entry-taken", input.locate(),
           "`" + name + "` is defined here and does not run the constructors",
           "choose another name with --init-guard=NAME, or call __wasm_call_ctors from it")
          .value();
  diagnostic.severity = Severity::warning;
  sink.report(std::move(diagnostic));
}

}  // namespace

GeneratedInput make_init_guard(const std::vector<Input>& inputs, std::vector<ChainEntry>& chain,
                               const std::vector<std::string>& entry_names, uint32_t input,
                               DiagnosticSink& sink) {
  GuardBuilder builder;
  std::map<SymbolRef, uint32_t> guards;
  for (ChainEntry& entry : chain) {
    const Object& object = inputs[entry.symbol.input].object;
    const Symbol& symbol = object.symbols[entry.symbol.symbol];
    if (symbol.is_local() && symbol.name.starts_with(kGuardPrefix)) continue;
    // A constructor that is listed twice has one guard, and so runs once.
    const auto [guard, is_new] = guards.emplace(entry.symbol, 0);
    if (is_new) {
      builder.add_guard(std::string(symbol.name), object.types[object.function_type(symbol.index)],
                        entry.symbol);
      guard->second = builder.last_symbol();
    }
    entry.symbol = {input, guard->second};
  }
  std::vector<std::string> missing;
  for (const std::string& name : entry_names) {
    const Input* definition = find_definition(inputs, name);
    if (definition == nullptr)
      missing.push_back(name);
    else
      warn_if_no_chain(*definition, name, sink);
  }
  if (!missing.empty()) {
    const uint32_t call_ctors =
        builder.import_function("__wasm_call_ctors", builder.type_number({}));
    for (const std::string& name : missing) builder.add_entry(name, call_ctors);
  }
  return builder.finish();
}

}  // namespace wasmpack
