#include "timeline_chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

using namespace indexer;

namespace {

constexpr std::size_t kLabel = 12;  // columns

struct Sign {
  std::string_view utf8, ascii;
  Style style;
};

const Sign& sign_of(Doing what) {
  static constexpr std::array<Sign, 4> kSigns{{{"·", ".", Style::dim},     // nothing
                                               {"░", "+", Style::plain},   // other
                                               {"▒", "o", Style::bar},     // file
                                               {"█", "#", Style::good}}};  // large
  return kSigns[static_cast<std::size_t>(what)];
}

std::string_view drawn(const Terminal& terminal, Doing what) {
  return terminal.encoding == Encoding::utf8 ? sign_of(what).utf8 : sign_of(what).ascii;
}

std::string_view steal_mark(const Terminal& terminal) {
  return terminal.encoding == Encoding::utf8 ? "▲" : "^";
}

std::string row_of(const Terminal& terminal, const std::vector<Doing>& columns, std::size_t used) {
  std::string row, same;
  for (std::size_t i = 0; i < used; ++i) {
    same += drawn(terminal, columns[i]);
    if (i + 1 == used || columns[i + 1] != columns[i])
      row += styled(terminal, sign_of(columns[i]).style, std::exchange(same, {}));
  }
  return row;
}

std::string marks_of(const Terminal& terminal, const std::vector<std::size_t>& steals) {
  std::string row, blanks;
  for (const std::size_t here : steals) {
    if (here == 0) {
      blanks += ' ';
    } else {
      row.append(std::exchange(blanks, {})).append(steal_mark(terminal));
    }
  }
  return row;
}

// What both pools have in common: where to draw, and the scale.
struct Chart {
  std::ostream& out;
  const Terminal& terminal;
  double whole;  // seconds
  std::size_t columns;

  void lane(const std::string& label, const Lane& lane, double seconds) const {
    const auto used =
        static_cast<std::size_t>(std::lround(static_cast<double>(columns) * std::min(seconds / whole, 1.0)));
    out << fit("  " + label, kLabel, terminal.encoding)
        << row_of(terminal, columns_of(lane, whole, columns), std::clamp<std::size_t>(used, 1, columns)) << '\n';
    if (const std::string marks = marks_of(terminal, steals_in_columns(lane, whole, columns)); !marks.empty())
      out << std::string(kLabel, ' ') << marks << '\n';
  }

  void run(const Contestant& contestant) const {
    const Timeline& timeline = contestant.best.timeline;
    const std::string time = duration(timeline.seconds);
    out << styled(terminal, Style::bold, fit(contestant.name, kLabel + columns - time.size(), terminal.encoding) + time)
        << '\n';
    if (!timeline.caller.stretches.empty()) lane("caller", timeline.caller, timeline.seconds);
    const std::size_t shown = std::min(timeline.workers.size(), kWorkersDrawn);
    for (std::size_t i = 0; i < shown; ++i) lane("worker " + std::to_string(i), timeline.workers[i], timeline.seconds);
    if (const std::size_t more = timeline.workers.size() - shown; more > 0)
      out << "  and " << counted(more, "worker") << " more\n";
  }
};

}  // namespace

std::vector<Doing> columns_of(const Lane& lane, double seconds, std::size_t columns) {
  const double column = seconds / static_cast<double>(columns);
  std::vector<std::array<double, 4>> times(columns, std::array<double, 4>{});
  for (const Stretch& stretch : lane.stretches) {
    const auto first = static_cast<std::size_t>(std::max(stretch.begin, 0.0) / column);
    for (std::size_t i = first; i < columns && static_cast<double>(i) * column < stretch.end; ++i) {
      const double from = std::max(stretch.begin, static_cast<double>(i) * column);
      const double to = std::min(stretch.end, static_cast<double>(i + 1) * column);
      times[i][static_cast<std::size_t>(stretch.what)] += std::max(to - from, 0.0);
    }
  }
  std::vector<Doing> result;
  for (auto& [nothing, other, file, large] : times) {
    nothing = column - other - file - large;
    const std::array<double, 4> parts{nothing, other, file, large};
    result.push_back(static_cast<Doing>(std::max_element(parts.begin(), parts.end()) - parts.begin()));
  }
  return result;
}

std::vector<std::size_t> steals_in_columns(const Lane& lane, double seconds, std::size_t columns) {
  std::vector<std::size_t> steals(columns, 0);
  for (const double at : lane.steals)
    ++steals[std::min(static_cast<std::size_t>(std::max(at, 0.0) / seconds * static_cast<double>(columns)),
                      columns - 1)];
  return steals;
}

double whole_time(const Contest& contest) {
  return std::max({contest.former.best.timeline.seconds, contest.forking.best.timeline.seconds, 1e-6});
}

void print_timelines(std::ostream& out, const Terminal& terminal, const Contest& contest) {
  const std::size_t plot = terminal.table_width() - kLabel;
  const Chart chart{out, terminal, whole_time(contest), plot};
  for (const Contestant* pool : contest.pools()) chart.run(*pool);
  out << std::string(kLabel, ' ') << "0" << padded_left(duration(chart.whole), plot - 1) << '\n';
  const bool narrow = plot < 62;
  const auto legend = [&](Doing what, const char* name, bool last) {
    out << styled(terminal, sign_of(what).style, drawn(terminal, what)) << ' ' << name
        << (last || narrow ? "\n  " : "   ");
  };
  out << "  ";
  legend(Doing::file, "small files", false);
  legend(Doing::large, "the large file", false);
  legend(Doing::other, "walking, merging", false);
  legend(Doing::nothing, "nothing to do", true);
  out << steal_mark(terminal) << " has stolen work from another worker\n";
}
