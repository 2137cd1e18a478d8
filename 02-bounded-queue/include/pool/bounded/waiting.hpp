// Waiting: who waits at a queue of limited capacity, on which side, and who is called when.
//
// It counts, and leaves to its owner what is queued and how. A Visit holds the lock; when it ends, whoever can go on now
// is called, after the lock was let go.
// Thread safety: every member of Waiting may be called from any thread; what a Visit offers, by the thread that has it.
// Invariants:  (Q1) queued + reserved <= capacity
//              (Q2) queued > 0 and a receiver sleeps  =>  a receiver has been called, and will look at the queue
//              (Q3) there is room and a sender sleeps  =>  a sender has been called, and will look for room
// Memory ordering: what happens before the end of a Visit is visible to every later Visit.
//
// Senders wake in batches. One that is called while the queue drains from full waits on, at most kPatience, until the
// queue is down to its low mark (a quarter; in a small queue more, up to the half): so a wake-up, which costs more than
// many sends, is paid for once for many slots.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/bounded/deadline.hpp>

namespace pool::bounded {

enum class [[nodiscard]] Send{ok, full, closed};
enum class [[nodiscard]] Receive{ok, empty, closed};

// The most values a queue may be asked to hold: a thousand million.
inline constexpr std::size_t kMaxCapacity = 1'000'000'000;

class Waiting {
 public:
  // Capacity 0 is no limit. Throws std::invalid_argument for one above kMaxCapacity.
  explicit Waiting(std::size_t capacity);

  class Visit {
   public:
    explicit Visit(Waiting& waiting) : waiting_(waiting), lock_(sync::lock_spinning(waiting.mutex_)) {}
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit();

    [[nodiscard]] Send wait_for_room(const Deadline& deadline) { return waiting_.wait_for_room(lock_, deadline); }
    [[nodiscard]] Receive wait_for_value(const Deadline& deadline) { return waiting_.wait_for_value(lock_, deadline); }
    [[nodiscard]] bool closed() const { return waiting_.closed_.read(); }
    [[nodiscard]] bool empty() const { return waiting_.queued_.read() == 0; }

    // What the owner does to the queue:
    void sent();                          // one more is queued
    void sent_in_vain();                  // one was sent, and left at once: it counts, but is not queued
    void received(std::size_t many = 1);  // so many less
    void reserved() { ++waiting_.reserved_.write(); }
    void given_back() { --waiting_.reserved_.write(); }

   private:
    Waiting& waiting_;
    std::unique_lock<sync::mutex> lock_;
  };

  // From now on nobody waits.
  void close();

  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::size_t queued() const;

  // The same counts without the lock; `sent` ever, `high_water` the most that were ever queued.
  struct Stats {
    std::size_t sent = 0, queued = 0, high_water = 0;
  };
  [[nodiscard]] Stats stats() const;

 private:
  using Lock = std::unique_lock<sync::mutex>;
  static constexpr std::chrono::milliseconds kPatience{1};
  static constexpr std::size_t kFewest = 64;  // values that are left for the receivers while a sender wakes

  struct Sleepers {
    std::size_t asleep = 0;
    bool called = false;  // one of them was, and has not looked yet
    bool calls_one();
  };
  struct Calls {  // who is to be notified when the lock is let go
    bool receiver = false, sender = false, patient = false;
  };

  // These with the lock held:
  Send wait_for_room(Lock& lock, const Deadline& deadline);
  void wait_for_low_mark(Lock& lock, const Deadline& deadline);
  Receive wait_for_value(Lock& lock, const Deadline& deadline);
  [[nodiscard]] std::size_t taken() const { return queued_.read() + reserved_.read(); }
  [[nodiscard]] bool full() const { return capacity_ != 0 && taken() == capacity_; }
  Calls calls();  // after every change of the queue, the room or the sleepers: keeps Q2 and Q3

  const std::size_t capacity_;
  const std::size_t low_mark_;
  mutable sync::mutex mutex_;
  sync::condition_variable filled_;  // for receivers: there is something to take, or it was closed
  sync::condition_variable room_;    // for senders: there is room, or it was closed
  sync::condition_variable low_;     // for the patient sender: the queue is down to its low mark, or it was closed

  // guarded by mutex_
  sync::cell<std::size_t> queued_{0};
  sync::cell<std::size_t> reserved_{0};
  sync::cell<bool> closed_{false};
  sync::cell<Sleepers> receivers_;
  sync::cell<Sleepers> senders_;
  sync::cell<bool> draining_{false};  // the queue was full and is not yet down to its low mark
  sync::cell<bool> patient_{false};   // the sender that was called waits for that

