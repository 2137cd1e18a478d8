// A timer on a clock that stands still, under every interleaving of its thread with the test's.
#include <e18_timer_thread/timer.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <pool/testing/explorer/test.hpp>

using exercise::Timer;
using pool::priority::ManualClock;
using pool::sync::atomic;
using pool::sync::cell;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

class Flag {
 public:
  void set() {
    set_ = true;
    set_.notify_all();
  }
  void wait() { set_.wait(false); }

 private:
  atomic<bool> set_{false};
};

// Adds an entry when it is destroyed.
struct AddsAnEntry {
  explicit AddsAnEntry(Timer& t, ManualClock& c) : timer(&t), clock(&c) {}
  AddsAnEntry(const AddsAnEntry&) = delete;
  AddsAnEntry& operator=(const AddsAnEntry&) = delete;
  ~AddsAnEntry() {
    timer->at(clock->now() + hours(1), [] {});
  }
  Timer* timer;
  ManualClock* clock;
};

}  // namespace

EXPLORE(Timer, CallsWhatIsDue) {
  ManualClock clock;
  Flag called;
  Timer timer(clock);
  timer.at(clock.now(), [&] { called.set(); });
  called.wait();
}

EXPLORE(Timer, CallsWhenTheTimeHasCome) {
  ManualClock clock;
  Flag called;
  Timer timer(clock);
  timer.at(clock.now() + seconds(5), [&] { called.set(); });
  clock.advance(seconds(5));
  called.wait();
}

EXPLORE(Timer, NothingIsCalledBeforeItsTime) {
  ManualClock clock;
  cell<int> calls{0};
  Timer timer(clock);
  timer.at(clock.now() + seconds(5), [&] { ++calls.write(); });
  clock.advance(seconds(4));
  timer.stop();
  EXPLORE_CHECK(calls.read() == 0);
}

EXPLORE(Timer, AnEarlierEntryWakesTheThread) {
  ManualClock clock;
  Flag called;
  Timer timer(clock);
  timer.at(clock.now() + hours(1), [] {});
  timer.at(clock.now(), [&] { called.set(); });
  called.wait();
}

EXPLORE(Timer, TheEarlierComesFirst) {
  ManualClock clock;
  cell<std::string> order;
  Flag done;
  Timer timer(clock);
  timer.at(clock.now() + seconds(2), [&] {
    order.write() += 'b';
    done.set();
  });
  timer.at(clock.now() + seconds(1), [&] { order.write() += 'a'; });
  clock.advance(seconds(2));
  done.wait();
  EXPLORE_CHECK(order.read() == "ab");
}

EXPLORE(Timer, TwoOfTheSameTimeAreBothCalled) {
  ManualClock clock;
  atomic<int> calls{0};
  Timer timer(clock);
  const auto time = clock.now() + seconds(1);
  const auto count = [&] {
    ++calls;
    calls.notify_all();
  };
  timer.at(time, count);
  timer.at(time, count);
  clock.advance(seconds(1));
  for (int seen = 0; seen < 2; seen = calls.load()) calls.wait(seen);
}

EXPLORE(Timer, StopEndsAThreadThatSleeps) {
  ManualClock clock;
  cell<int> calls{0};
  Timer timer(clock);
  timer.at(clock.now() + hours(1), [&] { ++calls.write(); });
  timer.stop();
  timer.at(clock.now(), [&] { ++calls.write(); });
  timer.stop();
  EXPLORE_CHECK(calls.read() == 0);
}

// What the function writes is written again after stop(): a race, if the function may still run then.
EXPLORE(Timer, StopWaitsForAFunctionThatRuns) {
  ManualClock clock;
  cell<int> refers_to{0};
  Timer timer(clock);
  timer.at(clock.now(), [&] { refers_to.write() = 1; });
  timer.stop();
  refers_to.write() = 2;
}

EXPLORE(Timer, AFunctionMayAddAnEntry) {
  ManualClock clock;
  Flag called;
  Timer timer(clock);
  timer.at(clock.now(), [&] { timer.at(clock.now(), [&] { called.set(); }); });
  called.wait();
}

EXPLORE(Timer, WhatIsDroppedMayUseTheTimer) {
  ManualClock clock;
  Timer timer(clock);
  timer.at(clock.now() + hours(1), [held = std::make_shared<AddsAnEntry>(timer, clock)] {});
  timer.stop();
}
