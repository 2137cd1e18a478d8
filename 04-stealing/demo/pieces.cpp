#include "pieces.hpp"

// #region cut
std::size_t cut_near_middle(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\n\v\f\r";  // what ends a word, as indexer::count() has it
  const std::size_t middle = text.size() / 2;
  std::size_t space = text.find_first_of(kSpaces, middle);
  if (space == std::string_view::npos) space = text.find_last_of(kSpaces, middle);
  return space == std::string_view::npos ? text.size() : space + 1;
}

indexer::Counts count_piece(std::string_view piece, bool last) {
  indexer::Counts counts = indexer::count(piece);
  if (!last && !piece.empty() && piece.back() != '\n') --counts.totals.lines;  // its line goes on in the next one
  return counts;
}
// #endregion cut
