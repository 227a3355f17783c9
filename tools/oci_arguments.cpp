#include "tools/oci_arguments.h"

#include <charconv>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include <CLI/CLI.hpp>

#include "tools/report.h"

namespace wasmpack {

void add_oci_options(CLI::App& app, const std::string& tag, const std::string& media_types,
                     OciOptions& options) {
  app.add_option(tag, options.tag, "The artifact's tag in the layout (default: latest)")
      ->type_name("TAG")
      ->check([](const std::string& value) {
        return is_oci_tag(value) ? std::string()
                                 : "'" + value +
                                       "' is no tag: words of letters and digits, "
                                       "separated by one of - . _ : @ + / or by --";
      });
  app.add_option_function<std::string>(
         media_types,
         [&options](const std::string& value) {
           options.types =
               value == kOciTypeNames[1].option ? OciMediaTypes::legacy : OciMediaTypes::cncf;
         },
         "Media types: cncf (default), or legacy for Krustlet and wasm-to-oci")
      ->type_name("SET")
      ->check(one_of({std::string(kOciTypeNames[0].option), std::string(kOciTypeNames[1].option)}));
}

Result<void> read_oci_time(OciOptions& options) {
  const char* value = std::getenv("SOURCE_DATE_EPOCH");
  if (value == nullptr || *value == '\0') return {};
  const std::string_view text = value;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), options.time);
  if (error != std::errc{} || end != text.data() + text.size() || options.time > kMaxOciTime) {
    return fail(
        "usage", {},
        "SOURCE_DATE_EPOCH is '" + std::string(text) + "', not a number of seconds since 1970",
        "unset it, or: export SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)");
  }
  options.has_time = true;
  return {};
}

std::string digest_line(const OciArtifact& artifact) {
  return "digest: " + artifact.entry.digest + "\n";
}

}  // namespace wasmpack
