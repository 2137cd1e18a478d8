// Small programs with a switch: with the mistake, or with its cure. What the explorer is tested with.
#pragma once

#include <pool/testing/explorer/test.hpp>

#include <array>
#include <cstddef>
#include <mutex>
#include <vector>

namespace pool {

inline void expect_passed(const explorer::Result& result) {
  EXPECT_EQ(result.verdict, explorer::Verdict::passed) << result.report;
}

inline void lock_both(sync::mutex& first, sync::mutex& second) {
  std::lock_guard one(first);
  std::lock_guard two(second);
}

inline void two_locks(bool same_order) {
  sync::mutex a;
  sync::mutex b;
  a.name("A");
  b.name("B");
  sync::thread other([&] { lock_both(a, b); });
  same_order ? lock_both(a, b) : lock_both(b, a);
  other.join();
}

inline void dine(bool one_is_left_handed) {
  std::array<sync::mutex, 3> forks;
  std::vector<sync::thread> philosophers;
  for (std::size_t i = 0; i < 3; ++i) {
    philosophers.emplace_back([&, i] {
      sync::mutex& right = forks[i];
      sync::mutex& left = forks[(i + 1) % 3];
      i == 0 && one_is_left_handed ? lock_both(left, right) : lock_both(right, left);
    });
  }
  for (auto& philosopher : philosophers) philosopher.join();
}

inline void wait_for_flag(bool flag_under_lock) {
  sync::mutex mutex;
  sync::condition_variable changed;
  sync::atomic<bool> flag{false};
  sync::thread waiter([&] {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return flag.load(); });
  });
  if (flag_under_lock) {
    std::lock_guard lock(mutex);
    flag = true;
  } else {
    flag = true;  // may fall between the waiter's look at the flag and its sleep
  }
  changed.notify_one();
  waiter.join();
}

}  // namespace pool
