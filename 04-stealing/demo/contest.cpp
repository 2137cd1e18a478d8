#include "contest.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <pool/basic/native_thread.hpp>

using namespace indexer;

namespace {

using Verdict = Comparison::Verdict;

// Keeps the worse of what was found so far and what this run shows.
void verify(TreeRun& first, TreeRun& run, Comparison& worst) {
  align(first, run);
  Comparison here = compare(first.run, run.run);
  if (here.verdict == Verdict::different ? worst.verdict != Verdict::different
                                         : here.verdict == Verdict::changed && worst.verdict == Verdict::same)
    worst = std::move(here);
}

void keep_fastest(Contestant& contestant, TreeRun run) {
  if (contestant.best.paths.empty() || run.run.seconds < contestant.best.run.seconds) contestant.best = std::move(run);
}

}  // namespace

Contest run_contest(const TreePlan& plan, std::size_t rounds, std::size_t files, std::ostream& errors,
                    const Terminal& screen) {
  Contest contest;
  contest.plan = plan;
  contest.rounds = rounds;
  contest.alone.name = "one by one";
  contest.former.name = "stage 03, a job a file";
  contest.forking.name = "stage 04, fork and join";
  TreeRun first;
  Comparison& worst = contest.found.comparison;
  const auto run = [&](Contestant& contestant, TreeRun (*way)(const TreePlan&, Progress&)) {
    Progress progress(errors, screen, contestant.name, files);
    TreeRun done = way(plan, progress);
    if (first.paths.empty()) first = done;
    verify(first, done, worst);
    keep_fastest(contestant, std::move(done));
  };
  for (std::size_t round = 0; round < rounds; ++round) {  // in turns, so that all meet the same machine
    run(contest.alone, one_by_one);
    run(contest.former, a_job_a_file);
    run(contest.forking, fork_and_join);
  }

  Findings& found = contest.found;
  found.listing.files = first.paths;
  found.parallel = contest.forking.best.run;
  found.sequential = std::move(first.run);
  found.sequential->seconds = contest.alone.best.run.seconds;
  for (std::size_t i = 0; i < plan.workers; ++i) found.workers.push_back(pool::basic::thread_name("PoolWorker", i));
  found.ended = plan.workers;
  return contest;
}

void write_members(JsonWriter& json, const Contest& contest) {
  json.member("rounds", std::uint64_t{contest.rounds});
  json.member("speed_up", contest.former.best.run.seconds / contest.forking.best.run.seconds);
  json.key("runs").begin_array();
  for (const Contestant* contestant : {&contest.alone, &contest.former, &contest.forking}) {
    const TreeRun& best = contestant->best;
    json.begin_object().member("name", contestant->name).member("seconds", best.run.seconds);
    json.member("files", std::uint64_t{best.run.files.size()}).key("workers").begin_array();
    for (std::size_t i = 0; i < best.timeline.workers.size(); ++i) {
      const Lane& lane = best.timeline.workers[i];
      json.begin_object().member("files", std::uint64_t{best.tallies[i].files});
      json.member("pieces", std::uint64_t{best.tallies[i].pieces}).member("steals", std::uint64_t{lane.steals.size()});
      json.member("busy_seconds", lane.busy()).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
}
