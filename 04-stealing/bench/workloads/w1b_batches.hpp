// W1b: W1 in batches of 64, for those that can take many jobs at once.
#pragma once

#include <algorithm>
#include <array>
#include <span>

#include "../adapter.hpp"

namespace bench {

struct W1b {
  static constexpr std::string_view id = "w1b", variant{};
  static constexpr std::array results{Result{"w1b", "W1b: empty jobs in batches of 64", "M jobs/s", "higher"}};
  template <class A>
  static constexpr bool possible = Bulk<A>;

  template <class A>
  static Outcome run() {
    const std::size_t jobs = jobs_for<A>(5'000'000) / kBatch * kBatch;
    Used used;
    with_pool<A>(settings.workers, [&](A& pool) {
      warm_up(pool);
      std::uint64_t number = tally.hand_out(jobs);
      std::array<Job, kBatch> batch{};
      const Stopwatch watch;
      for (std::size_t i = 0; i < jobs; i += kBatch) {
        std::ranges::generate(batch, [&] { return Job{number++}; });
        pool.post_bulk(std::span<Job>(batch));
      }
      tally.wait();
      used = watch.stop();
    });
    tally.check();
    return {{static_cast<double>(jobs) / used.seconds / 1e6}, used, jobs};
  }

 private:
  static constexpr std::size_t kBatch = 64;
};

}  // namespace bench
