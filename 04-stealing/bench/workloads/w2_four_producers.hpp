// W2: W1 from four threads at the same time.
#pragma once

#include <array>
#include <latch>
#include <thread>
#include <vector>

#include "../adapter.hpp"

namespace bench {

struct W2 {
  static constexpr std::string_view id = "w2", variant{};
  static constexpr std::array results{Result{"w2", "W2: empty jobs, four producers", "M jobs/s", "higher"}};
  template <class A>
  static constexpr bool possible = Pool<A> && !kOneProducer<A>;

  template <class A>
  static Outcome run() {
    constexpr std::size_t kProducers = 4;
    const std::size_t each = jobs_for<A>(2'000'000) / kProducers;
    Used used;
    with_pool<A>(settings.workers, [&](A& pool) {
      warm_up(pool);
      const std::uint64_t first = tally.hand_out(each * kProducers);
      std::latch start(1);
      std::vector<std::jthread> producers;
      for (std::size_t p = 0; p < kProducers; ++p) {
        producers.emplace_back([&, mine = first + p * each] {
          start.wait();
          for (std::size_t i = 0; i < each; ++i) pool.post(Job{mine + i});
        });
      }
      const Stopwatch watch;
      start.count_down();
      tally.wait();
      used = watch.stop();
    });
    tally.check();
    return {{static_cast<double>(each * kProducers) / used.seconds / 1e6}, used, each * kProducers};
  }
};

}  // namespace bench
