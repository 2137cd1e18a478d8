// Texts to index when no folder is large enough: lines of words such as "di_ba_ce", the same on every machine.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

inline constexpr std::size_t kTextSize = 32'000;  // bytes of each

std::vector<std::string> generated_texts(std::size_t texts);

// One of the words in them; number 0 is the most frequent one.
std::string generated_word(std::size_t number);
