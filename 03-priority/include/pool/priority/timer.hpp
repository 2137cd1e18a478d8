// Timer: calls functions when their time has come. One thread, which sleeps when there is nothing to wait for, and is
// started when there is for the first time.
//
// Thread safety: every member may be called from any thread, and from a function that the timer calls, but for the
// destructor, which must not run in one.
// Invariant:  (T1) the thread sleeps no longer than until the earliest entry, and looks again when an earlier one comes
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/priority/clock.hpp>

namespace pool::priority {

class Timer {
 public:
  // Names an entry; a default one names none.
  struct Id {
    Time time;
    std::uint64_t number = 0;
    friend bool operator==(const Id&, const Id&) = default;
    friend bool operator<(const Id& a, const Id& b) { return std::tie(a.time, a.number) < std::tie(b.time, b.number); }
  };

  explicit Timer(Clock& clock);
  ~Timer();  // stop()
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Calls f on the timer's thread at that time, or soon after. f must not throw. Throws std::system_error if the thread
  // cannot be started, std::bad_alloc.
  Id at(Time time, std::function<void()> f);

  // The function will not be called if it has not been: true; false if it has, or is being called now.
  bool cancel(const Id& id);

  [[nodiscard]] std::size_t pending() const;

  // Drops what is not yet due, and waits for a function that runs. From now on at() does nothing. Not to be called by a
  // function that the timer calls, which would wait for itself.
  void stop();

  // Whether the calling thread is the timer's.
  [[nodiscard]] bool is_this_thread() const { return sync::thread_slot<const Timer>() == this; }

 private:
  void run();

  Clock& clock_;
  const std::unique_ptr<Alarm> alarm_;
  mutable sync::mutex mutex_;
  sync::cell<std::map<Id, std::function<void()>>> entries_;  // guarded by mutex_
  sync::cell<std::uint64_t> last_{0};                        // guarded by mutex_
  sync::cell<bool> stopping_{false};                         // guarded by mutex_
  sync::cell<bool> started_{false};                          // guarded by mutex_
  sync::thread thread_;                                      // written once, with mutex_ held
};

}  // namespace pool::priority
