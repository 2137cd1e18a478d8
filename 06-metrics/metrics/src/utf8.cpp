#include <pool/metrics/utf8.hpp>

#include <array>
#include <cstddef>
#include <cstdio>

namespace pool::metrics {

namespace {

struct Lead {
  unsigned char from, to;                // this byte,
  std::size_t length;                    // then so many in all,
  unsigned char second_from, second_to;  // of which the second is from this one to that one
};

// RFC 3629, section 4.
constexpr std::array<Lead, 9> kLeads = {{{0x00, 0x7f, 1, 0, 0},
                                         {0xc2, 0xdf, 2, 0x80, 0xbf},
                                         {0xe0, 0xe0, 3, 0xa0, 0xbf},
                                         {0xe1, 0xec, 3, 0x80, 0xbf},
                                         {0xed, 0xed, 3, 0x80, 0x9f},
                                         {0xee, 0xef, 3, 0x80, 0xbf},
                                         {0xf0, 0xf0, 4, 0x90, 0xbf},
                                         {0xf1, 0xf3, 4, 0x80, 0xbf},
                                         {0xf4, 0xf4, 4, 0x80, 0x8f}}};

unsigned char byte(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// How long the character is with which the text begins; 0: there is none.
std::size_t length_of_first(std::string_view text) {
  for (const Lead& lead : kLeads) {
    if (byte(text, 0) < lead.from || byte(text, 0) > lead.to) continue;
    if (lead.length == 1) return 1;
    if (text.size() < lead.length) return 0;
    if (byte(text, 1) < lead.second_from || byte(text, 1) > lead.second_to) return 0;
    for (std::size_t i = 2; i < lead.length; ++i) {
      if ((byte(text, i) & 0xc0) != 0x80) return 0;
    }
    return lead.length;
  }
  return 0;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = length_of_first(text);
    if (length == 0) {
      valid += "\xef\xbf\xbd";
    } else {
      valid += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return valid;
}

std::string json_string(std::string_view text) {
  std::string json = "\"";
  for (const char c : valid_utf8(text)) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
      json += escape.data();
    } else {
      json += c;
    }
  }
  return json + "\"";
}

}  // namespace pool::metrics
