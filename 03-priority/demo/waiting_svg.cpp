#include <algorithm>

#include <indexer/printable.hpp>
#include "generated_texts.hpp"
#include "svg.hpp"
#include "times.hpp"
#include "waiting_chart.hpp"

using namespace indexer;

namespace {

constexpr double kLeft = 112, kMiddle = 436, kRight = 752;  // of the columns: names, one chart, the other
constexpr double kTop = 92, kRow = 24;

std::string figures(const WaitingRun& run) {
  const auto time = [](double seconds) { return short_time(seconds, Encoding::utf8); };
  return "p50 " + time(run.waits.quantile(0.5)) + ", p90 " + time(run.waits.quantile(0.9)) + ", max " +
         time(run.waits.quantile(1));
}

std::string chart(const WaitingRun& run, const Range& range, const char* style, double left, double right) {
  std::string drawn =
      svg::text(left, 60, "head", "start", run.name) + svg::text(left, 77, "quiet", "start", figures(run));
  const double bottom = kTop + static_cast<double>(range.end - range.first) * kRow;
  drawn += svg::line("axis", left, kTop, left, bottom);
  const double scale = (right - left - 48) / static_cast<double>(std::max<std::size_t>(run.waits.most(), 1));
  for (std::size_t i = range.first; i < range.end; ++i) {
    const std::size_t count = run.waits.buckets()[i];
    if (count == 0) continue;
    const double y = kTop + static_cast<double>(i - range.first) * kRow;
    const double width = static_cast<double>(count) * scale;
    drawn += svg::rectangle(style, left, y + 3, width, kRow - 6);
    drawn += svg::text(left + width + 6, y + kRow - 8, "quiet", "start", grouped(count));
  }
  return drawn +
         svg::text(left, bottom + 18, "quiet", "start",
                   counted(run.waits.size(), "question") + "; all indexed after " + duration(run.seconds) + ",") +
         svg::text(left, bottom + 34, "quiet", "start", "all answered after " + duration(run.all_seconds));
}

}  // namespace

std::string waiting_svg(const WaitingExperiment& experiment) {
  const WaitingRun &one_line = experiment.one_line, &priorities = experiment.priorities;
  const Range range = used_buckets({&one_line.waits, &priorities.waits});
  std::string drawn = svg::text(8, 20, "head", "start", "How long a question waits while a folder is indexed");
  drawn += svg::text(8, 38, "quiet", "start",
                     counted(experiment.plan.texts, "text") + ", " + byte_size(experiment.plan.texts * kTextSize) +
                         "; " + counted(experiment.plan.workers, "worker") + "; a question every " +
                         std::to_string(experiment.plan.interval.count()) + " ms");
  for (std::size_t i = range.first; i < range.end; ++i) {
    const double y = kTop + (static_cast<double>(i - range.first) + 1) * kRow - 8;
    drawn += svg::text(kLeft - 8, y, "quiet", "end", bucket_name(i, Encoding::utf8));
  }
  drawn += chart(one_line, range, "before", kLeft, kMiddle - 12);
  drawn += chart(priorities, range, "after", kMiddle, kRight);
  const double height = kTop + static_cast<double>(range.end - range.first) * kRow + 46;
  return svg::picture(760, height, "Waiting times of questions, without and with priorities",
                      "Two histograms with one axis. " + one_line.name + ": " + figures(one_line) + ". " +
                          priorities.name + ": " + figures(priorities) + ". The indexing took " +
                          duration(one_line.seconds) + " and " + duration(priorities.seconds) + ".",
                      drawn);
}
