// The report of an inspection as one web page that needs nothing else: summary, findings, the ctor
// chain as a picture, a treemap of sizes, a search of names.
//
// The page's data are the same facts that `--json` prints, as JSON in blocks that no browser runs;
// its script shows names as text only, and its policy allows no other script and no network. So
// what stands in a hostile file can become neither script nor markup.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/render/render.h"
#include "support/diagnostic.h"

namespace wasmpack {

// A JSON text that may stand in a <script> element: `<`, `>`, `&` and the line separators U+2028
// and U+2029, which occur in strings only, as \uXXXX.
std::string escape_json_for_html(std::string_view json);

class HtmlPage {
 public:
  // One file or archive member, in the order of the page. Takes the facts apart: what is too much
  // for a page goes (inspect/render/page_trim.h). The bytes behind the facts are not needed
  // afterwards. What a page of many files cannot hold is shown by its summary only, and beyond
  // 10,000 files only counted.
  void add(Inspected inspected);
  // A file or member that could not be read.
  void add_problem(const Diagnostic& problem);

  // The whole page, UTF-8. The same facts give the same bytes.
  std::string finish() &&;

 private:
  std::string index_;   // JSON objects, one for each file, separated by commas
  std::string blocks_;  // <script> elements, one for each file whose facts are in the page
  std::string problems_;
  std::vector<std::string> names_;  // the first ones, for the title
  size_t files_ = 0;
  size_t unlisted_ = 0;
  size_t problem_count_ = 0;
};

}  // namespace wasmpack
