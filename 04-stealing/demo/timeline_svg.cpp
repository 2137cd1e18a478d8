#include <algorithm>
#include <string>

#include <indexer/printable.hpp>
#include "../../03-priority/demo/svg.hpp"
#include "timeline_chart.hpp"

using namespace indexer;

namespace {

// Narrow enough to be read on a telephone, where a page has some 360 of these units.
constexpr double kWidth = 400, kLeft = 64, kRight = 392, kBar = 14, kMarks = 8, kRow = kBar + kMarks;
constexpr std::size_t kColumns = 656;  // two for each unit

constexpr const char* kStyle =
    "<style>.file{fill:#3b82c4}.large{fill:#e0912f}.other{fill:#8957c9}.nothing{fill:#656d76;fill-opacity:.15}"
    ".steal{fill:#cf222e}"
    "@media(prefers-color-scheme:dark){.file{fill:#4a90d9}.large{fill:#e8a33d}.other{fill:#a97ee0}"
    ".nothing{fill:#9198a1;fill-opacity:.2}.steal{fill:#ff7b72}}</style>\n";

const char* class_of(Doing what) {
  constexpr const char* kClasses[] = {"nothing", "other", "file", "large"};
  return kClasses[static_cast<std::size_t>(what)];
}

double x_of(std::size_t column) {
  return kLeft + (kRight - kLeft) * static_cast<double>(column) / static_cast<double>(kColumns);
}

std::string mark(double x, double y) {
  return "<path class=\"steal\" d=\"M" + svg::number(x) + " " + svg::number(y) + "l2.5 5h-5z\"/>\n";
}

std::string lane(const std::string& label, const Lane& lane, double whole, double seconds, double y) {
  std::string drawn = svg::text(kLeft - 6, y + kBar - 3, "quiet", "end", label);
  const std::vector<Doing> columns = columns_of(lane, whole, kColumns);
  const auto used = static_cast<std::size_t>(static_cast<double>(kColumns) * std::min(seconds / whole, 1.0));
  for (std::size_t i = 0, next = 0; i < used; i = next) {
    while (next < used && columns[next] == columns[i]) ++next;
    drawn += svg::rectangle(class_of(columns[i]), x_of(i), y, x_of(next) - x_of(i), kBar);
  }
  const std::vector<std::size_t> steals = steals_in_columns(lane, whole, kColumns / 4);  // marks must not touch
  for (std::size_t i = 0; i < steals.size(); ++i)
    if (steals[i] > 0) drawn += mark(x_of(4 * i + 2), y + kBar + 1);
  return drawn;
}

// Moves y to where the next one may begin.
std::string run(const Contestant& contestant, double whole, double& y) {
  const Timeline& timeline = contestant.best.timeline;
  std::string drawn = svg::text(8, y, "head", "start", contestant.name) +
                      svg::text(kRight, y, "head", "end", duration(timeline.seconds));
  y += 8;
  const auto next = [&](const std::string& label, const Lane& own) {
    drawn += lane(label, own, whole, timeline.seconds, y);
    y += kRow;
  };
  if (!timeline.caller.stretches.empty()) next("caller", timeline.caller);
  const std::size_t shown = std::min(timeline.workers.size(), kWorkersDrawn);
  for (std::size_t i = 0; i < shown; ++i) next("worker " + std::to_string(i), timeline.workers[i]);
  if (const std::size_t more = timeline.workers.size() - shown; more > 0) {
    drawn += svg::text(kLeft, y + 10, "quiet", "start", "and " + counted(more, "worker") + " more");
    y += kRow;
  }
  y += 20;
  return drawn;
}

std::string legend(double& y) {
  std::string drawn;
  const auto entry = [&](double x, const char* style, const char* name) {
    drawn += svg::rectangle(style, x, y - 10, 12, 12) + svg::text(x + 18, y, "quiet", "start", name);
  };
  entry(kLeft, "file", "small files");
  entry(kLeft + 164, "large", "the large file");
  y += 20;
  entry(kLeft, "other", "walking, merging");
  entry(kLeft + 164, "nothing", "nothing to do");
  y += 20;
  drawn += mark(kLeft + 6, y - 7) + svg::text(kLeft + 18, y, "quiet", "start", "has stolen work from another worker");
  return drawn;
}

}  // namespace

std::string timeline_svg(const Contest& contest) {
  const double whole = whole_time(contest);
  const double former = contest.former.best.timeline.seconds, forking = contest.forking.best.timeline.seconds;
  double y = 62;
  std::string drawn = kStyle +
                      svg::text(8, 20, "head", "start", "Who does what, when one file is as large as the rest") +
                      svg::text(8, 38, "quiet", "start",
                                counted(contest.forking.best.paths.size(), "file") + ", " +
                                    byte_size(contest.found.parallel.index.totals().bytes) + "; " +
                                    counted(contest.plan.workers, "worker") + " in each pool");
  for (const Contestant* pool : contest.pools()) drawn += run(*pool, whole, y);
  y -= 10;
  drawn += svg::text(kLeft, y, "quiet", "start", "0") + svg::text(kRight, y, "quiet", "end", duration(whole));
  y += 24;
  drawn += legend(y);
  return svg::picture(
      kWidth, y + 12, "Timelines of the workers of two pools that index the same skewed folder",
      "With a job for each file, on the pool of stage 03, it takes " + duration(former) +
          ": when the small files are done, one worker counts the large one, and the others have nothing "
          "to do. With fork and join, on the pool of stage 04, it takes " +
          duration(forking) + ": whoever has nothing to do steals a part of the large file.",
      drawn);
}
