#include "packager/ctor_plan.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "object/archive.h"
#include "object/read.h"
#include "support/input_file.h"
#include "support/suggest.h"
#include "support/tar_file.h"

namespace wasmpack {
namespace {

struct Entry {
  uint32_t library, position, priority;
};

// What an object says about a function of that name.
enum class Mention : uint8_t { none, defined, constructor };

Mention look_for(const Object& object, std::string_view name) {
  Mention mention = Mention::none;
  for (uint32_t i = 0; i < object.symbols.size(); ++i) {
    const Symbol& symbol = object.symbols[i];
    if (symbol.kind != SymbolKind::function || symbol.is_undefined() || symbol.name != name)
      continue;
    mention = Mention::defined;
    for (const InitFunction& init : object.init_functions) {
      if (init.symbol == i) return Mention::constructor;
    }
  }
  return mention;
}

using Finding = std::optional<std::pair<std::string, Mention>>;

Finding find_in_object(Bytes bytes, const std::string& file, std::string_view member,
                       std::string_view name) {
  const Result<Object> object = read_object(bytes, file, member);
  if (!object) return std::nullopt;
  const Mention mention = look_for(*object, name);
  if (mention == Mention::none) return std::nullopt;
  return std::pair(input_name(file, member), mention);
}

// Looks through an object or an archive for who defines `name`.
Finding find_in_file(Bytes bytes, const std::string& file, std::string_view name) {
  if (!is_archive(bytes)) return find_in_object(bytes, file, "", name);
  const Result<std::vector<ArchiveMember>> members = read_archive(bytes, file);
  if (!members) return std::nullopt;
  for (const ArchiveMember& member : *members) {
    if (Finding found = find_in_object(member.bytes, file, member.name, name)) return found;
  }
  return std::nullopt;
}

// Nothing if no file of `library` defines it.
Finding find_definition(const LinkedLibrary& library, std::string_view name) {
  for (const std::string& path : library.files) {
    const Result<InputFile> file = InputFile::open(path);
    if (!file) continue;
    const Result<std::optional<std::vector<InputFile>>> members = unpack_tar_file(*file);
    if (!members) continue;
    if (!*members) {
      if (Finding found = find_in_file(file->bytes(), path, name)) return found;
      continue;
    }
    for (const InputFile& member : **members)
      if (Finding found = find_in_file(member.bytes(), member.path(), name)) return found;
  }
  return std::nullopt;
}

}  // namespace

CtorPlan plan_ctors(const CtorOptions& options, std::span<const LinkedLibrary> libraries) {
  CtorPlan plan;
  std::vector<Entry> chain;
  for (const LinkedLibrary& library : libraries) {
    const size_t count = library.constructors.size();
    plan.priorities.emplace_back(count);
    plan.orders.emplace_back(count);
    for (uint32_t i = 0; i < count; ++i)
      chain.push_back({library.index, i, library.constructors[i].priority});
  }
  if (options.by_priority) {
    std::ranges::stable_sort(chain, [](const Entry& a, const Entry& b) {
      return std::tie(a.priority, a.library) < std::tie(b.priority, b.library);
    });
  }
  // Each has a number of its own, so the order of the final linker's inputs does not matter.
  for (const Entry& entry : chain) {
    plan.priorities[entry.library][entry.position] = plan.count;
    plan.orders[entry.library][entry.position] = plan.count;
    ++plan.count;
  }
  return plan;
}

void check_expected_ctors(const Manifest& manifest, std::span<const LinkedLibrary> libraries,
                          DiagnosticSink& sink) {
  std::vector<std::string_view> known;
  for (const LinkedLibrary& library : libraries) {
    for (const Constructor& constructor : library.constructors) known.push_back(constructor.symbol);
  }
  std::ranges::sort(known);
  for (const PlacedString& expected : manifest.ctors.expect) {
    if (std::ranges::binary_search(known, expected.text)) continue;
    std::string message = "no library has a constructor `" + expected.text + "`";
    std::string help = suggest_sentence(expected.text, known);
    for (const LinkedLibrary& library : libraries) {
      const Finding found = find_definition(library, expected.text);
      if (!found) continue;
      if (found->second == Mention::constructor) {
        message = "the constructor `" + expected.text + "` does not run: " + found->first + " of " +
                  library.title() + " was not taken into the bundle";
        help = library.request->whole_archives
                   ? "another object's copy of its comdat group was taken: see which one defines it"
                   : "nothing refers to that member; take it with `archives = \"whole\"`";
      } else {
        message = "`" + expected.text + "` in " + found->first + " of " + library.title() +
                  " is no constructor";
        help = "give it __attribute__((constructor))";
      }
      break;
    }
    sink.report(fail("missing-constructor", text_location(manifest.path, expected.place),
                     std::move(message), std::move(help))
                    .value());
  }
}

}  // namespace wasmpack
