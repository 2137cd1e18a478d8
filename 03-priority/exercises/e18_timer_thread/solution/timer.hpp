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
    // #todo
    bool earliest = false;
    {
      std::lock_guard lock(mutex_);
      if (stopping_.read()) return;
      earliest = entries_.read().empty() || time < entries_.read().begin()->first;
      entries_.write().emplace(time, std::move(f));
    }
    if (earliest) alarm_->call();  // [T1] the thread sleeps until a later time, or for ever
    // #instead
    // static_cast<void>(time);
    // static_cast<void>(f);
    // POOL_TODO("add the entry; who has to know of it?");
    // #end
  }

  // Drops what is not yet due, and waits for a function that runs.
  void stop() {
    // #todo
    Entries dropped;
    {
      std::lock_guard lock(mutex_);
      stopping_.write() = true;
      dropped.swap(entries_.write());
    }
    alarm_->call();
    if (thread_.joinable()) thread_.join();
    // #instead
    // if (thread_.joinable()) POOL_TODO("tell the thread, wake it, join it");
    // #end
  }

 private:
  using Entries = std::multimap<Time, Function>;

  // The life of the thread.
  void run() {
    // #todo
    for (;;) {
      Function due;
      Time next = Time::max();
      {
        std::lock_guard lock(mutex_);
        if (stopping_.read()) return;
        if (!entries_.read().empty()) next = entries_.read().begin()->first;
        if (next <= clock_.now()) {
          due = std::move(entries_.write().begin()->second);
          entries_.write().erase(entries_.write().begin());
        }
      }
      if (due) {
        due();
      } else {
        alarm_->wait_until(next);  // Time::max(): until it is called
      }
    }
    // #instead
    // static_cast<void>(clock_);
    // POOL_TODO("look what is to do: call a function, or sleep until when?");
    // #end
  }

  Clock& clock_;
  const std::unique_ptr<Alarm> alarm_;  // where the thread sleeps
  sync::mutex mutex_;
  sync::cell<Entries> entries_;       // guarded by mutex_; the earliest in front
  sync::cell<bool> stopping_{false};  // guarded by mutex_
  sync::thread thread_;               // the last member: it uses the others
};

}  // namespace exercise

// #todo
// Why this. The thread looks under the lock and sleeps without it; in between an earlier entry may come. With a
// condition variable that gap would have to be closed by holding the lock from the look to the sleep. The alarm keeps a
// call that comes too early, so the wait after it ends at once, and the thread looks again. It never believes that
// something is due because it was woken; it asks the clock.
//
// Why call only for an entry that is the earliest of all: the others are found when the thread looks again, which is
// before their time. A server that gives each request a timeout of ten seconds adds ten thousand entries a second, of
// which none is the earliest, and the thread sleeps on. Why not "call if it was empty": an entry in a minute, and then
// one in a second: the thread sleeps for a minute.
//
// Why move the function out before it is called: under the lock it could not add an entry (and most timers are periodic
// that way). And in stop() the map is swapped out for the same reason: what it holds is destroyed without the lock.
// #end
