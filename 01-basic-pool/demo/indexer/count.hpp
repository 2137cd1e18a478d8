// Counting in a piece of text: bytes, lines, words, identifiers.
//
// Line:       what a '\n' ends, and an unterminated rest. "a\nb" has two, "a\nb\n" has two, "" has none.
// Word:       a maximal run of bytes other than space, \t, \n, \v, \f, \r. (So "\r\n" ends a line and adds nothing.)
// Identifier: a maximal run of ASCII letters, digits and underscores that does not begin with a digit. (So 0xff and
//             10u are none, and "naïve" holds two: na, ve.)
//
// Invariant (K1): cut after a '\n', a text's counts are the sum of its pieces' counts.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace indexer {

struct Totals {
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;
  std::uint64_t words = 0;
  std::uint64_t identifiers = 0;

  Totals& operator+=(const Totals& other) {
    bytes += other.bytes;
    lines += other.lines;
    words += other.words;
    identifiers += other.identifiers;
    return *this;
  }
  friend bool operator==(const Totals&, const Totals&) = default;
};

struct Counts {
  Totals totals;
  std::unordered_map<std::string_view, std::uint64_t> uses;  // how often each identifier occurs; keys lie in the text
};

// Thread safety: a pure function. The result refers to the text, which must outlive it.
Counts count(std::string_view text);

}  // namespace indexer
