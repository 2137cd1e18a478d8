// One policy, and the load of a plan: what the pool did, and what came of the files.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <indexer/run.hpp>
#include <pool/autoscale/policy.hpp>
#include "load_plan.hpp"
#include "watch.hpp"

struct PolicyRun {
  std::string name, rule;  // "load-ratio", and what it does in a few words
  std::vector<Moment> moments;
  std::vector<double> deaths;                      // when a hostile file has ended a thread
  double seconds = 0;                              // that have been watched
  double done = 0;                                 // when the last file was done
  indexer::Run run;                                // of the files that are not hostile, in the order of the plan
  std::vector<double> waits;                       // for how long each of the plan's files was queued, sorted
  std::size_t failed = 0;                          // jobs whose handle says that their thread was ended
  std::size_t started = 0, retired = 0, died = 0;  // workers, as the pool has counted them
  std::size_t scaled = 0;                          // how often another size was wanted

  [[nodiscard]] std::size_t most_workers() const;
  [[nodiscard]] double mean_workers() const;      // over the time
  [[nodiscard]] double wait(double share) const;  // that share of the files waited no longer
  [[nodiscard]] std::size_t stayed() const { return started - retired - died; }  // workers, to the end
};

struct Contender {
  std::string name, rule;
  pool::autoscale::Policy policy;
};

// The two policies; or the one that the user wants.
std::vector<Contender> contenders(const std::string& wanted);

// `look` is called every so often, on this thread, with what there is so far: moments, deaths, seconds; `completed`, on
// any thread, with the bytes of a file that is done. Throws Cancelled if the plan's token is.
PolicyRun run_policy(const LoadPlan& plan, const Contender& contender,
                     const std::function<void(const PolicyRun&)>& look,
                     const std::function<void(std::uint64_t)>& completed);
