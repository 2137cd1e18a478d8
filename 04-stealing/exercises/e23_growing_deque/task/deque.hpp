// Deque: a work-stealing deque of numbers, which grows; 0 is none. The owner pushes and takes at the bottom, the newest
// first; thieves steal at the top, the oldest first.
//
// Thread safety: push(), take() and the destructor belong to the owner; steal() may be called from any thread.
// Invariants:  (D1) what was pushed is taken or stolen exactly once
//              (D2) of what is there, take() gives the newest and steal() the oldest
//              (D3) an array lives as long as the deque, since a thief may still look into it
// Memory ordering: what happens before push(x) is visible to the take() or steal() that gives x.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <pool/basic/sync.hpp>
#include <pool/testing/todo.hpp>

namespace exercise {

// So many slots; an index beyond them begins again at the first.
class Array {
 public:
  explicit Array(std::size_t capacity) : capacity_(capacity), slots_(new pool::sync::atomic<int>[capacity]) {
    ++living;
  }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;
  ~Array() { --living; }

  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  pool::sync::atomic<int>& operator[](long index) { return slots_[static_cast<std::size_t>(index) % capacity_]; }

  static inline int living = 0;  // a test asks

 private:
  const std::size_t capacity_;
  const std::unique_ptr<pool::sync::atomic<int>[]> slots_;
};

class Deque {
 public:
  // Room for so many items before it grows for the first time.
  explicit Deque(std::size_t capacity) {
    arrays_.push_back(std::make_unique<Array>(capacity));
    array_.store(arrays_.back().get(), std::memory_order_relaxed);
  }

  void push(int item) {
    static_cast<void>(item);
    POOL_TODO("is there room? then put it into its slot; and when may a thief see it?");
  }

  // The newest item, or 0. (The four seq_cst operations here and in steal() are those of e22.)
  int take() {
    const long bottom = bottom_.load(std::memory_order_relaxed) - 1;
    Array& array = *array_.load(std::memory_order_relaxed);
    bottom_.store(bottom, std::memory_order_seq_cst);
    long top = top_.load(std::memory_order_seq_cst);
    int item = bottom >= top ? array[bottom].load(std::memory_order_relaxed) : 0;
    if (bottom > top) return item;
    if (item != 0 && !top_.compare_exchange_strong(top, top + 1, std::memory_order_relaxed)) item = 0;
    bottom_.store(bottom + 1, std::memory_order_relaxed);
    return item;
  }

  // The oldest item; 0: it is empty, or somebody was quicker.
  int steal() {
    long top = top_.load(std::memory_order_seq_cst);
    const long bottom = bottom_.load(std::memory_order_seq_cst);  // [publish]
    if (top >= bottom) return 0;
    return (POOL_TODO("there is an item at the top. In which array? And whose is it?"), 0);
  }

 private:
  // An array twice as large, with the items from top to bottom, in place of the one that is full.
  Array& grow(Array& full, long top, long bottom) {
    static_cast<void>(top);
    static_cast<void>(bottom);
    return (POOL_TODO("copy; what of a thief who looks into the old array, and of one who sees the new one?"), full);
  }

  alignas(64) pool::sync::atomic<long> top_{0};     // the oldest item; only ever goes up
  alignas(64) pool::sync::atomic<long> bottom_{0};  // behind the newest; written by the owner
  pool::sync::atomic<Array*> array_{nullptr};       // written by the owner
  std::vector<std::unique_ptr<Array>> arrays_;      // the owner's; the last one is in use
};

}  // namespace exercise