  // written with mutex_ held, read by stats() without it
  sync::atomic<std::size_t> sent_{0};
  sync::atomic<std::size_t> length_{0};
  sync::atomic<std::size_t> high_water_{0};
};

inline Waiting::Waiting(std::size_t capacity)
    : capacity_(capacity), low_mark_(std::max(capacity / 4, std::min(capacity / 2, kFewest))) {
  if (capacity > kMaxCapacity) {
    throw std::invalid_argument("pool: capacity = " + std::to_string(capacity) + ", but a queue holds at most " +
                                std::to_string(kMaxCapacity) + " (0 means no limit)");
  }
}

// #region wait_for_room
inline Send Waiting::wait_for_room(Lock& lock, const Deadline& deadline) {
  while (full() && !closed_.read()) {
    if (deadline.is_now()) return Send::full;
    ++senders_.write().asleep;
    const bool in_time = deadline.wait(room_, lock);
    --senders_.write().asleep;
    if (!full() && draining_.read() && !patient_.read()) wait_for_low_mark(lock, deadline);
    senders_.write().called = false;
    if (!in_time && full() && !closed_.read()) return Send::full;
  }
  return closed_.read() ? Send::closed : Send::ok;
}

// We were called for the first free slot. It is ours if the receivers leave it at that; but as a rule they go on.
inline void Waiting::wait_for_low_mark(Lock& lock, const Deadline& deadline) {
  const Deadline end = deadline.at_most(kPatience);
  patient_.write() = true;
  while (patient_.read() && !closed_.read() && end.wait(low_, lock)) {
  }
  patient_.write() = false;
  draining_.write() = false;
}
// #endregion wait_for_room

inline Receive Waiting::wait_for_value(Lock& lock, const Deadline& deadline) {
  while (queued_.read() == 0 && !closed_.read()) {
    if (deadline.is_now()) return Receive::empty;
    ++receivers_.write().asleep;
    const bool in_time = deadline.wait(filled_, lock);
    --receivers_.write().asleep;
    receivers_.write().called = false;
    if (!in_time && queued_.read() == 0 && !closed_.read()) return Receive::empty;
  }
  return queued_.read() == 0 ? Receive::closed : Receive::ok;
}

// #region calls
inline Waiting::Visit::~Visit() {
  const Calls who = waiting_.calls();
  lock_.unlock();  // first: whoever wakes need not wait for us
  if (who.receiver) waiting_.filled_.notify_one();
  if (who.sender) waiting_.room_.notify_one();
  if (who.patient) waiting_.low_.notify_one();
}

inline Waiting::Calls Waiting::calls() {
  Calls who;
  if (queued_.read() > 0) who.receiver = receivers_.write().calls_one();
  if (full()) {
    draining_.write() = true;
    return who;
  }
  who.sender = senders_.write().calls_one();
  if (taken() <= low_mark_) {
    draining_.write() = false;
    who.patient = std::exchange(patient_.write(), false);
  }
  return who;
}
// #endregion calls

inline bool Waiting::Sleepers::calls_one() {
  if (asleep == 0 || called) return false;
  called = true;
  return true;
}

inline void Waiting::Visit::sent_in_vain() {
  waiting_.sent_.store(waiting_.sent_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

inline void Waiting::Visit::sent() {
  const std::size_t queued = ++waiting_.queued_.write();
  sent_in_vain();
  if (queued > waiting_.high_water_.load(std::memory_order_relaxed)) {
    waiting_.high_water_.store(queued, std::memory_order_relaxed);
  }
  waiting_.length_.store(queued, std::memory_order_release);  // [length] last: pairs with the load in stats()
}

inline void Waiting::Visit::received(std::size_t many) {
  waiting_.queued_.write() -= many;
  waiting_.length_.store(waiting_.queued_.read(), std::memory_order_release);  // [length]
}

inline void Waiting::close() {
  {
    Lock lock(mutex_);  // [close] its unlock pairs with the lock of every later Visit
    closed_.write() = true;
  }
  filled_.notify_all();
  room_.notify_all();
  low_.notify_all();
}

inline std::size_t Waiting::queued() const {
  Lock lock(mutex_);
  return queued_.read();
}

inline Waiting::Stats Waiting::stats() const {
  Stats stats;
  stats.queued = length_.load(std::memory_order_acquire);  // [length] first: it is never above the other two
  stats.high_water = high_water_.load(std::memory_order_relaxed);
  stats.sent = sent_.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace pool::bounded
