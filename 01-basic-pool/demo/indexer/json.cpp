#include <indexer/json.hpp>

#include <charconv>
#include <cmath>
#include <cstddef>

#include <indexer/utf8.hpp>

namespace indexer {

void JsonWriter::separate() {
  if (!first_) text_ += ',';
  first_ = false;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  text_ += bracket;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  text_ += bracket;
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  quote(name);
  text_ += ':';
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  quote(text);
  return *this;
}

JsonWriter& JsonWriter::value(std::uint64_t number) {
  separate();
  text_ += std::to_string(number);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  separate();
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);  // never a decimal comma
  text_.append(digits, end);
  return *this;
}

JsonWriter& JsonWriter::value(bool truth) {
  separate();
  text_ += truth ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::null() {
  separate();
  text_ += "null";
  return *this;
}

void JsonWriter::quote(std::string_view text) {
  text_ += '"';
  while (!text.empty()) {
    const Character c = first_character(text);
    if (!c.valid) {
      text_ += "\xEF\xBF\xBD";  // U+FFFD
    } else if (c.code == '"' || c.code == '\\') {
      text_ += {'\\', text.front()};
    } else if (c.code < 0x20 || c.code == 0x7F) {
      constexpr char kDigits[] = "0123456789abcdef";
      text_ += {'\\', 'u', '0', '0', kDigits[c.code >> 4], kDigits[c.code & 15]};
    } else {
      text_ += text.substr(0, c.length);
    }
    text.remove_prefix(c.length);
  }
  text_ += '"';
}

}  // namespace indexer
