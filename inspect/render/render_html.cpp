#include "inspect/render/render_html.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <llvm/Support/Base64.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/SHA256.h>

#include "inspect/render/chain_graph.h"
#include "inspect/render/init_text.h"
#include "inspect/render/page_files.h"
#include "inspect/render/page_trim.h"
#include "inspect/render/short_text.h"
#include "inspect/render/size_tree.h"

namespace wasmpack {
namespace {

using llvm::json::OStream;

// A page of this many items is some megabytes, which browsers open at once.
constexpr size_t kMaxItems = 20000;  // of one list
constexpr size_t kMaxGroups = 2000;  // of libraries in sections
constexpr size_t kMaxFiles = 10000;
constexpr size_t kMaxBytesOfBlocks = size_t{32} << 20;  // then only summaries
constexpr size_t kMaxProblems = 1000;
constexpr size_t kMaxNamesInTitle = 3;
constexpr ChainGraphLimits kChainLimits = {
    .callers = 60, .constructors = 300, .registrations = 600};

// JSON is UTF-8; names of wasm files need not be.
void write_text(OStream& json, llvm::StringRef key, std::string_view text) {
  const llvm::StringRef ref(text.data(), text.size());
  if (llvm::json::isUTF8(ref))
    json.attribute(key, ref);
  else
    json.attribute(key, escape_controls(text));
}

void write_number(OStream& json, llvm::StringRef key, uint64_t number) {
  json.attribute(key, static_cast<int64_t>(std::min<uint64_t>(number, INT64_MAX)));
}

void write_chain(OStream& json, const ChainGraph& graph) {
  json.attributeObject("chain", [&] {
    json.attributeArray("edges", [&] {
      for (const ChainEdge& edge : graph.edges) {
        json.array([&] {
          json.value(edge.from);
          json.value(edge.to);
        });
      }
    });
    json.attributeArray("nodes", [&] {
      for (const ChainNode& node : graph.nodes) {
        json.object([&] {
          json.attribute("column", node.column);
          write_text(json, "detail", node.detail);
          write_text(json, "kind", chain_node_kind_name(node.kind));
          write_text(json, "label", node.label);
          write_text(json, "state", chain_node_state_name(node.state));
        });
      }
    });
    write_text(json, "note", graph.note);
  });
}

void write_leaf(OStream& json, std::string_view name, uint64_t size, uint64_t count) {
  json.object([&] {
    if (count > 0) write_number(json, "count", count);  // how many are summed here
    write_text(json, "name", shorten(name));
    write_number(json, "size", size);
  });
}

void write_library(OStream& json, const SizeLibrary& library) {
  json.object([&] {
    json.attributeArray("children", [&] {
      for (const SizeLeaf& leaf : library.leaves) write_leaf(json, leaf.name, leaf.size, 0);
      if (library.rest_count > 0)
        write_leaf(json, "smaller ones", library.rest_size, library.rest_count);
    });
    write_text(json, "name", shorten(library.name));
    write_number(json, "size", library.size);
  });
}

void write_sizes(OStream& json, const SizeTree& tree) {
  json.attributeObject("sizes", [&] {
    json.attributeArray("children", [&] {
      for (const SizeSection& section : tree.sections) {
        json.object([&] {
          json.attributeArray("children", [&] {
            for (const SizeLibrary& library : section.libraries) write_library(json, library);
          });
          write_text(json, "name", shorten(section.name));
          write_number(json, "size", section.size);
        });
      }
      if (tree.rest_count > 0) write_leaf(json, "smaller groups", tree.rest_size, tree.rest_count);
    });
    write_number(json, "size", tree.size);
  });
}

void write_cuts(OStream& json, const std::vector<CutList>& cuts) {
  json.attributeArray("cuts", [&] {
    for (const CutList& cut : cuts) {
      json.object([&] {
        write_text(json, "list", cut.name);
        write_number(json, "of", cut.of);
        write_number(json, "shown", cut.shown);
      });
    }
  });
}

std::string render_block(const Inspected& inspected, const ChainGraph& chain, const SizeTree& sizes,
                         const std::vector<CutList>& cuts) {
  std::string text;
  llvm::raw_string_ostream out(text);
  OStream json(out);
  json.object([&] {
    write_chain(json, chain);
    write_cuts(json, cuts);
    json.attributeBegin("facts");
    render_facts_json(json.rawValueBegin(), inspected);
    json.rawValueEnd();
    json.attributeEnd();
    write_sizes(json, sizes);
  });
  return text;
}

size_t count_severity(const std::vector<Diagnostic>& findings, Severity severity) {
  return static_cast<size_t>(std::ranges::count(findings, severity, &Diagnostic::severity));
}

std::string render_summary(const Inspected& inspected, bool has_block) {
  const Facts& facts = inspected.facts;
  std::string text;
  llvm::raw_string_ostream out(text);
  OStream json(out);
  json.object([&] {
    json.attribute("block", has_block);
    write_text(json, "constructors", describe_constructors(facts));
    write_number(json, "errors", count_severity(inspected.findings, Severity::error));
    write_text(json, "kind", wasm_kind_name(facts.kind));
    write_text(json, "model", init_model_name(facts.init.model));
    write_text(json, "name", input_name(facts.file, facts.member));
    write_number(json, "size", facts.size);
    write_number(json, "warnings", count_severity(inspected.findings, Severity::warning));
  });
  return text;
}

std::string escape_html(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else
      escaped += c;
  }
  return escaped;
}

// As a Content-Security-Policy names an inline script or style that it allows.
std::string hash_source(std::string_view source) {
  const std::array<uint8_t, 32> hash =
      llvm::SHA256::hash(llvm::ArrayRef(as_bytes(source).data(), source.size()));
  return "'sha256-" + llvm::encodeBase64(hash) + '\'';
}

void append_json_block(std::string& page, const std::string& element, std::string_view json) {
  page += "<script type=\"application/json\" id=\"" + element + "\">" + escape_json_for_html(json) +
          "</script>\n";
}

}  // namespace

