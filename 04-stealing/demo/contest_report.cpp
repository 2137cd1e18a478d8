#include "contest_report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <string>
#include <vector>

#include "timeline_chart.hpp"

using namespace indexer;

namespace {

constexpr std::size_t kLabel = 10;             // columns: that of indexer::Report
constexpr std::size_t kName = 12, kPart = 13;  // of a table

std::string times_as_fast(double seconds, double before) {
  char text[64];
  std::snprintf(text, sizeof text, "%.2f times as fast", seconds > 0 ? before / seconds : 0.0);
  return text;
}

std::string percent(double part) {
  return std::to_string(std::lround(100 * std::clamp(part, 0.0, 1.0))) + " %";
}

}  // namespace

void ContestReport::beginning(const LargeFile& large) const {
  const std::size_t width = terminal_.table_width() - kLabel;
  const auto shown = [&](const std::string& path) { return printable(path, terminal_.encoding); };
  const Listing& listing = contest_.found.listing;
  report_.line("folder", shorten(shown(contest_.found.folder), width, terminal_.encoding));
  report_.line("", counted(listing.files.size() - std::min<std::size_t>(listing.files.size(), 1), "file") + " in " +
                       counted(listing.folders, "folder"));
  const std::string where = contest_.plan.tree.large_first ? ", found first" : ", found last";
  if (large.made()) {
    report_.line("large", "one more file, with all their texts: " + byte_size(large.bytes()) + where);
  } else {
    const std::string rest = ": " + byte_size(large.bytes()) + where;
    report_.line("large",
                 shorten(shown(large.path()), width - std::min(width / 2, rest.size()), terminal_.encoding) + rest);
  }
  report_.lines("pools", wrapped({counted(contest_.plan.workers, "worker") + " in each",
                                  "the fastest of " + counted(contest_.rounds, "round")},
                                 width));
}

void ContestReport::workers() const {
  out_ << styled(terminal_, Style::bold, "who did what") << '\n';
  for (const Contestant* pool : contest_.pools()) {
    const TreeRun& best = pool->best;
    const std::string stage = fit(pool == &contest_.former ? "  stage 03" : "  stage 04", kName, terminal_.encoding);
    const std::size_t all = best.timeline.workers.size(), shown = std::min(all, kWorkersDrawn);
    for (std::size_t i = 0; i < shown; ++i) {
      const Lane& lane = best.timeline.workers[i];
      const std::vector<std::string> parts{
          counted(best.tallies[i].files, "file"), counted(best.tallies[i].pieces, "piece"),
          counted(lane.steals.size(), "steal"), percent(lane.busy() / best.timeline.seconds) + " busy"};
      out_ << stage << fit("worker " + std::to_string(i), kName - 2, terminal_.encoding);
      if (terminal_.table_width() >= 2 * kName + parts.size() * kPart) {
        for (const std::string& part : parts) out_ << padded_left(part, kPart);
        out_ << '\n';
      } else {
        const auto lines = wrapped(parts, terminal_.table_width() - 2 * kName);
        for (std::size_t j = 0; j < lines.size(); ++j)
          out_ << std::string(j == 0 ? 2 : 2 * kName, ' ') << lines[j] << '\n';
      }
    }
    if (all > shown) out_ << stage << "and " << counted(all - shown, "worker") << " more\n";
  }
}

void ContestReport::times() const {
  const Contestant* const all[] = {&contest_.alone, &contest_.former, &contest_.forking};
  std::size_t name_width = 0;
  double longest = 0;
  for (const Contestant* one : all) {
    name_width = std::max(name_width, columns(one->name));
    longest = std::max(longest, one->best.run.seconds);
  }
  const std::size_t used = kLabel + name_width + 2 + 10 + 2;
  const std::size_t room = terminal_.table_width() > used ? terminal_.table_width() - used : 1;
  for (const Contestant* one : all) {
    const double seconds = one->best.run.seconds;
    report_.line(one == all[0] ? "time" : "",
                 fit(one->name, name_width, terminal_.encoding) + "  " + padded_left(duration(seconds), 10) + "  " +
                     styled(terminal_, Style::bar, bar(terminal_, seconds, longest, room)));
  }
  const double forking = contest_.forking.best.run.seconds;
  report_.line("", times_as_fast(forking, contest_.former.best.run.seconds) + " as stage 03, " +
                       times_as_fast(forking, contest_.alone.best.run.seconds) + " as one by one");
}

void ContestReport::verified() const {
  const Comparison& comparison = contest_.found.comparison;
  switch (comparison.verdict) {
    case Comparison::Verdict::same:
      report_.line("verified", styled(terminal_, Style::good, "all runs found exactly the same as one by one"));
      break;
    case Comparison::Verdict::changed:
      report_.line("verified",
                   counted(comparison.changed.size(), "file") + " changed meanwhile; the same in all others");
      break;
    case Comparison::Verdict::different:
      report_.line("verified", styled(terminal_, Style::bad, "no: the runs found different things (see the errors)"));
      break;
  }
}
