// Load: what a pool looks like at one moment, and what it has done since the moment before. It is all that a policy
// sees.
//
// Plain data. What could not be measured has its default, and no policy may take that for an answer: a pool without
// /proc scales all the same.
#pragma once

#include <cstddef>
#include <optional>

#include <pool/priority/clock.hpp>

namespace pool::autoscale {

using priority::Duration;  // nanoseconds

struct Load {
  // Now.
  std::size_t workers = 0;      // that are there, whatever they do
  std::size_t min_workers = 1;  // 1 <= min_workers <= max_workers
  std::size_t max_workers = 1;
  std::size_t active = 0;   // workers that run a job, those in blocking() included
  std::size_t blocked = 0;  // of these, in blocking()
  std::size_t queued = 0;   // jobs that have not begun
  Duration oldest_wait{0};  // for how long the oldest of these has been waiting; 0 if there is none

  // Since the sample before.
  std::size_t completed = 0;  // jobs that have ended, in whatever way
  Duration elapsed{0};        // 0: there was none before
  double cpus = 0;            // cores that the process kept busy on average

  // Of the process.
  std::optional<std::size_t> memory_used{};   // bytes; none: unknown
  std::optional<std::size_t> memory_limit{};  // bytes; none: unknown, or there is none

  Duration since_change = Duration::max();  // since the number of workers changed last; max(): it never has
};

}  // namespace pool::autoscale
