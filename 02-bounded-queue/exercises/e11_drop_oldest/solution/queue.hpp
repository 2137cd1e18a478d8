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

namespace exercise {

namespace sync = pool::sync;

class Queue {
 public:
  using Closure = std::function<int()>;  // throws nothing, to keep this short

  // capacity: at least 1.
  explicit Queue(std::size_t capacity) : capacity_(capacity) {}

  // Queues the job. If there is no room, the oldest one is dropped for it.
  std::future<int> submit(Closure closure) {
    // #todo
    std::list<Job> newest(1);
    newest.front().closure = std::move(closure);
    std::future<int> future = newest.front().promise.get_future();
    std::list<Job> oldest;  // its destructor drops what is in it, when the lock has been let go
    {
      std::lock_guard lock(mutex_);
      if (jobs_.read().size() == capacity_) oldest.splice(oldest.end(), jobs_.write(), jobs_.read().begin());
      jobs_.write().splice(jobs_.read().end(), newest);
    }
    return future;
    // #instead
    // static_cast<void>(closure);
    // POOL_TODO("make a job of it, let the oldest go if there is no room, append the job");
    // #end
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
    // #todo
    std::promise<int> promise;
    Closure closure;  // after the promise, so that it is destroyed before it
    // #instead
    // Closure closure;
    // std::promise<int> promise;
    // #end
  };

  const std::size_t capacity_;
  mutable sync::mutex mutex_;
  sync::cell<std::list<Job>> jobs_;  // guarded by mutex_; the oldest in front
};

}  // namespace exercise

// #todo
// Why this. splice() hangs a node of one list into another: nothing is moved, copied or destroyed, and the lock is held
// for a few pointers. What had to leave hangs in `oldest`, a local that stands outside the braces, so it is destroyed
// when they are closed. Members are destroyed in the opposite order of their declaration: first the closure, then the
// promise, which has no value and tells the future so.
//
// Why not jobs_.pop_front(): that destroys the closure right there, under the lock, and a destructor that logs, and a
// logger that submits, wait for themselves. Why not std::packaged_task: the closure lives in the state that task and
// future share, as long as the longer-lived of the two; the future is ready, and the closure still there. Why not
// refuse the newest: that is a policy too, and shorter; the caller gets the error then, not somebody who has been
// waiting.
// #end
