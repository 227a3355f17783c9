#include "packager/manifest_schema.h"

#include <algorithm>
#include <array>
#include <utility>

namespace wasmpack {
namespace {

constexpr std::string_view kInitChoices[] = {"initialize", "start", "lazy", "snapshot"};
constexpr std::string_view kUndefinedChoices[] = {"error", "import"};
constexpr std::string_view kSignatureChoices[] = {"error", "warn"};
constexpr std::string_view kOptimizeChoices[] = {"none", "O1", "O2", "O3", "O4", "Os", "Oz"};
constexpr std::string_view kStripChoices[] = {"none", "debug", "all"};
constexpr std::string_view kArchiveChoices[] = {"whole", "lazy"};
constexpr std::string_view kAbiChoices[] = {"auto", "c", "tvm", "iree", "halide"};
constexpr std::string_view kEmbedChoices[] = {"data", "external"};
constexpr std::string_view kOrderChoices[] = {"manifest", "priority"};

constexpr ManifestKey kRootKeys[] = {
    {"schema", "required", "the number of this language: 1"},
    {"package", "required", "a table, see [package]"},
    {"bundle", "none", "a table, see [bundle]"},
    {"features", "none", "a table, see [features]"},
    {"library", "required", "one table or more, see [[library]]"},
    {"param", "none", "tables, see [[param]]"},
    {"ctors", "none", "a table, see [ctors]"},
    {"metadata", "none", "a table of texts, copied to `metadata` of the manifest section"},
};

constexpr ManifestKey kPackageKeys[] = {
    {"name", "required", "names the module and, without `-o`, its file"},
    {"version", "required", "`MAJOR.MINOR.PATCH` with an optional `-pre` and `+build`"},
    {"description", "none", "a text"},
    {"license", "none", "a text, such as an SPDX expression"},
    {"authors", "`[]`", "a list of texts"},
    {"source", "none", "a text: where the sources are"},
    {"homepage", "none", "a text"},
    {"revision", "none", "a text: the commit it was built from"},
};

constexpr ManifestKey kBundleKeys[] = {
    {"init", "`\"initialize\"`", "when constructors run: [pack.md](pack.md), \"Constructors\"",
     kInitChoices},
    {"memory.initial", "what is needed",
     "1 byte to 4 GiB, rounded up to pages of 64 KiB; less than stack and static data is an error"},
    {"memory.max", "no limit", "as above; not less than `initial`"},
    {"memory.import", "`false`",
     "the memory is imported as `env.memory`, and exported too; not with `init = \"snapshot\"`"},
    {"stack-size", "`\"64KiB\"`", "1 byte to 2 GiB, rounded up to 16 bytes"},
    {"global-base", "behind the stack",
     "address of the first static data, at most 2 GiB; not less than `stack-size`, since the stack "
     "lies first"},
    {"export-kernels", "`true`",
     "each kernel is an export, too; `false`: hosts find kernels through the registry only"},
    {"undefined", "`\"error\"`",
     "`\"import\"`: every undefined function may become an import, see below", kUndefinedChoices},
    {"allow-imports", "`[]`", "patterns over `module.name` of what the finished module may import"},
    {"signature-mismatch", "`\"error\"`",
     "`\"warn\"`: a library may call another's function with a wrong type; the call traps. Within "
     "one library it stays an error",
     kSignatureChoices},
    {"optimize", "`\"none\"`", "Binaryen's passes: [pack.md](pack.md), \"Optimization\"",
     kOptimizeChoices},
    {"strip", "`\"none\"`",
     "`\"debug\"`: debug information and source map URL go; `\"all\"`: the `name` section, too",
     kStripChoices},
    {"adapters", "`[]`",
     "`wapc`: waPC hosts can call the kernels, too: [hosts/wapc.md](hosts/wapc.md)"},
};

constexpr ManifestKey kFeatureKeys[] = {
    {"allow", "whatever the inputs need",
     "the features that libraries may use; compilers enable several by default: `wasmpack inspect` "
     "shows them"},
    {"deny", "`[]`", "features that none may use"},
};

constexpr ManifestKey kLibraryKeys[] = {
    {"name", "required", "unique"},
    {"inputs", "required",
     "paths and patterns of files, at least one: objects, LLVM bitcode, archives of either, tar "
     "files of these"},
    {"archives", "`\"whole\"`",
     "`\"lazy\"`: members are taken when something refers to them, as from a libc",
     kArchiveChoices},
    {"prefix", "`\"\"`", "registry name = prefix + kernel name"},
    {"seal", "`true`",
     "every symbol but kernels and `keep-global` becomes local; `false`: all stay visible to other "
     "libraries"},
    {"keep-global", "`[]`",
     "patterns of symbols that other libraries may use, under unchanged names"},
    {"abi", "`\"auto\"`",
     "how kernels are called; a function that cannot be called so is an error. See below and "
     "[tvm.md](tvm.md)",
     kAbiChoices},
    {"producer", "what the objects name", "the compilers, a text for the manifest section"},
    {"license", "none", "a text for the manifest section"},
    {"export", "`export-kernels`", "whether its kernels are exports, too"},
    {"sha256", "none", "a table of path = hash; see below"},
    {"kernel", "all it offers", "tables, see [[library.kernel]]"},
};

constexpr ManifestKey kKernelKeys[] = {
    {"symbol", "required", "an exact name, or a pattern over what the library offers"},
    {"as", "its own name", "another name for one exact symbol; the prefix still applies"},
    {"signature", "none",
     "`\"(i32,f32)->(i32)\"`: anything else than the function's type is an error"},
    {"doc", "none", "a text for the manifest section"},
    {"args", "none",
     "a list of tensors, for the manifest section and [bindgen](bindgen.md), not checked against "
     "code"},
    {"results", "none", "the same of results"},
};

constexpr ManifestKey kTensorKeys[] = {
    {"name", "required", "a text"},
    {"dtype", "required", "the element type, as in [[param]]"},
    {"shape", "`[]`", "a list of lengths; -1: any length"},
    {"layout", "none", "a text, such as `NCHW`"},
};

constexpr ManifestKey kParamKeys[] = {
    {"name", "required", "unique"},
    {"path", "required", "one file"},
    {"offset", "none",
     "a size: where the param's bytes begin in a file that has more; 0 for the first of them"},
    {"dtype", "required",
     "`float16` `float32` `float64` `bfloat16` `int8` `int16` `int32` `int64` `uint8` `uint16` "
     "`uint32` `uint64` `bool`"},
    {"shape", "required", "a list of lengths; `[]` is a scalar"},
    {"embed", "`\"data\"`", "`\"external\"`: written beside the bundle", kEmbedChoices},
    {"align", "16", "of embedded data: a power of two up to 65536"},
    {"sha256", "none", "of the param's bytes (the slice, not the file)"},
};

constexpr ManifestKey kCtorKeys[] = {
    {"order", "`\"manifest\"`",
     "library by library, in a library by priority; `\"priority\"`: by priority over all "
     "libraries, equal ones in manifest order",
     kOrderChoices},
    {"expect", "`[]`",
     "symbols of constructors that must run; one that is missing or was dropped is an error, with "
     "the object that has it"},
};

constexpr ManifestTable kTables[] = {
    {"the manifest", kRootKeys},   {"[package]", kPackageKeys},
    {"[bundle]", kBundleKeys},     {"[features]", kFeatureKeys},
    {"[[library]]", kLibraryKeys}, {"[[library.kernel]]", kKernelKeys},
    {"a tensor", kTensorKeys},     {"[[param]]", kParamKeys},
    {"[ctors]", kCtorKeys},
};

const ManifestTable& find_table(std::string_view title) {
  return *std::find_if(std::begin(kTables), std::end(kTables),
                       [&](const ManifestTable& table) { return table.title == title; });
}

// The first part of "memory.initial", or what stands behind it.
std::string_view key_below(std::string_view name, std::string_view path) {
  if (path.empty()) return name.substr(0, name.find('.'));
  if (!name.starts_with(path) || name.size() <= path.size() || name[path.size()] != '.') return {};
  return name.substr(path.size() + 1);
}

struct KeyList {
  std::string_view title;
  std::string_view path;
  std::vector<std::string_view> keys;
};

std::vector<KeyList> list_keys() {
  std::vector<KeyList> lists;
  for (const ManifestTable& table : kTables) {
    for (const std::string_view path : {std::string_view(), std::string_view("memory")}) {
      KeyList list{table.title, path, {}};
      for (const ManifestKey& key : table.keys) {
        const std::string_view name = key_below(key.name, path);
        if (!name.empty() && (list.keys.empty() || list.keys.back() != name))
          list.keys.push_back(name);
      }
      if (!list.keys.empty()) lists.push_back(std::move(list));
    }
  }
  return lists;
}

// Markdown as it reads on a terminal: no backquotes, of links their text.
std::string plain_text(std::string_view markdown) {
  std::string out;
  for (size_t i = 0; i < markdown.size(); ++i) {
    if (markdown[i] == '`') continue;
    if (markdown[i] == '[' && markdown.substr(i).starts_with("[[")) {
      out += "[[";
      ++i;
      continue;
    }
    const size_t middle = markdown.find("](", i);
    const size_t open = markdown.find_first_of("[]", i + 1);
    if (markdown[i] == '[' && middle != markdown.npos && open == middle) {
      out += markdown.substr(i + 1, middle - i - 1);
      i = markdown.find(')', middle);
      continue;
    }
    out += markdown[i];
  }
  return out;
}

std::string join_choices(const ManifestKey& key, std::string_view separator) {
  std::string out;
  for (const std::string_view choice : key.choices)
    out.append(out.empty() ? "" : separator).append(choice);
  return out;
}

}  // namespace

std::span<const ManifestTable> manifest_schema() { return kTables; }

std::span<const std::string_view> manifest_keys(std::string_view title, std::string_view path) {
  static const std::vector<KeyList> kLists = list_keys();
  for (const KeyList& list : kLists) {
    if (list.title == title && list.path == path) return list.keys;
  }
  return {};
}

std::span<const std::string_view> manifest_choices(std::string_view title, std::string_view key) {
  for (const ManifestKey& candidate : find_table(title).keys) {
    if (candidate.name == key) return candidate.choices;
  }
  return {};
}

std::string manifest_key_text(const ManifestKey& key) {
  std::string out = plain_text(key.text);
  if (!key.choices.empty()) out += "; one of " + join_choices(key, ", ");
  return out + (key.fallback == "required" ? " (required)"
                                           : " (default: " + plain_text(key.fallback) + ")");
}

std::string render_manifest_keys_text() {
  std::string out;
  for (const ManifestTable& table : kTables) {
    out.append(out.empty() ? "" : "\n").append(table.title).append("\n");
    for (const ManifestKey& key : table.keys) {
      out.append("  ").append(key.name);
      out.append(key.name.size() < 20 ? 20 - key.name.size() : 1, ' ');
      out.append(manifest_key_text(key)).append("\n");
    }
  }
  return out;
}

std::string render_manifest_keys_markdown() {
  std::string out;
  for (const ManifestTable& table : kTables) {
    out.append(out.empty() ? "" : "\n").append("<!-- keys of ").append(table.title);
    out += " -->\n| key | default | |\n| --- | --- | --- |\n";
    for (const ManifestKey& key : table.keys) {
      out.append("| `").append(key.name).append("` | ").append(key.fallback).append(" | ");
      if (!key.choices.empty()) out += "`" + join_choices(key, "`, `") + "`: ";
      out.append(key.text).append(" |\n");
    }
  }
  return out;
}

}  // namespace wasmpack
