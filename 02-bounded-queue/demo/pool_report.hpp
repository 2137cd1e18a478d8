// The sections of the report that this stage adds: the queue, what became of the files, who did the jobs.
#pragma once

#include <iosfwd>

#include <indexer/json.hpp>
#include <indexer/report.hpp>
#include <indexer/terminal.hpp>
#include "bounded_index.hpp"

class PoolReport {
 public:
  PoolReport(std::ostream& out, const indexer::Terminal& terminal, const indexer::Report& report, const PoolPlan& plan,
             const BoundedRun& run);

  void queue() const;         // its capacity and policy
  void counts() const;        // accepted, rejected, dropped, ran in the caller, high-water mark
  void completeness() const;  // nothing, or how many files are not in the result, and why
  void workers() const;       // jobs, mean job and idle time of each

 private:
  void row(std::string_view name, std::size_t name_width, std::size_t jobs, double mean_job, double idle,
           std::size_t most) const;

  std::ostream& out_;
  const indexer::Terminal terminal_;
  const indexer::Report& report_;
  const PoolPlan plan_;
  const BoundedRun& run_;
};

// The same for programs: members "partial", "pool" and "worker_stats" of a JSON object.
void write_members(indexer::JsonWriter& json, const PoolPlan& plan, const BoundedRun& run);
