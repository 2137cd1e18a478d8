// What tests of pools with several workers need: a crew that is held, one that sleeps, and the depth of a stack.
#pragma once

#include <algorithm>
#include <cstddef>
#include <latch>
#include <thread>
#include <utility>
#include <vector>

#include <pool/testing/gate.hpp>

namespace pool::testing {

// HeldCrew: a pool all of whose workers are kept busy, each at a gate of its own.
template <class Pool>
class HeldCrew {
 public:
  explicit HeldCrew(std::size_t workers, typename Pool::Options options = {})
      : gates_(workers), all_here_(static_cast<std::ptrdiff_t>(workers)), pool(crew_of(workers, std::move(options))) {
    for (std::size_t i = 0; i < workers; ++i) {
      pool.post([this] {
        all_here_.count_down();
        gates_[*pool.current_worker()].wait();
      });
    }
    all_here_.wait();
  }
  ~HeldCrew() { release(); }

  // Lets one worker go on, or all.
  void release(std::size_t worker) { gates_[worker].open(); }
  void release() {
    for (Gate& gate : gates_) gate.open();
  }

 private:
  static typename Pool::Options crew_of(std::size_t workers, typename Pool::Options options) {
    options.workers = workers;
    return options;
  }

  std::vector<Gate> gates_;
  std::latch all_here_;

 public:
  Pool pool;  // the last member: its jobs use the others
};

// Returns when so many workers sleep.
template <class Pool>
void until_parked(const Pool& pool, std::size_t workers) {
  const auto asleep = [&] {
    const auto crew = pool.scheduling();
    return std::count_if(crew.begin(), crew.end(), [](const auto& worker) { return worker.parks > worker.wakeups; });
  };
  while (static_cast<std::size_t>(asleep()) < workers) std::this_thread::yield();
}

// One for each job that is on this thread's stack.
class OnStack {
 public:
  OnStack() { ++depth_; }
  ~OnStack() { --depth_; }
  OnStack(const OnStack&) = delete;
  OnStack& operator=(const OnStack&) = delete;
  [[nodiscard]] static int depth() { return depth_; }

 private:
  static inline thread_local int depth_ = 0;
};

}  // namespace pool::testing
