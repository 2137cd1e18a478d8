// The experiment on waiting, drawn: for the terminal, and as a picture.
#pragma once

#include <iosfwd>
#include <string>

#include <indexer/terminal.hpp>
#include "waiting.hpp"

// Two histograms on one axis, and below them the figures.
void print(std::ostream& out, const indexer::Terminal& terminal, const WaitingExperiment& experiment);

// The histograms as SVG.
std::string waiting_svg(const WaitingExperiment& experiment);

// "10 to 30 µs", "over 3 s".
std::string bucket_name(std::size_t bucket, indexer::Encoding encoding);
