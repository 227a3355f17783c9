// JSON by the million values, without an intermediate tree and without checks: whoever writes an
// object gives its keys in order. llvm::json::OStream takes three times as long.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

#include "inspect/render/text_writer.h"

namespace wasmpack {

class JsonWriter {
 public:
  explicit JsonWriter(llvm::raw_ostream& out) : out_(out) {}

  // Values: what an array holds, or what follows a key().
  void number(std::integral auto value) {
    separate();
    if constexpr (std::signed_integral<decltype(value)>)
      write_signed(value);
    else
      out_.write_number(value);
  }
  void boolean(bool value) {
    separate();
    out_.write(value ? "true" : "false");
  }
  void null() {
    separate();
    out_.write("null");
  }
  // JSON is UTF-8; names of wasm files need not be: then bad bytes and controls become "\xNN".
  void string(std::string_view text);
  void object(auto&& write_members) { nest('{', '}', write_members); }
  void array(auto&& write_items) { nest('[', ']', write_items); }
  // An array of objects, one for each item.
  void objects(const auto& items, auto&& write_item) {
    array([&] {
      for (const auto& item : items) object([&] { write_item(item); });
    });
  }

  // `name` needs no escaping.
  void key(std::string_view name) {
    separate();
    out_.write('"').write(name).write("\":");
    needs_comma_ = false;
  }

  // A key and its value.
  void member(std::string_view name, std::string_view text) {
    key(name);
    string(text);
  }
  void member(std::string_view name, const char* text) { member(name, std::string_view(text)); }
  template <std::integral T>
  void member(std::string_view name, T value) {
    key(name);
    if constexpr (std::same_as<T, bool>)
      boolean(value);
    else
      number(value);
  }
  template <class T>
  void member(std::string_view name, const std::optional<T>& value) {
    if (value) return member(name, *value);
    key(name);
    null();
  }
  void member_array(std::string_view name, auto&& write_items) {
    key(name);
    array(write_items);
  }
  void member_object(std::string_view name, auto&& write_members) {
    key(name);
    object(write_members);
  }
  void member_objects(std::string_view name, const auto& items, auto&& write_item) {
    key(name);
    objects(items, write_item);
  }

  // Behind the outermost value.
  void newline() { out_.write('\n'); }

 private:
  void separate() {
    if (needs_comma_) out_.write(',');
    needs_comma_ = true;
  }
  void nest(char open, char close, auto& write_content) {
    separate();
    out_.write(open);
    needs_comma_ = false;
    write_content();
    out_.write(close);
    needs_comma_ = true;
  }
  void write_signed(int64_t value) {
    const auto bits = static_cast<uint64_t>(value);
    if (value < 0) out_.write('-');
    out_.write_number(value < 0 ? 0 - bits : bits);
  }
  void write_escaped(std::string_view text);

  TextWriter out_;
  bool needs_comma_ = false;
};

}  // namespace wasmpack
