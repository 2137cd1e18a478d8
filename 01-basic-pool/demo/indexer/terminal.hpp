// What the place where output goes can show, and bars drawn with it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <indexer/printable.hpp>

namespace indexer {

struct Terminal {
  bool interactive = false;  // a screen on which a line can be drawn again; not a file, not a pipe
  bool colour = false;
  Encoding encoding = Encoding::ascii;
  std::size_t width = 80;  // columns

  // Looks at the descriptor (1 is standard output, 2 standard error) and the environment: NO_COLOR
  // (https://no-color.org), TERM, and the locale, which it sets for the process: call it before threads start.
  static Terminal of(int descriptor);

  // The width for tables: at most 80, and at least 40, below which they would be of no use.
  [[nodiscard]] std::size_t table_width() const;
};

enum class Style { plain, bold, dim, bar, good, bad };

// The text with the escape codes of a style around it; the text alone where there is no colour.
std::string styled(const Terminal& terminal, Style style, std::string_view text);

// A bar for value/maximum, at most `width` columns, to an eighth of a column where Unicode allows. What is more than
// nothing shows. Not padded.
std::string bar(const Terminal& terminal, double value, double maximum, std::size_t width);

}  // namespace indexer
