#include "experiment_report.hpp"

#include <algorithm>
#include <cstdio>
#include <ostream>
#include <string>
#include <vector>

using namespace indexer;

namespace {

constexpr std::size_t kLabel = 10;  // columns: that of indexer::Report
constexpr std::size_t kName = 14;   // of the table

std::string one_digit(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", number);
  return text;
}

}  // namespace

void print_plan(std::ostream& out, const Terminal& terminal, const Findings& walked, const LoadPlan& plan) {
  const Report report(out, terminal, walked);
  const std::size_t width = terminal.table_width() - kLabel;
  const std::size_t files = walked.listing.files.size();
  report.line("folder", shorten(printable(walked.folder, terminal.encoding), width, terminal.encoding));
  report.line("", (plan.files.size() < files ? "the first " + grouped(plan.files.size()) + " of " : "") +
                      counted(files, "file") + " in " + counted(walked.listing.folders, "folder"));
  report.lines("source", wrapped({"slowed down for this demo: a read takes " +
                                      duration(std::chrono::duration<double>(plan.a_read).count()),
                                  grouped(plan.lanes) + " at a time"},
                                 width));
  report.lines("load", wrapped({"a trickle of " + counted(plan.trickle, "file"), "a burst of " + grouped(plan.burst),
                                "one of " + grouped(plan.second_burst)},
                               width));
  report.lines("pool",
               wrapped({grouped(plan.min) + " to " + counted(plan.max, "worker"),
                        "the policy is asked every " + duration(std::chrono::duration<double>(plan.interval).count())},
                       width));
}

void ExperimentReport::policies() const {
  const bool narrow = terminal_.table_width() < 70;
  const std::vector<std::string> heads{"done after", "wait p50", "p90", "workers: most", "mean", "steps"};
  const auto row = [&](const std::string& name, const std::vector<std::string>& cells) {
    if (narrow) return;
    out_ << fit(name, kName, terminal_.encoding);
    for (std::size_t i = 0; i < cells.size(); ++i)
      out_ << padded_left(cells[i], std::max<std::size_t>(heads[i].size(), 7) + 2);
    out_ << '\n';
  };
  row("", heads);
  for (const PolicyRun& run : experiment_.runs) {
    const std::vector<std::string> cells{
        duration(run.done),          duration(run.wait(0.5)),       duration(run.wait(0.9)),
        grouped(run.most_workers()), one_digit(run.mean_workers()), grouped(run.scaled)};
    row(run.name, cells);
    if (!narrow) continue;
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < cells.size(); ++i) parts.push_back(heads[i] + " " + cells[i]);
    out_ << styled(terminal_, Style::bold, run.name) << '\n';
    for (const std::string& line : wrapped(parts, terminal_.table_width() - 2)) out_ << "  " << line << '\n';
  }
}

void ExperimentReport::recovery() const {
  const LoadPlan& plan = experiment_.plan;
  const std::size_t width = terminal_.table_width() - kLabel;
  const std::size_t hostile = plan.hostile();
  const std::string type = "*" + printable(plan.ending, terminal_.encoding);
  if (hostile == 0)
    return report_.line("hostile", shorten("there is no " + type + ": nobody had to die", width, terminal_.encoding));
  report_.lines("hostile", wrapped({shorten(counted(hostile, type + " file"), width / 2, terminal_.encoding) +
                                    (hostile == 1 ? " ends" : " end") + " the thread that handles " +
                                    (hostile == 1 ? "it" : "them")},
                                   width));
  for (const PolicyRun& run : experiment_.runs) {
    report_.lines(
        "", wrapped({run.name + ": " + counted(run.died, "worker") + " died", counted(run.failed, "job") + " failed"},
                    width));
    report_.lines("", wrapped({"  " + grouped(run.started) + " started = " + grouped(run.retired) + " retired + " +
                               grouped(run.died) + " died + " + grouped(run.stayed()) + " to the end"},
                              width));
  }
}

void ExperimentReport::verified() const {
  const Comparison& comparison = experiment_.found.comparison;
  switch (comparison.verdict) {
    case Comparison::Verdict::same:
      report_.line("verified", styled(terminal_, Style::good, "in all other files the same was found as one by one"));
      break;
    case Comparison::Verdict::changed:
      report_.line("verified",
                   counted(comparison.changed.size(), "file") + " changed meanwhile; the same in all others");
      break;
    case Comparison::Verdict::different:
      report_.line("verified", styled(terminal_, Style::bad, "no: different things were found (see the errors)"));
      break;
  }
}
