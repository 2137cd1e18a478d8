#include <pool/autoscale/policy.hpp>

#include <algorithm>
#include <stdexcept>

namespace pool::autoscale {

bool memory_is_short(const Load& load, double memory_share) {
  if (!load.memory_used || !load.memory_limit) return false;
  return static_cast<double>(*load.memory_used) > memory_share * static_cast<double>(*load.memory_limit);
}

// #region within_limits
Decision within_limits(const Load& load, Decision wanted, double memory_share) {
  const auto workers = static_cast<Decision>(load.workers);
  const auto least = static_cast<Decision>(load.min_workers) - workers;
  const auto most = static_cast<Decision>(load.max_workers) - workers;
  if (least > 0) return least;
  if (most < 0) return most;
  if (wanted > 0 && memory_is_short(load, memory_share)) return 0;
  return std::clamp(wanted, least, most);
}
// #endregion within_limits

// #region decide
Decision LoadRatio::decide(const Load& load) const {
  const double work = static_cast<double>(load.active) + static_cast<double>(load.queued);
  const double ratio = work / static_cast<double>(std::max<std::size_t>(load.workers, 1));
  Decision wanted = 0;
  if (ratio > threshold) wanted = step_up;
  if (ratio < low) wanted = -step_down;
  if (load.since_change < cooldown) wanted = 0;
  return within_limits(load, wanted, memory_share);
}
// #endregion decide

LoadRatio::operator Policy() const {
  if (!(low >= 0 && low < threshold)) {
    throw std::invalid_argument("pool: the low mark of a load ratio is from 0 up, and below the threshold");
  }
  if (step_up < 1 || step_down < 1) throw std::invalid_argument("pool: a step of a load ratio is 1 or more");
  if (cooldown < Duration::zero()) throw std::invalid_argument("pool: a cooldown is not negative");
  if (!(memory_share > 0 && memory_share <= 1)) {
    throw std::invalid_argument("pool: the share of the memory limit is above 0 and at most 1");
  }
  return [rule = *this](const Load& load) { return rule.decide(load); };
}

}  // namespace pool::autoscale
