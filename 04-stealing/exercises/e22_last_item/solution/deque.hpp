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
    // #todo
    bottom_.store(bottom, std::memory_order_seq_cst);  // [claim] first we say what we want,
    long top = top_.load(std::memory_order_seq_cst);   // then we look whether a thief has it already
    // #instead
    // bottom_.store(bottom, std::memory_order_seq_cst);  // first we say what we want,
    // long top = top_.load(std::memory_order_acquire);   // then we look whether a thief has it already
    // #end
    int item = bottom >= top ? slot(bottom).load(std::memory_order_relaxed) : 0;
    if (bottom > top) return item;  // more than one: no thief comes this far
    // #todo
    if (item != 0 && !top_.compare_exchange_strong(top, top + 1, std::memory_order_relaxed)) item = 0;
    // #instead
    // if (item != 0 && !top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst)) item = 0;
    // #end
    bottom_.store(bottom + 1, std::memory_order_relaxed);  // it is empty: below this there is nothing to be seen
    return item;
  }

  // The oldest item; 0: it is empty, or somebody was quicker.
  int steal() {
    long top = top_.load(std::memory_order_seq_cst);              // [claim] first what we want,
    const long bottom = bottom_.load(std::memory_order_seq_cst);  // [publish] then whether the owner is after it
    if (top >= bottom) return 0;
    const int item = slot(top).load(std::memory_order_relaxed);
    // #todo
    const bool mine =  // [free] whoever sees it may fill the slot again: so a release, after the item was read
        top_.compare_exchange_strong(top, top + 1, std::memory_order_release, std::memory_order_relaxed);
    // #instead
    // const bool mine = top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst);
    // #end
    return mine ? item : 0;
  }

 private:
  Atomic<int>& slot(long index) { return items_[static_cast<std::size_t>(index) % kRoom]; }

  alignas(64) Atomic<long> top_{0};     // the oldest item; only ever goes up
  alignas(64) Atomic<long> bottom_{0};  // behind the newest; written by the owner
  std::array<Atomic<int>, kRoom> items_{};
};

}  // namespace exercise

// #todo
// Why these four. The line that needs them is `if (bottom > top) return item;`: the owner goes off with item b,
// without an exchange. Suppose that a thief gets b as well. He has loaded the top, b, and then the bottom, more than
// b. The owner has stored the bottom, b, and then loaded the top, less than b. In the one order of all seq_cst
// operations:
//
//   the owner's load of the top read less than b, the thief's read b       the owner's load is before the thief's
//   the thief's load of the bottom read more than b, the owner stored b    the thief's load is before that store
//   the owner stores and then loads, the thief loads and then loads        store before load, load before load
//
// (Had the thief read a bottom that was pushed later, it would be another item.) Put in a row, the owner's store comes
// before itself. So it cannot be. Each of the four is a link of that ring:
//   the owner's store   if it is a release, it waits in the store buffer while the owner's look goes ahead;
//   the owner's load    if it is an acquire, it may read an old top: an acquire says what comes with what is read, and
//                       not that the newest is read;
//   the thief's second load, of the bottom: the same with an old bottom;
//   the thief's first load, of the top: nothing says any more that it comes after the owner's.
//
// Why not the exchanges. For the last item both exchange the top, from b to b + 1. A read-modify-write reads the
// newest value, whatever its order; so one of the two succeeds. Nobody asks what else came before or after it.
//
// Why not the exchange in place of the thief's first load, which also makes four, and passes all tests here? With one
// thief it does: his own exchange comes before his next look at the bottom. With two it need not: the first exchanges,
// the second reads that with an acquire, and in the order of C++20 his look at the bottom may still come before the
// exchange. Neither x86-64 nor the explorer shows it. A proof does: the ring above has no place for that exchange.
//
// What it saves: on x86-64 the store is an xchg and a load is a mov, and an exchange is an exchange. Nothing, then.
// That is the other half of the lesson: an order that is too weak and one that is too strong are the same program
// there, and neither test nor clock tells them apart.
// #end
