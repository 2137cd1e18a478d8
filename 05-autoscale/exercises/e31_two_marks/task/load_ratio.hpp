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
    const double ratio = static_cast<double>(load.active + load.queued) / static_cast<double>(load.workers);
    return ratio > threshold ? step_up : -step_down;
  }
};

}  // namespace exercise
