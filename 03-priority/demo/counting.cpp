#include "counting.hpp"

#include <algorithm>
#include <cstddef>

// #region count_in_blocks
indexer::Counts count_in_blocks(std::string_view text, const pool::priority::CancelToken& token) {
  constexpr std::size_t kBlock = 64 * 1024;  // bytes at least: a fraction of a millisecond
  indexer::Counts counts;
  do {
    token.throw_if_cancelled();
    const std::size_t end = text.find('\n', std::min(kBlock, text.size()));  // the counts of lines may be added up
    const std::string_view block = text.substr(0, end == std::string_view::npos ? end : end + 1);
    const indexer::Counts more = indexer::count(block);
    counts.totals += more.totals;
    for (const auto& [name, uses] : more.uses) counts.uses[name] += uses;
    text.remove_prefix(block.size());
  } while (!text.empty());
  return counts;
}
// #endregion count_in_blocks
