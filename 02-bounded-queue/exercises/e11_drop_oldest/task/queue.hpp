// Queue: jobs that wait, no more than so many. When it is full, the oldest leaves for the newest.
//
// Thread safety: every member may be called from any thread.
// Invariants:  (D1) size() <= capacity
//              (D2) a job runs once, or is dropped, and then its future says broken_promise
//              (D3) a closure is destroyed without the lock, and before its future is ready
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <list>
#include <mutex>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/testing/todo.hpp>

namespace exercise {

namespace sync = pool::sync;

class Queue {
 public:
  using Closure = std::function<int()>;  // throws nothing, to keep this short

  // capacity: at least 1.
  explicit Queue(std::size_t capacity) : capacity_(capacity) {}

  // Queues the job. If there is no room, the oldest one is dropped for it.
  std::future<int> submit(Closure closure) {
    static_cast<void>(closure);
    POOL_TODO("make a job of it, let the oldest go if there is no room, append the job");
  }

  // Runs the oldest job. False: there was none.
  bool run_one() {
    std::list<Job> job;
    {
      std::lock_guard lock(mutex_);
      if (jobs_.read().empty()) return false;
      job.splice(job.end(), jobs_.write(), jobs_.read().begin());
    }
    const int result = job.front().closure();
    job.front().closure = nullptr;
    job.front().promise.set_value(result);
    return true;
  }

  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::size_t size() const {
    std::lock_guard lock(mutex_);
    return jobs_.read().size();
  }

 private:
  struct Job {
    Closure closure;
    std::promise<int> promise;
  };

  const std::size_t capacity_;
  mutable sync::mutex mutex_;
  sync::cell<std::list<Job>> jobs_;  // guarded by mutex_; the oldest in front
};

}  // namespace exercise
