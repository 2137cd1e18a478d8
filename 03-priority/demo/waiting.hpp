// The experiment on waiting: the same texts are indexed, and the same questions asked, once with all work in one line,
// and once with the questions at critical and the texts at low.
#pragma once

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

#include <indexer/json.hpp>
#include <indexer/terminal.hpp>
#include <pool/priority/cancellation.hpp>
#include <pool/priority/priority.hpp>
#include "histogram.hpp"

struct WaitingPlan {
  std::size_t workers = 2;
  std::size_t texts = 3000;                // that wait to be indexed when the first question comes
  std::chrono::milliseconds interval{4};   // between two questions
  pool::priority::CancelToken token = {};  // to end it before its time
};

struct WaitingRun {
  std::string name;
  Histogram waits;         // of the questions
  double seconds = 0;      // until all texts were indexed
  double all_seconds = 0;  // until all questions were answered, too
  std::size_t known = 0;   // texts in the index at the end
};

struct WaitingExperiment {
  WaitingPlan plan;
  WaitingRun one_line, priorities;
};

// One run. Throws Cancelled if the plan's token is.
WaitingRun run_waiting(const WaitingPlan& plan, pool::priority::Priority texts, pool::priority::Priority questions,
                       std::ostream& errors, const indexer::Terminal& screen);

// Both. `screen` is for progress, on `errors`.
WaitingExperiment measure_waiting(const WaitingPlan& plan, std::ostream& errors, const indexer::Terminal& screen);

// The value of a member of a JSON object.
void write_json(indexer::JsonWriter& json, const WaitingExperiment& experiment);
