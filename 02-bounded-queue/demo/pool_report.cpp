#include "pool_report.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

using namespace indexer;
using pool::bounded::PoolStats;
using pool::bounded::WorkerStats;

namespace {

constexpr std::size_t kLabel = 10;        // columns, as in indexer::Report
constexpr std::size_t kWorkersShown = 6;  // at most

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

// A job may take less than what duration() shows.
std::string short_time(double time, const Terminal& terminal) {
  if (time >= 0.0009995) return duration(time);
  return std::to_string(std::lround(time * 1e6)) + (terminal.encoding == Encoding::utf8 ? " µs" : " us");
}

}  // namespace

PoolReport::PoolReport(std::ostream& out, const Terminal& terminal, const Report& report, const PoolPlan& plan,
                       const BoundedRun& run)
    : out_(out), terminal_(terminal), report_(report), plan_(plan), run_(run) {}

void PoolReport::queue() const {
  if (plan_.capacity == 0) return report_.line("queue", "without a limit");
  report_.lines("queue", wrapped({"of " + counted(plan_.capacity, "text") + " at most",
                                  "when it is full: " + std::string(to_string(plan_.overflow))},
                                 terminal_.table_width() - kLabel));
}

void PoolReport::counts() const {
  const PoolStats& stats = run_.stats;
  report_.lines("jobs", wrapped({grouped(stats.accepted) + " accepted", grouped(stats.rejected) + " rejected",
                                 grouped(stats.dropped) + " dropped", grouped(stats.ran_in_caller) + " ran in caller",
                                 "high-water mark " + grouped(stats.high_water)},
                                terminal_.table_width() - kLabel));
}

void PoolReport::completeness() const {
  if (!run_.partial()) return;
  const std::size_t lost = run_.rejected + run_.dropped;
  std::vector<std::string> reasons;
  if (run_.rejected > 0) reasons.push_back(grouped(run_.rejected) + " rejected");
  if (run_.dropped > 0) reasons.push_back(grouped(run_.dropped) + " dropped");
  reasons.front() = counted(lost, "file") + (lost == 1 ? " is" : " are") + " not in the result: " + reasons.front();
  std::vector<std::string> lines = wrapped(reasons, terminal_.table_width() - kLabel);
  for (std::string& line : lines) line = styled(terminal_, Style::bad, line);
  report_.lines("partial", lines);
}

// Jobs and bars on the left, times on the right.
void PoolReport::workers() const {
  const PoolStats& stats = run_.stats;
  const std::size_t shown = stats.workers.size() > kWorkersShown ? kWorkersShown - 1 : stats.workers.size();
  std::size_t name_width = stats.ran_in_caller > 0 ? kCaller.size() : 0;
  std::size_t most = stats.ran_in_caller;
  for (std::size_t i = 0; i < shown; ++i) {
    name_width = std::max(name_width, columns(printable(run_.workers[i], terminal_.encoding)));
    most = std::max(most, stats.workers[i].completed);
  }
  out_ << styled(terminal_, Style::bold, fit("who did the jobs", name_width + 14, terminal_.encoding)) << "  mean job"
       << "      idle\n";
  for (std::size_t i = 0; i < shown; ++i) {
    const WorkerStats& worker = stats.workers[i];
    row(run_.workers[i], name_width, worker.completed, seconds(worker.mean_job()), seconds(worker.idle), most);
  }
  if (shown < stats.workers.size()) {
    std::size_t jobs = 0;
    for (std::size_t i = shown; i < stats.workers.size(); ++i) jobs += stats.workers[i].completed;
    out_ << "  and " << grouped(stats.workers.size() - shown) << " more, with " << counted(jobs, "job")
         << " together\n";
  }
  if (stats.ran_in_caller > 0) row(kCaller, name_width, stats.ran_in_caller, -1, -1, most);
}

void PoolReport::row(std::string_view name, std::size_t name_width, std::size_t jobs, double mean_job, double idle,
                     std::size_t most) const {
  const auto time = [&](double seconds) { return padded_left(seconds < 0 ? "-" : short_time(seconds, terminal_), 10); };
  const std::size_t used = 2 + name_width + 12 + 10 + 10 + 2;
  const std::size_t width = terminal_.table_width();
  const std::string drawn =
      used < width ? bar(terminal_, static_cast<double>(jobs), static_cast<double>(most), width - used) : "";
  out_ << "  " << fit(printable(name, terminal_.encoding), name_width, terminal_.encoding)
       << padded_left(counted(jobs, "job"), 12) << time(mean_job) << time(idle) << (drawn.empty() ? "" : "  ")
       << styled(terminal_, Style::bar, drawn) << '\n';
}

void write_members(JsonWriter& json, const PoolPlan& plan, const BoundedRun& run) {
  const PoolStats& stats = run.stats;
  const auto number = [](std::size_t n) { return std::uint64_t{n}; };
  json.member("partial", run.partial()).key("pool").begin_object();
  json.member("capacity", number(plan.capacity)).member("overflow", to_string(plan.overflow));
  json.member("accepted", number(stats.accepted)).member("rejected", number(stats.rejected));
  json.member("dropped", number(stats.dropped)).member("ran_in_caller", number(stats.ran_in_caller));
  json.member("completed", number(stats.completed())).member("high_water", number(stats.high_water));
  json.member("mean_job_seconds", seconds(stats.mean_job())).end_object();
  json.key("worker_stats").begin_array();
  for (const WorkerStats& worker : stats.workers) {
    json.begin_object().member("completed", number(worker.completed));
    json.member("mean_job_seconds", seconds(worker.mean_job()));
    json.member("idle_seconds", seconds(worker.idle)).end_object();
  }
  json.end_array();
}
