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
#include <pool/priority/clock.hpp>
#include <pool/testing/todo.hpp>

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
    POOL_TODO("say so, wake it, wait for it: in which order?");
  }

 private:
  // The first sample is due at `next`.
  void run(Time next) {
    static_cast<void>(next);
    POOL_TODO("tend; sleep until the next thing is due, or sample");
  }

  Clock& clock_;
  const Options options_;
  const std::unique_ptr<pool::priority::Alarm> alarm_;
  sync::atomic<bool> stopping_{false};
  sync::thread thread_;  // the last member: it uses the others
};

}  // namespace exercise
