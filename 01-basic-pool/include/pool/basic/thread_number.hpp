// thread_number(): a small number that no other living thread has.
//
// The numbers of threads that have ended are given again, the smallest first; whoever gets one sees what its last owner
// did. (The explorer has its own: its threads are not the system's.)
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace pool::sync {

// What a thread has whose last objects are being destroyed: no number.
inline constexpr std::size_t kNoNumber = SIZE_MAX;

class ThreadNumber {
 public:
  [[nodiscard]] static std::size_t mine() {
    if (mine_ == kUnknown) take();
    return mine_;
  }

 private:
  static constexpr std::size_t kUnknown = kNoNumber - 1;
  struct Numbers {
    std::mutex mutex;
    std::vector<bool> taken;  // guarded by mutex
  };
  static Numbers& numbers() {
    static Numbers* const all = new Numbers;  // for ever: the last thread may end after the last static object
    return *all;
  }

  ThreadNumber() {
    const std::lock_guard lock(numbers().mutex);  // [number] pairs with the destructor of its last owner
    auto& taken = numbers().taken;
    number_ = static_cast<std::size_t>(std::find(taken.begin(), taken.end(), false) - taken.begin());
    if (number_ == taken.size()) taken.push_back(false);
    taken[number_] = true;
  }
  ~ThreadNumber() {
    mine_ = kNoNumber;
    const std::lock_guard lock(numbers().mutex);
    numbers().taken[number_] = false;
  }
  static void take() {
    thread_local const ThreadNumber owned;
    mine_ = owned.number_;
  }

  std::size_t number_ = 0;
  static constinit inline thread_local std::size_t mine_ = kUnknown;  // without a constructor, so it is quick to read
};

inline std::size_t thread_number() {
  return ThreadNumber::mine();
}

}  // namespace pool::sync
