#include "experiment.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include <pool/basic/native_thread.hpp>

using namespace indexer;

namespace {

using Verdict = Comparison::Verdict;

// Keeps the worse of what was found so far and what this run shows.
void verify(const Run& sequential, const Run& run, Comparison& worst) {
  Comparison here = compare(sequential, run);
  if (here.verdict == Verdict::different ? worst.verdict != Verdict::different
                                         : here.verdict == Verdict::changed && worst.verdict == Verdict::same)
    worst = std::move(here);
}

}  // namespace

Experiment run_experiment(LoadPlan plan, const std::vector<Contender>& contenders, std::ostream& errors,
                          const Terminal& screen, LiveChart& live) {
  Experiment experiment;
  Findings& found = experiment.found;
  for (std::size_t i = 0; i < plan.files.size(); ++i)
    if (!plan.is_hostile(i)) found.listing.files.push_back(plan.files[i]);
  {
    Progress progress(errors, screen, "one by one", found.listing.files.size());
    found.sequential = index_sequentially(found.listing.files, progress);
  }
  for (const Contender& contender : contenders) {
    Progress progress(errors, screen, contender.name, plan.files.size());
    experiment.runs.push_back(run_policy(
        plan, contender,
        [&](const PolicyRun& so_far) {
          progress.show();
          live.show(plan, so_far);
        },
        [&](std::uint64_t bytes) { progress.completed(bytes); }));
    live.done(plan, experiment.runs.back());
    verify(*found.sequential, experiment.runs.back().run, found.comparison);
  }
  found.parallel = experiment.runs.back().run;
  for (std::size_t i = 0; i < plan.max; ++i) found.workers.push_back(pool::basic::thread_name("PoolWorker", i));
  experiment.plan = std::move(plan);
  return experiment;
}

double Experiment::seconds() const {
  double seconds = plan.seconds;
  for (const PolicyRun& run : runs) seconds = std::max(seconds, run.seconds);
  return seconds;
}

std::size_t Experiment::most_queued() const {
  std::size_t most = std::max<std::size_t>(plan.burst, 1);
  for (const PolicyRun& run : runs)
    for (const Moment& moment : run.moments) most = std::max(most, moment.load.queued);
  return most;
}

void write_members(JsonWriter& json, const Experiment& experiment) {
  const LoadPlan& plan = experiment.plan;
  json.key("plan").begin_object();
  json.member("reads", std::uint64_t{plan.files.size()}).member("hostile", std::uint64_t{plan.hostile()});
  json.member("seconds_a_read", std::chrono::duration<double>(plan.a_read).count());
  json.member("lanes", std::uint64_t{plan.lanes}).member("min", std::uint64_t{plan.min});
  json.member("max", std::uint64_t{plan.max});
  json.member("interval_ms", static_cast<std::uint64_t>(plan.interval.count())).end_object();
  json.key("policies").begin_array();
  for (const PolicyRun& run : experiment.runs) {
    json.begin_object().member("policy", run.name).member("done_seconds", run.done);
    json.member("wait_p50", run.wait(0.5)).member("wait_p90", run.wait(0.9));
    json.member("most_workers", std::uint64_t{run.most_workers()}).member("mean_workers", run.mean_workers());
    json.member("scaled", std::uint64_t{run.scaled}).member("failed", std::uint64_t{run.failed});
    json.member("started", std::uint64_t{run.started}).member("retired", std::uint64_t{run.retired});
    json.member("died", std::uint64_t{run.died}).key("samples").begin_array();
    for (const Moment& moment : run.moments) {
      const pool::autoscale::Load& load = moment.load;
      json.begin_object().member("at", moment.at).member("workers", std::uint64_t{load.workers});
      json.member("active", std::uint64_t{load.active}).member("queued", std::uint64_t{load.queued});
      json.member("decision", static_cast<double>(moment.decision)).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
}
