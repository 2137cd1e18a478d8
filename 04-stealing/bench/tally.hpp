// Tally: whether each job has run exactly once, at a price that an empty job does not notice.
//
// Each thread counts in a cache line of its own: how many jobs it has run, and the sum of their fingerprints. At the
// end both are added up. A job that was lost, or that ran twice, shows in the count; one in place of another, in the
// sum.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "measure.hpp"

namespace bench {

// Numbers in, pseudo-random numbers out (splitmix64). Nothing that adds up by chance.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

class Tally {
 public:
  // By the job that has this number.
  void ran(std::uint64_t number) {
    if (mine == nullptr) lease();
    add(mine->sum, fingerprint(number), std::memory_order_relaxed);
    add(mine->jobs, 1, std::memory_order_release);
  }

  // The rest is for the thread that measures. hand_out: numbers for so many jobs more; returns the first.
  std::uint64_t hand_out(std::uint64_t jobs) {
    const std::uint64_t first = next_;
    for (; next_ < first + jobs; ++next_) expect(next_);
    return first;
  }
  void expect(std::uint64_t number) {
    ++jobs_;
    sum_ += fingerprint(number);
  }
  // Returns when as many jobs have run as are expected. It looks now and then, so it takes no core from the workers.
  void wait() {
    Patience patience;
    for (std::uint64_t ran = total().jobs; ran < jobs_;) {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
      const std::uint64_t before = std::exchange(ran, total().jobs);
      if (ran != before) patience = {};
      if (patience.over()) fail(std::to_string(jobs_ - ran) + " of " + std::to_string(jobs_) + " jobs did not run");
    }
  }
  // When the pool is gone: all have run, and each once.
  void check() {
    const Total all = total();
    if (all.jobs != jobs_) fail(std::to_string(jobs_) + " jobs, " + std::to_string(all.jobs) + " runs");
    if (all.sum != sum_) fail("as many runs as jobs, but one was lost and another ran twice");
  }

 private:
  struct alignas(64) Line {
    std::atomic<std::uint64_t> jobs{0}, sum{0};
  };
  struct Total {
    std::uint64_t jobs = 0, sum = 0;
  };
  // Gives the line back when its thread ends: for whoever makes a thread for each job.
  struct Lease {
    Tally* tally = nullptr;
    ~Lease();
  };

  static constexpr std::uint64_t fingerprint(std::uint64_t number) {
    const std::uint64_t x = (number + 1) * 0x9E3779B97F4A7C15U;
    return x ^ (x >> 32U);
  }
  static void add(std::atomic<std::uint64_t>& own, std::uint64_t value, std::memory_order order) {
    own.store(own.load(std::memory_order_relaxed) + value, order);  // nobody else writes it
  }
  void lease() {
    static thread_local Lease given_back;
    given_back.tally = this;
    const std::lock_guard lock(mutex_);
    if (free_.empty()) free_.push_back(&lines_.emplace_back());
    mine = free_.back();
    free_.pop_back();
  }
  Total total() {
    const std::lock_guard lock(mutex_);
    Total all;
    for (const Line& line : lines_) {
      all.jobs += line.jobs.load(std::memory_order_acquire);
      all.sum += line.sum.load(std::memory_order_relaxed);
    }
    return all;
  }

  static inline thread_local constinit Line* mine = nullptr;  // there is one Tally
  std::uint64_t next_ = 0, jobs_ = 0, sum_ = 0;
  std::mutex mutex_;
  std::deque<Line> lines_;   // guarded by mutex_, but for what is in a line
  std::vector<Line*> free_;  // guarded by mutex_
};

inline Tally::Lease::~Lease() {
  const std::lock_guard lock(tally->mutex_);
  tally->free_.push_back(mine);
  mine = nullptr;
}

inline Tally& tally = *new Tally;  // threads of some rivals outlive main()

// The empty job: it captures eight bytes.
struct Job {
  std::uint64_t number;
  void operator()() const { tally.ran(number); }
};

}  // namespace bench
