#include "inspect/facts/sizes.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>

#include "inspect/facts/facts.h"
#include "inspect/facts/function_names.h"
#include "inspect/facts/rust_crate.h"
#include "inspect/facts/segment_names.h"
#include "support/cursor.h"

namespace wasmpack {
namespace {

constexpr std::string_view kFileHeader = "[file header]";
constexpr std::string_view kSectionHeaders = "[section headers]";
constexpr std::string_view kSegmentHeaders = "[segment headers]";
constexpr std::string_view kUnread = "[unread]";
constexpr uint64_t kFileHeaderSize = 8;

// Positions in Sizes::libraries outside archives.
constexpr uint32_t kSectionsLibrary = 0;
constexpr uint32_t kOtherLibrary = 1;

// Appends items one behind the other, so that whatever the offsets in a file claim, each byte is
// owned exactly once.
class Partition {
 public:
  explicit Partition(Sizes& sizes, uint64_t file_size) : sizes_(sizes), file_size_(file_size) {}

  void open_section(std::string_view name) {
    sizes_.sections.push_back(name);
    section_ = static_cast<uint32_t>(sizes_.sections.size() - 1);
  }

  // Everything up to `end` that nobody owns yet.
  void fill(uint64_t end, std::string_view symbol, uint32_t library) {
    end = std::min(end, file_size_);
    if (end <= at_) return;
    sizes_.items.push_back({at_, end - at_, symbol, section_, library});
    at_ = end;
  }

  uint64_t at() const { return at_; }

 private:
  Sizes& sizes_;
  uint64_t file_size_;
  uint64_t at_ = 0;
  uint32_t section_ = 0;
};

std::string_view keep(llvm::BumpPtrAllocator& arena, const std::string& text) {
  char* copy = arena.Allocate<char>(text.size());
  std::copy(text.begin(), text.end(), copy);
  return {copy, text.size()};
}

std::string_view bracket(llvm::BumpPtrAllocator& arena, std::string_view what,
                         std::string_view name) {
  return keep(arena, '[' + std::string(what) + ' ' + std::string(name) + ']');
}

// Who a function or data symbol comes from.
class LibraryFinder {
 public:
  LibraryFinder(const Object& object, const Facts& facts, const FunctionNames& names, Sizes& sizes)
      : first_defined_(object.imported_count(ExternKind::function)), sizes_(sizes) {
    if (!facts.member.empty()) {
      member_ = add(facts.member);
      return;
    }
    sizes_.libraries = {"[sections]", "[other]"};
    const auto add_origin = [&](uint32_t function, std::string_view library) {
      if (function < first_defined_ || library.empty()) return;
      if (by_function_.empty()) by_function_.resize(object.functions.size(), kSectionsLibrary);
      if (function - first_defined_ < by_function_.size())
        by_function_[function - first_defined_] = add(library);
    };
    for (const ConstructorFact& constructor : facts.constructors)
      add_origin(constructor.function.index, constructor.origin);
    if (facts.bundle) add_kernels(*facts.bundle, object, names, add_origin);
  }

  uint32_t of_structure() const { return member_.value_or(kSectionsLibrary); }

  uint32_t of_name(std::string_view name) {
    if (member_) return *member_;
    const std::string_view crate = find_rust_crate(name);
    return crate.empty() ? kOtherLibrary : add(crate);
  }

  uint32_t of_function(uint32_t defined, std::string_view name) {
    if (defined < by_function_.size() && by_function_[defined] != kSectionsLibrary)
      return by_function_[defined];
    return of_name(name);
  }

 private:
  template <class AddOrigin>
  void add_kernels(const BundleFacts& bundle, const Object& object, const FunctionNames& names,
                   const AddOrigin& add_origin) {
    std::unordered_map<std::string_view, std::string_view> library_of;  // empty: more than one
    for (const KernelFact& kernel : bundle.kernels) {
      const auto [entry, is_new] = library_of.emplace(kernel.symbol, kernel.library);
      if (!is_new && entry->second != kernel.library) entry->second = {};
    }
    std::unordered_map<std::string_view, uint32_t> count;
    for (const bool is_counting : {true, false}) {
      for (uint32_t i = first_defined_; i < object.function_count(); ++i) {
        const auto found = library_of.find(names.find(i));
        if (found == library_of.end()) continue;
        if (is_counting)
          ++count[found->first];
        else if (count[found->first] == 1)
          add_origin(i, found->second);
      }
    }
  }

