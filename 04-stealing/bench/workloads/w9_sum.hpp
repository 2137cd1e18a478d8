// W9: the sum of the square roots of ten million numbers, in 128 parts: how many times faster than on one thread.
#pragma once

#include <array>
#include <cmath>
#include <deque>
#include <numeric>
#include <span>
#include <vector>

#include "../adapter.hpp"
#include "../countdown.hpp"

namespace bench {

struct W9 {
  static constexpr std::string_view id = "w9", variant{};
  static constexpr std::array results{Result{"w9", "W9: sum of 10 M square roots", "times one thread", "higher"}};
  template <class A>
  static constexpr bool possible = Pool<A>;

  template <class A>
  static Outcome run() {
    std::vector<double> numbers(settings.size(10'000'000, 100'000));
    std::iota(numbers.begin(), numbers.end(), 1.0);
    std::deque<Sweep> one_thread, together;
    const double whole = sum(numbers, one_thread, [](auto part) { part(); });
    Used used;
    with_pool<A>(settings.workers, [&](A& pool) {
      warm_up(pool);
      const Stopwatch watch;
      const double result = sum(numbers, together, [&](auto part) { pool.post(part); });
      used = watch.stop();
      if (result != whole) fail("the sum is wrong: a part was lost");  // the same additions in the same order
    });
    tally.check();
    return {{median(one_thread) / median(together)}, used, kTimes * kParts};
  }

 private:
  static constexpr std::size_t kParts = 128, kTimes = 5;
  struct Sweep {
    std::vector<double> parts = std::vector<double>(kParts);
    Countdown done{kParts};
    double seconds = 0;
  };

  // Several times over. start(part) begins a part.
  template <class Start>
  static double sum(std::span<const double> numbers, std::deque<Sweep>& sweeps, Start start) {
    double total = 0;
    for (std::size_t time = 0; time < kTimes; ++time) {
      Sweep& sweep = sweeps.emplace_back();
      const std::uint64_t first = tally.hand_out(kParts);
      const Stopwatch watch;
      for (std::size_t i = 0; i < kParts; ++i) {
        const std::size_t begin = numbers.size() * i / kParts, end = numbers.size() * (i + 1) / kParts;
        start([&sweep, i, part = numbers.subspan(begin, end - begin), number = first + i] {
          double roots = 0;
          for (const double x : part) roots += std::sqrt(x);
          sweep.parts[i] = roots;
          tally.ran(number);
          sweep.done.one();
        });
      }
      sweep.done.wait();
      total = std::accumulate(sweep.parts.begin(), sweep.parts.end(), 0.0);
      sweep.seconds = watch.stop().seconds;
    }
    return total;
  }
  static double median(const std::deque<Sweep>& sweeps) {
    std::vector<double> seconds;
    for (const Sweep& sweep : sweeps) seconds.push_back(sweep.seconds);
    return quantile(seconds, 0.5);
  }
};

}  // namespace bench
