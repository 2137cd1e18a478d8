// Pool: a few workers, one queue, one lock. Its run() has a bug that no assertion sees: it is slow.
//
// Thread safety: post() may be called from any thread, jobs of the pool included.
// Invariants:  (L1) as many jobs run at once as there are workers
//              (L2) no code of a job runs under the lock: not its call, and not the destructor of its closure
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include <pool/basic/sync.hpp>

namespace exercise {

namespace sync = pool::sync;

class Pool {
 public:
  explicit Pool(std::size_t workers) {
    for (std::size_t i = 0; i < workers; ++i) threads_.emplace_back([this] { run(); });
  }

  // Runs what is queued, then joins the workers.
  ~Pool() {
    {
      std::lock_guard lock(mutex_);
      closed_.write() = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  void post(std::function<void()> job) {
    {
      std::lock_guard lock(mutex_);
      queue_.write().push_back(std::move(job));
    }
    changed_.notify_one();
  }

 private:
  // The life of a worker.
  void run() {
    // #todo
    for (;;) {
      std::function<void()> job;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !queue_.read().empty() || closed_.read(); });
        if (queue_.read().empty()) return;
        job = std::move(queue_.write().front());
        queue_.write().pop_front();
      }
      job();
    }
    // #instead
    // std::unique_lock lock(mutex_);
    // for (;;) {
    //   changed_.wait(lock, [this] { return !queue_.read().empty() || closed_.read(); });
    //   if (queue_.read().empty()) return;
    //   std::function<void()> job = std::move(queue_.write().front());
    //   queue_.write().pop_front();
    //   job();
    // }
    // #end
  }

  sync::mutex mutex_;
  sync::condition_variable changed_;                     // something was posted, or the pool is closing
  sync::cell<std::deque<std::function<void()>>> queue_;  // guarded by mutex_
  sync::cell<bool> closed_{false};                       // guarded by mutex_
  std::vector<sync::thread> threads_;
};

}  // namespace exercise

// #todo
// Why this. The lock guards the queue, and taking a job out of it is all that it is needed for. The braces say how
// long we have it. `job` lives outside them, so that it is called, and destroyed, without the lock; and inside the
// loop, so that each job's closure is gone before the worker sleeps.
//
// Why not lock.unlock() before job() and lock.lock() after it: then the job is still there when the lock is taken
// again, and its closure is destroyed under it, unless one remembers to write job = nullptr in between. Why not one
// `job` in front of the loop: then `job = std::move(…)` destroys the closure before it, under the lock; if that
// closure's destructor posts, the worker waits for itself. In Rust the same bug hides in
// `while let Ok(job) = receiver.lock().unwrap().recv()`: the guard is a temporary, and lives to the end of the loop's
// body.
// #end
