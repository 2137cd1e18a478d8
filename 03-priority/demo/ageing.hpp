// The experiment on ageing: critical work comes as fast as the workers can do it, and a few low jobs wait. When do they
// start?
#pragma once

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

#include <indexer/json.hpp>
#include <indexer/terminal.hpp>
#include <pool/priority/cancellation.hpp>
#include <pool/priority/clock.hpp>

struct AgeingPlan {
  std::size_t workers = 2;
  std::vector<std::chrono::milliseconds> settings = {std::chrono::milliseconds(0), std::chrono::milliseconds(200),
                                                     std::chrono::milliseconds(50)};  // 0: no ageing
  std::chrono::milliseconds flood{400};  // how long the critical work comes
  std::size_t low_jobs = 8;
  std::chrono::milliseconds interval{10};  // between two of them
  pool::priority::CancelToken token = {};  // to end it before its time
};

struct AgeingRun {
  pool::priority::Duration ageing{};
  std::vector<double> handed_in, started;  // of the low jobs, in seconds since the flood began
  std::size_t critical = 0;                // how many urgent jobs there were

  [[nodiscard]] double longest_wait() const;
};

struct AgeingExperiment {
  AgeingPlan plan;
  std::vector<AgeingRun> runs;  // one for each setting
};

// One run. Throws Cancelled if the plan's token is.
AgeingRun run_ageing(const AgeingPlan& plan, pool::priority::Duration ageing);

AgeingExperiment measure_ageing(const AgeingPlan& plan, std::ostream& errors, const indexer::Terminal& screen);

// "no ageing", "ageing 200 ms".
std::string name_of(const AgeingRun& run);

// The value of a member of a JSON object.
void write_json(indexer::JsonWriter& json, const AgeingExperiment& experiment);
