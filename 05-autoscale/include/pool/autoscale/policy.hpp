// Policy: how many workers a pool should have. It is asked with a sample of the load, and answers with a step.
//
// The rule here, LoadRatio, is the documented default; HillClimbing (hill_climbing.hpp) measures what a worker brings.
// A rule of one's own is any function from Load to Decision; within_limits() keeps it within what all rules observe.
#pragma once

#include <functional>

#include <pool/autoscale/load.hpp>

namespace pool::autoscale {

using Decision = int;  // how many workers to add; negative: to take away; 0: as it is

// Asked by one thread at a time, once for each sample, in their order: it may keep what it has seen. A copy has a
// memory of its own. If it throws, nothing changes at this sample; it must not end its thread.
using Policy = std::function<Decision(const Load&)>;

constexpr double kMemoryShare = 0.8;  // of the memory limit: what more is used than that bars growth

// `wanted`, as far as it may be: the size that comes of it is between min_workers and max_workers, and nothing is added
// while more than `memory_share` of the memory limit is used. Two things come first: a size below the minimum is
// brought up to it, whatever the memory and whatever is wanted, and one above the maximum down. Pure.
[[nodiscard]] Decision within_limits(const Load& load, Decision wanted, double memory_share = kMemoryShare);

// Whether more is used than that share of the limit. Not known: false.
[[nodiscard]] bool memory_is_short(const Load& load, double memory_share);

// The load ratio is (active + queued) / workers. Above `threshold`, `step_up` workers more, or what is left to the
// maximum; below `low`, `step_down` fewer, or what is left to the minimum. Simple, and known for three faults: it adds
// workers though nobody waits (at four of four busy the ratio is 1), it goes on to the maximum under saturating load
// though they bring nothing, and it goes there slowly: nine intervals from 2 to 20.
struct LoadRatio {
  double threshold = 0.8;
  double low = 0.3;
  int step_up = 2;
  int step_down = 1;
  Duration cooldown{0};  // for so long after a change nothing is changed, whoever has changed it. 0: no such rest
  double memory_share = kMemoryShare;

  [[nodiscard]] Decision decide(const Load& load) const;  // pure

  // Throws std::invalid_argument unless 0 <= low < threshold, the steps are 1 or more, the cooldown is not negative,
  // and the share of the memory is above 0 and at most 1.
  operator Policy() const;  // NOLINT(google-explicit-constructor): .policy = LoadRatio{.step_up = 4}
};

}  // namespace pool::autoscale
