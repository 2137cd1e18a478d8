#include "memory_chart.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

using indexer::Encoding;
using indexer::padded_left;
using indexer::Style;
using indexer::Terminal;

namespace {

constexpr std::size_t kLabel = 9;  // columns for the numbers on the left

// One row of the columns; row 0 is the lowest. What is more than nothing shows, to an eighth of a row in Unicode.
std::string draw_row(Encoding encoding, const std::vector<double>& heights, std::size_t row) {
  constexpr std::string_view kEighths[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const long steps = encoding == Encoding::utf8 ? 8 : 1;
  std::string drawn;
  for (const double height : heights) {
    const long level = height > 0 ? std::max(1L, std::lround(height * static_cast<double>(steps))) : 0;
    const long here = std::clamp(level - static_cast<long>(row) * steps, 0L, steps);
    drawn += encoding == Encoding::utf8 ? kEighths[here] : here == 0 ? " " : "#";
  }
  return drawn;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

}  // namespace

Scale scale_of(const std::vector<const Measurement*>& measurements) {
  Scale scale;
  for (const Measurement* measurement : measurements) {
    scale.seconds = std::max(scale.seconds, measurement->seconds);
    for (const Sample& sample : measurement->samples) scale.bytes = std::max(scale.bytes, sample.bytes);
  }
  return scale;
}

std::vector<std::uint64_t> most_in_parts(const std::vector<Sample>& samples, double seconds, std::size_t parts) {
  std::vector<std::uint64_t> most(parts, 0);
  if (samples.empty() || !(seconds > 0)) return most;
  std::size_t next = 0;
  std::uint64_t last = 0;
  for (std::size_t part = 0; part < parts && next < samples.size(); ++part) {
    const double end = seconds * static_cast<double>(part + 1) / static_cast<double>(parts);
    most[part] = last;
    if (samples[next].seconds <= end) most[part] = 0;
    for (; next < samples.size() && (samples[next].seconds <= end || part + 1 == parts); ++next)
      most[part] = std::max(most[part], last = samples[next].bytes);
  }
  return most;
}

std::vector<std::string> memory_chart(const Terminal& terminal, const std::string& title,
                                      const std::vector<Sample>& samples, const Scale& scale, std::size_t width,
                                      std::size_t rows) {
  const std::size_t plot = std::max(width, kLabel + 2) - kLabel - 1;
  std::vector<double> heights;
  for (const std::uint64_t bytes : most_in_parts(samples, scale.seconds, plot))
    heights.push_back(scale.bytes == 0
                          ? 0.0
                          : static_cast<double>(bytes) / static_cast<double>(scale.bytes) * static_cast<double>(rows));
  const bool utf8 = terminal.encoding == Encoding::utf8;
  std::vector<std::string> lines;
  lines.push_back(styled(terminal, Style::bold, fit(std::string(kLabel, ' ') + title, width, terminal.encoding)));
  for (std::size_t row = rows; row-- > 0;) {
    const std::string label = row + 1 == rows ? indexer::byte_size(scale.bytes) : "";
    lines.push_back(padded_left(label, kLabel - 1) + " " + (utf8 ? "│" : "|") +
                    styled(terminal, Style::bar, draw_row(terminal.encoding, heights, row)));
  }
  lines.push_back(padded_left("0", kLabel - 1) + " " + (utf8 ? "└" : "+") + repeated(utf8 ? "─" : "-", plot));
  lines.push_back(std::string(kLabel, ' ') + "0" + padded_left(indexer::duration(scale.seconds), plot));
  return lines;
}
