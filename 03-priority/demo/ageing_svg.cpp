#include <chrono>
#include <string>

#include <indexer/printable.hpp>
#include "ageing_chart.hpp"
#include "svg.hpp"

using namespace indexer;

namespace {

constexpr double kLeft = 132, kRight = 740, kTop = 56, kRow = 62;
constexpr int kTick = 100;  // milliseconds

}  // namespace

std::string ageing_svg(const AgeingExperiment& experiment) {
  const double flood = std::chrono::duration<double>(experiment.plan.flood).count();
  const double whole = whole_time(experiment);
  const auto x = [&](double seconds) { return kLeft + (kRight - kLeft) * seconds / whole; };
  const double bottom = kTop + kRow * static_cast<double>(experiment.runs.size());

  std::string drawn = svg::text(8, 20, "head", "start", "When low jobs start under a flood of critical ones");
  drawn += svg::text(8, 38, "quiet", "start",
                     counted(experiment.plan.low_jobs, "low job") + ", " + counted(experiment.plan.workers, "worker") +
                         "; each line goes from the moment a job is handed in to the moment it starts");
  drawn += svg::rectangle("flood", kLeft, kTop, x(flood) - kLeft, bottom - kTop);
  for (int i = 0; i * kTick * 1e-3 <= whole; ++i) {
    const double tick = x(i * kTick * 1e-3);
    drawn += svg::line("grid", tick, kTop, tick, bottom);
    drawn += svg::text(tick, bottom + 18, "quiet", "middle", std::to_string(i * kTick) + " ms");
  }
  std::string description = "Without ageing the low jobs start when the critical ones end. ";
  for (std::size_t i = 0; i < experiment.runs.size(); ++i) {
    const AgeingRun& run = experiment.runs[i];
    const double top = kTop + kRow * static_cast<double>(i);
    drawn += svg::text(kLeft - 8, top + kRow / 2 - 2, "head", "end", name_of(run));
    drawn += svg::text(kLeft - 8, top + kRow / 2 + 14, "quiet", "end", "up to " + duration(run.longest_wait()));
    for (std::size_t job = 0; job < run.started.size(); ++job) {
      const double y = top + kRow * (static_cast<double>(job) + 1) / (static_cast<double>(run.started.size()) + 1);
      drawn += svg::line("wait", x(run.handed_in[job]), y, x(run.started[job]), y);
      drawn += svg::circle("after", x(run.started[job]), y, 3);
    }
    drawn += svg::line("axis", kLeft, top + kRow, kRight, top + kRow);
    description += name_of(run) + ": the longest wait is " + duration(run.longest_wait()) + ". ";
  }
  drawn += svg::text(x(flood / 2), bottom + 36, "quiet", "middle",
                     "while critical jobs come as fast as they are done (shaded)");
  description.pop_back();
  return svg::picture(760, bottom + 48, "The starts of low jobs under critical load, with and without ageing",
                      description, drawn);
}
