// Times that may be far below a millisecond, for people.
#pragma once

#include <cmath>
#include <string>

#include <indexer/printable.hpp>

// Seconds as "250 µs"; from a millisecond on as indexer::duration() has it.
inline std::string short_time(double seconds, indexer::Encoding encoding) {
  if (seconds >= 0.0009995) return indexer::duration(seconds);
  return std::to_string(std::lround(seconds * 1e6)) + (encoding == indexer::Encoding::utf8 ? " µs" : " us");
}
