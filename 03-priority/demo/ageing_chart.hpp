// The experiment on ageing, drawn: for the terminal, and as a picture.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

#include <indexer/terminal.hpp>
#include "ageing.hpp"

// A line for each setting: time goes to the right, a mark is a low job that starts.
void print(std::ostream& out, const indexer::Terminal& terminal, const AgeingExperiment& experiment);

// The same as SVG.
std::string ageing_svg(const AgeingExperiment& experiment);

// Such a line: `width` columns for so many seconds. A mark where something happened, a digit where that was several
// times ('+' from ten on), a dot up to the end of the flood, and blanks after it.
std::string timeline(const std::vector<double>& times, double flood, double seconds, std::size_t width);

// What the whole width of a chart stands for, in seconds: the flood, and all that came after it.
double whole_time(const AgeingExperiment& experiment);
