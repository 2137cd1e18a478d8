// InFlight: how much work was accepted and is not done, and a place to wait until that is none.
//
// Thread safety: every member may be called from any thread.
// Invariant:  (F1) the count is zero and somebody waits  =>  whoever made it zero notifies after the waiter's look
// Memory ordering: what happens before done() is visible to whoever waited for it, and to the done() that was the last.
#pragma once

#include <cstddef>
#include <mutex>

#include <pool/basic/sync.hpp>
#include <pool/bounded/deadline.hpp>

namespace pool::bounded {

class InFlight {
 public:
  // Counts a piece of work as long as it lives, or until whoever has taken the work over calls done().
  class Entry {
   public:
    explicit Entry(InFlight& in_flight) : in_flight_(&in_flight) {
      in_flight.count_.fetch_add(1, std::memory_order_relaxed);
    }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() {
      if (in_flight_ != nullptr) in_flight_->done();
    }
    void hand_over() { in_flight_ = nullptr; }

   private:
    InFlight* in_flight_;
  };

  bool done();  // whether it was the last

  [[nodiscard]] bool none() const { return count_.load(std::memory_order_acquire) == 0; }  // [done]

  // Waits until nothing is in flight; false: the time was up first.
  [[nodiscard]] bool wait(const Deadline& deadline);

 private:
  sync::atomic<std::size_t> count_{0};
  sync::mutex mutex_;
  sync::condition_variable none_;
};

// #region in_flight
inline bool InFlight::done() {
  if (count_.fetch_sub(1, std::memory_order_acq_rel) != 1) return false;  // [done] pairs with the load in wait()
  { std::lock_guard lock(mutex_); }  // whoever looked before this sleeps by now: the notification finds it
  none_.notify_all();
  return true;
}

inline bool InFlight::wait(const Deadline& deadline) {
  std::unique_lock lock(mutex_);
  while (count_.load(std::memory_order_acquire) != 0) {  // [done]
    if (deadline.is_now()) return false;
    if (!deadline.wait(none_, lock)) return count_.load(std::memory_order_acquire) == 0;
  }
  return true;
}
// #endregion in_flight

}  // namespace pool::bounded
