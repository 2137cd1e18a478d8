// The experiment: the files one by one, and then the plan once for each policy. What the pools have found has to be
// what was found one by one, in all files but the hostile ones.
#pragma once

#include <iosfwd>
#include <vector>

#include <indexer/json.hpp>
#include <indexer/report.hpp>
#include <indexer/terminal.hpp>
#include "live_chart.hpp"
#include "load_plan.hpp"
#include "policy_run.hpp"

struct Experiment {
  LoadPlan plan;
  std::vector<PolicyRun> runs;
  indexer::Findings found;  // of the last run; compared: the first one that differs from one by one, if any does

  // The time that all charts stand for, and the longest queue.
  [[nodiscard]] double seconds() const;
  [[nodiscard]] std::size_t most_queued() const;
};

// `screen` is for progress, on `errors`; `live` draws what happens. Throws Cancelled if the token of the plan is.
Experiment run_experiment(LoadPlan plan, const std::vector<Contender>& contenders, std::ostream& errors,
                          const indexer::Terminal& screen, LiveChart& live);

// Members of a JSON object.
void write_members(indexer::JsonWriter& json, const Experiment& experiment);
