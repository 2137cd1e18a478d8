// Clocks, alarms, timers and the rate limiter, on a clock that moves when it is told to.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <pool/priority/rate_limit.hpp>
#include <pool/priority/timer.hpp>
#include <pool/testing/gate.hpp>
#include <pool/testing/process.hpp>

namespace pool::priority {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Gate;

// S3.7
TEST(Timer, CallsInTheOrderOfTime) {
  ManualClock clock;
  Timer timer(clock);
  std::string called;
  Gate last;
  const Time start = clock.now();
  timer.at(start + seconds(3), [&] {
    called += 'c';
    last.open();
  });
  timer.at(start + seconds(1), [&] { called += 'a'; });
  timer.at(start + seconds(1), [&] { called += 'b'; });
  EXPECT_EQ(timer.pending(), 3U);
  clock.advance(seconds(3));
  last.wait();
  EXPECT_EQ(called, "abc");
  EXPECT_EQ(timer.pending(), 0U);
}

// S3.7
TEST(Timer, DoesNothingBeforeItsTime) {
  ManualClock clock;
  Timer timer(clock);
  std::atomic<int> calls = 0;
  Gate second;
  timer.at(clock.now() + seconds(2), [&] { ++calls; });
  timer.at(clock.now() + seconds(1), [&] { second.open(); });
  clock.advance(seconds(1));
  second.wait();
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(timer.pending(), 1U);
}

// S3.7
TEST(Timer, WhatIsCancelledIsNotCalled) {
  ManualClock clock;
  Timer timer(clock);
  std::atomic<int> calls = 0;
  Gate done;
  const auto id = timer.at(clock.now() + seconds(1), [&] { ++calls; });
  timer.at(clock.now() + seconds(2), [&] { done.open(); });
  EXPECT_TRUE(timer.cancel(id));
  EXPECT_FALSE(timer.cancel(id));
  EXPECT_FALSE(timer.cancel({}));
  clock.advance(seconds(2));
  done.wait();
  EXPECT_EQ(calls, 0);
}

// S3.7
TEST(Timer, AFunctionMayUseTheTimer) {
  ManualClock clock;
  Timer timer(clock);
  Gate done;
  timer.at(clock.now(), [&] { timer.at(clock.now(), [&] { done.open(); }); });
  done.wait();
}

// S3.7
TEST(Timer, KnowsItsThread) {
  ManualClock clock;
  Timer timer(clock);
  bool own = false;
  Gate done;
  timer.at(clock.now(), [&] {
    own = timer.is_this_thread();
    done.open();
  });
  done.wait();
  EXPECT_TRUE(own);
  EXPECT_FALSE(timer.is_this_thread());
}

// S3.7: no thread until there is something to wait for, and none afterwards.
TEST(Timer, HasAThreadOnlyWhenItNeedsOne) {
  const std::size_t threads = testing::thread_count();
  {
    Timer timer(steady_clock());
    EXPECT_EQ(testing::thread_count(), threads);
    timer.at(steady_clock().now() + std::chrono::hours(1), [] {});
    EXPECT_EQ(testing::thread_count(), threads + 1);
  }
  EXPECT_TRUE(testing::thread_count_becomes(threads));
}

// S3.7
TEST(Timer, StoppedItTakesNothingMore) {
  ManualClock clock;
  Timer timer(clock);
  std::atomic<int> calls = 0;
  timer.at(clock.now() + seconds(1), [&] { ++calls; });
  timer.stop();
  timer.at(clock.now(), [&] { ++calls; });
  clock.advance(seconds(5));
  timer.stop();
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(timer.pending(), 0U);
}

// S3.7: on the real clock, too.
TEST(Timer, KeepsTimeWithTheSystem) {
  Timer timer(steady_clock());
  Gate called;
  const Time due = steady_clock().now() + milliseconds(5);
  timer.at(due, [&] { called.open(); });
  called.wait();
  EXPECT_GE(steady_clock().now(), due);
}

// S3.10
TEST(RateLimiter, LetsABurstThroughAndThenSoManyASecond) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 10, .burst = 3}, clock);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.try_admit(), Admission::ok) << i;
  EXPECT_EQ(limiter.try_admit(), Admission::exceeded);
  clock.advance(milliseconds(99));
  EXPECT_EQ(limiter.try_admit(), Admission::exceeded);
  clock.advance(milliseconds(1));
  EXPECT_EQ(limiter.try_admit(), Admission::ok);
  EXPECT_EQ(limiter.try_admit(), Admission::exceeded);
  clock.advance(seconds(60));  // however long it was quiet, the burst is no larger
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.try_admit(), Admission::ok) << i;
  EXPECT_EQ(limiter.try_admit(), Admission::exceeded);
}

