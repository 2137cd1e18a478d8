// When the monitor samples, what it does with the answer, and who goes because he is idle. The time is the test's.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <stdexcept>

#include <pool/autoscale/thread_pool.hpp>
#include <pool/testing/contract/crew.hpp>
#include <pool/testing/gate.hpp>
#include <pool/testing/process.hpp>

#include "watched.hpp"

namespace pool::autoscale {
namespace {

using priority::ManualClock;
using testing::Gate;
using testing::until;
using testing::Watched;
using Kind = Event::Kind;
using std::chrono::seconds;

// S5.4: an interval that is longer than the clock can tell is never over.
TEST(Monitor, AnIntervalMayBeForEver) {
  std::atomic<int> events = 0;
  Watched watched(1, 4);
  ThreadPool pool({.clock = &watched.clock,
                   .min_workers = 1,
                   .policy = watched.oracle.policy(),
                   .interval = Duration::max(),
                   .idle_timeout = Duration::max(),
                   .on_event = [&](const Event&) { ++events; }});
  for (int i = 0; i < 3; ++i) {  // each time the monitor goes round once more
    const int before = events;
    pool.scale_to(static_cast<std::size_t>(i) + 2);
    until([&] { return events >= before + 2; });
  }
  EXPECT_TRUE(watched.oracle.asked().empty());
}

// S5.2: what is decided is done, as far as the limits let it.
TEST(Monitor, DoesWhatIsDecided) {
  Watched watched;
  const auto decide = [&](int answer, std::size_t becomes) {
    const std::size_t before = watched.oracle.asked().size();
    watched.oracle.answer = answer;
    watched.clock.advance(seconds(10));
    watched.oracle.until_asked(before + 1);
    until([&] { return watched.pool.size() == becomes; });
  };
  decide(+2, 3);
  decide(+2, 4);
  decide(-1, 3);
  decide(-100, 1);
  decide(-1, 1);
  decide(0, 1);  // when it is asked again, it has done what was decided before
  EXPECT_EQ(watched.pool.events().count(Kind::scaled), 4U);
  watched.pool.scale_to(4);
  decide(-1, 3);
}

// S5.2: who could not come yet, since nobody had left yet whose seat he takes, is not missing for want of threads.
TEST(Monitor, ASeatThatBecomesFreeMeanwhileIsTaken) {
  ManualClock clock;
  Gate go;
  std::atomic<int> begun = 0;
  std::atomic<int> asked = 0;
  std::optional<ThreadPool> pool;
  const Policy policy = [&](const Load&) {
    if (++asked > 1) return 0;
    go.open();
    until([&] { return pool->events().count(Kind::retired) == 1; });
    return -1;
  };
  pool.emplace(
      Options{.clock = &clock, .min_workers = 1, .max_workers = 3, .policy = policy, .idle_timeout = Duration::zero()});
  pool->scale_to(3);
  for (int i = 0; i < 3; ++i) {
    pool->post([&] {
      ++begun;
      go.wait();
    });
  }
  until([&] { return begun == 3; });
  pool->scale_to(2);
  pool->scale_to(3);
  EXPECT_EQ(pool->size(), 2U) << "there are three seats";
  for (int i = 1; i <= 2; ++i) {  // when it is asked again, it has done what was decided before
    clock.advance(seconds(10));
    until([&] { return asked == i; });
  }
  EXPECT_EQ(pool->size(), 2U);
  pool.reset();
}

// S5.1: what is so where nobody says anything.
TEST(Defaults, AreThoseOfTheSpecification) {
  EXPECT_EQ(Options{}.interval, seconds(10));
  EXPECT_EQ(Options{}.idle_timeout, seconds(30));
  EXPECT_EQ(LoadRatio{}.threshold, 0.8);
  EXPECT_EQ(LoadRatio{}.low, 0.3);
  EXPECT_EQ(LoadRatio{}.step_up, 2);
  EXPECT_EQ(LoadRatio{}.step_down, 1);
  EXPECT_EQ(ThreadPool({.max_workers = 5}).size(), 2U);
  ThreadPool pool({.min_workers = 1});
  pool.scale_to(20);
  EXPECT_EQ(pool.size(), 20U);
  EXPECT_THROW(pool.scale_to(21), std::invalid_argument);
}

// S5.1: not before thirty seconds are over.
TEST(Idle, GoesAfterThirtySeconds) {
  Watched watched(1, 2, Options{}.idle_timeout);
  watched.pool.scale_to(2);
  testing::until_parked(watched.pool, 2);
  watched.clock.advance(seconds(29));
  EXPECT_EQ(watched.pool.submit([] { return 1; }).get(), 1);
  testing::until_parked(watched.pool, 2);
  EXPECT_EQ(watched.pool.size(), 2U) << "not yet";
  until([&] {
    watched.clock.advance(seconds(1));
    return watched.pool.size() == 1;
  });
}

// S5.1: between two samples, and no more than there are above min.
TEST(Idle, WhoSleepsForLongGoes) {
  Watched watched(2, 4, seconds(4));
  watched.pool.scale_to(4);
  testing::until_parked(watched.pool, 4);
  EXPECT_EQ(watched.pool.size(), 4U);
  for (int i = 0; i < 4; ++i) {
    watched.clock.advance(seconds(2));
    EXPECT_EQ(watched.pool.submit([] { return 1; }).get(), 1);
    testing::until_parked(watched.pool, 2);
  }
  until([&] {
    watched.clock.advance(seconds(1));
    return watched.pool.events().count(Kind::retired) == 2;
  });
  EXPECT_EQ(watched.pool.size(), 2U);
}

// S5.1: who was seen asleep twice, and has worked in between, is not idle.
TEST(Idle, WhoWorksStays) {
  Watched watched(1, 2, seconds(20));
  watched.pool.scale_to(2);
  for (std::size_t round = 1; round <= 6; ++round) {
    Gate both[2];
    for (int i = 0; i < 2; ++i) {
      watched.pool.post([&] {
        const std::size_t worker = *watched.pool.current_worker();
        both[worker].open();
        both[1 - worker].wait();
      });
    }
    watched.pool.wait_idle();
    testing::until_parked(watched.pool, 2);
    watched.clock.advance(seconds(10));
    watched.oracle.until_asked(round);  // it has looked for who is idle before that
    ASSERT_EQ(watched.pool.size(), 2U) << "round " << round;
  }
}

// S5.1 R4: nobody makes a step, the monitor included.
TEST(Idle, AnIdlePoolTakesNoTime) {
  ThreadPool pool({.name = "Pool", .min_workers = 4, .max_workers = 8});
  for (int i = 0; i < 1000; ++i) pool.post([] {});
  pool.wait_idle();
  testing::until_parked(pool, 4);
  Gate never;
  EXPECT_FALSE(never.wait_for(std::chrono::milliseconds(20)));
  const auto before = testing::cpu_time_of_threads("Pool");  // and PoolMonitor's
  EXPECT_FALSE(never.wait_for(std::chrono::milliseconds(500)));
  EXPECT_LT(testing::cpu_time_of_threads("Pool") - before, std::chrono::milliseconds(1));
}

// What has happened until then is seen to.
TEST(Monitor, TendsOnceMoreWhenItStops) {
  ManualClock clock;
  std::atomic<int> tended = 0;
  Monitor monitor(clock, {.tend = [&] { return ++tended, Time::max(); }});
  monitor.start();
  until([&] { return tended > 0; });
  monitor.call();
  until([&] { return tended == 2; });  // now nothing calls it
  monitor.stop();
  EXPECT_EQ(tended, 3);
}

}  // namespace
}  // namespace pool::autoscale
