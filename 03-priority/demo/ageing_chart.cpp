#include "ageing_chart.hpp"

#include <algorithm>
#include <cmath>
#include <ostream>

using namespace indexer;

namespace {

constexpr std::size_t kLabel = 15;  // columns

double seconds(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

void print_row(std::ostream& out, const Terminal& terminal, const std::string& label, const std::string& line) {
  out << "  " << fit(label, kLabel, terminal.encoding) << styled(terminal, Style::bar, line) << '\n';
}

}  // namespace

double whole_time(const AgeingExperiment& experiment) {
  double last = seconds(experiment.plan.flood) * 1.1;
  for (const AgeingRun& run : experiment.runs)
    for (const double started : run.started) last = std::max(last, started * 1.02);
  return last;
}

std::string timeline(const std::vector<double>& times, double flood, double seconds, std::size_t width) {
  const double columns = static_cast<double>(width) / seconds;
  const auto column_of = [&](double time) {
    return std::min(static_cast<std::size_t>(std::max(0.0, time) * columns), width - 1);
  };
  std::vector<std::size_t> marks(width, 0);
  for (const double time : times) ++marks[column_of(time)];
  std::string line;
  for (std::size_t i = 0; i < width; ++i) {
    const std::size_t here = marks[i];
    const char empty = i <= column_of(flood) ? '.' : ' ';
    line += here == 0 ? empty : here == 1 ? 'o' : here < 10 ? static_cast<char>('0' + here) : '+';
  }
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

void print(std::ostream& out, const Terminal& terminal, const AgeingExperiment& experiment) {
  const std::size_t width = terminal.table_width(), plot = width - kLabel - 2;
  const double flood = seconds(experiment.plan.flood), whole = whole_time(experiment);
  out << styled(terminal, Style::bold, "ageing: when low jobs start under a flood of critical ones") << '\n';
  std::size_t critical = 0;
  for (const AgeingRun& run : experiment.runs) critical = std::max(critical, run.critical);
  for (const std::string& line :
       wrapped({"up to " + counted(critical, "critical job") + " in " + duration(flood),
                counted(experiment.plan.low_jobs, "low job"), counted(experiment.plan.workers, "worker"),
                "o: one starts", "a digit: so many", "dots: the critical work"},
               width - 2))
    out << "  " << line << '\n';
  out << '\n';
  if (!experiment.runs.empty())
    print_row(out, terminal, "handed in", timeline(experiment.runs.front().handed_in, flood, whole, plot));
  for (const AgeingRun& run : experiment.runs)
    print_row(out, terminal, name_of(run), timeline(run.started, flood, whole, plot));
  const std::string end = duration(whole);
  out << std::string(kLabel + 2, ' ') << "0" << padded_left(end, plot - 1) << '\n';
  std::vector<std::string> waits;
  for (const AgeingRun& run : experiment.runs)
    waits.push_back(duration(run.longest_wait()) +
                    (run.ageing == decltype(run.ageing)::zero() ? " without ageing" : " with " + name_of(run)));
  if (!waits.empty()) waits.front() = "longest wait: " + waits.front();
  for (const std::string& line : wrapped(waits, width - 2)) out << "  " << line << '\n';
}
