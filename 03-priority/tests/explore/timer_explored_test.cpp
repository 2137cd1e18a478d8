// The timer and the rate limiter, and whom they wake, under every interleaving.
#include <pool/priority/rate_limit.hpp>
#include <pool/priority/timer.hpp>
#include <pool/testing/explorer/test.hpp>

#include <chrono>

namespace pool::priority {
namespace {

using sync::thread;

EXPLORE(Timer, AnEarlierEntryWakesTheThread) {
  ManualClock clock;
  Timer timer(clock);
  sync::atomic<int> called{0};
  timer.at(clock.now() + std::chrono::seconds(10), [] {});
  timer.at(clock.now(), [&] {
    called = 1;
    called.notify_one();
  });
  called.wait(0);
}

EXPLORE(Timer, NothingIsCalledBeforeItsTime) {
  ManualClock clock;
  Timer timer(clock);
  sync::atomic<int> early{0};
  sync::atomic<int> called{0};
  timer.at(clock.now() + std::chrono::seconds(10), [&] { ++early; });
  timer.at(clock.now(), [&] {
    called = 1;
    called.notify_one();
  });
  called.wait(0);
  EXPECT_EQ(early.load(), 0);
}

EXPLORE(Timer, StopWakesTheThread) {
  ManualClock clock;
  Timer timer(clock);
  timer.at(clock.now() + std::chrono::seconds(10), [] {});
  timer.stop();
  EXPECT_EQ(timer.pending(), 0U);
}

EXPLORE(Timer, StopAgainstAnEntryThatIsDue) {
  ManualClock clock;
  sync::atomic<int> calls{0};
  Timer timer(clock);
  timer.at(clock.now(), [&] { ++calls; });
  timer.stop();
  EXPECT_LE(calls.load(), 1);
}

EXPLORE(RateLimiter, CloseWakesWhoeverWaits) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 1}, clock);
  EXPECT_EQ(limiter.admit(), Admission::ok);
  thread waits([&] { EXPECT_EQ(limiter.admit(), Admission::closed); });
  limiter.close();
  waits.join();
}

EXPLORE(RateLimiter, TimeThatPassesWakesWhoeverWaits) {
  ManualClock clock;
  RateLimiter limiter({.per_second = 1}, clock);
  EXPECT_EQ(limiter.admit(), Admission::ok);
  thread waits([&] { EXPECT_EQ(limiter.admit(), Admission::ok); });
  clock.advance(std::chrono::seconds(1));
  waits.join();
}

}  // namespace
}  // namespace pool::priority
