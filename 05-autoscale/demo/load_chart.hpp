// The chart of one policy: load, queue and workers over time, drawn with characters.
//
//   load         where (active + waiting) / workers lies: below 0.3, between, above 0.8
//   waiting 900  files in the queue, up to so many
//   workers  20  that there are, up to so many
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <indexer/terminal.hpp>
#include "load_plan.hpp"
#include "policy_run.hpp"

struct Scale {
  double seconds = 1;      // of the whole width
  std::size_t queued = 1;  // of the whole height
  std::size_t workers = 1;
};

// What each of so many equal parts of the time shows: the last sample in it, or before it. None: there is none yet, or
// the run is over.
std::vector<std::optional<Moment>> columns_of(const PolicyRun& run, double seconds, std::size_t columns);

// Whether somebody has died in each.
std::vector<bool> deaths_in_columns(const PolicyRun& run, double seconds, std::size_t columns);

// As many lines each time, of at most terminal.table_width() columns.
std::vector<std::string> chart_lines(const indexer::Terminal& terminal, const PolicyRun& run, const Scale& scale);

// What the signs mean.
std::vector<std::string> legend_lines(const indexer::Terminal& terminal);
