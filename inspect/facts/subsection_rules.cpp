// Linking.md "Linking Metadata Section": subsections, segments, init functions and comdats.
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "inspect/facts/facts.h"
#include "inspect/facts/linking_rules.h"
#include "inspect/facts/repeated_names.h"
#include "inspect/facts/type_text.h"
#include "support/cursor.h"

namespace wasmpack {
namespace {

constexpr uint8_t kSegmentInfo = 5, kInitFunctions = 6, kSymbolTable = 8;
constexpr uint8_t kComdatInfo = 7;
constexpr size_t kComdatKinds = 6;
constexpr uint32_t kKnownSegmentFlags = kSegmentStrings | kSegmentTls | kSegmentRetain;

class SubsectionChecker {
 public:
  SubsectionChecker(const Object& object, ProblemList& problems)
      : object_(object), problems_(problems) {}

  void check() {
    check_order();
    for (const LinkingSubsection& subsection : object_.linking) {
      Cursor cursor(subsection.payload, offset_of(subsection));
      if (subsection.type == kSegmentInfo) check_segments(cursor);
      if (subsection.type == kInitFunctions) check_init_functions(cursor);
      if (subsection.type == kComdatInfo) check_comdats(cursor);
    }
  }

 private:
  uint64_t offset_of(const LinkingSubsection& subsection) const {
    return static_cast<uint64_t>(subsection.payload.data() - object_.bytes.data());
  }

  void add(uint64_t offset, std::string message) {
    problems_.add_rule("linking", offset, std::move(message));
  }

  void check_order() {
    bool has_symbols = false;
    for (const LinkingSubsection& subsection : object_.linking) {
      const uint8_t type = subsection.type;
      if (problems_.is_full()) return;
      has_symbols |= type == kSymbolTable;
      if (type == kInitFunctions && !has_symbols)
        add(offset_of(subsection),
            "the subsection INIT_FUNCS stands before the symbol table, whose symbols it names");
      if (type >= 1 && type <= 4)
        add(offset_of(subsection), "subsection " + std::to_string(type) +
                                       " is one of linking version 1, which is retired");
      else if (type < kSegmentInfo || type > kSymbolTable)
        add(offset_of(subsection), "unknown subsection " + std::to_string(type));
    }
  }

  void check_segments(Cursor& cursor) {
    const uint64_t at = cursor.offset();
    const uint32_t count = cursor.read_varuint32();
    if (count < object_.data.size())
      add(at, "SEGMENT_INFO tells of " + std::to_string(count) + " segments, but there are " +
                  std::to_string(object_.data.size()));
    for (uint32_t i = 0; i < count && i < object_.data.size() && !problems_.is_full(); ++i) {
      cursor.read_name();
      cursor.read_varuint32();
      const uint64_t flags_at = cursor.offset();
      const uint32_t flags = cursor.read_varuint32();
      if (!cursor.ok()) return;
      if (flags & ~kKnownSegmentFlags)
        add(flags_at, "segment " + std::to_string(i) + " has flags that are not defined");
    }
  }

  void check_init_functions(Cursor& cursor) {
    cursor.read_varuint32();
    for (const InitFunction& init : object_.init_functions) {
      if (problems_.is_full()) return;
      cursor.read_varuint32();
      const uint64_t at = cursor.offset();
      cursor.read_varuint32();
      const Symbol& symbol = object_.symbols[init.symbol];
      const std::string name = "the init function `" + std::string(symbol.name) + "` ";
      const FuncType& type = object_.types[object_.function_type(symbol.index)];
      if (symbol.is_undefined()) add(at, name + "is not defined here");
      // What it returns is dropped by the linker's chain, but a parameter nobody gives.
      if (!type.is_function || !type.params.empty())
        add(at, name + "has the type " +
                    render_function_type(object_, object_.function_type(symbol.index)) +
                    "; an init function takes nothing");
    }
  }

  void check_comdats(Cursor& cursor) {
    RepeatedNames names;
    for (uint32_t i = 0; i < object_.comdats.size(); ++i) names.add(object_.comdats[i].name, i);
    const std::vector<uint32_t> repeated = names.find();
    auto next = repeated.begin();
    std::array<std::vector<bool>, kComdatKinds> members;
    cursor.read_varuint32();
    for (uint32_t i = 0; i < object_.comdats.size() && !problems_.is_full(); ++i) {
      const uint64_t at = cursor.offset();
      const std::string name(cursor.read_name());
      cursor.read_varuint32();
      cursor.read_varuint32();
      if (next != repeated.end() && *next == i) {
        ++next;
        add(at, "the comdat `" + name + "` occurs twice");
      }
      for (const ComdatEntry& entry : object_.comdats[i].entries) {
        if (problems_.is_full()) return;
        const uint64_t entry_at = cursor.offset();
        cursor.read_u8();
        cursor.read_varuint32();
        std::vector<bool>& seen = members[static_cast<size_t>(entry.kind)];
        if (seen.size() <= entry.index) seen.resize(entry.index + 1);  // it names what exists
        if (seen[entry.index])
          add(entry_at, "the comdat `" + name + "`: its " +
                            std::string(comdat_kind_name(entry.kind)) + " " +
                            std::to_string(entry.index) + " belongs to a comdat already");
        seen[entry.index] = true;
      }
    }
  }

  const Object& object_;
  ProblemList& problems_;
};

}  // namespace

void check_subsection_rules(const Object& object, ProblemList& problems) {
  SubsectionChecker(object, problems).check();
}

}  // namespace wasmpack
