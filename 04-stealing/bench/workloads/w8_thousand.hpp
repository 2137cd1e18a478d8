// W8: a pool of a thousand workers: create it, hand in 100,000 jobs, destroy it.
#pragma once

#include <array>

#include "../adapter.hpp"

namespace bench {

struct W8 {
  static constexpr std::string_view id = "w8", variant{};
  static constexpr std::array results{Result{"w8", "W8: 1,000 workers: create, 100,000 jobs, destroy", "ms", "lower"},
                                      Result{"w8-rss", "W8: 1,000 workers: most memory at any time", "MB", "lower"}};
  template <class A>
  static constexpr bool possible = Crew<A>&& kMemoryIsKnown;

  template <class A>
  static Outcome run() {
    const std::size_t jobs = settings.size(100'000, 3000);
    const std::uint64_t first = tally.hand_out(jobs);
    const std::size_t workers = settings.size(1000, 20);
    const Stopwatch watch;
    with_pool<A>(workers, [&](A& pool) {
      for (std::size_t i = 0; i < jobs; ++i) pool.post(Job{first + i});
    });
    const Used used = watch.stop();
    tally.check();
    return {{1e3 * used.seconds, memory("VmHWM") / 1e6}, used, jobs, workers};
  }
};

}  // namespace bench
