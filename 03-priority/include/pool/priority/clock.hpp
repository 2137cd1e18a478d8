// Clock: where a pool takes the time from, so that a test can have its own.
//
// An Alarm is the one way in which threads of ours sleep until a moment on such a clock.
// Thread safety: every member of all classes may be called from any thread, wait_until() from one at a time.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>

#include <pool/basic/sync.hpp>

namespace pool::priority {

using Time = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;

// A place where one thread sleeps until a moment, or until it is called. A call that comes while nobody sleeps is kept.
class Alarm {
 public:
  virtual ~Alarm() = default;
  virtual void wait_until(Time time) = 0;  // Time::max(): until it is called
  virtual void call() = 0;
};

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() const = 0;
  // The same, some milliseconds behind at the most, for those who ask often: it may take a fraction of the time.
  [[nodiscard]] virtual Time coarse() const { return now(); }
  // The alarm must not outlive the clock.
  [[nodiscard]] virtual std::unique_ptr<Alarm> alarm() = 0;
};

// The steady clock of the system. It does not jump when somebody sets the time.
[[nodiscard]] Clock& steady_clock();

// A clock that stands still until it is told to go on.
class ManualClock : public Clock {
 public:
  [[nodiscard]] Time now() const override;
  [[nodiscard]] std::unique_ptr<Alarm> alarm() override;
  void advance(Duration duration);

 private:
  class ManualAlarm;

  mutable sync::mutex mutex_;
  sync::condition_variable changed_;                      // the time, or an alarm was called
  sync::cell<Time> now_{Time{} + std::chrono::hours(1)};  // guarded by mutex_
};

}  // namespace pool::priority
