// Empty jobs that count themselves: a run in which the count is not right is an error, not a number.
//
// A shared counter would be the slowest part of an empty job, so each thread has a cache line of its own. It stays when
// the thread has ended, and can be read while the thread lives: the threads of some rivals outlive the run.
#pragma once

#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>

namespace bench {

class Counts {
 public:
  // Of this thread; from now on it is part of the sum.
  std::atomic<std::uint64_t>& mine() {
    thread_local Line& line = add();
    return line.jobs;
  }
  [[nodiscard]] std::uint64_t sum() {
    std::lock_guard lock(mutex_);
    std::uint64_t all = 0;
    for (const Line& line : lines_) all += line.jobs.load(std::memory_order_relaxed);
    return all;
  }

 private:
  struct alignas(64) Line {
    std::atomic<std::uint64_t> jobs{0};
  };
  Line& add() {
    std::lock_guard lock(mutex_);
    return lines_.emplace_back();
  }
  std::mutex mutex_;
  std::deque<Line> lines_;
};

inline Counts counts;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

struct Job {
  void operator()() const {
    auto& jobs = counts.mine();
    jobs.store(jobs.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);  // nobody else writes it
  }
};

// Runs the body, which has so many jobs run and waits for them.
template <class Body>
void measure(benchmark::State& state, std::uint64_t jobs, Body&& body) {
  for (auto _ : state) {
    const std::uint64_t before = counts.sum();
    body();
    if (counts.sum() - before != jobs) state.SkipWithError("a job was lost or ran twice");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(jobs));
}

}  // namespace bench
