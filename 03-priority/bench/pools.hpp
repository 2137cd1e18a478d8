// Pools, all with the same two functions: post(priority, job), and finish(), which returns when all jobs have run.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <queue>
#include <thread>
#include <utility>
#include <vector>

#include <pool/basic/work.hpp>
#include <pool/bounded/thread_pool.hpp>
#include <pool/priority/thread_pool.hpp>

#ifdef POOL_BENCH_TBB
#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>
#endif

namespace bench {

using pool::basic::Work;
using pool::priority::Priority;

// It knows no priorities: first come, first served.
struct Stage02 : pool::bounded::ThreadPool {
  explicit Stage02(std::size_t workers) : ThreadPool({.workers = workers}) {}
  void post(Priority, Work work) { ThreadPool::post(std::move(work)); }
  void finish() { shutdown(); }
};

inline constexpr int kUsual = -1;

// Ageing in milliseconds; 0 is none.
template <int ageing = kUsual>
struct Stage03 : pool::priority::ThreadPool {
  explicit Stage03(std::size_t workers) : ThreadPool(options(workers)) {}
  void finish() { shutdown(); }

 private:
  static pool::priority::Options options(std::size_t workers) {
    pool::priority::Options options{.workers = workers};
    if (ageing != kUsual) options.ageing = std::chrono::milliseconds(ageing);
    return options;
  }
};

// As in the textbook: a heap, ordered by priority and number, under a lock. It has no ageing, and cannot take out what
// is queued; what that leaves out, no worker pays for either: no bound, no statistics, nothing to wait for but the end.
class TextbookPool {
 public:
  explicit TextbookPool(std::size_t workers) {
    for (std::size_t i = 0; i < workers; ++i) threads_.emplace_back(&TextbookPool::run, this);
  }
  void post(Priority priority, Work work) {
    {
      std::lock_guard lock(mutex_);
      queue_.push({priority, next_++, std::move(work)});
    }
    changed_.notify_one();
  }
  void finish() {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

 private:
  struct Entry {
    Priority priority;
    std::uint64_t number;
    mutable Work work;  // top() is const, and the only way in
    bool operator<(const Entry& other) const {
      return std::pair(priority, number) > std::pair(other.priority, other.number);
    }
  };
  void run() {
    for (std::unique_lock lock(mutex_);; lock.lock()) {
      changed_.wait(lock, [this] { return !queue_.empty() || closed_; });
      if (queue_.empty()) return;
      Work work = std::move(queue_.top().work);
      queue_.pop();
      lock.unlock();
      work();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::priority_queue<Entry> queue_;
  std::uint64_t next_ = 0;
  bool closed_ = false;
  std::vector<std::thread> threads_;
};

#ifdef POOL_BENCH_TBB
// oneTBB knows three priorities, and they belong to arenas: they say where idle threads go first. Nothing is promised
// about the order within an arena, nothing ages, and what is queued cannot be taken out. critical and high share the
// high arena here, low and lowest the low one.
class OneTbb {
 public:
  explicit OneTbb(std::size_t workers)
      : threads_(tbb::global_control::max_allowed_parallelism, workers + 1),  // the thread that hands in is counted
        arenas_{arena(workers, tbb::task_arena::priority::high), arena(workers, tbb::task_arena::priority::normal),
                arena(workers, tbb::task_arena::priority::low)} {}
  template <class F>
  void post(Priority priority, F f) {
    const std::size_t at = priority < Priority::normal ? 0 : priority == Priority::normal ? 1 : 2;
    arenas_[at].enqueue(groups_[at].defer(std::move(f)));
  }
  void finish() {
    for (std::size_t i = 0; i < arenas_.size(); ++i) arenas_[i].execute([&] { groups_[i].wait(); });
  }

 private:
  static tbb::task_arena arena(std::size_t workers, tbb::task_arena::priority priority) {
    return tbb::task_arena(static_cast<int>(workers), 0, priority);
  }

  tbb::global_control threads_;
  std::array<tbb::task_arena, 3> arenas_;
  std::array<tbb::task_group, 3> groups_;
};
#endif

}  // namespace bench
