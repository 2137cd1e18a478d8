// The monitor, with the time set by hand, under many interleavings.
#include <e32_monitor/monitor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>

#include <pool/testing/explorer/test.hpp>

using exercise::Clock;
using exercise::Decision;
using exercise::Load;
using exercise::Monitor;
using exercise::Time;
using pool::priority::Alarm;
using pool::priority::Duration;
using pool::priority::ManualClock;
using pool::sync::atomic;
using pool::sync::thread;
using std::chrono::seconds;

namespace {

// Goes up; who waits for a number waits until it is that large.
class Count {
 public:
  void add() {
    ++count_;
    count_.notify_all();
  }
  void wait_for(int wanted) const {
    for (int now = count_.load(); now < wanted; now = count_.load()) count_.wait(now);
  }
  [[nodiscard]] int so_far() const { return count_.load(); }

 private:
  atomic<int> count_{0};
};

// A clock that is set by hand, and counts how often somebody has gone to sleep on it.
class CountingClock : public Clock {
 public:
  [[nodiscard]] Time now() const override { return clock_.now(); }
  [[nodiscard]] std::unique_ptr<Alarm> alarm() override { return std::make_unique<Counting>(clock_.alarm(), sleeps); }
  void advance(Duration duration) { clock_.advance(duration); }

  Count sleeps;

 private:
  class Counting : public Alarm {
   public:
    Counting(std::unique_ptr<Alarm> alarm, Count& sleeps) : alarm_(std::move(alarm)), sleeps_(sleeps) {}
    void wait_until(Time time) override {
      sleeps_.add();
      alarm_->wait_until(time);
    }
    void call() override { alarm_->call(); }

   private:
    std::unique_ptr<Alarm> alarm_;
    Count& sleeps_;
  };
  ManualClock clock_;
};

// A monitor that asks every ten seconds, and what it has called.
struct Watch {
  Watch() = default;
  explicit Watch(std::function<void()> at_each_sample) : at_each_sample_(std::move(at_each_sample)) {}

  CountingClock clock;
  Count samples, decisions, failures, tends;
  Time tend_again = Time::max();

 private:
  std::function<void()> at_each_sample_ = [] {};

 public:
  Monitor monitor{clock,
                  {.interval = seconds(10),
                   .sample =
                       [this] {
                         samples.add();
                         at_each_sample_();
                         return Load{.workers = 3};
                       },
                   .policy = [](const Load& load) { return static_cast<Decision>(load.workers); },
                   .decided =
                       [this](Decision decision) {
                         EXPECT_EQ(decision, 3);
                         decisions.add();
                       },
                   .failed = [this] { failures.add(); },
                   .tend =
                       [this] {
                         tends.add();
                         return tend_again;
                       }}};
};

}  // namespace

EXPLORE_WITH(Samples, AreTakenAtEachInterval, (Explore{.preemptions = 1})) {
  Watch watch;
  for (int i = 1; i <= 3; ++i) {
    watch.clock.advance(seconds(10));
    watch.decisions.wait_for(i);
  }
  watch.monitor.stop();
  EXPECT_EQ(watch.samples.so_far(), 3);
  EXPECT_EQ(watch.failures.so_far(), 0);
}

EXPLORE_WITH(Samples, AreNotTakenBefore, (Explore{.preemptions = 1})) {
  Watch watch;
  watch.clock.advance(seconds(10) - Duration(1));
  watch.monitor.call();
  watch.tends.wait_for(1);
  watch.monitor.stop();
  EXPECT_EQ(watch.samples.so_far(), 0);
}

// Whoever takes the sample lets time pass; so does a machine that was suspended.
EXPLORE_WITH(Samples, WhatWasMissedIsNotMadeUpFor, (Explore{.preemptions = 1})) {
  Watch* self = nullptr;
  Watch watch([&] {
    if (self->samples.so_far() == 1) self->clock.advance(seconds(9));
  });
  self = &watch;
  watch.clock.advance(seconds(35));
  watch.decisions.wait_for(1);
  watch.clock.advance(seconds(1));  // ten after the first was due
  watch.decisions.wait_for(2);
  watch.clock.advance(seconds(9));
  watch.monitor.call();
  watch.monitor.stop();
  EXPECT_EQ(watch.samples.so_far(), 2);
}

