// Watch: a policy that is listened to. What it was told and what it has decided is written down, and nothing changes.
//
// Thread safety: so_far() may be called from any thread. It must outlive the pool that has the policy.
#pragma once

#include <chrono>
#include <mutex>
#include <utility>
#include <vector>

#include <pool/autoscale/policy.hpp>

// One sample: what the policy saw, and when.
struct Moment {
  double at = 0;  // seconds since the start
  pool::autoscale::Load load;
  pool::autoscale::Decision decision = 0;

  [[nodiscard]] double ratio() const {
    return static_cast<double>(load.active + load.queued) / static_cast<double>(load.workers > 0 ? load.workers : 1);
  }
};

class Watch {
 public:
  explicit Watch(pool::autoscale::Policy policy) : inner_(std::move(policy)) {}

  // #region watched
  [[nodiscard]] pool::autoscale::Policy policy() {
    return [this](const pool::autoscale::Load& load) {
      const pool::autoscale::Decision decision = inner_(load);
      const std::lock_guard lock(mutex_);
      moments_.push_back({seconds(), load, decision});
      return decision;
    };
  }
  // #endregion watched

  // The time begins now; what was seen before is forgotten.
  void start() {
    const std::lock_guard lock(mutex_);
    start_ = Clock::now();
    moments_.clear();
  }
  [[nodiscard]] std::vector<Moment> so_far() const {
    const std::lock_guard lock(mutex_);
    return moments_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  pool::autoscale::Policy inner_;
  mutable std::mutex mutex_;
  Clock::time_point start_ = Clock::now();  // guarded by mutex_
  std::vector<Moment> moments_;             // guarded by mutex_
};
