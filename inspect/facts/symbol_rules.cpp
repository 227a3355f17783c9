// Linking.md "Symbol Table Subsection": flags, names and what they go with.
#include <algorithm>
#include <string>
#include <vector>

#include <llvm/Support/ConvertUTF.h>

#include "inspect/facts/linking_rules.h"
#include "inspect/facts/repeated_names.h"
#include "support/cursor.h"

namespace wasmpack {
namespace {

constexpr uint8_t kSymbolTableSubsection = 8;
constexpr uint32_t kKnownFlags = kSymbolBindingMask | kSymbolHidden | kSymbolUndefined |
                                 kSymbolExported | kSymbolExplicitName | kSymbolNoStrip |
                                 kSymbolTls | kSymbolAbsolute;

bool is_data(const Symbol& symbol) { return symbol.kind == SymbolKind::data; }

// Defined data that lies in a segment.
const DataSegment* segment_of(const Object& object, const Symbol& symbol) {
  if (!is_data(symbol) || symbol.is_undefined() || symbol.is_absolute()) return nullptr;
  return &object.data[symbol.index];
}

// wasm-ld before 23 forgets the flag of a segment in `-r`, and goes by these names itself.
bool is_tls_segment(const DataSegment& segment) {
  return (segment.flags & kSegmentTls) || segment.name.starts_with(".tdata") ||
         segment.name.starts_with(".tbss");
}

struct SymbolRule {
  bool (*is_broken)(const Object& object, const Symbol& symbol);
  const char* message;
};

constexpr SymbolRule kSymbolRules[] = {
    {[](const Object&, const Symbol& symbol) { return (symbol.flags & ~kKnownFlags) != 0; },
     "has flags that are not defined"},
    {[](const Object&, const Symbol& symbol) {
       return (symbol.flags & kSymbolTls) && !is_data(symbol);
     },
     "is flagged TLS, but is no data"},
    {[](const Object&, const Symbol& symbol) { return symbol.is_absolute() && !is_data(symbol); },
     "is flagged ABSOLUTE, but is no data"},
    {[](const Object&, const Symbol& symbol) {
       return symbol.is_absolute() && symbol.is_undefined();
     },
     "is flagged both ABSOLUTE and UNDEFINED: only a definition has an address"},
    {[](const Object&, const Symbol& symbol) {
       return symbol.has_explicit_name() && symbol.is_defined();
     },
     "is flagged EXPLICIT_NAME, but refers to no import whose name it could replace"},
    // LLVM flags whatever Emscripten must not strip as exported, its undefined table too.
    {[](const Object&, const Symbol& symbol) {
       return symbol.is_exported() && symbol.is_undefined() && !symbol.is_no_strip();
     },
     "is flagged both EXPORTED and UNDEFINED: only a definition can be exported"},
    {[](const Object&, const Symbol& symbol) { return symbol.is_exported() && symbol.is_local(); },
     "is flagged both EXPORTED and LOCAL: local symbols are not to be exported"},
    {[](const Object&, const Symbol& symbol) { return symbol.name.empty() && !symbol.is_local(); },
     "has no name, but is not local"},
    {[](const Object& object, const Symbol& symbol) {
       const DataSegment* segment = segment_of(object, symbol);
       return segment != nullptr && (symbol.flags & kSymbolTls) && !is_tls_segment(*segment);
     },
     "is flagged TLS, but its segment is not"},
    {[](const Object& object, const Symbol& symbol) {
       const DataSegment* segment = segment_of(object, symbol);
       return segment != nullptr && !(symbol.flags & kSymbolTls) && (segment->flags & kSegmentTls);
     },
     "lies in a segment that is flagged TLS, but is not flagged so itself"},
};

bool is_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const llvm::UTF8*>(text.data());
  if (std::ranges::all_of(text, [](char c) { return static_cast<signed char>(c) >= 0; }))
    return true;
  return llvm::isLegalUTF8String(&at, at + text.size());
}

// Positions of the symbols' entries in the file, found by one more walk through the table: only an
// object with problems needs them.
class SymbolLocator {
 public:
  explicit SymbolLocator(const Object& object) : object_(object), cursor_({}) {
    for (const LinkingSubsection& subsection : object.linking) {
      if (subsection.type != kSymbolTableSubsection) continue;
      cursor_ = Cursor(subsection.payload,
                       static_cast<uint64_t>(subsection.payload.data() - object.bytes.data()));
      cursor_.read_varuint32();
    }
  }

  // Symbols must be asked for in ascending order.
  uint64_t find(size_t symbol) {
    for (; next_ < symbol && cursor_.ok(); ++next_) skip(object_.symbols[next_]);
    return cursor_.offset();
  }

 private:
  void skip(const Symbol& symbol) {
    cursor_.read_u8();
    cursor_.read_varuint32();
    const bool is_undefined = symbol.is_undefined();
    switch (symbol.kind) {
      case SymbolKind::data:
        cursor_.read_name();
        if (!is_undefined) {
          cursor_.read_varuint32();
          cursor_.read_varuint64();
          cursor_.read_varuint64();
        }
        break;
      case SymbolKind::section:
        cursor_.read_varuint32();
        break;
      default:
        cursor_.read_varuint32();
        if (!is_undefined || symbol.has_explicit_name()) cursor_.read_name();
    }
  }

  const Object& object_;
  Cursor cursor_;
  size_t next_ = 0;
};

class SymbolChecker {
 public:
  SymbolChecker(const Object& object, ProblemList& problems)
      : object_(object), problems_(problems), locator_(object) {}

  void check() {
    const std::vector<uint32_t> repeated = find_repeated();
    auto next = repeated.begin();
    for (size_t i = 0; i < object_.symbols.size() && !problems_.is_full(); ++i) {
      const Symbol& symbol = object_.symbols[i];
      for (const SymbolRule& rule : kSymbolRules) {
        if (rule.is_broken(object_, symbol)) add(i, rule.message);
      }
      if (!is_utf8(symbol.name)) add(i, "has a name that is not UTF-8");
      if (next == repeated.end() || *next != i) continue;
      ++next;
      add(i, "is defined twice: the names of symbols that are not local must be unique");
    }
  }

 private:
  // Only definitions: several undefined symbols may stand for one name.
  std::vector<uint32_t> find_repeated() const {
    RepeatedNames names;
    for (uint32_t i = 0; i < object_.symbols.size(); ++i) {
      const Symbol& symbol = object_.symbols[i];
      if (symbol.is_defined() && !symbol.is_local() && symbol.kind != SymbolKind::section)
        names.add(symbol.name, i);
    }
    return names.find();
  }

  void add(size_t position, const char* what) {
    const Symbol& symbol = object_.symbols[position];
    problems_.add_rule("linking", locator_.find(position),
                       std::string(symbol_kind_name(symbol.kind)) + " symbol `" +
                           std::string(symbol.name) + "` " + what);
  }

  const Object& object_;
  ProblemList& problems_;
  SymbolLocator locator_;
};

}  // namespace

void check_symbol_rules(const Object& object, ProblemList& problems) {
  SymbolChecker(object, problems).check();
}

}  // namespace wasmpack