EXPLORE_WITH(Failures, AreToldAndTheNextIntervalIsAsGoodAsAny, (Explore{.preemptions = 1})) {
  Watch* self = nullptr;
  Watch watch([&] {
    if (self->samples.so_far() == 1) throw std::runtime_error("no /proc");
  });
  self = &watch;
  watch.clock.advance(seconds(10));
  watch.failures.wait_for(1);
  watch.clock.advance(seconds(10));
  watch.decisions.wait_for(1);
  watch.monitor.stop();
  EXPECT_EQ(watch.failures.so_far(), 1);
  EXPECT_EQ(watch.samples.so_far(), 2);
}

// A call against everything that the monitor may be doing: after it, tend() is called once more.
EXPLORE_WITH(Calls, AreNotLost, (Explore{.preemptions = 2})) {
  Watch watch;
  watch.tends.wait_for(1);
  const int before = watch.tends.so_far();
  watch.monitor.call();
  watch.tends.wait_for(before + 1);
  watch.monitor.stop();
}

EXPLORE_WITH(Calls, ThatComeWhileItTendsAreKept, (Explore{.preemptions = 2})) {
  atomic<bool> wanted{false}, done{false};
  CountingClock clock;
  Monitor monitor(clock, {.interval = seconds(10),
                          .sample = [] { return Load{}; },
                          .policy = [](const Load&) { return 0; },
                          .decided = [](Decision) {},
                          .failed = [] {},
                          .tend =
                              [&] {
                                if (wanted.exchange(false)) {
                                  done = true;
                                  done.notify_all();
                                }
                                return Time::max();
                              }});
  wanted = true;
  monitor.call();
  done.wait(false);
  monitor.stop();
}

EXPLORE_WITH(Calls, TendingNamesItsOwnTime, (Explore{.preemptions = 1})) {
  Watch watch;
  watch.tends.wait_for(1);
  watch.clock.sleeps.wait_for(1);
  watch.tend_again = watch.clock.now() + seconds(4);
  watch.monitor.call();
  watch.clock.sleeps.wait_for(2);
  const int before = watch.tends.so_far();
  watch.tend_again = Time::max();
  watch.clock.advance(seconds(4));
  watch.tends.wait_for(before + 1);
  watch.monitor.stop();
  EXPECT_EQ(watch.samples.so_far(), 0);
}

// An interval in which nothing happens: one sleep to its end.
EXPLORE_WITH(Steps, ThereAreNoneInBetween, (Explore{.preemptions = 1})) {
  Watch watch;
  watch.clock.sleeps.wait_for(1);
  for (int second = 1; second < 10; ++second) watch.clock.advance(seconds(1));
  EXPECT_EQ(watch.clock.sleeps.so_far(), 1);
  EXPECT_EQ(watch.tends.so_far(), 1);
  watch.clock.advance(seconds(1));
  watch.decisions.wait_for(1);
  watch.clock.sleeps.wait_for(2);
  EXPECT_LE(watch.tends.so_far(), 3);
  watch.monitor.stop();
}

// The time stands still: whoever sleeps until the next sample is not woken by it.
EXPLORE_WITH(Stop, DoesNotWaitForAnInterval, (Explore{.preemptions = 2})) {
  Watch watch;
  watch.monitor.stop();
  EXPECT_EQ(watch.samples.so_far(), 0);
}

EXPLORE_WITH(Stop, WaitsForTheSampleThatIsBeingTaken, (Explore{.preemptions = 2})) {
  Watch watch;
  watch.clock.advance(seconds(10));
  watch.samples.wait_for(1);
  watch.monitor.stop();
  EXPECT_EQ(watch.decisions.so_far(), 1);
}
