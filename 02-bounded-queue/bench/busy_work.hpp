// Work that takes a microsecond: what the consumer of a full queue spends on each item.
//
// It computes, and neither sleeps nor looks at a clock, so that a consumer that is interrupted, or waits, is late. How
// much it has to compute is found out by calibrate(), once, before anything is measured.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include <pool/basic/work.hpp>

namespace bench {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

inline void spin(std::uint64_t rounds) {
  std::uint64_t x = rounds;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    x = x * 6364136223846793005U + 1442695040888963407U;  // each needs the one before: no compiler shortens it
    benchmark::DoNotOptimize(x);
  }
}

// How many rounds take a microsecond. The best of many tries: the others were interrupted.
inline std::uint64_t calibrate() {
  constexpr std::uint64_t kRounds = 100'000;
  Seconds best = Seconds::max();
  for (int i = 0; i < 100; ++i) {
    const Clock::time_point start = Clock::now();
    spin(kRounds);
    best = std::min<Seconds>(best, Clock::now() - start);
  }
  return static_cast<std::uint64_t>(kRounds * 1e-6 / best.count());
}

// Whoever works the items off, on one thread: a microsecond for each, and a note that it came.
class Consumer {
 public:
  Consumer(std::uint64_t rounds, std::size_t items) : rounds_(rounds), seen_(items), left_(items) {}

  void take(std::size_t item) {
    if (left_ == seen_.size()) first_ = Clock::now();
    spin(rounds_);
    ++seen_[item];
    if (--left_ == 0) last_ = Clock::now();
  }
  pool::basic::Work work(std::size_t item) {
    return pool::basic::Work([this, item] { take(item); });
  }

  [[nodiscard]] bool each_once() const {
    return std::all_of(seen_.begin(), seen_.end(), [](auto times) { return times == 1; });
  }
  [[nodiscard]] Seconds seconds() const { return last_ - first_; }  // from the first item to the end of the last

 private:
  const std::uint64_t rounds_;
  std::vector<std::uint8_t> seen_;
  std::size_t left_;
  Clock::time_point first_, last_;
};

// The consumer's limit: how long it needs for an item if it has them all at hand.
inline Seconds at_hand(std::uint64_t rounds) {
  constexpr std::size_t kItems = 20'000;
  Consumer consumer(rounds, kItems);
  std::vector<pool::basic::Work> supply;
  for (std::size_t i = 0; i < kItems; ++i) supply.push_back(consumer.work(i));
  for (auto& work : supply) work();
  if (!consumer.each_once()) throw std::logic_error("the consumer cannot count");
  return consumer.seconds() / kItems;
}

}  // namespace bench
