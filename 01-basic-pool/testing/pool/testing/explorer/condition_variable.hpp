// condition_variable as the explorer has it: same members as the standard's, same promises, but who is woken, whether a
// wait wakes up for no reason and whether a timeout fires are questions that the exploration answers in every way.
//
// Memory ordering: a notification orders nothing; the mutex does.
#pragma once

#include <pool/testing/explorer/execution.hpp>
#include <pool/testing/explorer/guards.hpp>
#include <pool/testing/explorer/mutex.hpp>

#include <chrono>
#include <condition_variable>  // std::cv_status
#include <mutex>               // std::unique_lock
#include <utility>

namespace pool::sync {

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
