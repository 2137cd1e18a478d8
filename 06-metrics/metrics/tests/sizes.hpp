// ScalingPool: a pool that the contract suites take for one of `workers` workers, and which may be larger by two for a
// while. Nobody asks it to be, but its monitor runs.
#pragma once

#include <pool/basic/native_thread.hpp>
#include <pool/metrics/thread_pool.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace pool::testing {

class ScalingPool : public metrics::ThreadPool {
 public:
  explicit ScalingPool(Options options = {}) : ThreadPool(scaling(std::move(options))) {}

 private:
  static Options scaling(Options options) {
    const std::size_t workers = options.workers != 0 ? std::exchange(options.workers, 0) : default_workers();
    options.min_workers = workers;
    options.max_workers = workers <= basic::kMaxWorkers ? std::min(workers + 2, basic::kMaxWorkers) : workers;
    options.policy = [](const metrics::Load&) { return 0; };
    options.interval = std::chrono::milliseconds(1);
    return options;
  }
};

}  // namespace pool::testing