  uint32_t add(std::string_view name) {
    const auto found = numbers_.find(name);
    if (found != numbers_.end()) return found->second;
    name = keep(sizes_.arena, std::string(name));
    sizes_.libraries.push_back(name);
    const auto number = static_cast<uint32_t>(sizes_.libraries.size() - 1);
    numbers_.emplace(name, number);
    return number;
  }

  uint32_t first_defined_;
  Sizes& sizes_;
  std::optional<uint32_t> member_;
  std::vector<uint32_t> by_function_;  // defined ones; kSectionsLibrary: not known
  std::unordered_map<std::string_view, uint32_t> numbers_;
};

struct DataRange {
  uint32_t segment;
  uint32_t symbol;
  uint64_t offset;  // in the segment
  uint64_t size;
};

class SymbolMeasurer {
 public:
  SymbolMeasurer(const Object& object, const Facts& facts, Sizes& sizes)
      : object_(object),
        sizes_(sizes),
        names_(object),
        libraries_(object, facts, names_, sizes),
        out_(sizes, object.bytes.size()) {}

  void measure() {
    sizes_.items.reserve(object_.code.size() + 2 * object_.data.size() +
                         object_.symbols.size() / 2);
    out_.open_section(kFileHeader);
    out_.fill(kFileHeaderSize, kFileHeader, libraries_.of_structure());
    for (const Section& section : object_.sections) measure_section(section);
    if (out_.at() < object_.bytes.size()) out_.open_section(kUnread);
    out_.fill(object_.bytes.size(), kUnread, libraries_.of_structure());
  }

 private:
  void measure_section(const Section& section) {
    const uint64_t end = section.header_offset + section.raw.size();
    out_.open_section(section.name);
    // A custom section's name is part of what it holds.
    out_.fill(header_end(section), kSectionHeaders, libraries_.of_structure());
    if (section.id == SectionId::code) measure_code(section.content_offset);
    if (section.id == SectionId::data) measure_data(section.content_offset);
    out_.fill(end, bracket(sizes_.arena, "section", section.name), libraries_.of_structure());
  }

  static uint64_t header_end(const Section& section) {
    Cursor header(section.raw, section.header_offset);
    header.read_u8();
    header.read_varuint32();
    return header.offset();
  }

  void measure_code(uint64_t base) {
    const uint32_t imported = object_.imported_count(ExternKind::function);
    for (uint32_t i = 0; i < object_.code.size(); ++i) {
      const FunctionBody& body = object_.code[i];
      if (i == 0) out_.fill(base + body.entry_offset, "[section CODE]", libraries_.of_structure());
      std::string_view name = names_.find(imported + i);
      if (name.empty()) name = keep(sizes_.arena, "func[" + std::to_string(imported + i) + "]");
      out_.fill(base + body.offset + body.size, name, libraries_.of_function(i, name));
    }
  }

  void measure_data(uint64_t base) {
    const std::vector<DataRange> ranges = sort_data_symbols();
    const std::vector<std::string_view> segment_names = read_segment_names(object_);
    size_t next = 0;
    for (uint32_t i = 0; i < object_.data.size(); ++i) {
      const DataSegment& segment = object_.data[i];
      const uint32_t structure = libraries_.of_structure();
      if (i == 0) out_.fill(base + segment.entry_offset, "[section DATA]", structure);
      const uint64_t begin = base + segment.offset;
      out_.fill(begin, kSegmentHeaders, structure);
      std::string_view gap;
      const auto fill_gap = [&](uint64_t end) {
        if (end <= out_.at()) return;
        if (gap.empty()) {
          const std::string_view name = segment_names[i];
          gap = bracket(sizes_.arena, "segment", name.empty() ? std::to_string(i) : name);
        }
        out_.fill(end, gap, libraries_.of_name(gap));
      };
      for (; next < ranges.size() && ranges[next].segment == i; ++next) {
        const DataRange& range = ranges[next];
        fill_gap(begin + range.offset);
        const std::string_view name = object_.symbols[range.symbol].name;
        out_.fill(begin + range.offset + range.size, name, libraries_.of_name(name));
      }
      fill_gap(begin + segment.content.size());
    }
  }

