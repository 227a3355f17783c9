#include "packager/heap.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <unordered_set>
#include <utility>

#include "object/instructions.h"
#include "object/relocation_reader.h"

namespace wasmpack {
namespace {

constexpr std::string_view kBase = "__heap_base", kEnd = "__heap_end";
constexpr std::string_view kBreaks[] = {"_sbrk", "brk", "sbrk"};
// What only Emscripten's contiguous sbrk has.
constexpr std::string_view kEmscripten[] = {"emscripten_get_sbrk_ptr", "emscripten_resize_heap",
                                            "sbrk_aligned"};
// The state of Doug Lea's malloc, as its source names it; both are static there.
constexpr std::string_view kDlmallocState = "_gm_", kDlmallocParameters = "mparams";
// What wasi-libc's sbrk calls: nothing that could keep a break pointer.
constexpr std::string_view kStateless[] = {"abort", "__errno_location"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

struct FunctionFacts {
  bool grows = false;
  bool reads_size = false;
  bool is_decoded = true;   // false: an instruction was not understood
  bool has_state = false;   // decoded bodies: reads memory or a global, or calls through a pointer
  bool calls_more = false;  // calls a function that is none of kStateless
  bool uses_heap = false;   // refers to __heap_base or __heap_end
  bool uses_state = false, uses_parameters = false;  // dlmalloc's
};

// Whether `body` may hold memory.size or memory.grow: opcode, then 0 as the memory's index. Most
// bodies do not, and need not be decoded.
bool may_touch_memory_size(Bytes body) {
  for (size_t i = 0; i + 1 < body.size(); ++i) {
    const uint8_t byte = body[i];
    if ((byte == opcode::kMemorySize || byte == opcode::kMemoryGrow) &&
        (body[i + 1] == 0 || body[i + 1] == 0x80))
      return true;
  }
  return false;
}

class HeapAnalyzer {
 public:
  explicit HeapAnalyzer(const Object& object)
      : object_(object),
        first_function_(object.imported_count(ExternKind::function)),
        facts_(object.functions.size()),
        names_(object.functions.size()) {}

  HeapUse analyze() {
    read_symbols();
    read_bodies();
    if (has_heap_symbol_) {
      for (const RelocationSection& relocations : object_.relocations)
        read_relocations(relocations);
    }
    list_functions();
    classify();
    if (use_.form == HeapForm::dlmalloc || use_.form == HeapForm::arena) find_allocator();
    return std::move(use_);
  }

 private:
  // ---- What there is ----------------------------------------------------------------------------

  void read_symbols() {
    for (const Symbol& symbol : object_.symbols) {
      if (symbol.kind == SymbolKind::data && symbol.is_undefined())
        has_heap_symbol_ |= symbol.name == kBase || symbol.name == kEnd;
      if (symbol.kind != SymbolKind::function) continue;
      if (is_one_of(symbol.name, kEmscripten) && emscripten_.empty()) emscripten_ = symbol.name;
      if (symbol.is_undefined()) {
        if (is_one_of(symbol.name, kBreaks)) use_.foreign_breaks.emplace_back(symbol.name);
      } else if (std::string_view& name = names_[symbol.index - first_function_]; name.empty()) {
        name = symbol.name;
      }
    }
    std::ranges::sort(use_.foreign_breaks);
    const auto repeated = std::ranges::unique(use_.foreign_breaks);
    use_.foreign_breaks.erase(repeated.begin(), repeated.end());
  }

  void read_bodies() {
    for (uint32_t i = 0; i < facts_.size(); ++i) {
      const Bytes body = object_.function_body(first_function_ + i);
      if (may_touch_memory_size(body)) read_body(body, facts_[i]);
    }
  }

  void read_body(Bytes body, FunctionFacts& facts) {
    InstructionReader reader(body);
    Instruction instruction;
    while (reader.next(instruction)) {
      const uint8_t code = instruction.opcode;
      facts.grows |= code == opcode::kMemoryGrow;
      facts.reads_size |= code == opcode::kMemorySize;
      const bool is_load = code >= 0x28 && code <= 0x35;
      const bool is_indirect = code == 0x11 || code == 0x13 || code == 0x14 || code == 0x15;
      const bool is_conversion = code == 0xfc && instruction.index < 8;
      const bool is_bulk = code >= 0xfb && !is_conversion;
      const bool is_global = code == 0x23 && !is_stack_pointer(instruction.index);
      facts.has_state |= is_load || is_indirect || is_bulk || is_global;
    }
    facts.is_decoded = reader.is_complete();
  }

  bool is_stack_pointer(uint32_t global) const {
    if (global >= object_.imported_count(ExternKind::global)) return false;
    return object_.find_import(ExternKind::global, global)->field == "__stack_pointer";
  }

  void read_relocations(const RelocationSection& relocations) {
    const SectionId target = object_.sections[relocations.target].id;
    if (target != SectionId::code && target != SectionId::data) return;
    RelocationReader reader(relocations.entries);
    Relocation relocation;
    while (reader.next(relocation)) {
      if (relocation.kind == kTypeIndexLeb || relocation.index >= object_.symbols.size()) continue;
      const Symbol& symbol = object_.symbols[relocation.index];
      if (target == SectionId::code)
        read_code_reference(relocation, symbol);
      else if (is_heap_symbol(symbol))
        read_data_reference(relocation, symbol);
    }
  }

  bool is_heap_symbol(const Symbol& symbol) const {
    return symbol.kind == SymbolKind::data && symbol.is_undefined() &&
           (symbol.name == kBase || symbol.name == kEnd);
  }

  void read_code_reference(const Relocation& relocation, const Symbol& symbol) {
    const auto behind =
        std::ranges::upper_bound(object_.code, relocation.offset, {}, &FunctionBody::offset);
    if (behind == object_.code.begin()) return;
    const auto function = static_cast<uint32_t>(behind - object_.code.begin() - 1);
    FunctionFacts& facts = facts_[function];
    if (is_heap_symbol(symbol)) {
      facts.uses_heap = true;
      note_heap_user("function `" + name_of(function) + "`", symbol);
    } else if (symbol.kind == SymbolKind::data && symbol.is_defined()) {
      facts.uses_state |= symbol.name == kDlmallocState;
      facts.uses_parameters |= symbol.name == kDlmallocParameters;
      if (is_one_of(names_[function], kBreaks)) break_segments_.insert(symbol.index);
    } else if (symbol.kind == SymbolKind::function && relocation.kind == kFunctionIndexLeb) {
      facts.calls_more |= !is_one_of(symbol.name, kStateless);
      if (symbol.is_defined()) calls_.emplace_back(function, symbol.index - first_function_);
    }
  }

  void read_data_reference(const Relocation& relocation, const Symbol& symbol) {
    const auto behind =
        std::ranges::upper_bound(object_.data, relocation.offset, {}, &DataSegment::offset);
    if (behind == object_.data.begin()) return;
    const auto segment = static_cast<uint32_t>(behind - object_.data.begin() - 1);
    heap_segments_.insert(segment);
    if (heap_datum_.empty())
      heap_datum_ = "the data `" + std::string(object_.data[segment].name) + "`";
    note_heap_user(heap_datum_, symbol);
  }

  void note_heap_user(const HeapPlace& place, const Symbol& symbol) {
    if (use_.heap_user.empty()) use_.heap_user = place;
    uses_base_ |= symbol.name == kBase;
    uses_end_ |= symbol.name == kEnd;
  }

  std::string name_of(uint32_t function) const {
    return names_[function].empty() ? std::to_string(first_function_ + function)
                                    : std::string(names_[function]);
  }

  void list_functions() {
    for (uint32_t i = 0; i < facts_.size(); ++i) {
      const HeapPlace place = "function `" + name_of(i) + "`";
      if (facts_[i].grows) use_.growers.push_back(place);
      if (facts_[i].reads_size) use_.size_readers.push_back(place);
      if (!facts_[i].is_decoded && undecoded_.empty()) undecoded_ = place;
    }
  }

  // ---- What it means ----------------------------------------------------------------------------

  void classify() {
    if (find_contiguous()) {
      use_.form = HeapForm::contiguous;
    } else if (use_.heap_user.empty()) {
      use_.form = HeapForm::none;
    } else if (is_dlmalloc()) {
      use_.form = HeapForm::dlmalloc;
    } else {
      use_.reason = find_doubt();
      use_.form = use_.reason.empty() ? HeapForm::arena : HeapForm::unknown;
    }
  }

  bool find_contiguous() {
    if (!emscripten_.empty()) {
      use_.reason = "it has Emscripten's `" + std::string(emscripten_) + "`";
      return true;
    }
    for (uint32_t i = 0; i < facts_.size(); ++i) {
      if (!is_one_of(names_[i], kBreaks)) continue;
      const bool uses_datum = std::ranges::any_of(
          break_segments_, [&](uint32_t segment) { return heap_segments_.contains(segment); });
      if (!facts_[i].uses_heap && !uses_datum) continue;
      use_.reason = "its `" + std::string(names_[i]) + "` starts at `__heap_base`";
      return true;
    }
    return false;
  }

  // wasi-libc's malloc: only functions that work on dlmalloc's state refer to the initial heap, and
  // sbrk is nothing but memory.grow: it has no place to keep a break pointer in.
  bool is_dlmalloc() const {
    if (!heap_segments_.empty() || !use_.foreign_breaks.empty()) return false;
    bool has_break = false;
    for (uint32_t i = 0; i < facts_.size(); ++i) {
      const FunctionFacts& facts = facts_[i];
      if (facts.uses_heap &&
          (facts.grows || !facts.is_decoded || !facts.uses_state || !facts.uses_parameters))
        return false;
      if (!is_one_of(names_[i], kBreaks)) continue;
      if (!facts.grows || !facts.is_decoded || facts.has_state || facts.calls_more) return false;
      has_break = true;
    }
    return has_break;
  }

  // Why it may leave [__heap_base, __heap_end); "" if nothing speaks for that.
  std::string find_doubt() const {
    if (!use_.growers.empty()) return use_.growers.front() + " grows memory";
    if (!use_.size_readers.empty()) return use_.size_readers.front() + " reads the memory's size";
    if (!use_.foreign_breaks.empty())
      return "it takes `" + use_.foreign_breaks.front() + "` from elsewhere";
    if (!undecoded_.empty()) return undecoded_ + " has an instruction that wasmpack does not know";
    if (!uses_end_) return "it knows no end, since nothing in it refers to `__heap_end`";
    if (!uses_base_) return "it takes memory from `__heap_end` on";
    return "";
  }

  // ---- What it offers ---------------------------------------------------------------------------

  void find_allocator() {
    const std::string_view pointer = "\x7f";
    use_.malloc_function = find_function("malloc", "\x7f", pointer);
    use_.free_function = find_function("free", "\x7f", "");
    use_.aligned_alloc_function = find_function("aligned_alloc", "\x7f\x7f", pointer);
    if (use_.form != HeapForm::dlmalloc) return;
    std::ranges::sort(calls_);
    for (std::optional<uint32_t>* function : {&use_.malloc_function, &use_.aligned_alloc_function})
      if (*function && !reaches_heap(**function - first_function_)) function->reset();
  }

  // The function of that name and type (encoded value types): the global one, or else the only
  // local one.
  std::optional<uint32_t> find_function(std::string_view name, std::string_view params,
                                        std::string_view results) const {
    std::optional<uint32_t> local;
    bool is_ambiguous = false;
    for (const Symbol& symbol : object_.symbols) {
      if (symbol.kind != SymbolKind::function || symbol.is_undefined() || symbol.name != name)
        continue;
      const FuncType& type = object_.types[object_.function_type(symbol.index)];
      if (as_string(type.params) != params || as_string(type.results) != results) continue;
      if (!symbol.is_local()) return symbol.index;
      is_ambiguous |= local && *local != symbol.index;
      local = symbol.index;
    }
    return is_ambiguous ? std::nullopt : local;
  }

  bool reaches_heap(uint32_t first) const {
    std::vector<bool> is_seen(facts_.size());
    std::vector<uint32_t> open = {first};
    is_seen[first] = true;
    while (!open.empty()) {
      const uint32_t function = open.back();
      open.pop_back();
      if (facts_[function].uses_heap) return true;
      for (auto call = std::ranges::lower_bound(calls_, std::pair(function, 0u));
           call != calls_.end() && call->first == function; ++call) {
        if (is_seen[call->second]) continue;
        is_seen[call->second] = true;
        open.push_back(call->second);
      }
    }
    return false;
  }

  const Object& object_;
  const uint32_t first_function_;
  // Both by defined function; so are the numbers in calls_, (caller, callee).
  std::vector<FunctionFacts> facts_;
  std::vector<std::string_view> names_;
  std::vector<std::pair<uint32_t, uint32_t>> calls_;
  bool has_heap_symbol_ = false, uses_base_ = false, uses_end_ = false;
  std::string_view emscripten_;
  HeapPlace heap_datum_, undecoded_;
  std::unordered_set<uint32_t> heap_segments_;   // data that refers to the heap symbols
  std::unordered_set<uint32_t> break_segments_;  // data that sbrk and the like refer to
  HeapUse use_;
};

}  // namespace

HeapUse find_heap_use(const Object& object) { return HeapAnalyzer(object).analyze(); }

std::vector<std::pair<uint32_t, std::string>> list_heap_names(const HeapUse& use) {
  std::vector<std::pair<uint32_t, std::string>> names;
  const auto add = [&](std::string_view name, std::optional<uint32_t> function) {
    if (function) names.emplace_back(*function, name);
  };
  add("__wasmpack_heap_malloc", use.malloc_function);
  add("__wasmpack_heap_free", use.free_function);
  add("__wasmpack_heap_aligned_alloc", use.aligned_alloc_function);
  return names;
}

}  // namespace wasmpack
