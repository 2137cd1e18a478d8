// Numbers as bytes, little-endian.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace pool::process {

template <class Number>
void put(std::string& bytes, Number number) {
  std::array<char, sizeof(Number)> all;
  for (std::size_t i = 0; i < sizeof(Number); ++i) all[i] = static_cast<char>((number >> (8 * i)) & 0xff);
  bytes.append(all.data(), all.size());
}

template <class Number>
Number get(std::string_view bytes) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    number = static_cast<Number>(number | static_cast<Number>(static_cast<unsigned char>(bytes[i])) << (8 * i));
  }
  return number;
}

}  // namespace pool::process
