// The two times that a clock tells. (Alarms: timer_test.cpp.)
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include <pool/priority/clock.hpp>

namespace pool::priority {
namespace {

using namespace std::chrono_literals;

// How far behind it is varies, and so does when this thread runs: so the least of many is looked at.
TEST(Clock, TheCoarseTimeIsBehindByMillisecondsAtTheMost) {
  const Clock& clock = steady_clock();
  Duration behind = Duration::max();
  for (int i = 0; i < 1000; ++i) {
    const Time before = clock.now();
    const Time coarse = clock.coarse();
    EXPECT_LE(coarse, clock.now()) << "it is never ahead";
    behind = std::min<Duration>(behind, before - coarse);
  }
  EXPECT_LE(behind, 20ms);
}

TEST(Clock, TheCoarseTimeNeverGoesBack) {
  const Clock& clock = steady_clock();
  const Time end = clock.now() + 30ms;
  int steps = 0;
  for (Time last = clock.coarse(); clock.now() < end;) {
    const Time coarse = clock.coarse();
    EXPECT_GE(coarse, last);
    if (coarse != last) ++steps;
    last = coarse;
  }
  EXPECT_GT(steps, 0) << "and it goes on";
}

TEST(Clock, AManualClockHasOneTime) {
  ManualClock clock;
  EXPECT_EQ(clock.coarse(), clock.now());
  clock.advance(5ns);
  EXPECT_EQ(clock.coarse(), clock.now());
}

}  // namespace
}  // namespace pool::priority
