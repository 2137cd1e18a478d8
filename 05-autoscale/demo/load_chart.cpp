#include "load_chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

using namespace indexer;

namespace {

constexpr std::size_t kLabel = 14;                      // columns
constexpr std::size_t kQueueRows = 3, kWorkerRows = 5;  // lines
constexpr double kLow = 0.3, kHigh = 0.8;               // marks of the load-ratio rule
constexpr std::array<std::string_view, 9> kEighths{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

// One cell of a column that is so many eighths of a cell high, in this cell and those below.
std::string_view cell(const Terminal& terminal, long eighths) {
  const auto here = static_cast<std::size_t>(std::clamp(eighths, 0L, 8L));
  if (terminal.encoding == Encoding::utf8) return kEighths[here];
  return here == 0 ? " " : here < 3 ? "." : here < 7 ? ":" : "#";
}

std::string_view zone(const Terminal& terminal, double ratio) {
  const bool utf8 = terminal.encoding == Encoding::utf8;
  if (ratio < kLow) return utf8 ? "▁" : "_";
  return ratio > kHigh ? (utf8 ? "█" : "#") : (utf8 ? "▄" : "=");
}

std::string_view death(const Terminal& terminal) {
  return terminal.encoding == Encoding::utf8 ? "†" : "x";
}

std::string without_blanks_at_the_end(const std::string& row) {
  return row.substr(0, row.find_last_not_of(' ') + 1);
}

// Columns as high as the numbers, from the top row to the bottom.
void add_bars(std::vector<std::string>& lines, const Terminal& terminal, const std::string& label, std::size_t rows,
              const std::vector<std::optional<double>>& shares) {
  for (std::size_t row = rows; row-- > 0;) {
    std::string drawn;
    for (const std::optional<double>& share : shares) {
      const double eighths = share.value_or(0) * static_cast<double>(8 * rows);
      const long high = eighths > 0 ? std::max(1L, std::lround(eighths)) : 0;  // what is more than nothing shows
      drawn += cell(terminal, high - static_cast<long>(8 * row));
    }
    const std::string name = row + 1 == rows ? label : "";
    lines.push_back(without_blanks_at_the_end(fit(name, kLabel, terminal.encoding) +
                                              styled(terminal, Style::bar, without_blanks_at_the_end(drawn))));
  }
}

std::string named(const std::string& name, std::size_t most) {
  return name + padded_left(grouped(most), kLabel - 1 - name.size());
}

}  // namespace

std::vector<std::optional<Moment>> columns_of(const PolicyRun& run, double seconds, std::size_t columns) {
  std::vector<std::optional<Moment>> result(columns);
  std::size_t next = 0;
  const double column = seconds / static_cast<double>(columns);
  for (std::size_t i = 0; i < columns && static_cast<double>(i) * column < run.seconds; ++i) {
    while (next < run.moments.size() && run.moments[next].at < static_cast<double>(i + 1) * column) ++next;
    if (next > 0) result[i] = run.moments[next - 1];
  }
  return result;
}

std::vector<bool> deaths_in_columns(const PolicyRun& run, double seconds, std::size_t columns) {
  std::vector<bool> result(columns, false);
  for (const double at : run.deaths)
    result[std::min(static_cast<std::size_t>(std::max(at, 0.0) / seconds * static_cast<double>(columns)),
                    columns - 1)] = true;
  return result;
}

std::vector<std::string> chart_lines(const Terminal& terminal, const PolicyRun& run, const Scale& scale) {
  const std::size_t width = terminal.table_width() - kLabel;
  const auto columns = columns_of(run, scale.seconds, width);
  std::vector<std::string> lines;
  const std::string rule = shorten(run.rule, terminal.table_width() - run.name.size() - 2, terminal.encoding);
  lines.push_back(styled(terminal, Style::bold, run.name) + ": " + rule);

  std::string zones;
  std::vector<std::optional<double>> queued, workers;
  for (const std::optional<Moment>& moment : columns) {
    zones += moment ? zone(terminal, moment->ratio()) : " ";
    const auto share = [&](std::size_t number, std::size_t of) {
      return moment ? std::optional(static_cast<double>(number) / static_cast<double>(of)) : std::nullopt;
    };
    queued.push_back(share(moment ? moment->load.queued : 0, scale.queued));
    workers.push_back(share(moment ? moment->load.workers : 0, scale.workers));
  }
  lines.push_back(without_blanks_at_the_end(fit("load", kLabel, terminal.encoding) + without_blanks_at_the_end(zones)));
  add_bars(lines, terminal, named("waiting", scale.queued), kQueueRows, queued);
  add_bars(lines, terminal, named("workers", scale.workers), kWorkerRows, workers);

  std::string marks;
  for (const bool here : deaths_in_columns(run, scale.seconds, width)) marks += here ? death(terminal) : " ";
  lines.push_back(without_blanks_at_the_end(fit("died", kLabel, terminal.encoding) +
                                            styled(terminal, Style::bad, without_blanks_at_the_end(marks))));
  lines.push_back(std::string(kLabel, ' ') + "0" + padded_left(duration(scale.seconds), width - 1));
  return lines;
}

std::vector<std::string> legend_lines(const Terminal& terminal) {
  const auto sign = [&](double ratio, const char* name) { return std::string(zone(terminal, ratio)) + " " + name; };
  std::string load = "load: (active + waiting) / workers  ";
  load += sign(0, "below 0.3  ") + sign(0.5, "between  ") + sign(1, "above 0.8");
  const std::string died = std::string(death(terminal)) + " a hostile file has ended the thread of its worker";
  std::vector<std::string> lines;
  for (const std::string& line : {load, died})
    lines.push_back("  " + shorten(line, terminal.table_width() - 2, terminal.encoding));
  return lines;
}
