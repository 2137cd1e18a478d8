// The memory of the texts in the system over time, drawn with characters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <indexer/terminal.hpp>
#include "measurement.hpp"

// What the whole width and the whole height of a chart stand for. Charts to be compared share it.
struct Scale {
  double seconds = 0;
  std::uint64_t bytes = 0;
};

// The smallest scale on which all samples fit.
Scale scale_of(const std::vector<const Measurement*>& measurements);

// The most bytes in each of so many equal parts of the scale's time. A part without a sample has what the last one
// before it had; after the end there is nothing.
std::vector<std::uint64_t> most_in_parts(const std::vector<Sample>& samples, double seconds, std::size_t parts);

// The chart: a title, `rows` rows, and two lines for the axis of time. Each line is `width` columns wide.
std::vector<std::string> memory_chart(const indexer::Terminal& terminal, const std::string& title,
                                      const std::vector<Sample>& samples, const Scale& scale, std::size_t width,
                                      std::size_t rows);
