// Decoding UTF-8 that may be wrong: file names are bytes, and nobody promised that they are text.
#pragma once

#include <cstddef>
#include <string_view>

namespace indexer {

struct Character {
  bool valid = false;
  char32_t code = 0;       // the code point, if valid
  std::size_t length = 1;  // in bytes; 1 if not valid
};

// The first character of a text that is not empty. Overlong forms, surrogates, and what is beyond U+10FFFF are not
// valid (RFC 3629).
inline Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {true, lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  char32_t code = lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = (code << 6) | (byte(i) & 0x3Fu);
  }
  const char32_t smallest = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
  if (code < smallest || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {true, code, length};
}

}  // namespace indexer
