#include "packager/signature.h"

namespace wasmpack {
namespace {

struct ValueType {
  uint8_t code;  // core specification 5.3.4
  char letter;
  std::string_view name;
};
constexpr ValueType kValueTypes[] = {
    {0x7f, 'i', "i32"},  {0x7e, 'I', "i64"},       {0x7d, 'f', "f32"},    {0x7c, 'F', "f64"},
    {0x7b, 'v', "v128"}, {0x6f, 'x', "externref"}, {0x70, 'p', "funcref"}};

bool append_letters(std::string& out, Bytes types) {
  for (const uint8_t code : types) {
    const ValueType* known = nullptr;
    for (const ValueType& type : kValueTypes) {
      if (type.code == code) known = &type;
    }
    if (known == nullptr) return false;
    out += known->letter;
  }
  return true;
}

void append_text(std::string& out, Bytes types) {
  out += '(';
  for (size_t i = 0; i < types.size(); ++i) {
    std::string_view name = "?";
    for (const ValueType& type : kValueTypes) {
      if (type.code == types[i]) name = type.name;
    }
    if (i != 0) out += ',';
    out += name;
  }
  out += ')';
}

// Takes "(i32,f64)" from the front of `text`, which has no blanks.
bool take_list(std::string_view& text, std::string& letters) {
  if (!text.starts_with('(')) return false;
  text.remove_prefix(1);
  if (text.starts_with(')')) return text.remove_prefix(1), true;
  for (;;) {
    const size_t end = text.find_first_of(",)");
    if (end == text.npos) return false;
    const ValueType* known = nullptr;
    for (const ValueType& type : kValueTypes) {
      if (type.name == text.substr(0, end)) known = &type;
    }
    if (known == nullptr) return false;
    letters += known->letter;
    const bool is_last = text[end] == ')';
    text.remove_prefix(end + 1);
    if (is_last) return true;
  }
}

}  // namespace

std::string_view letter_type_name(char letter) {
  for (const ValueType& type : kValueTypes) {
    if (type.letter == letter) return type.name;
  }
  return "?";
}

std::optional<std::string> signature_letters(const FuncType& type) {
  std::string letters;
  if (!type.is_function || !type.is_simple) return std::nullopt;
  if (!append_letters(letters, type.params)) return std::nullopt;
  letters += ':';
  if (!append_letters(letters, type.results)) return std::nullopt;
  return letters;
}

EncodedType::EncodedType(std::string_view letters) {
  std::vector<uint8_t>* side = &params_;
  for (const char letter : letters) {
    if (letter == ':') side = &results_;
    for (const ValueType& type : kValueTypes) {
      if (type.letter == letter) side->push_back(type.code);
    }
  }
}

std::string type_text(const FuncType& type) {
  std::string text;
  append_text(text, type.params);
  text += "->";
  append_text(text, type.results);
  return text;
}

std::string letters_text(std::string_view letters) {
  return type_text(EncodedType(letters).view());
}

std::optional<std::string> parse_type_text(std::string_view text) {
  std::string compact;
  for (const char c : text) {
    if (c != ' ' && c != '\t') compact += c;
  }
  std::string_view rest = compact;
  std::string letters;
  if (!take_list(rest, letters) || !rest.starts_with("->")) return std::nullopt;
  rest.remove_prefix(2);
  letters += ':';
  if (!take_list(rest, letters) || !rest.empty()) return std::nullopt;
  return letters;
}

}  // namespace wasmpack
