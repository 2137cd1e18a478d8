#include "experiment_report.hpp"

#include <algorithm>
#include <cstdio>
#include <ostream>

#include "memory_chart.hpp"

using namespace indexer;

namespace {

constexpr std::size_t kRows = 6;                // of a chart
constexpr std::size_t kWidthForTwoCharts = 70;  // columns; below that they stand one below the other

std::string one_decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string capacity_of(const Experiment& experiment) {
  return "capacity " + grouped(experiment.capacity);
}

}  // namespace

ExperimentReport::ExperimentReport(std::ostream& out, const Terminal& terminal, const Experiment& experiment)
    : out_(out), terminal_(terminal), experiment_(experiment), width_(terminal.table_width()) {}

void ExperimentReport::everything() const {
  setting();
  out_ << '\n';
  charts();
  out_ << '\n';
  policies();
  out_ << '\n';
  littles_law();
}

void ExperimentReport::heading(const std::string& text) const {
  out_ << styled(terminal_, Style::bold, text) << '\n';
}

void ExperimentReport::setting() const {
  heading("the memory experiment");
  const auto lines =
      wrapped({counted(experiment_.files, "generated text"), byte_size(experiment_.bytes), "one thread reads",
               counted(experiment_.workers, "worker") + (experiment_.workers == 1 ? " counts" : " count"),
               "each run a process of its own"},
              width_ - 2);
  for (const std::string& line : lines) out_ << "  " << line << '\n';
}

void ExperimentReport::charts() const {
  heading("text in memory: read, and not yet counted");
  const Measurement &free = experiment_.unlimited, &bound = experiment_.blocking();
  const Scale scale = scale_of({&free, &bound});
  const bool beside = width_ >= kWidthForTwoCharts;
  const std::size_t width = beside ? (width_ - 2) / 2 : width_;
  const auto chart = [&](const std::string& name, const Measurement& m) {
    return memory_chart(terminal_, name + ": up to " + byte_size(scale_of({&m}).bytes), m.samples, scale, width, kRows);
  };
  auto left = chart("no limit", free);
  const auto right = chart(capacity_of(experiment_), bound);
  if (beside) {
    for (std::size_t i = 0; i < left.size(); ++i) left[i] += "  " + right[i];
  } else {
    left.insert(left.end(), right.begin(), right.end());
  }
  for (const std::string& line : left) out_ << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
}

void ExperimentReport::policies() const {
  heading("what became of the texts, and the peak of resident memory (" + std::string(kPeakMemoryName) + ")");
  std::vector<Row> rows = {{"", "accepted", "rejected", "dropped", "workers", "caller", "time", "peak"}};
  const auto add = [&](const std::string& name, const Measurement& m) {
    rows.push_back({name, grouped(m.accepted), grouped(m.rejected), grouped(m.dropped), grouped(m.completed),
                    grouped(m.ran_in_caller), duration(m.seconds), byte_size(m.peak_memory)});
  };
  add("no limit", experiment_.unlimited);
  for (const Measurement& policy : experiment_.policies) add(std::string(to_string(policy.plan.overflow)), policy);
  table(rows);
}

void ExperimentReport::littles_law() const {
  heading("Little's law: mean number in the system = arrivals a second x mean stay");
  std::vector<Row> rows = {{"", "arrivals/s", "x", "mean stay", "=", "product", "", "sampled mean"}};
  const auto add = [&](const std::string& name, const Measurement& m) {
    rows.push_back({name, one_decimal(m.arrival_rate()), "x", duration(m.mean_stay()), "=",
                    one_decimal(m.arrival_rate() * m.mean_stay()), "", one_decimal(m.mean_in_system())});
  };
  add("no limit", experiment_.unlimited);
  add(capacity_of(experiment_), experiment_.blocking());
  table(rows);
}

// Columns as wide as they have to be, the first to the left, the others to the right. On a screen too narrow for that,
// each row is a list.
void ExperimentReport::table(const std::vector<Row>& rows) const {
  const Row& head = rows.front();
  std::vector<std::size_t> widths(head.size(), 0);
  std::size_t used = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    for (const Row& row : rows) widths[i] = std::max(widths[i], columns(row[i]));
    used += 2 + widths[i];
  }
  for (const Row& row : rows) {
    std::string line = "  " + fit(row[0], widths[0], terminal_.encoding);
    std::vector<std::string> list;
    for (std::size_t i = 1; i < row.size(); ++i) {
      line += "  " + padded_left(row[i], widths[i]);
      if (row[i] != head[i]) list.push_back(head[i] + " " + row[i]);
    }
    if (used <= width_) {
      out_ << line << '\n';
    } else if (&row != &head) {
      out_ << "  " << row[0] << '\n';
      for (const std::string& part : wrapped(list, width_ - 4)) out_ << "    " << part << '\n';
    }
  }
}