// S3.10
TEST(RateLimiter, KeepsToTheRateInTheLongRun) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 1000, .burst = 5}, clock);
  int admitted = 0;
  for (int i = 0; i < 10'000; ++i) {
    while (limiter.try_admit() == Admission::ok) ++admitted;
    clock.advance(std::chrono::microseconds(100));
  }
  EXPECT_GE(admitted, 1000);
  EXPECT_LE(admitted, 1005);
}

// S3.10
TEST(RateLimiter, RejectsOrDelays) {
  ManualClock clock;
  RateLimiter rejecting({.per_second = 1, .beyond = Beyond::reject}, clock);
  EXPECT_EQ(rejecting.admit(), Admission::ok);
  EXPECT_EQ(rejecting.admit(), Admission::exceeded);

  RateLimiter delaying({.per_second = 1}, clock);
  EXPECT_EQ(delaying.admit(), Admission::ok);
  std::atomic<bool> through = false;
  std::thread waits([&] { through = delaying.admit() == Admission::ok; });
  for (int i = 0; i < 200; ++i) std::this_thread::yield();
  EXPECT_FALSE(through);
  clock.advance(seconds(1));
  waits.join();
  EXPECT_TRUE(through);
}

// S3.10
TEST(RateLimiter, CloseWakesAllWhoWait) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 0.001}, clock);
  EXPECT_EQ(limiter.admit(), Admission::ok);
  std::vector<std::jthread> waiting;
  for (int i = 0; i < 3; ++i) waiting.emplace_back([&] { EXPECT_EQ(limiter.admit(), Admission::closed); });
  for (int i = 0; i < 200; ++i) std::this_thread::yield();
  limiter.close();
  waiting.clear();
  EXPECT_EQ(limiter.admit(), Admission::closed);
}

// S3.10
TEST(RateLimiter, WhatIsGivenBackWasNeverTaken) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 1, .burst = 2}, clock);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(limiter.try_admit(), Admission::ok);
    limiter.give_back();
  }
  EXPECT_EQ(limiter.try_admit(), Admission::ok);
  EXPECT_EQ(limiter.try_admit(), Admission::ok);
  EXPECT_EQ(limiter.try_admit(), Admission::exceeded);
}

// S3.10
TEST(RateLimiter, AnImpossibleRateIsRefused) {
  ManualClock clock;
  const double bad[] = {-1, 1.1e6, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()};
  for (const double rate : bad) EXPECT_THROW(RateLimiter({.per_second = rate}, clock), std::invalid_argument);
  EXPECT_THROW(RateLimiter({.per_second = 1, .burst = 0}, clock), std::invalid_argument);
  EXPECT_THROW(RateLimiter({.per_second = 1e-10}, clock), std::invalid_argument);
  EXPECT_THROW(RateLimiter({.per_second = 1, .burst = std::numeric_limits<std::size_t>::max()}, clock),
               std::invalid_argument);
  RateLimiter none({}, clock);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(none.admit(), Admission::ok);
  RateLimiter fastest({.per_second = 1e6}, clock);
  EXPECT_EQ(fastest.admit(), Admission::ok);
  EXPECT_EQ(fastest.try_admit(), Admission::exceeded);
}

}  // namespace
}  // namespace pool::priority
