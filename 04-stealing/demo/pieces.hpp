// Counting a text in pieces, so that the sum is that of the whole.
//
// Invariant:  (C1) cut by cut_near_middle(), the counts of a text are the sum of its pieces', as count_piece() counts
//                  them, whatever is in it
#pragma once

#include <cstddef>
#include <string_view>

#include <indexer/count.hpp>

// Where to cut a text in two, near its middle: behind a space or the end of a line, so that no word falls apart. The
// text's size, if there is no such place.
std::size_t cut_near_middle(std::string_view text);

// What indexer::count() finds, but that only what ends in '\n', or is the text's last piece, ends a line.
indexer::Counts count_piece(std::string_view piece, bool last);
