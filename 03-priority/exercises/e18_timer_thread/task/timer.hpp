// Timer: one thread that calls functions when their time has come, and sleeps in between.
//
// Thread safety: every member may be called from any thread; stop() and the destructor not by a function of the timer.
// Invariants:  (T1) the thread sleeps no longer than until the earliest entry
//              (T2) no code of the user runs under the lock
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/priority/clock.hpp>
#include <pool/testing/todo.hpp>

namespace exercise {

namespace sync = pool::sync;
using pool::priority::Alarm;
using pool::priority::Clock;
using pool::priority::Time;

class Timer {
 public:
  using Function = std::function<void()>;

  explicit Timer(Clock& clock) : clock_(clock), alarm_(clock.alarm()), thread_([this] { run(); }) {}
  ~Timer() { stop(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Calls f on the timer's thread when it is so late. After stop() it does nothing.
  void at(Time time, Function f) {
    static_cast<void>(time);
    static_cast<void>(f);
    POOL_TODO("add the entry; who has to know of it?");
  }

  // Drops what is not yet due, and waits for a function that runs.
  void stop() {
    if (thread_.joinable()) POOL_TODO("tell the thread, wake it, join it");
  }

 private:
  using Entries = std::multimap<Time, Function>;

  // The life of the thread.
  void run() {
    static_cast<void>(clock_);
    POOL_TODO("look what is to do: call a function, or sleep until when?");
  }

  Clock& clock_;
  const std::unique_ptr<Alarm> alarm_;  // where the thread sleeps
  sync::mutex mutex_;
  sync::cell<Entries> entries_;       // guarded by mutex_; the earliest in front
  sync::cell<bool> stopping_{false};  // guarded by mutex_
  sync::thread thread_;               // the last member: it uses the others
};

}  // namespace exercise
