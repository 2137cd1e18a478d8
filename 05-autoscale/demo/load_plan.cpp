#include "load_plan.hpp"

#include <algorithm>
#include <utility>

namespace {

constexpr double kBurstAt = 0.2, kSecondBurstAt = 0.75;  // of the time
constexpr double kBusy = 0.45;                           // of the time, the source with all its lanes in use
constexpr double kTrickle = 5.0 / 6;                     // of what the smallest pool can do
constexpr double kFastest = 0.001, kSlowest = 0.1;       // seconds for a read

}  // namespace

std::size_t LoadPlan::hostile() const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < files.size(); ++i) count += is_hostile(i) ? 1 : 0;
  return count;
}

LoadPlan plan_of(const Options& options, std::vector<std::string> files, const pool::priority::CancelToken& token) {
  LoadPlan plan;
  plan.seconds = static_cast<double>(options.seconds);
  plan.lanes = options.lanes;
  plan.min = options.min;
  plan.max = options.max;
  plan.interval = std::chrono::milliseconds(options.interval);
  plan.ending = "." + options.hostile;
  plan.token = token;
  plan.files = std::move(files);
  plan.files.resize(std::min(plan.files.size(), LoadPlan::kMost));
  const std::size_t all = plan.files.size();
  if (all == 0) return plan;

  const double lanes = static_cast<double>(options.lanes);
  const double a_read = std::clamp(kBusy * plan.seconds * lanes / static_cast<double>(all), kFastest, kSlowest);
  plan.a_read = std::chrono::microseconds(static_cast<std::int64_t>(1e6 * a_read));
  const double smallest = static_cast<double>(std::min(options.min, options.lanes));
  const double gap = a_read / (kTrickle * smallest);
  plan.trickle = std::min(all, static_cast<std::size_t>(kBurstAt * plan.seconds / gap));
  plan.second_burst = (all - plan.trickle) / 4;
  plan.burst = all - plan.trickle - plan.second_burst;
  for (std::size_t i = 0; i < all; ++i) {
    plan.due.push_back(i < plan.trickle                ? static_cast<double>(i) * gap
                       : i < plan.trickle + plan.burst ? kBurstAt * plan.seconds
                                                       : kSecondBurstAt * plan.seconds);
  }
  return plan;
}