std::string escape_json_for_html(std::string_view json) {
  constexpr std::string_view kLineSeparators = "\xe2\x80";  // and a8 or a9
  std::string escaped;
  escaped.reserve(json.size() + json.size() / 16);
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '<') {
      escaped += "\\u003c";
    } else if (c == '>') {
      escaped += "\\u003e";
    } else if (c == '&') {
      escaped += "\\u0026";
    } else if (json.substr(i).starts_with(kLineSeparators) && i + 2 < json.size() &&
               (json[i + 2] == '\xa8' || json[i + 2] == '\xa9')) {
      escaped += json[i + 2] == '\xa8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      escaped += c;
    }
  }
  return escaped;
}

void HtmlPage::add(Inspected inspected) {
  if (files_ == kMaxFiles) {
    ++unlisted_;
    return;
  }
  const std::string id = "file-" + std::to_string(files_);
  if (names_.size() <= kMaxNamesInTitle)
    names_.push_back(input_name(inspected.facts.file, inspected.facts.member));
  const bool has_block = blocks_.size() < kMaxBytesOfBlocks;
  index_ += (files_ == 0 ? "" : ",") + render_summary(inspected, has_block);
  ++files_;
  if (!has_block) return;
  const SizeTree sizes = make_size_tree(inspected.facts.sizes, kMaxItems, kMaxGroups);
  const ChainGraph chain = make_chain_graph(inspected.facts, kChainLimits);
  const std::vector<CutList> cuts = trim_for_page(inspected, kMaxItems);
  append_json_block(blocks_, id, render_block(inspected, chain, sizes, cuts));
}

void HtmlPage::add_problem(const Diagnostic& problem) {
  if (problem_count_++ >= kMaxProblems) return;
  if (!problems_.empty()) problems_ += ',';
  std::string text = render_json(problem);
  while (text.ends_with('\n')) text.pop_back();
  problems_ += text;
}

std::string HtmlPage::finish() && {
  std::string title = "wasmpack inspect";
  for (size_t i = 0; i < std::min(names_.size(), kMaxNamesInTitle); ++i)
    title += (i == 0 ? ": " : ", ") + show_name(names_[i]);
  if (files_ > kMaxNamesInTitle) title += ", ...";

  const std::string policy =
      "default-src 'none'; base-uri 'none'; form-action 'none'; script-src " +
      hash_source(page_script()) + "; style-src " + hash_source(page_style());
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"" +
      policy +
      "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>" +
      escape_html(title) + "</title>\n<style>" + std::string(page_style()) + "</style>\n</head>\n";
  page += page_body();
  append_json_block(
      page, "index",
      "{\"files\":[" + index_ + "],\"problem_count\":" + std::to_string(problem_count_) +
          ",\"problems\":[" + problems_ + "],\"unlisted\":" + std::to_string(unlisted_) + "}");
  page += blocks_;
  page += "<script>" + std::string(page_script()) + "</script>\n</body>\n</html>\n";
  return page;
}

}  // namespace wasmpack
