#include "generated_texts.hpp"

#include <cstdint>
#include <random>

namespace {

constexpr std::uint32_t kWords = 500;

std::string text_of(std::uint32_t seed, const std::vector<std::string>& words) {
  std::mt19937 random(seed);  // its numbers, unlike those of the standard's distributions, are the same everywhere
  std::string text;
  text.reserve(kTextSize + 32);
  while (text.size() < kTextSize) {
    const std::uint64_t number = random() % kWords;
    text += words[number * number / kWords];  // small numbers are more frequent, as in real text
    text += number % 8 == 0 ? '\n' : ' ';
  }
  text.resize(kTextSize - 1);
  return text += '\n';
}

}  // namespace

std::string generated_word(std::size_t number) {
  constexpr const char* kSyllables[] = {"ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu"};
  std::string word = kSyllables[number % 10];
  for (std::size_t rest = number / 10; rest > 0; rest /= 10) word.append("_").append(kSyllables[rest % 10]);
  return word;
}

std::vector<std::string> generated_texts(std::size_t texts) {
  std::vector<std::string> words, result;
  for (std::size_t i = 0; i < kWords; ++i) words.push_back(generated_word(i));
  for (std::size_t i = 0; i < texts; ++i) result.push_back(text_of(static_cast<std::uint32_t>(i), words));
  return result;
}
