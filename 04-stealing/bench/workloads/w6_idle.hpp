// W6: what a pool costs that has had work and has none now: processor time a second.
#pragma once

#include <array>
#include <chrono>
#include <thread>

#include "../adapter.hpp"

namespace bench {

struct W6 {
  static constexpr std::string_view id = "w6", variant{};
  static constexpr std::array results{Result{"w6", "W6: processor time of an idle pool", "ms a second", "lower"}};
  template <class A>
  static constexpr bool possible = Crew<A>;

  template <class A>
  static Outcome run() {
    Used used;
    with_pool<A>(settings.workers, [&](A& pool) {
      warm_up(pool);
      std::this_thread::sleep_for(std::chrono::milliseconds(settings.size(200, 1)));  // to come to rest
      const Stopwatch watch;
      std::this_thread::sleep_for(std::chrono::milliseconds(settings.size(1000, 20)));
      used = watch.stop();
      warm_up(pool);  // it is still there
    });
    tally.check();
    return {{1e3 * used.cpu / used.seconds}, used, 0};
  }
};

}  // namespace bench
