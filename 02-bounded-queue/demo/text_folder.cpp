#include "text_folder.hpp"

#include <stdlib.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include <indexer/progress.hpp>

namespace fs = std::filesystem;

namespace {

constexpr std::uint32_t kWords = 5000;

std::runtime_error cannot(const std::string& what, const std::string& path) {
  return std::runtime_error("cannot " + what + " '" + path + "': " + std::generic_category().message(errno));
}

// "ba", "ce", …, "di_ba_ce", …
std::vector<std::string> vocabulary() {
  constexpr const char* kSyllables[] = {"ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu"};
  std::vector<std::string> words;
  for (std::uint32_t number = 0; number < kWords; ++number) {
    std::string word = kSyllables[number % 10];
    for (std::uint32_t rest = number / 10; rest > 0; rest /= 10) word.append("_").append(kSyllables[rest % 10]);
    words.push_back(std::move(word));
  }
  return words;
}

// kFileSize bytes of lines.
std::string generated_text(std::uint32_t seed, const std::vector<std::string>& words) {
  std::mt19937 random(seed);  // its numbers, unlike those of the standard's distributions, are the same everywhere
  std::string text;
  text.reserve(TextFolder::kFileSize + 32);
  while (text.size() < TextFolder::kFileSize) {
    const std::uint64_t number = random() % kWords;
    text += words[number * number / kWords];  // small numbers are more frequent, as in real text
    text += number % 8 == 0 ? '\n' : ' ';
  }
  text.resize(TextFolder::kFileSize - 1);
  return text += '\n';
}

}  // namespace

TextFolder::TemporaryFolder::TemporaryFolder() : path((fs::temp_directory_path() / "bounded-demo-XXXXXX").string()) {
  if (::mkdtemp(path.data()) == nullptr) throw cannot("make a folder", path);
}

TextFolder::TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

TextFolder::TextFolder(std::size_t files, const Interruption& interruption, std::ostream& errors,
                       const indexer::Terminal& screen) {
  indexer::Progress progress(errors, screen, "generating", files);
  const std::vector<std::string> words = vocabulary();
  for (std::size_t i = 0; i < files; ++i) {
    interruption.check();
    const std::string file = path() + "/" + std::to_string(100'000 + i) + ".txt";
    std::ofstream out(file, std::ios::binary);
    if (!(out << generated_text(static_cast<std::uint32_t>(i), words)).flush()) throw cannot("write", file);
    progress.completed(kFileSize);
    progress.show();
  }
}