  // By segment, offset and place in the symbol table; cut to their segments.
  std::vector<DataRange> sort_data_symbols() const {
    std::vector<DataRange> ranges;
    for (uint32_t i = 0; i < object_.symbols.size(); ++i) {
      const Symbol& symbol = object_.symbols[i];
      if (symbol.kind != SymbolKind::data || symbol.is_undefined() || symbol.is_absolute() ||
          symbol.name.empty() || symbol.index >= object_.data.size())
        continue;
      const uint64_t room = object_.data[symbol.index].content.size();
      if (symbol.offset >= room) continue;
      ranges.push_back(
          {symbol.index, i, symbol.offset, std::min(symbol.size, room - symbol.offset)});
    }
    const auto is_before = [](const DataRange& a, const DataRange& b) {
      return std::tie(a.segment, a.offset, a.symbol) < std::tie(b.segment, b.offset, b.symbol);
    };
    if (!std::ranges::is_sorted(ranges, is_before)) std::ranges::sort(ranges, is_before);
    return ranges;
  }

  const Object& object_;
  Sizes& sizes_;
  FunctionNames names_;
  LibraryFinder libraries_;
  Partition out_;
};

std::string_view component_section_name(uint8_t id) {
  constexpr std::string_view names[] = {
      "CUSTOM", "CORE MODULE", "CORE INSTANCE", "CORE TYPE", "COMPONENT", "INSTANCE", "ALIAS",
      "TYPE",   "CANON",       "START",         "IMPORT",    "EXPORT",    "VALUE"};
  return id < std::size(names) ? names[id] : std::string_view();
}

// A section by its name alone.
void measure_sections(const Object& object, const Facts& facts, Sizes& sizes) {
  sizes.libraries = {facts.member.empty() ? std::string_view("[sections]")
                                          : keep(sizes.arena, facts.member)};
  Partition out(sizes, object.bytes.size());
  out.open_section(kFileHeader);
  out.fill(kFileHeaderSize, kFileHeader, 0);
  for (const Section& section : object.sections) {
    out.open_section(section.name);
    out.fill(section.header_offset + section.raw.size(), section.name, 0);
  }
  if (out.at() < object.bytes.size()) out.open_section(kUnread);
  out.fill(object.bytes.size(), kUnread, 0);
}

}  // namespace

std::string_view size_owner_name(SizeOwner owner) {
  constexpr std::string_view names[] = {"section", "symbol", "library"};
  return names[static_cast<size_t>(owner)];
}

std::string_view Sizes::owner_of(const SizeItem& item, SizeOwner owner) const {
  switch (owner) {
    case SizeOwner::section:
      return sections[item.section];
    case SizeOwner::symbol:
      return item.symbol;
    case SizeOwner::library:
      break;
  }
  return libraries[item.library];
}

Sizes measure_sizes(const Object& object, const Facts& facts, SizeDetail detail) {
  Sizes sizes;
  sizes.detail = detail;
  if (detail == SizeDetail::sections)
    measure_sections(object, facts, sizes);
  else
    SymbolMeasurer(object, facts, sizes).measure();
  return sizes;
}

Sizes measure_component_sizes(Bytes bytes, std::string_view member) {
  Sizes sizes;
  sizes.detail = SizeDetail::symbols;
  sizes.libraries = {member.empty() ? std::string_view("[sections]")
                                    : keep(sizes.arena, std::string(member))};
  Partition out(sizes, bytes.size());
  out.open_section(kFileHeader);
  out.fill(kFileHeaderSize, kFileHeader, 0);
  Cursor cursor(bytes.subspan(std::min<size_t>(bytes.size(), kFileHeaderSize)), kFileHeaderSize);
  while (cursor.ok() && !cursor.at_end()) {
    std::string_view name = component_section_name(cursor.read_u8());
    const uint32_t size = cursor.read_varuint32();
    Cursor content(cursor.read_bytes(size));
    if (!cursor.ok() || name.empty()) break;
    if (name == "CUSTOM") {
      const std::string_view own = content.read_name();
      if (content.ok()) name = own;
    }
    out.open_section(name);
    out.fill(cursor.offset(), bracket(sizes.arena, "section", name), 0);
  }
  if (out.at() < bytes.size()) out.open_section(kUnread);
  out.fill(bytes.size(), kUnread, 0);
  return sizes;
}

}  // namespace wasmpack
