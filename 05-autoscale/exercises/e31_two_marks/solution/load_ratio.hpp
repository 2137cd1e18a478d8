// LoadRatio: how many workers more or fewer there should be, by what there is to do for each that is there.
//
// Thread safety: decide() is a pure function of its sample.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include <pool/autoscale/load.hpp>

namespace exercise {

using Decision = int;  // workers to add; negative: to take away
using pool::autoscale::Duration;
using pool::autoscale::Load;

struct LoadRatio {
  double threshold = 0.8;  // above it the pool grows
  double low = 0.3;        // below it it shrinks
  int step_up = 2;
  int step_down = 1;
  Duration cooldown{0};       // after a change nothing is changed for so long
  double memory_share = 0.8;  // of the memory limit: while more than that is used, nothing is added

  [[nodiscard]] Decision decide(const Load& load) const {
    // #todo
    const double work = static_cast<double>(load.active) + static_cast<double>(load.queued);
    const double ratio = work / static_cast<double>(std::max<std::size_t>(load.workers, 1));
    Decision wanted = 0;
    if (ratio > threshold) wanted = step_up;
    if (ratio < low) wanted = -step_down;
    if (load.since_change < cooldown) wanted = 0;
    if (wanted > 0 && memory_is_short(load)) wanted = 0;
    const auto workers = static_cast<Decision>(load.workers);
    const Decision least = static_cast<Decision>(load.min_workers) - workers;
    const Decision most = static_cast<Decision>(load.max_workers) - workers;
    return std::clamp(wanted, least, most);  // and so up to the minimum, whatever is wanted
    // #instead
    // const double ratio = static_cast<double>(load.active + load.queued) / static_cast<double>(load.workers);
    // return ratio > threshold ? step_up : -step_down;
    // #end
  }
  // #todo

 private:
  [[nodiscard]] bool memory_is_short(const Load& load) const {
    if (!load.memory_used || !load.memory_limit) return false;
    return static_cast<double>(*load.memory_used) > memory_share * static_cast<double>(*load.memory_limit);
  }
  // #end
};

}  // namespace exercise

// #todo
// Why two marks. With one, the pool has no size at which it may stay: at every size it is told to grow or to shrink.
// Between two marks it rests. How far must they be apart? So far that a step does not lead from one over the other: from
// n workers to n + 2 the ratio falls to n / (n + 2) of what it was, which is a third at the worst (n = 1). Above 0.8 it
// is above 0.26 then; and as jobs are whole, above 0.3. A test goes through all of them.
//
// Why a rest all the same. The marks help against a constant load. A load that comes and goes every few seconds leads the
// pool from one end to the other, and each time threads are started for jobs that are over by then. A rest does not make
// the rule wiser. It makes it slower, upwards as well: that is its price.
//
// Why the clamp comes last. What is wanted goes through all the objections, and each of them says "then nothing". The
// range is no objection but a promise: min_workers there are, whatever the memory and the clock say. In one line, clamp()
// says both: no further than that, and at least as far as this.
//
// Why two conversions and one sum, not the other way round: two numbers of type std::size_t may add up to something
// small. And without a worker a quotient of doubles is no crash; it is infinite, or no number at all, and that is neither
// above a mark nor below one.
// #end
