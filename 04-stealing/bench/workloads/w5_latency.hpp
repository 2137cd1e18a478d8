// W5: how long a job takes from just before its post until it starts, in a pool that has nothing else to do.
//
//   W5a  after 50 µs, which the producer spins: the workers have just become idle, and one core is busy
//   W5b  after 1 ms, which the producer sleeps: everybody is asleep
//   W5c  at once: hot
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <string_view>
#include <thread>
#include <vector>

#include "../adapter.hpp"

namespace bench {

struct W5 {
  static constexpr std::string_view variant{};
  template <class A>
  static constexpr bool possible = Pool<A>;

 protected:
  static constexpr std::array<Result, 2> latency(std::string_view p50, std::string_view median, std::string_view p99,
                                                 std::string_view nearly_all) {
    return {Result{p50, median, "µs", "lower"}, Result{p99, nearly_all, "µs", "lower"}};
  }

  // pause() is what happens between a job's end and the next post.
  template <class A, class Pause>
  static Outcome pings(std::size_t jobs, Pause pause) {
    std::vector<double> microseconds;
    microseconds.reserve(jobs);
    Ping ping;
    Used used;
    with_pool<A>(settings.workers, [&](A& pool) {
      warm_up(pool);
      const std::uint64_t first = tally.hand_out(jobs);
      const Stopwatch watch;
      for (std::uint64_t number = first; number < first + jobs; ++number) {
        pause();
        const Clock::time_point posted = Clock::now();
        pool.post([&ping, number] { ping.here(number); });
        microseconds.push_back(1e6 * Seconds(ping.wait(number) - posted).count());
      }
      used = watch.stop();
    });
    tally.check();
    return {{quantile(microseconds, 0.5), quantile(microseconds, 0.99)}, used, jobs};
  }

 private:
  class Ping {
   public:
    void here(std::uint64_t number) {
      started_ = Clock::now();
      tally.ran(number);
      arrived_.store(number, std::memory_order_release);
    }
    Clock::time_point wait(std::uint64_t number) {
      const Patience patience;
      for (unsigned i = 1; arrived_.load(std::memory_order_acquire) != number; ++i) {
        if (i % 4096 == 0 && patience.over()) fail("the job with number " + std::to_string(number) + " did not run");
      }
      return started_;
    }

   private:
    Clock::time_point started_;
    std::atomic<std::uint64_t> arrived_{~std::uint64_t{0}};
  };
};

struct W5a : W5 {
  static constexpr std::string_view id = "w5a";
  static constexpr std::array results =
      latency("w5a-p50", "W5a: latency, idle for 50 µs, median", "w5a-p99", "W5a: latency, idle for 50 µs, 99 %");
  template <class A>
  static Outcome run() {
    return pings<A>(settings.size(10'000, 50), [] {
      for (const auto start = Clock::now(); Clock::now() - start < std::chrono::microseconds(50);) {
      }
    });
  }
};

struct W5b : W5 {
  static constexpr std::string_view id = "w5b";
  static constexpr std::array results =
      latency("w5b-p50", "W5b: latency, asleep for 1 ms, median", "w5b-p99", "W5b: latency, asleep for 1 ms, 99 %");
  template <class A>
  static Outcome run() {
    return pings<A>(settings.size(1000, 20), [] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
  }
};

struct W5c : W5 {
  static constexpr std::string_view id = "w5c";
  static constexpr std::array results =
      latency("w5c-p50", "W5c: latency, hot, median", "w5c-p99", "W5c: latency, hot, 99 %");
  template <class A>
  static Outcome run() {
    return pings<A>(settings.size(kThreadPerJob<A> ? 10'000 : 100'000, 200), [] {});
  }
};

}  // namespace bench
