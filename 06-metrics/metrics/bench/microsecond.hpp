// W14: jobs of a microsecond: what timing and tracing each of them costs where jobs are as short as a pool is good for.
#pragma once

#include <array>

#include "../../../02-bounded-queue/bench/busy_work.hpp"
#include "../../../04-stealing/bench/enlist.hpp"

namespace bench {

struct W14 {
  static constexpr std::string_view id = "w14", variant{};
  static constexpr std::array results{Result{"w14", "W14: jobs of a microsecond", "M jobs/s", "higher"}};
  template <class A>
  static constexpr bool possible = Pool<A>;

  template <class A>
  static Outcome run() {
    const std::size_t jobs = settings.size(1'000'000, 1'000);
    const std::uint64_t rounds = calibrate();
    Used used;
    with_pool<A>(settings.workers, [&](A& pool) {
      warm_up(pool);
      const std::uint64_t first = tally.hand_out(jobs);
      const Stopwatch watch;
      for (std::uint64_t number = first; number < first + jobs; ++number) {
        pool.post([rounds, number] {
          spin(rounds);
          tally.ran(number);
        });
      }
      tally.wait();
      used = watch.stop();
    });
    tally.check();
    return {{static_cast<double>(jobs) / used.seconds / 1e6}, used, jobs};
  }
};

}  // namespace bench
