// Showing bytes that came from elsewhere (file names, identifiers) on a terminal, safely.
//
// A file name may hold a newline that forges a line of output, an escape sequence that repaints the screen, or a mark
// that turns the reading direction round. None of these reaches the terminal.
// Thread safety: pure functions, apart from reading the process's locale (for the width of a character).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace indexer {

enum class Encoding { ascii, utf8 };  // what the reader of the output understands

// The bytes as one line of visible text. A backslash becomes \\, newline \n, tab \t; other control and formatting
// characters, bytes that are not UTF-8, and all that `encoding` cannot show become \xNN, byte by byte.
std::string printable(std::string_view bytes, Encoding encoding);

// How many columns a text that printable() made takes.
std::size_t columns(std::string_view text);

// The text, cut in its middle if it is wider than so many columns. What printable() escaped may be cut, but no
// character.
std::string shorten(std::string_view text, std::size_t width, Encoding encoding);

// The same, padded with blanks on the right to be exactly so wide.
std::string fit(std::string_view text, std::size_t width, Encoding encoding);

// The text, padded with blanks on the left to be at least so wide.
std::string padded_left(std::string_view text, std::size_t width);

// The parts with commas between them, broken into lines that are at most so wide.
std::vector<std::string> wrapped(const std::vector<std::string>& parts, std::size_t width);

// 1234567 as "1,234,567".
std::string grouped(std::uint64_t number);

// A number of bytes as "999 B", "1.2 KB", "34.5 MB", in powers of 1,000.
std::string byte_size(std::uint64_t bytes);

// Seconds as "0.4 ms", "12 ms", "1.23 s", "2 min 03 s".
std::string duration(double seconds);

// 1, "file" as "1 file"; 2,000 as "2,000 files".
std::string counted(std::uint64_t number, std::string_view noun);

}  // namespace indexer
