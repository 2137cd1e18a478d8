// Countdown: a latch with patience. For workloads of few jobs, whose end has to be known exactly.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

#include "measure.hpp"

namespace bench {

class Countdown {
 public:
  explicit Countdown(std::int64_t jobs) : left_(jobs) {}

  // By each job, at its end. More of them than jobs do no harm here: that is for the tally to find.
  void one() {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    const std::lock_guard lock(mutex_);
    done_ = true;
    all_.notify_one();  // under the lock: whoever waits may destroy this as soon as it has the lock
  }
  void wait() {
    std::unique_lock lock(mutex_);
    if (!all_.wait_for(lock, std::chrono::seconds(settings.patience), [this] { return done_; }))
      fail(std::to_string(left_.load()) + " jobs did not run");
  }

 private:
  std::atomic<std::int64_t> left_;
  std::mutex mutex_;
  std::condition_variable all_;
  bool done_ = false;  // guarded by mutex_
};

}  // namespace bench
