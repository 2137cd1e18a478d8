// SmallDeque: Chase and Lev's deque (pool/stealing/deque.hpp) without what makes it long. It does not grow, so at most 64
// items may be in it at a time; and the two orders of take() that chapter 4 asks about are parameters.
#pragma once

#include <array>
#include <cstddef>

#include <pool/basic/sync.hpp>

// #region small_deque
template <std::memory_order kStore, std::memory_order kLoad>
class SmallDeque {  // of numbers; 0 is none
 public:
  void push(int item);
  int take() {
    const long bottom = bottom_.load(std::memory_order_relaxed) - 1;
    bottom_.store(bottom, kStore);  // first we say what we want,
    long top = top_.load(kLoad);    // then we look whether a thief has it already
    int item = bottom >= top ? slot(bottom).load(std::memory_order_relaxed) : 0;
    if (bottom > top) return item;
    if (item != 0 && !top_.compare_exchange_strong(top, top + 1)) item = 0;
    bottom_.store(bottom + 1, std::memory_order_relaxed);
    return item;
  }
  // #endregion small_deque
  int steal() {  // 0: empty, or somebody was quicker
    long top = top_.load();
    if (top >= bottom_.load()) return 0;
    const int item = slot(top).load(std::memory_order_relaxed);
    return top_.compare_exchange_strong(top, top + 1) ? item : 0;
  }

 private:
  pool::sync::atomic<int>& slot(long index) { return items_[static_cast<std::size_t>(index) % items_.size()]; }

  alignas(64) pool::sync::atomic<long> top_{0};
  alignas(64) pool::sync::atomic<long> bottom_{0};
  std::array<pool::sync::atomic<int>, 64> items_{};
};

template <std::memory_order kStore, std::memory_order kLoad>
void SmallDeque<kStore, kLoad>::push(int item) {
  const long bottom = bottom_.load(std::memory_order_relaxed);
  slot(bottom).store(item, std::memory_order_relaxed);
  bottom_.store(bottom + 1, std::memory_order_release);
}
