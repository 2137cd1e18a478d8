// Monitor: the one thread that watches over a pool. It calls tend() when it is called, and when tend() has said; and at
// each interval it takes a sample of the load, asks the policy, and passes on what that has decided.
//
// What sampling and the policy throw is told to `failed`, and that is all: at the next interval it is tried again.
// Thread safety: every member may be called from any thread; start() once, stop() not on the monitor's own thread.
// Invariant:  (M1) it sleeps in one timed wait until the next of these moments, or until it is called; in between it
//                  makes no step
#pragma once

#include <functional>
#include <memory>

#include <pool/autoscale/load.hpp>
#include <pool/autoscale/policy.hpp>
#include <pool/basic/sync.hpp>
#include <pool/priority/clock.hpp>

namespace pool::autoscale {

using priority::Clock;
using priority::Time;

class Monitor {
 public:
  struct Options {
    Duration interval{0};  // 0: nothing is sampled
    Policy policy = {};
    std::function<Load()> sample = {};
    std::function<void(Decision)> decided = {};
    std::function<void()> failed = {};
    std::function<Time()> tend = {};  // what it has to do when it is called; when to do it again
  };
  Monitor(Clock& clock, Options options);
  ~Monitor();  // stop()
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  void start();                    // throws std::system_error if the thread cannot be created
  void call() { alarm_->call(); }  // tend() is called soon
  void stop();                     // when it has called tend() once more

  [[nodiscard]] bool is_this_thread() const { return sync::thread_slot<const Monitor>() == this; }

 private:
  void run(Time next);
  void sample();

  Clock& clock_;
  const Options options_;
  const std::unique_ptr<priority::Alarm> alarm_;
  sync::atomic<bool> stopping_{false};
  sync::thread thread_;  // written by start() and stop()
};

}  // namespace pool::autoscale
