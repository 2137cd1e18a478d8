// What it costs to count. Two threads count as fast as they can, in five ways; the last two differ by where the counters lie,
// and by nothing else.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <latch>
#include <mutex>
#include <thread>
#include <vector>

#include <pool/basic/sync.hpp>

namespace {

constexpr std::size_t kThreads = 2;
constexpr std::uint64_t kTimes = 20'000'000;

// Nanoseconds for one step of one thread, while all take theirs.
template <class Step>
double measure(Step step) {
  std::latch ready(kThreads + 1);
  std::vector<std::thread> threads;
  for (std::size_t self = 0; self < kThreads; ++self) {
    threads.emplace_back([&ready, step, self] {
      ready.arrive_and_wait();
      for (std::uint64_t i = 0; i < kTimes; ++i) step(self);
    });
  }
  ready.arrive_and_wait();
  const auto start = std::chrono::steady_clock::now();
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  return took.count() / kTimes;
}

// #region own
// One thread writes it, so adding needs no read-modify-write; others read it, so it is atomic.
void add_to_own(std::atomic<std::uint64_t>& own) {
  own.store(own.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}
// #endregion own

// #region places
struct SideBySide {
  std::atomic<std::uint64_t> count{0};
};
struct alignas(64) LineForEach {
  std::atomic<std::uint64_t> count{0};
};
// #endregion places

void print(const char* what, double nanoseconds) {
  std::printf("%-42s %6.2f ns\n", what, nanoseconds);
}

}  // namespace

int main() {
  std::mutex mutex;
  std::uint64_t guarded = 0;
  print("one counter, a mutex", measure([&](std::size_t) {
          const std::lock_guard lock(mutex);
          ++guarded;
        }));
  std::atomic<std::uint64_t> shared{0};
  print("one counter, fetch_add", measure([&](std::size_t) { shared.fetch_add(1, std::memory_order_relaxed); }));
  SideBySide near[kThreads];
  print("one each, side by side, fetch_add",
        measure([&](std::size_t self) { near[self].count.fetch_add(1, std::memory_order_relaxed); }));
  print("one each, side by side, load and store", measure([&](std::size_t self) { add_to_own(near[self].count); }));
  LineForEach apart[kThreads];
  print("one each, a cache line each, load and store",
        measure([&](std::size_t self) { add_to_own(apart[self].count); }));
  const bool right = guarded == kThreads * kTimes && shared == guarded &&
                     near[0].count + near[1].count == 2 * guarded && apart[0].count + apart[1].count == guarded;
  std::puts(right ? "every count is right" : "a count is wrong");
  return right ? 0 : 1;
}
