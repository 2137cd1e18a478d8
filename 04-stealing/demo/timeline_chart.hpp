// The timelines of workers: what each column of a row stands for, and the rows, drawn with characters.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <vector>

#include <indexer/terminal.hpp>
#include "contest.hpp"
#include "recorder.hpp"

inline constexpr std::size_t kWorkersDrawn = 8;  // at most

// What is done for the longest part of each of so many equal parts of the time. Nothing counts, too.
std::vector<Doing> columns_of(const Lane& lane, double seconds, std::size_t columns);

// How many steals there are in each.
std::vector<std::size_t> steals_in_columns(const Lane& lane, double seconds, std::size_t columns);

// The time that both charts stand for.
double whole_time(const Contest& contest);

// A row for each worker, for both pools, on one axis; below them what the signs mean.
void print_timelines(std::ostream& out, const indexer::Terminal& terminal, const Contest& contest);

// The same as a picture: SVG.
std::string timeline_svg(const Contest& contest);
