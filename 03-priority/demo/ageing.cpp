#include "ageing.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <ostream>
#include <utility>

#include <indexer/count.hpp>
#include <indexer/printable.hpp>
#include <pool/priority/thread_pool.hpp>
#include "generated_texts.hpp"

using namespace pool::priority;

namespace {

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// Critical jobs that hand in their successors, so that there is always one more than the workers can do.
class Flood {
 public:
  Flood(const std::string& text, Time end, CancelToken token) : text_(text), end_(end), token_(std::move(token)) {}

  // #region flood
  void go_on(ThreadPool& pool) {
    pool.post(Priority::critical, [this, &pool] {
      identifiers_ += indexer::count(text_).totals.identifiers;
      ++done_;
      if (std::chrono::steady_clock::now() < end_ && !token_.is_cancelled()) go_on(pool);
    });
  }
  // #endregion flood

  [[nodiscard]] std::size_t done() const { return done_; }

 private:
  const std::string& text_;
  const Time end_;
  const CancelToken token_;
  std::atomic<std::size_t> done_{0};
  std::atomic<std::uint64_t> identifiers_{0};
};

}  // namespace

double AgeingRun::longest_wait() const {
  double longest = 0;
  for (std::size_t i = 0; i < started.size(); ++i) longest = std::max(longest, started[i] - handed_in[i]);
  return longest;
}

AgeingRun run_ageing(const AgeingPlan& plan, Duration ageing) {
  const std::string text = generated_texts(1).front();
  std::vector<Job<std::uint64_t>> low;
  AgeingRun run;
  run.ageing = ageing;

  const Time begin = std::chrono::steady_clock::now();
  Flood flood(text, begin + plan.flood, plan.token);
  ThreadPool pool({.workers = plan.workers, .ageing = ageing});
  // #region overload
  for (std::size_t i = 0; i < 2 * plan.workers; ++i) flood.go_on(pool);  // half of them run, half wait
  for (std::size_t i = 0; i < plan.low_jobs; ++i) {
    low.push_back(pool.launch({.name = "patient", .priority = Priority::low, .token = plan.token},
                              [&text] { return indexer::count(text).totals.identifiers; }));
    if (plan.token.wait(plan.interval)) break;
  }
  // #endregion overload
  pool.wait_idle();
  plan.token.throw_if_cancelled();
  for (const auto& job : low) {
    const JobInfo info = job.info();
    run.handed_in.push_back(seconds(info.submitted - begin));
    run.started.push_back(seconds(info.started.value() - begin));
  }
  run.critical = flood.done();
  return run;
}

AgeingExperiment measure_ageing(const AgeingPlan& plan, std::ostream& errors, const indexer::Terminal& screen) {
  AgeingExperiment experiment{plan, {}};
  const std::string blank(30, ' ');
  for (const auto setting : plan.settings) {
    if (screen.interactive)
      errors << "\rageing: run " << experiment.runs.size() + 1 << " of " << plan.settings.size() << std::flush;
    experiment.runs.push_back(run_ageing(plan, setting));
    if (screen.interactive) errors << '\r' << blank << '\r' << std::flush;
  }
  return experiment;
}

std::string name_of(const AgeingRun& run) {
  return run.ageing == Duration::zero() ? "no ageing" : "ageing " + indexer::duration(seconds(run.ageing));
}

void write_json(indexer::JsonWriter& json, const AgeingExperiment& experiment) {
  json.begin_object().member("workers", std::uint64_t{experiment.plan.workers}).key("runs").begin_array();
  for (const AgeingRun& run : experiment.runs) {
    json.begin_object().member("ageing_seconds", seconds(run.ageing));
    json.member("critical", std::uint64_t{run.critical});
    json.member("longest_wait_seconds", run.longest_wait()).key("started_seconds").begin_array();
    for (const double started : run.started) json.value(started);
    json.end_array().end_object();
  }
  json.end_array().end_object();
}
