#include "waiting_chart.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ostream>

#include "generated_texts.hpp"
#include "times.hpp"

using namespace indexer;

namespace {

constexpr std::size_t kLabel = 15;              // columns for the name of a bucket
constexpr std::size_t kWidthForTwoCharts = 70;  // columns; below that they stand one below the other

std::string plain(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

// One run's bar for a bucket, with its count behind it.
std::string bar_and_count(const Terminal& terminal, const WaitingRun& run, std::size_t bucket, std::size_t width) {
  const std::size_t count = run.waits.buckets()[bucket];
  const std::size_t room = width - std::min(width, grouped(run.waits.most()).size() + 1);
  const std::string drawn =
      bar(terminal, static_cast<double>(count), static_cast<double>(run.waits.most()), std::max<std::size_t>(room, 1));
  if (count == 0) return std::string(width, ' ');
  const std::string text = styled(terminal, Style::bar, drawn) + " " + grouped(count);
  const std::size_t used = columns(drawn) + 1 + grouped(count).size();
  return text + std::string(width - std::min(width, used), ' ');
}

void print_line(std::ostream& out, const std::string& line) {
  out << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
}

// So many charts beside each other.
void print_charts(std::ostream& out, const Terminal& terminal, const std::vector<const WaitingRun*>& runs,
                  const Range& range, std::size_t whole) {
  const std::size_t width = (whole - kLabel) / runs.size() - 2;
  std::string head(kLabel, ' ');
  for (const WaitingRun* run : runs) head += "  " + fit(run->name, width, terminal.encoding);
  print_line(out, styled(terminal, Style::bold, head.substr(0, head.find_last_not_of(' ') + 1)));
  for (std::size_t bucket = range.first; bucket < range.end; ++bucket) {
    std::string line = padded_left(bucket_name(bucket, terminal.encoding), kLabel);
    for (const WaitingRun* run : runs) line += "  " + bar_and_count(terminal, *run, bucket, width);
    print_line(out, line);
  }
}

void print_figures(std::ostream& out, const Terminal& terminal, const WaitingRun& run) {
  const auto time = [&](double seconds) { return short_time(seconds, terminal.encoding); };
  const Histogram& waits = run.waits;
  const std::string name = fit(run.name, 20, terminal.encoding);
  const auto lines =
      wrapped({counted(waits.size(), "question"), "p50 " + time(waits.quantile(0.5)),
               "p90 " + time(waits.quantile(0.9)), "max " + time(waits.quantile(1)),
               "all indexed after " + duration(run.seconds), "all answered after " + duration(run.all_seconds)},
              terminal.table_width() - 22);
  for (std::size_t i = 0; i < lines.size(); ++i)
    out << "  " << (i == 0 ? styled(terminal, Style::bold, name) : std::string(20, ' ')) << lines[i] << '\n';
}

}  // namespace

std::string bucket_name(std::size_t bucket, Encoding encoding) {
  const auto& begins = Histogram::kBegins;
  const auto unit_of = [](double seconds) { return seconds < 1e-3 ? 1e6 : seconds < 1 ? 1e3 : 1.0; };
  const auto unit_name = [&](double unit) {
    return std::string(unit == 1e6 ? (encoding == Encoding::utf8 ? " µs" : " us") : unit == 1e3 ? " ms" : " s");
  };
  const auto named = [&](double seconds) { return plain(seconds * unit_of(seconds)) + unit_name(unit_of(seconds)); };
  if (bucket == 0) return "below " + named(begins[1]);
  if (bucket + 1 == begins.size()) return "over " + named(begins[bucket]);
  const double from = begins[bucket], to = begins[bucket + 1];
  if (unit_of(from) == unit_of(to)) return plain(from * unit_of(from)) + " to " + named(to);
  return named(from) + " to " + named(to);
}

void print(std::ostream& out, const Terminal& terminal, const WaitingExperiment& experiment) {
  const std::size_t width = terminal.table_width();
  const WaitingRun &one_line = experiment.one_line, &priorities = experiment.priorities;
  out << styled(terminal, Style::bold, "waiting: how long a question stands in the queue") << '\n';
  for (const std::string& line :
       wrapped({counted(experiment.plan.texts, "generated text") + " to index",
                byte_size(experiment.plan.texts * kTextSize), counted(experiment.plan.workers, "worker"),
                "a question every " + std::to_string(experiment.plan.interval.count()) + " ms"},
               width - 2))
    out << "  " << line << '\n';
  out << '\n';
  const Range range = used_buckets({&one_line.waits, &priorities.waits});
  if (width >= kWidthForTwoCharts) {
    print_charts(out, terminal, {&one_line, &priorities}, range, width);
  } else {
    print_charts(out, terminal, {&one_line}, range, width);
    print_charts(out, terminal, {&priorities}, range, width);
  }
  out << '\n';
  print_figures(out, terminal, one_line);
  print_figures(out, terminal, priorities);
}
