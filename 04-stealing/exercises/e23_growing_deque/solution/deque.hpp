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
    // #todo
    const long bottom = bottom_.load(std::memory_order_relaxed);
    const long top = top_.load(std::memory_order_acquire);  // [free] pairs with the exchange in steal()
    Array* array = array_.load(std::memory_order_relaxed);
    if (bottom - top >= static_cast<long>(array->capacity())) array = &grow(*array, top, bottom);
    (*array)[bottom].store(item, std::memory_order_relaxed);
    bottom_.store(bottom + 1, std::memory_order_release);  // [publish] pairs with steal()
    // #instead
    // static_cast<void>(item);
    // POOL_TODO("is there room? then put it into its slot; and when may a thief see it?");
    // #end
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
    // #todo
    Array& array = *array_.load(std::memory_order_acquire);       // [array] one in which this item is
    const int item = array[top].load(std::memory_order_relaxed);  // before the exchange: afterwards the slot is [free]
    const bool mine = top_.compare_exchange_strong(top, top + 1, std::memory_order_release, std::memory_order_relaxed);
    return mine ? item : 0;
    // #instead
    // return (POOL_TODO("there is an item at the top. In which array? And whose is it?"), 0);
    // #end
  }

 private:
  // An array twice as large, with the items from top to bottom, in place of the one that is full.
  Array& grow(Array& full, long top, long bottom) {
    // #todo
    arrays_.push_back(std::make_unique<Array>(2 * full.capacity()));
    Array& larger = *arrays_.back();
    for (long i = top; i < bottom; ++i) {
      larger[i].store(full[i].load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
    array_.store(&larger, std::memory_order_release);  // [array] pairs with steal(): what was copied
    return larger;
    // #instead
    // static_cast<void>(top);
    // static_cast<void>(bottom);
    // return (POOL_TODO("copy; what of a thief who looks into the old array, and of one who sees the new one?"), full);
    // #end
  }

  alignas(64) pool::sync::atomic<long> top_{0};     // the oldest item; only ever goes up
  alignas(64) pool::sync::atomic<long> bottom_{0};  // behind the newest; written by the owner
  pool::sync::atomic<Array*> array_{nullptr};       // written by the owner
  std::vector<std::unique_ptr<Array>> arrays_;      // the owner's; the last one is in use
};

}  // namespace exercise

// #todo
// Why this. A thief has three things to read: the top, the bottom and the array, and they may change between two
// looks. The top is checked by the exchange at the end. If it is still the same, the item at that index is still
// there; so it does not matter whether he has looked into the old array or into the new one, as long as the item is in
// it. In the old one it is, for it is never written again. In the new one it is, if he sees what was copied: that is
// the release, and its acquire. A relaxed store in its place stood in the paper that gave these orders.
//
// Why he reads the array after the bottom, and not before. An item that was pushed after the array was exchanged is in
// the new one only. Whoever has seen the bottom behind it, by [publish], sees an array in which it is.
//
// Why the old ones are kept: nobody knows whether a thief looks into one. Each is half as large as the next, so all of
// them together are smaller than the last. To free them sooner one would have to ask the thieves, at each steal.
//
// Why the items are copied by their index, and not slot by slot: the index stays, the slot does not. Item 5 is in slot
// 1 of four, and in slot 5 of eight.
//
// Why an acquire for the top in push(), though an old top would do no harm but grow too early: if the top says that a
// slot is free, the thief's look into it has to be over.
// #end
