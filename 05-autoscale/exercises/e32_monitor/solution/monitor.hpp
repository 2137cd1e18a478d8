// Monitor: the one thread that watches over a pool.
//
// Thread safety: call() may be called from any thread; stop() once, not from what the monitor calls.
// Invariant:  (M1) it sleeps in one timed wait until there is something to do, or until it is called; in between it makes
//                  no step
#pragma once

#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include <pool/autoscale/load.hpp>
#include <pool/basic/sync.hpp>
// #todo
#include <pool/basic/user_code.hpp>
// #end
#include <pool/priority/clock.hpp>

namespace exercise {

namespace sync = pool::sync;
using Decision = int;
using pool::autoscale::Duration;
using pool::autoscale::Load;
using pool::priority::Clock;
using pool::priority::Time;

class Monitor {
 public:
  struct Options {
    Duration interval{0};
    std::function<Load()> sample;
    std::function<Decision(const Load&)> policy;
    std::function<void(Decision)> decided;
    std::function<void()> failed;
    std::function<Time()> tend;  // what it has to do when it was called; when to do it again, Time::max(): when called
  };

  Monitor(Clock& clock, Options options)
      : clock_(clock),
        options_(std::move(options)),
        alarm_(clock.alarm()),
        thread_([this, first = clock.now() + options_.interval] { run(first); }) {}
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  // tend() is called soon.
  void call() { alarm_->call(); }

  // Returns when what it does is done.
  void stop() {
    // #todo say so, wake it, wait for it: in which order?
    stopping_.store(true, std::memory_order_release);  // [stop] pairs with run()
    alarm_->call();
    thread_.join();
    // #end
  }

 private:
  // The first sample is due at `next`.
  void run(Time next) {
    // #todo
    while (!stopping_.load(std::memory_order_acquire)) {  // [stop]
      const Time again = options_.tend();
      if (const Time now = clock_.now(); now < next) {
        alarm_->wait_until(std::min(again, next));  // a call that has come meanwhile is kept
      } else {
        sample();
        next = now + options_.interval;
      }
    }
    // #instead
    // static_cast<void>(next);
    // POOL_TODO("tend; sleep until the next thing is due, or sample");
    // #end
  }
  // #todo

  void sample() {
    const std::exception_ptr error = pool::basic::catching([&] {
      const Load load = options_.sample();
      options_.decided(options_.policy(load));
    });
    if (error) options_.failed();
  }
  // #end

  Clock& clock_;
  const Options options_;
  const std::unique_ptr<pool::priority::Alarm> alarm_;
  sync::atomic<bool> stopping_{false};
  sync::thread thread_;  // the last member: it uses the others
};

}  // namespace exercise

// #todo
// Why one loop in which tend() comes first. What wakes the thread does not say why: its time has come, somebody has
// called, somebody wants it to stop. So it does not ask. It goes through all of it each time, and what need not be done
// costs a look. A call that comes while tend() runs makes the next wait return at once, and tend() is called again: it may
// have looked already at what the call was about.
//
// Why the flag before the call. The other way round the thread may be woken, look at the flag, and sleep again, for an
// interval; and stop() waits for it.
//
// Why `now + interval` and not `next + interval`. If the machine was suspended for an hour, the second would take 360
// samples in a row, each of the same pool, and a rule that takes two steps an interval would take 720. It is also why the
// time is read before the sample is taken: else a sample that takes long would make the intervals longer.
//
// Why the catch is around all three, and why it is catching() and not `catch (...)`. Where a policy has thrown does not
// matter: nothing was decided. And a thread that is ended, by pthread_exit in a policy of the user's, unwinds by an
// exception that must not be stopped.
//
// Why tend() says when. The monitor need not know of retries and idle times, nor the supervisor of threads that sleep.
// What connects them is one moment.
// #end
