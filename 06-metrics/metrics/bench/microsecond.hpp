// W14: jobs of a microsecond: what timing and tracing each of them costs where jobs are as short as a pool is good for.
#pragma once

#include <array>

#include "../../../02-bounded-queue/bench/busy_work.hpp"
#include "../../../04-stealing/bench/enlist.hpp"

namespace bench {

struct W14 : W1 {
  static constexpr std::string_view id = "w14";
  static constexpr std::array results{Result{"w14", "W14: jobs of a microsecond", "M jobs/s", "higher"}};

  template <class A>
  static Outcome run() {
    const auto post = [rounds = calibrate()](A& pool, std::uint64_t number) {
      pool.post([rounds, number] {
        spin(rounds);
        tally.ran(number);
      });
    };
    return post_all<A>(post, 1'000'000);
  }
};

}  // namespace bench
