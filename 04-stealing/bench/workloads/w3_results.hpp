// W3: hand in a thousand jobs, then get every result; again and again.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "../adapter.hpp"

namespace bench {

struct W3 {
  static constexpr std::string_view id = "w3", variant{};
  static constexpr std::array results{Result{"w3", "W3: submit, then get every result", "M jobs/s", "higher"}};
  template <class A>
  static constexpr bool possible = Submits<A>;

  template <class A>
  static Outcome run() {
    return get_all<A>([](A& pool, Job job) { return pool.submit(job); });
  }

 protected:
  template <class A, class HandIn>
  static Outcome get_all(HandIn hand_in) {
    const std::size_t jobs = jobs_for<A>(1'000'000), window = std::min<std::size_t>(jobs, 1000);
    Used used;
    with_pool<A>(settings.workers, [&](A& pool) {
      std::vector<decltype(hand_in(pool, Job{}))> handed_in;
      handed_in.reserve(window);
      const auto round = [&](std::uint64_t first) {
        for (std::size_t i = 0; i < window; ++i) handed_in.push_back(hand_in(pool, Job{first + i}));
        for (auto& result : handed_in) result.get();
        handed_in.clear();
      };
      warm_up(pool);
      round(tally.hand_out(window));
      const std::uint64_t first = tally.hand_out(jobs);
      const Stopwatch watch;
      for (std::size_t done = 0; done < jobs; done += window) round(first + done);
      used = watch.stop();
    });
    tally.check();
    return {{static_cast<double>(jobs) / used.seconds / 1e6}, used, jobs};
  }
};

// The same with the pool's own kind of result.
struct W3Launch : W3 {
  static constexpr std::string_view variant = ", launch";
  template <class A>
  static constexpr bool possible = Launches<A>;

  template <class A>
  static Outcome run() {
    return get_all<A>([](A& pool, Job job) { return pool.launch(job); });
  }
};

}  // namespace bench
