// mutex and condition_variable as the explorer has them: same members as the standard's, same promises, but who gets
// the lock, who is woken, whether a wait wakes up for no reason and whether a timeout fires are questions that the
// exploration answers in every way.
//
// Memory ordering: what happens before an unlock is visible to whoever locks next. A notification orders nothing.
#pragma once

#include <pool/testing/explorer/execution.hpp>

#include <chrono>
#include <condition_variable>  // std::cv_status
#include <mutex>               // std::unique_lock
#include <utility>

namespace pool::sync {

class mutex : public explorer::Object {
 public:
  mutex() : Object("mutex") {
    if (explorer::Execution::active()) enter();
  }
  ~mutex() override {
    auto* execution = explorer::Execution::active();
    if (execution && holder != explorer::kNobody) {
      execution->fail(explorer::Verdict::misuse, execution->name(*this) + " is destroyed while it is locked");
    }
  }

  void lock(explorer::Site site = explorer::Site::here()) {
    auto& execution = enter();
    execution.point();
    if (holder != explorer::kNobody) execution.wait(*this, {.lock = this}, "waits for", site);
    take(execution, "lock", site);
  }

  // May fail although nobody has the lock, as the standard allows.
  [[nodiscard]] bool try_lock(explorer::Site site = explorer::Site::here()) {
    auto& execution = enter();
    execution.point();
    if (holder != explorer::kNobody || execution.chance()) {
      execution.record({.verb = "try_lock", .object = number(), .note = ": fails", .site = site},
                       explorer::Effect::idle);
      return false;
    }
    take(execution, "try_lock", site);
    return true;
  }

  // There is no point() here: nobody can tell whether a thread was interrupted before an unlock or after it.
  void unlock(explorer::Site site = explorer::Site::here()) {
    auto& execution = enter();
    if (holder != execution.me()) {
      execution.fail(explorer::Verdict::misuse, explorer::thread_name(execution.me()) + " unlocks " +
                                                    execution.name(*this) + ", which it does not hold");
    }
    released_ = execution.tick();
    holder = explorer::kNobody;
    execution.record({.verb = "unlock", .object = number(), .site = site});
  }

 private:
  friend class condition_variable;

  void take(explorer::Execution& execution, const char* verb, explorer::Site site) {
    holder = execution.me();
    since = execution.step();
    execution.tick().join(released_);
    execution.record({.verb = verb, .object = number(), .site = site});
  }
  void renew() override { released_ = {}; }

  explorer::VectorClock released_;  // what the last holder had seen
};

class condition_variable : public explorer::Object {
 public:
  condition_variable() : Object("condition_variable") {
    if (explorer::Execution::active()) enter();
  }

  void notify_one(explorer::Site site = explorer::Site::here()) {
    enter().point();
    enter().notify(*this, false, site);
  }
  void notify_all(explorer::Site site = explorer::Site::here()) {
    enter().point();
    enter().notify(*this, true, site);
  }

  void wait(std::unique_lock<mutex>& lock, explorer::Site site = explorer::Site::here()) { sleep(lock, false, site); }
  template <class Predicate>
  void wait(std::unique_lock<mutex>& lock, Predicate predicate, explorer::Site site = explorer::Site::here()) {
    while (!predicate()) sleep(lock, false, site);
  }

  // How long it waits is of no matter: the time may be up at any moment.
  template <class Duration>
  std::cv_status wait_for(std::unique_lock<mutex>& lock, const Duration&,
                          explorer::Site site = explorer::Site::here()) {
    return sleep(lock, true, site) ? std::cv_status::no_timeout : std::cv_status::timeout;
  }
  template <class Duration, class Predicate>
  bool wait_for(std::unique_lock<mutex>& lock, const Duration&, Predicate predicate,
                explorer::Site site = explorer::Site::here()) {
    while (!predicate()) {
      if (!sleep(lock, true, site)) return predicate();
    }
    return true;
  }
  template <class Clock, class Duration>
  std::cv_status wait_until(std::unique_lock<mutex>& lock, const std::chrono::time_point<Clock, Duration>& time,
                            explorer::Site site = explorer::Site::here()) {
    return wait_for(lock, time, site);
  }
  template <class Clock, class Duration, class Predicate>
  bool wait_until(std::unique_lock<mutex>& lock, const std::chrono::time_point<Clock, Duration>& time,
                  Predicate predicate, explorer::Site site = explorer::Site::here()) {
    return wait_for(lock, time, std::move(predicate), site);
  }

 private:
  // False: the time was up. A wake-up for no reason is one that happens at once: all that others do before it, they
  // can do while this thread is waiting for the mutex.
  bool sleep(std::unique_lock<mutex>& lock, bool timed, explorer::Site site) {
    auto& execution = enter();
    mutex& guard = *lock.mutex();
    execution.point();
    const bool spurious = execution.chance();
    guard.unlock(site);
    const bool notified = execution.wait(
        *this, {.signal = spurious ? nullptr : this, .lock = &guard, .timed = timed, .since = guard.since},
        spurious ? "wakes up for no reason from"
        : timed  ? "waits a while for"
                 : "waits for",
        site);
    guard.take(execution, notified ? "lock" : "lock (time is up)", site);
    return notified;
  }
};

}  // namespace pool::sync
