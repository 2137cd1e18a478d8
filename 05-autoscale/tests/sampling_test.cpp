// What a policy hears of the pool, and that nothing depends on it: whatever cannot be measured, the pool goes on.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <future>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include <sys/resource.h>

#include <pool/autoscale/hill_climbing.hpp>
#include <pool/autoscale/thread_pool.hpp>
#include <pool/testing/contract/crew.hpp>
#include <pool/testing/gate.hpp>

#include "watched.hpp"

namespace pool::autoscale {
namespace {

using priority::ManualClock;
using std::chrono::seconds;
using testing::Gate;
using testing::until;
using testing::Watched;
using Kind = Event::Kind;

// While it lives, no file can be opened: so there is no /proc.
class NoDescriptors {
 public:
  NoDescriptors() {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    const rlimit none{0, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

std::chrono::nanoseconds cpu_time_of_this_thread() {
  timespec time{};
  EXPECT_EQ(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time), 0);
  return seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// --- what is in a sample ----------------------------------------------------------------------------------------------

// S5.11: half a second of a CPU's time in ten.
TEST(Sample, SaysHowManyCoresWereBusy) {
  Watched watched;
  EXPECT_EQ(watched.tick().cpus, 0.0) << "there was no sample before";
  watched.pool
      .submit([] {
        for (const auto start = cpu_time_of_this_thread();
             cpu_time_of_this_thread() - start < std::chrono::milliseconds(100);) {
        }
      })
      .get();
  const Load busy = watched.tick();
  EXPECT_EQ(busy.elapsed, seconds(10));
  EXPECT_GE(busy.cpus, 0.01);
  EXPECT_LT(busy.cpus, 0.1);
  EXPECT_LT(watched.tick().cpus, busy.cpus);
}

// S5.11
TEST(Sample, SaysHowMuchMemoryIsUsed) {
  Watched watched;
  const Load before = watched.tick();
  ASSERT_TRUE(before.memory_used && before.memory_limit);
  EXPECT_LT(*before.memory_used, *before.memory_limit);
  constexpr std::size_t kMore = std::size_t{64} << 20U;
  std::vector<char> more(kMore, 'x');
  EXPECT_GT(*watched.tick().memory_used, *before.memory_used + kMore / 2);
  EXPECT_EQ(more.back(), 'x');
}

// S5.3 (part): how long the oldest has waited, whether work comes of age in this pool or not; and how many ended.
TEST(Sample, SaysHowLongWorkHasWaited) {
  for (const Duration ageing : {Duration(seconds(10)), Duration::zero()}) {
    ManualClock clock;
    testing::Oracle oracle;
    Options options = testing::by_hand(1, 2);
    options.clock = &clock;
    options.ageing = ageing;
    options.policy = oracle.policy();
    ThreadPool pool(options);
    Gate begun, go;
    pool.post([&] {
      begun.open();
      go.wait();
    });
    begun.wait();
    pool.post([] {});
    clock.advance(seconds(4));
    pool.post([] {});
    clock.advance(seconds(6));
    oracle.until_asked(1);
    EXPECT_EQ(oracle.asked()[0].oldest_wait, seconds(10));
    EXPECT_EQ(oracle.asked()[0].queued, 2U);
    go.open();
    pool.wait_idle();
    clock.advance(seconds(10));
    oracle.until_asked(2);
    EXPECT_EQ(oracle.asked()[1].oldest_wait, Duration::zero());
    EXPECT_EQ(oracle.asked()[1].completed, 3U);
  }
}

// S5.9: who is in blocking(), and that the number of workers has changed.
TEST(Sample, SaysWhoBlocksAndWhenTheSizeHasChanged) {
  Watched watched(1, 4);
  EXPECT_EQ(watched.tick().since_change, Duration::max()) << "it never has";
  Gate begun, go;
  watched.pool.post([&] {
    watched.pool.blocking([&] {
      begun.open();
      go.wait();
    });
  });
  begun.wait();
  const Load blocked = watched.tick();
  EXPECT_EQ(blocked.blocked, 1U);
  EXPECT_EQ(blocked.active, 1U);
  EXPECT_EQ(blocked.workers, 2U);
  EXPECT_EQ(blocked.since_change, seconds(10));
  EXPECT_EQ(watched.tick().since_change, seconds(20));
  go.open();
  watched.pool.wait_idle();
  EXPECT_EQ(watched.tick().blocked, 0U);
}

// S5.9: who has come for somebody that blocked is sent home before the policy is asked, if nobody blocks any more: what it
// decides on is counted from there.
TEST(Sample, LeavesOutWhoIsNoLongerASubstitute) {
  Watched watched(1, 8);
  Gate go;
  std::atomic<int> begun = 0;
  for (int i = 0; i < 4; ++i) {
    watched.pool.post([&] {
      watched.pool.blocking([&] {
        ++begun;
        go.wait();
      });
    });
  }
  until([&] { return begun == 4; });
  go.open();
  watched.pool.wait_idle();
  EXPECT_EQ(watched.pool.size(), 5U);
  watched.oracle.answer = +2;
  ASSERT_EQ(watched.tick().workers, 1U);
  until([&] { return watched.pool.size() == 3; });
}

// --- policies in a pool -----------------------------------------------------------------------------------------------

// S5.3 (part): nobody waits, and it does not grow; somebody waits, and it does; when there is nothing to do, it shrinks.
TEST(Policies, HillClimbingScalesAPool) {
  ManualClock clock;
  Options options = testing::by_hand(1, 4);
  options.clock = &clock;
  std::atomic<int> asked = 0;
  options.policy = [rule = Policy(HillClimbing{}), &asked](const Load& load) {
    ++asked;
    return rule(load);
  };
  options.ageing = Duration::zero();
  ThreadPool pool(options);
  const auto interval = [&] {
    const int before = asked;
    clock.advance(seconds(10));
    until([&] { return asked > before; });
    return pool.size();
  };
  Gate begun, go;
  pool.post([&] {
    begun.open();
    go.wait();
  });
  begun.wait();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(interval(), 1U) << "the worker is busy, and nobody waits";
  for (int i = 0; i < 10; ++i) pool.post([&] { go.wait(); });
  until([&] { return interval() == 4; });  // all are in long jobs, and somebody waits
  go.open();
  pool.wait_idle();
  until([&] { return interval() == 1; });
}

// S5.2: 0.8 is not above the threshold, and 0.3 not below the low mark: of ten workers.
TEST(Policies, LoadRatioIsAskedWhenNobodySaysAnything) {
  ManualClock clock;
  ThreadPool pool({.clock = &clock, .min_workers = 2, .idle_timeout = Duration::zero()});
  pool.scale_to(10);
  std::vector<Gate> gates(9);
  std::atomic<int> begun = 0;
  const auto hold = [&](std::size_t i) {
    pool.post([&, i] {
      ++begun;
      gates[i].wait();
    });
  };
  for (std::size_t i = 0; i < 8; ++i) hold(i);
  until([&] { return begun == 8; });
  const auto interval = [&](std::size_t becomes) {
    clock.advance(seconds(10));
    until([&] { return pool.size() == becomes; });
  };
  interval(10);
  hold(8);
  until([&] { return begun == 9; });
  interval(12);
  for (Gate& gate : gates) gate.open();
  pool.wait_idle();
  interval(11);
}

// S5.1 S5.2 R14: with all that is the default. Four jobs that take for ever: the rule wants five workers, and who is idle for
// half a minute may go; but not if the rule would ask for him again.
TEST(Policies, UnderAConstantLoadTheSizeComesToRest) {
  ManualClock clock;
  std::atomic<int> asked = 0;
  ThreadPool pool({.clock = &clock, .min_workers = 2, .policy = [&](const Load& load) {
                     const Decision decision = LoadRatio{}.decide(load);
                     ++asked;
                     return decision;
                   }});
  Gate go;
  for (int i = 0; i < 4; ++i) pool.post([&] { go.wait(); });
  std::size_t decided = 0;
  for (int i = 1; i <= 100; ++i) {
    clock.advance(seconds(10));
    until([&] { return asked == i; });
    until([&] {
      const auto crew = pool.scheduling();
      const auto asleep = std::count_if(crew.begin(), crew.end(), [](const auto& w) { return w.parks > w.wakeups; });
      return static_cast<std::size_t>(asleep) + 4 >= pool.size();
    });
    if (i == 50) decided = pool.events().count(Kind::scaled);
  }
  EXPECT_EQ(pool.events().count(Kind::scaled), decided);
  EXPECT_EQ(pool.size(), 5U);
  go.open();
  pool.wait_idle();
}

// --- what cannot be measured ------------------------------------------------------------------------------------------

// S5.10: no file can be opened, so nothing is known of the memory; it grows and shrinks all the same.
TEST(Unknown, WithoutProcThePoolScales) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "UndefinedBehaviorSanitizer looks at objects through a pipe, for which there is no descriptor then";
#endif
  ManualClock clock;
  std::atomic<bool> known = true;
  ThreadPool pool({.clock = &clock,
                   .min_workers = 1,
                   .max_workers = 3,
                   .policy =
                       [&](const Load& load) {
                         known = load.memory_used || load.memory_limit;
                         return LoadRatio{}.decide(load);
                       },
                   .idle_timeout = Duration::zero()});
  const NoDescriptors no_proc;
  Gate go;
  for (int i = 0; i < 10; ++i) pool.post([&] { go.wait(); });
  clock.advance(seconds(10));
  until([&] { return pool.size() == 3; });
  EXPECT_FALSE(known);
  go.open();
  pool.wait_idle();
  clock.advance(seconds(10));
  until([&] { return pool.size() == 2; });
  EXPECT_EQ(pool.events().count(Kind::no_sample), 0U);
}

// S5.10: a sample that cannot be taken at all, over and over; who is to be watched over is, all the while.
TEST(Unknown, SamplesThatFailAreCountedAndTriedAgain) {
  ManualClock clock;
  std::atomic<int> samples = 0, failures = 0, tended = 0, decided = 0;
  Monitor monitor(clock, {.interval = seconds(10),
                          .policy = [](const Load&) { return 7; },
                          .sample = [&]() -> Load {
                            if (++samples < 4) throw std::bad_alloc();
                            return {};
                          },
                          .decided = [&](Decision decision) { decided = decision; },
                          .failed = [&] { ++failures; },
                          .tend = [&] { return ++tended, Time::max(); }});
  monitor.start();
  for (int i = 1; i <= 3; ++i) {
    clock.advance(seconds(10));
    until([&] { return failures == i; });
    const int before = tended;
    monitor.call();
    until([&] { return tended > before; });
  }
  EXPECT_EQ(decided, 0);
  clock.advance(seconds(10));
  until([&] { return decided == 7; });
  EXPECT_EQ(failures, 3);
}

// S5.10: and what is decided cannot be done: the same.
TEST(Unknown, WhatIsThrownByWhoActsIsCountedToo) {
  ManualClock clock;
  std::atomic<int> failures = 0;
  Monitor monitor(clock, {.interval = seconds(1),
                          .policy = [](const Load&) { return 1; },
                          .sample = [] { return Load{}; },
                          .decided = [](Decision) { throw std::runtime_error("no"); },
                          .failed = [&] { ++failures; },
                          .tend = [] { return Time::max(); }});
  monitor.start();
  for (int i = 1; i <= 3; ++i) {
    clock.advance(seconds(1));
    until([&] { return failures == i; });
  }
}

}  // namespace
}  // namespace pool::autoscale
