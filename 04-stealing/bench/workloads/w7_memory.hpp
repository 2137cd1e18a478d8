// W7: what a queued job weighs: a million of them, which capture eight bytes, while the workers are held. And what of
// it the pool still holds a second after they have run.
//
// It is resident memory that counts, as for whoever has to buy it, but not what is free in the C library's heap: that
// is given back before one looks. Only where the system says how much memory there is in use.
#pragma once

#ifdef __linux__
#include <malloc.h>
#endif

#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "../adapter.hpp"

namespace bench {

struct W7 {
  static constexpr std::string_view id = "w7", variant{};
  static constexpr std::array results{
      Result{"w7", "W7: memory of a queued job", "bytes a job", "lower"},
      Result{"w7-kept", "W7: memory still held a second after", "bytes a job", "lower"}};
  template <class A>
  static constexpr bool possible = Crew<A>&& kQueues<A>&& kMemoryIsKnown;

  template <class A>
  static Outcome run() {
    const std::size_t jobs = settings.size(1'000'000, 2000);
    double queued = 0, kept = 0;
    Used used;
    std::atomic<bool> open = false;
    std::atomic<std::size_t> holding = 0;
    with_pool<A>(settings.workers, [&](A& pool) {
      warm_up(pool);
      const std::uint64_t held = tally.hand_out(settings.workers);
      for (std::size_t i = 0; i < settings.workers; ++i) {  // one by one: some workers would take two, and run one
        pool.post([&, number = held + i] {
          tally.ran(number);
          ++holding;
          open.wait(false);
        });
        for (const Patience patience; holding <= i; std::this_thread::sleep_for(std::chrono::milliseconds(1)))
          if (patience.over()) fail("a job that holds a worker did not run");
      }
      const std::uint64_t first = tally.hand_out(jobs);
      const Stopwatch watch;
      trim();
      const double before = memory("VmRSS");
      for (std::size_t i = 0; i < jobs; ++i) pool.post(Job{first + i});
      queued = memory("VmRSS") - before;
      open = true;
      open.notify_all();
      tally.wait();
      used = watch.stop();
      std::this_thread::sleep_for(std::chrono::milliseconds(settings.size(1000, 1)));
      trim();
      kept = std::max(0.0, memory("VmRSS") - before);
    });
    tally.check();
    return {{queued / static_cast<double>(jobs), kept / static_cast<double>(jobs)}, used, jobs};
  }

 private:
  static void trim() {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
  }
};

}  // namespace bench
