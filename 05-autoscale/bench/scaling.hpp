// W12 and W13: what it costs that workers come and go, and that another one comes for one that has died.
//
//   W12  a pool gets one worker more: until it has begun. And one fewer: until it has left
//   W13  a job ends the thread of the only worker: until the job behind it has run
//
// Such a pool is no adapter as the others are: it says when, and has
//   one_more(), one_fewer(), come_to_rest()    W12         which return when that is so
//   end_the_worker()                           W13         which returns at once
//   post(job)                                              the job is run
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "../../04-stealing/bench/enlist.hpp"

namespace bench {

// Signal: something has happened, once more. Whoever waits for it has patience, and then gives up.
class Signal {
 public:
  void now() {
    const std::lock_guard lock(mutex_);
    ++happened_;
    told_.notify_one();  // under the lock: whoever waits may destroy this as soon as it has the lock
  }
  void wait(const std::string& otherwise) {
    std::unique_lock lock(mutex_);
    const std::size_t before = seen_++;
    if (!told_.wait_for(lock, std::chrono::seconds(settings.patience), [&] { return happened_ > before; }))
      fail(otherwise);
  }
  [[nodiscard]] std::size_t times() const { return seen_; }  // that it was waited for

 private:
  std::mutex mutex_;
  std::condition_variable told_;
  std::size_t happened_ = 0;  // guarded by mutex_
  std::size_t seen_ = 0;      // of whoever waits
};

template <class A>
concept Scales = requires(A& pool) {
  pool.one_more();
  pool.one_fewer();
  pool.come_to_rest();
};
template <class A>
concept Recovers = requires(A& pool) {
  pool.end_the_worker();
};

// How long f() takes: microseconds.
double microseconds(auto&& f) {
  const Clock::time_point start = Clock::now();
  f();
  return 1e6 * Seconds(Clock::now() - start).count();
}

struct W12 {
  static constexpr std::string_view id = "w12", variant{};
  static constexpr std::array results{Result{"w12-comes", "W12: one worker more, until it has begun", "µs", "lower"},
                                      Result{"w12-goes", "W12: one worker fewer, until it has left", "µs", "lower"}};
  template <class A>
  static constexpr bool possible = Scales<A>;

  template <class A>
  static Outcome run() {
    const std::size_t rounds = settings.size(1000, 20);
    std::vector<double> comes, goes;
    Used used;
    {
      A pool;
      const Stopwatch watch;
      for (std::size_t i = 0; i < rounds; ++i) {
        comes.push_back(microseconds([&] { pool.one_more(); }));
        pool.post(Job{tally.hand_out(1)});
        tally.wait();
        goes.push_back(microseconds([&] { pool.one_fewer(); }));
        pool.come_to_rest();
      }
      used = watch.stop();
    }
    tally.check();
    return {{quantile(comes, 0.5), quantile(goes, 0.5)}, used, rounds, 1};
  }
};

struct W13 {
  static constexpr std::string_view id = "w13", variant{};
  static constexpr std::array results{
      Result{"w13", "W13: a worker has died, until another one has done a job", "µs", "lower"}};
  template <class A>
  static constexpr bool possible = Recovers<A>;

  template <class A>
  static Outcome run() {
    const std::size_t rounds = settings.size(1000, 20);
    const std::uint64_t first = tally.hand_out(rounds);
    std::vector<double> times;
    Used used;
    {
      Signal done;
      A pool;
      const Stopwatch watch;
      for (std::size_t i = 0; i < rounds; ++i) {
        times.push_back(microseconds([&] {
          pool.end_the_worker();
          pool.post([&done, number = first + i] {
            tally.ran(number);
            done.now();
          });
          done.wait("nobody has come for a worker that has died");
        }));
      }
      used = watch.stop();
    }
    tally.check();
    return {{quantile(times, 0.5)}, used, rounds, 1};
  }
};

template <class A>
bool enlist_scaling(const std::string& who) {
  return enlist_for<A, W12, W13>(who, 50);
}

}  // namespace bench
