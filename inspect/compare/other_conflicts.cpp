// Collisions that are none of symbols: export names, registered kernels, target features, the heap
// and the width of addresses.

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "inspect/compare/conflict_parts.h"

namespace wasmpack {
namespace {

// Who uses a name, for names that are used by several.
template <class User>
class UsersByName {
 public:
  void add(std::string_view name, User user) {
    const auto [at, is_new] = numbers_.try_emplace(name, users_.size());
    if (is_new) users_.emplace_back(name, std::vector<User>());
    users_[at->second].second.push_back(user);
  }
  // In order of first appearance.
  const std::vector<std::pair<std::string_view, std::vector<User>>>& all() const { return users_; }

 private:
  std::unordered_map<std::string_view, size_t> numbers_;
  std::vector<std::pair<std::string_view, std::vector<User>>> users_;
};

struct ExportUser {
  const ConflictInput* input;
  std::string_view symbol;
};

struct FeatureUser {
  const ConflictInput* input;
  char prefix;
};

// A [[library]] of a manifest whose kernels have names of their own.
std::string library_with_prefix(const PartedFile& file) {
  return "[[library]]\nname = " + quote_for_toml(file.tag) + "\ninputs = [" +
         quote_for_toml(file.path) + "]\nprefix = " + quote_for_toml(file.tag + '_') + '\n';
}

// Registered under TVM's own names for the cells of a library, which are no kernels.
bool is_kernel_name(std::string_view name) { return !name.ends_with("_ctx"); }

}  // namespace

// Exports by symbol flag have the symbol's name, and so collide as symbols do; so do two
// definitions of one symbol that both have the export name.
void find_export_conflicts(ConflictSearch& search) {
  UsersByName<ExportUser> users;
  for (const ConflictInput& input : search.inputs)
    for (const ExportFact& entry : input.facts->exports)
      if (!entry.by_flag && entry.kind == ExternKind::function)
        users.add(entry.name, {&input, entry.internal_name});
  for (const auto& [name, list] : users.all()) {
    const ExportUser& first = list[0];
    Collision collision{.id = "export-name",
                        .name = name,
                        .reason = "different functions under one export name: the link fails"};
    uint32_t last_file = first.input->file;
    for (const ExportUser& user : list) {
      if (&user != &first && user.symbol == first.symbol) continue;
      std::string text = "exports `" + std::string(user.symbol.substr(0, 200)) + "` under it";
      search.add_place(collision, *user.input, std::move(text));
      if (user.input->file == last_file) continue;
      last_file = user.input->file;
      search.part(collision, last_file, {unexport_option(search.parted[last_file], user.symbol)});
    }
    if (collision.place_count < 2) continue;
    collision.advice = "the function stays, but hosts can no longer call it";
    search.found.push_back(std::move(collision));
  }
}

void find_kernel_conflicts(ConflictSearch& search) {
  UsersByName<const ConflictInput*> users;
  for (const ConflictInput& input : search.inputs)
    for (const ConstructorFact& constructor : input.facts->constructors)
      for (const RegistrationFact& registration : constructor.registers)
        if (is_kernel_name(registration.name)) users.add(registration.name, &input);
  for (const auto& [name, list] : users.all()) {
    if (list.size() < 2) continue;
    Collision collision{.id = "duplicate-kernel",
                        .name = name,
                        .reason = "two kernels are registered under one name: one of them is lost"};
    std::unordered_set<uint32_t> files;
    for (const ConflictInput* input : list) {
      search.add_place(collision, *input, "registers it");
      if (files.insert(input->file).second && files.size() > 1 && files.size() <= kMostPlaces)
        collision.manifest += library_with_prefix(search.parted[input->file]);
    }
    collision.advice =
        files.size() > 1
            ? "the name stands in the code: pack the libraries with a `prefix` for each but one"
            : "compile one of them with another name";
    search.found.push_back(std::move(collision));
  }
}

void find_feature_conflicts(ConflictSearch& search) {
  UsersByName<FeatureUser> users;
  for (const ConflictInput& input : search.inputs)
    for (const TargetFeature& feature : input.facts->features)
      users.add(feature.name, {&input, feature.prefix});
  for (const auto& [name, list] : users.all()) {
    const auto is_forbidden = [](const FeatureUser& user) { return user.prefix == '-'; };
    const auto forbidding = std::ranges::count_if(list, is_forbidden);
    if (forbidding == 0 || forbidding == static_cast<ptrdiff_t>(list.size())) continue;
    Collision collision{.id = "feature-conflict",
                        .name = name,
                        .reason = "one uses the feature, another forbids it: the link fails"};
    // Both sides are shown, however many there are of one.
    for (const bool shows_forbidding : {true, false}) {
      size_t shown = 0;
      for (const FeatureUser& user : list) {
        if (is_forbidden(user) != shows_forbidding) continue;
        if (++shown > kMostPlaces / 2)
          ++collision.place_count;
        else
          search.add_place(collision, *user.input, shows_forbidding ? "forbids it" : "uses it");
      }
    }
    collision.advice = "no option parts them: compile them with the same `-m` options";
    search.found.push_back(std::move(collision));
  }
}

// As far as symbols tell: memory.grow leaves no trace in them.
void find_heap_conflicts(ConflictSearch& search) {
  Collision collision{.severity = Severity::warning,
                      .id = "heap-owners",
                      .reason = "two allocators that begin at __heap_base hand out the same bytes"};
  std::unordered_set<uint32_t> files;
  for (const ConflictInput& input : search.inputs)
    for (const SymbolFact& symbol : input.facts->symbols) {
      const bool is_heap = symbol.name == "__heap_base" || symbol.name == "__heap_end";
      if (!is_heap || (symbol.flags & kSymbolLocal)) continue;
      if (files.insert(input.file).second)
        search.add_place(collision, input, "refers to " + std::string(symbol.name));
    }
  if (files.size() < 2) return;
  collision.advice =
      "link one allocator for all of them; `wasmpack pack` looks into their code and refuses those "
      "that cannot share the memory";
  search.found.push_back(std::move(collision));
}

void find_width_conflicts(ConflictSearch& search) {
  const auto is64 = [](const ConflictInput& input) { return input.facts->is64; };
  const auto wide = std::ranges::find_if(search.inputs, is64);
  const auto narrow = std::ranges::find_if_not(search.inputs, is64);
  if (wide == search.inputs.end() || narrow == search.inputs.end()) return;
  Collision collision{.id = "memory-width",
                      .reason = "objects for memories of 32 and of 64 bits do not link"};
  search.add_place(collision, *wide, "is wasm64");
  search.add_place(collision, *narrow, "is wasm32");
  collision.advice = "compile all of them for one target";
  search.found.push_back(std::move(collision));
}

}  // namespace wasmpack
