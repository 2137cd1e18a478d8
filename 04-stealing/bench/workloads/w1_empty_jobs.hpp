// W1: empty jobs from one producer outside of the pool, fire and forget; from the first post until the last has run.
#pragma once

#include <array>

#include "../adapter.hpp"

namespace bench {

struct W1 {
  static constexpr std::string_view id = "w1", variant{};
  static constexpr std::array results{Result{"w1", "W1: empty jobs, one producer", "M jobs/s", "higher"}};
  template <class A>
  static constexpr bool possible = Pool<A>;

  template <class A>
  static Outcome run() {
    return post_all<A>([](A& pool, std::uint64_t number) { pool.post(Job{number}); });
  }

 protected:
  template <class A, class Post>
  static Outcome post_all(Post post, std::size_t most = 2'000'000) {
    const std::size_t jobs = jobs_for<A>(most);
    Used used;
    with_pool<A>(settings.workers, [&](A& pool) {
      warm_up(pool);
      const std::uint64_t first = tally.hand_out(jobs);
      const Stopwatch watch;
      for (std::size_t i = 0; i < jobs; ++i) post(pool, first + i);
      tally.wait();
      used = watch.stop();
    });
    tally.check();
    return {{static_cast<double>(jobs) / used.seconds / 1e6}, used, jobs};
  }
};

// The same, a fifth of them at each priority.
struct W1FiveLevels : W1 {
  static constexpr std::string_view variant = ", five levels";
  template <class A>
  static constexpr bool possible = Prioritises<A>;

  template <class A>
  static Outcome run() {
    return post_all<A>(
        [](A& pool, std::uint64_t number) { pool.post(static_cast<Level>(number % kLevels), Job{number}); });
  }
};

}  // namespace bench
