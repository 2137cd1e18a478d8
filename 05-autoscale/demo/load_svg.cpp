#include "load_svg.hpp"

#include <algorithm>
#include <functional>

#include <indexer/printable.hpp>
#include "../../03-priority/demo/svg.hpp"

using namespace indexer;

namespace {

// Narrow enough to be read on a telephone, where a page has some 360 of these units.
constexpr double kWidth = 400, kLeft = 44, kRight = 392, kQueueHeight = 56, kCrewHeight = 96, kGap = 14;

constexpr const char* kStyle =
    "<style>.queue{fill:#e0912f;fill-opacity:.75}.crew{fill:#3b82c4;fill-opacity:.3;stroke:#3b82c4;stroke-width:1.5}"
    ".busy{fill:#3b82c4}.lanes{stroke:#1a7f37;stroke-width:1.5;stroke-dasharray:5 "
    "3}.death{stroke:#cf222e;stroke-width:2}"
    "@media(prefers-color-scheme:dark){.queue{fill:#e8a33d}.crew{fill:#4a90d9;stroke:#4a90d9}.busy{fill:#4a90d9}"
    ".lanes{stroke:#3fb950}.death{stroke:#ff7b72}}</style>\n";

// One plot: so high, with its bottom at y.
struct Plot {
  double bottom, height, whole;  // whole: seconds
  double most;                   // of the vertical axis

  [[nodiscard]] double x(double seconds) const {
    return kLeft + (kRight - kLeft) * std::clamp(seconds / whole, 0.0, 1.0);
  }
  [[nodiscard]] double y(double value) const { return bottom - height * std::clamp(value / most, 0.0, 1.0); }

  // Steps: each sample holds until the next one.
  [[nodiscard]] std::string steps(const char* style, const PolicyRun& run,
                                  const std::function<std::size_t(const Moment&)>& value) const {
    if (run.moments.empty()) return {};
    std::string path = "M" + svg::number(x(run.moments.front().at)) + " " + svg::number(bottom);
    for (std::size_t i = 0; i < run.moments.size(); ++i) {
      const double until = i + 1 < run.moments.size() ? run.moments[i + 1].at : run.seconds;
      path += "V" + svg::number(y(static_cast<double>(value(run.moments[i])))) + "H" + svg::number(x(until));
    }
    return std::string("<path class=\"") + style + "\" d=\"" + path + "V" + svg::number(bottom) + "Z\"/>\n";
  }

  [[nodiscard]] std::string frame(const std::string& name, double above) const {
    return svg::line("axis", kLeft, bottom, kRight, bottom) + svg::line("grid", kLeft, y(most), kRight, y(most)) +
           svg::text(kLeft - 6, bottom, "quiet", "end", "0") +
           svg::text(kLeft - 6, y(most) + 4, "quiet", "end", grouped(static_cast<std::size_t>(most))) +
           svg::text(kLeft, bottom - height - above, "quiet", "start", name);
  }
};

std::string mark(double x, double y) {
  return "<path class=\"death\" d=\"M" + svg::number(x - 3) + " " + svg::number(y - 3) + "l6 6m0 -6l-6 6\"/>\n";
}

std::string seconds_axis(const Plot& plot) {
  std::string drawn;
  const int step = plot.whole > 40 ? 10 : plot.whole > 12 ? 5 : 1;
  for (int second = 0; second <= static_cast<int>(plot.whole); second += step) {
    const double x = plot.x(second);
    drawn += svg::line("axis", x, plot.bottom, x, plot.bottom + 4);
    drawn += svg::text(x, plot.bottom + 17, "quiet",
                       second == 0       ? "start"
                       : x > kRight - 12 ? "end"
                                         : "middle",
                       std::to_string(second) + " s");
  }
  return drawn;
}

// Moves y to where the next one may begin.
std::string panel(const Experiment& experiment, const PolicyRun& run, double& y) {
  const LoadPlan& plan = experiment.plan;
  std::string drawn = svg::text(8, y, "head", "start", run.name) +
                      svg::text(kRight, y, "quiet", "end", "all done after " + duration(run.done));
  y += 26 + kQueueHeight;
  const double whole = experiment.seconds();
  const Plot queue{y, kQueueHeight, whole, static_cast<double>(experiment.most_queued())};
  drawn += queue.steps("queue", run, [](const Moment& moment) { return moment.load.queued; });
  drawn += queue.frame("files that wait", 5);
  y += kGap + 22 + kCrewHeight;
  const Plot crew{y, kCrewHeight, whole, static_cast<double>(plan.max)};
  drawn += crew.steps("crew", run, [](const Moment& moment) { return moment.load.workers; });
  drawn += crew.steps("busy", run, [](const Moment& moment) { return moment.load.active; });
  drawn += crew.frame("workers", 16);  // between them those who died
  if (plan.lanes <= plan.max)
    drawn += svg::line("lanes", kLeft, crew.y(static_cast<double>(plan.lanes)), kRight,
                       crew.y(static_cast<double>(plan.lanes)));
  drawn += seconds_axis(crew);
  for (const double at : run.deaths) drawn += mark(crew.x(at), crew.bottom - kCrewHeight - 7);
  y += 50;
  return drawn;
}

std::string legend(const LoadPlan& plan, double& y) {
  std::string drawn;
  const auto entry = [&](double x, const char* style, const std::string& name) {
    drawn += svg::rectangle(style, x, y - 10, 12, 12) + svg::text(x + 18, y, "quiet", "start", name);
  };
  entry(kLeft, "busy", "workers with a job");
  entry(kLeft + 176, "crew", "without one");
  y += 20;
  drawn += mark(kLeft + 6, y - 4) + svg::text(kLeft + 18, y, "quiet", "start", "a worker has died, and was replaced");
  if (plan.lanes > plan.max) return drawn;
  y += 20;
  drawn += svg::line("lanes", kLeft, y - 4, kLeft + 12, y - 4) +
           svg::text(kLeft + 18, y, "quiet", "start",
                     "so many are read at a time: more than " + grouped(plan.lanes) + " bring nothing");
  return drawn;
}

std::string described(const PolicyRun& run) {
  return run.name + " has up to " + counted(run.most_workers(), "worker") + ", changes their number " +
         counted(run.scaled, "time") + ", and is done after " + duration(run.done) + "; " +
         counted(run.died, "worker") + " died on the way and " + (run.died == 1 ? "was" : "were") + " replaced. ";
}

}  // namespace

std::string load_svg(const Experiment& experiment) {
  const LoadPlan& plan = experiment.plan;
  double y = 64;
  std::string drawn =
      kStyle +
      svg::text(8, 20, "head", "start",
                experiment.runs.size() > 1 ? "How many workers? Two policies, the same load" : "How many workers?") +
      svg::text(8, 38, "quiet", "start",
                counted(plan.files.size(), "file") + ", a read takes " +
                    duration(std::chrono::duration<double>(plan.a_read).count()) + ", " + grouped(plan.lanes) +
                    " at a time");
  std::string description;
  for (const PolicyRun& run : experiment.runs) {
    drawn += panel(experiment, run, y);
    description += described(run);
  }
  y -= 8;
  drawn += legend(plan, y);
  return svg::picture(kWidth, y + 14, "Files that wait, and workers, over time", description, drawn);
}
