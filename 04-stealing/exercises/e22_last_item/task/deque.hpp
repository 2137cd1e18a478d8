// Deque: a work-stealing deque of numbers; 0 is none. The owner pushes and takes at the bottom, the newest first;
// thieves steal at the top, the oldest first.
//
// Its atomics are a parameter: std::atomic for the stress test, the explorer's, and one that counts orders.
// Thread safety: push() and take() belong to the owner; steal() may be called from any thread.
// Invariants:  (D1) what was pushed is taken or stolen exactly once
//              (D2) of what is there, take() gives the newest and steal() the oldest
// Memory ordering: what happens before push(x) is visible to the take() or steal() that gives x.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>

namespace exercise {

template <template <class> class Atomic>
class Deque {
 public:
  static constexpr std::size_t kRoom = 64;

  // At most kRoom items may be in it at a time.
  void push(int item) {
    const long bottom = bottom_.load(std::memory_order_relaxed);
    slot(bottom).store(item, std::memory_order_relaxed);
    bottom_.store(bottom + 1, std::memory_order_release);  // [publish] pairs with the load in steal()
  }

  // The newest item, or 0.
  int take() {
    const long bottom = bottom_.load(std::memory_order_relaxed) - 1;
    bottom_.store(bottom, std::memory_order_seq_cst);  // first we say what we want,
    long top = top_.load(std::memory_order_acquire);   // then we look whether a thief has it already
    int item = bottom >= top ? slot(bottom).load(std::memory_order_relaxed) : 0;
    if (bottom > top) return item;  // more than one: no thief comes this far
    if (item != 0 && !top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst)) item = 0;
    bottom_.store(bottom + 1, std::memory_order_relaxed);  // it is empty: below this there is nothing to be seen
    return item;
  }

  // The oldest item; 0: it is empty, or somebody was quicker.
  int steal() {
    long top = top_.load(std::memory_order_seq_cst);              // [claim] first what we want,
    const long bottom = bottom_.load(std::memory_order_seq_cst);  // [publish] then whether the owner is after it
    if (top >= bottom) return 0;
    const int item = slot(top).load(std::memory_order_relaxed);
    const bool mine = top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst);
    return mine ? item : 0;
  }

 private:
  Atomic<int>& slot(long index) { return items_[static_cast<std::size_t>(index) % kRoom]; }

  alignas(64) Atomic<long> top_{0};     // the oldest item; only ever goes up
  alignas(64) Atomic<long> bottom_{0};  // behind the newest; written by the owner
  std::array<Atomic<int>, kRoom> items_{};
};

}  // namespace exercise
