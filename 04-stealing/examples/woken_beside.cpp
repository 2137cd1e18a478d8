// Three ways to sleep until one is called, and how long it takes to be woken by a thread that stays awake: it looks again and
// again whether the other is there, as a producer does that needs one thing done.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

#include <pool/stealing/semaphore.hpp>

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kRounds = 300;

// #region beds
class OnAnAtomic {
 public:
  void sleep() { called_.wait(false); }
  void wake() {
    called_ = true;
    called_.notify_one();
  }
  void forget() { called_ = false; }

 private:
  std::atomic<bool> called_{false};
};

class OnACondition {
 public:
  void sleep() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return called_; });
  }
  void wake() {
    {
      std::lock_guard lock(mutex_);
      called_ = true;
    }
    changed_.notify_one();
  }
  void forget() { called_ = false; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool called_ = false;
};

class OnASemaphore {
 public:
  void sleep() { called_.acquire(); }
  void wake() { called_.release(); }
  void forget() {}  // acquire() has done so

 private:
  pool::stealing::Semaphore called_;
};
// #endregion beds

template <class Bed>
void measure(const char* what) {
  Bed bed;
  std::atomic<int> here{0};
  std::atomic<Clock::rep> woken{0};
  std::thread sleeper([&] {
    for (int round = 1; round <= kRounds; ++round) {
      bed.sleep();
      woken = Clock::now().time_since_epoch().count();
      bed.forget();
      here = round;
    }
  });
  std::vector<double> microseconds;
  for (int round = 1; round <= kRounds; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // by now the other one sleeps
    const Clock::time_point called = Clock::now();
    bed.wake();
    while (here != round) {
    }
    microseconds.push_back(
        std::chrono::duration<double, std::micro>(Clock::duration(woken) - called.time_since_epoch()).count());
  }
  sleeper.join();
  std::sort(microseconds.begin(), microseconds.end());
  const auto slow = std::count_if(microseconds.begin(), microseconds.end(), [](double time) { return time > 1000; });
  std::printf("%-20s median %5.1f µs, nine in ten below %7.1f µs; %td of %d took more than a millisecond\n", what,
              microseconds[kRounds / 2], microseconds[kRounds * 9 / 10], slow, kRounds);
}

}  // namespace

int main() {
  measure<OnAnAtomic>("atomic wait():");
  measure<OnACondition>("condition variable:");
  measure<OnASemaphore>("semaphore:");
}
