#include <indexer/count.hpp>

#include <array>
#include <cstddef>

namespace indexer {
namespace {

enum Class : unsigned char { other = 0, space = 1, letter = 2, digit = 4 };

constexpr std::array<unsigned char, 256> kClasses = [] {
  std::array<unsigned char, 256> classes{};
  for (char c : {' ', '\t', '\n', '\v', '\f', '\r'}) classes[static_cast<unsigned char>(c)] = space;
  for (unsigned c = 'a'; c <= 'z'; ++c) classes[c] = letter;
  for (unsigned c = 'A'; c <= 'Z'; ++c) classes[c] = letter;
  for (unsigned c = '0'; c <= '9'; ++c) classes[c] = digit;
  classes['_'] = letter;
  return classes;
}();

unsigned char class_of(char c) {
  return kClasses[static_cast<unsigned char>(c)];
}

}  // namespace

Counts count(std::string_view text) {
  Counts counts;
  Totals& totals = counts.totals;
  totals.bytes = text.size();
  bool in_word = false;
  for (std::size_t i = 0; i < text.size();) {
    const unsigned char first = class_of(text[i]);
    if (first == space) {
      if (text[i] == '\n') ++totals.lines;
      in_word = false;
      ++i;
      continue;
    }
    if (!in_word) ++totals.words;
    in_word = true;
    const std::size_t begin = i++;
    if (first == other) continue;
    while (i < text.size() && (class_of(text[i]) & (letter | digit)) != 0) ++i;
    if (first == letter) {
      ++totals.identifiers;
      ++counts.uses[text.substr(begin, i - begin)];
    }
  }
  if (!text.empty() && text.back() != '\n') ++totals.lines;
  return counts;
}

}  // namespace indexer
