#include "packager/memory_plan.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace wasmpack {
namespace {

constexpr std::string_view kUseOneLibc =
    "link the C library once, as a library of its own that the others take `malloc` from: "
    "inputs = [\"libc.a\"], archives = \"lazy\", keep-global = [\"*\"]; leave it out of the inputs "
    "of the others";

class MemoryPlanner {
 public:
  MemoryPlanner(const Manifest& manifest, std::span<const LinkedLibrary> libraries,
                DiagnosticSink& sink)
      : manifest_(manifest), libraries_(libraries), sink_(sink) {}

  MemoryPlan plan() {
    for (uint32_t i = 0; i < libraries_.size(); ++i) {
      check_form(i);
      if (libraries_[i].heap.owns_heap()) add_owner(i);
    }
    check_breaks();
    for (uint32_t i = 0; i < libraries_.size(); ++i)
      plan_.claims_at_start |= plan_.owner_claims && i != *plan_.owner && grows(libraries_[i]);
    return plan_;
  }

 private:
  void report(std::string_view id, uint32_t library, std::string message, std::string_view help) {
    sink_.report(fail(id, text_location(manifest_.path, manifest_.libraries[library].place),
                      std::move(message), std::string(help))
                     .value());
  }

  void check_form(uint32_t i) {
    const LinkedLibrary& library = libraries_[i];
    const HeapUse& heap = library.heap;
    if (heap.form == HeapForm::contiguous) {
      report("heap-not-shareable", i,
             library.title() + " grows its heap as one piece (" + heap.reason +
                 "): it would hand out memory that others in the bundle got from memory.grow",
             "link it with an allocator that takes what memory.grow gives, wherever that lies, as "
             "wasi-libc's does, or without one, taking `malloc` from a C library in the bundle");
    } else if (heap.form == HeapForm::unknown) {
      report(
          "heap-not-shareable", i,
          library.title() +
              " has an allocator of its own over the memory behind the static data (" +
              heap.heap_user + " refers to `__heap_base` or `__heap_end`), and " + heap.reason +
              ": it may hand out memory that others in the bundle use",
          "let it stay between `__heap_base` and `__heap_end`, or take what memory.grow gives and "
          "nothing else, or link it without its allocator, taking `malloc` from a C library in "
          "the bundle");
    } else if (heap.form == HeapForm::dlmalloc && !can_claim(heap)) {
      report("heap-not-shareable", i,
             library.title() +
                 " has wasi-libc's allocator, but no `malloc` and `free` by which the "
                 "bundle could make it take its memory before others grow",
             "link the whole allocator, with its symbols");
    }
  }

  static bool grows(const LinkedLibrary& library) { return !library.heap.growers.empty(); }

  static bool can_claim(const HeapUse& heap) { return heap.malloc_function && heap.free_function; }

  void add_owner(uint32_t i) {
    const LinkedLibrary& library = libraries_[i];
    if (plan_.owner) {
      const LinkedLibrary& first = libraries_[*plan_.owner];
      report("heap-owners", i,
             first.title() + " and " + library.title() +
                 " both have an allocator that takes the memory behind the static data (" +
                 describe_owner(first.heap) + " and " + describe_owner(library.heap) +
                 "): they would hand out the same bytes",
             kUseOneLibc);
      return;
    }
    plan_.owner = i;
    plan_.owner_allocates = library.heap.aligned_alloc_function && library.heap.free_function;
    plan_.owner_claims = library.heap.form == HeapForm::dlmalloc;
  }

  static std::string describe_owner(const HeapUse& heap) {
    return heap.heap_user.empty() ? heap.reason : heap.heap_user;
  }

  // An sbrk that grows memory and keeps no place is fine, and so is one over memory of its own. The
  // form of the library that defines it tells; of the host's nothing is known.
  void check_breaks() {
    std::unordered_set<std::string_view> defined;
    for (const LinkedLibrary& library : libraries_) {
      for (const Symbol& symbol : library.object.symbols) {
        if (symbol.kind == SymbolKind::function && symbol.is_defined() && !symbol.is_local())
          defined.insert(symbol.name);
      }
    }
    for (uint32_t i = 0; i < libraries_.size(); ++i) {
      for (const std::string& name : libraries_[i].heap.foreign_breaks) {
        if (defined.contains(name) || libraries_[i].heap.form == HeapForm::unknown) continue;
        report("heap-not-shareable", i,
               libraries_[i].title() + " takes `" + name +
                   "` from outside of the bundle: what that hands out may be memory that others in "
                   "the bundle use",
               kUseOneLibc);
      }
    }
  }

  const Manifest& manifest_;
  std::span<const LinkedLibrary> libraries_;
  DiagnosticSink& sink_;
  MemoryPlan plan_;
};

}  // namespace

MemoryPlan plan_memory(const Manifest& manifest, std::span<const LinkedLibrary> libraries,
                       DiagnosticSink& sink) {
  return MemoryPlanner(manifest, libraries, sink).plan();
}

}  // namespace wasmpack
