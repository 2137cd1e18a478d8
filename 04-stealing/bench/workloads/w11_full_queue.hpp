// W11: a full queue of 1,024. One worker needs a microsecond for each job; one producer, or four, could deliver many
// times as much, and wait for room. The result is the share of what the worker does that has all jobs at hand. Beside
// it stands what the waiting costs: processor time of the producers.
#pragma once

#include <array>
#include <thread>
#include <vector>

#include "../../../02-bounded-queue/bench/busy_work.hpp"
#include "../adapter.hpp"

namespace bench {

template <std::size_t producers>
struct W11 {
  static constexpr std::string_view id = producers == 1 ? "w11-one" : "w11-four", variant{};
  static constexpr std::array results{
      Result{id, producers == 1 ? "W11: a full queue, one producer" : "W11: a full queue, four producers",
             "share of the consumer's limit", "higher"}};
  template <class A>
  static constexpr bool possible = Bounded<A>;

  template <class A>
  static Outcome run() {
    constexpr std::size_t kCapacity = 1024;
    const std::size_t jobs = settings.size(300'000, 3000);
    const std::uint64_t rounds = calibrate();
    Consumer consumer(rounds, jobs);
    const Seconds before = at_hand(rounds);
    const std::uint64_t first = tally.hand_out(jobs);
    std::array<double, producers> cpu{};
    const Stopwatch watch;
    {
      A pool(1, kCapacity);
      std::vector<std::jthread> threads;
      for (std::size_t p = 0; p < producers; ++p) {
        threads.emplace_back([&, p] {
          for (std::size_t job = p; job < jobs; job += producers) {
            pool.post([&consumer, job, number = first + job] {
              consumer.take(job);
              tally.ran(number);
            });
          }
          cpu[p] = of_this_thread();
        });
      }
      threads.clear();  // joins them
      tally.wait();
    }
    const Used used = watch.stop();
    tally.check();
    const double seconds = consumer.seconds().count();
    const double limit = static_cast<double>(jobs) * (before + at_hand(rounds)).count() / 2;
    double waiting = 0;
    for (const double part : cpu) waiting += part;
    return {{limit / seconds}, used, jobs, 1, waiting / seconds};
  }

 private:
  static double of_this_thread() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }
};

}  // namespace bench
