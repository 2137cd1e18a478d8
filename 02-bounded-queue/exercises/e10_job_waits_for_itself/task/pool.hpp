// Pool: workers on a queue with an end. A job that posts to its own pool can bring all of it to a standstill.
//
// Thread safety: post() may be called from any thread, jobs of this and of other pools included.
// Invariants:  (J1) a job that post() accepted runs once
//              (J2) no worker waits for room in its own pool: it may be the one who has to make it
//              (J3) no more than `capacity` jobs are queued
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include <pool/basic/sync.hpp>

namespace exercise {

namespace sync = pool::sync;

class Pool {
 public:
  Pool(std::size_t workers, std::size_t capacity) : capacity_(capacity) {
    for (std::size_t i = 0; i < workers; ++i) threads_.emplace_back([this] { run(); });
  }

  // Runs what is queued, then joins the workers.
  ~Pool() {
    {
      std::lock_guard lock(mutex_);
      closed_.write() = true;
    }
    filled_.notify_all();
    room_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  // Waits for room, except in one of this pool's own jobs. False: the job was not taken.
  bool post(std::function<void()> job) {
    {
      std::unique_lock lock(mutex_);
      room_.wait(lock, [this] { return queue_.read().size() < capacity_ || closed_.read(); });
      if (closed_.read()) return false;
      queue_.write().push_back(std::move(job));
    }
    filled_.notify_one();
    return true;
  }

  [[nodiscard]] std::size_t pending() const {
    std::lock_guard lock(mutex_);
    return queue_.read().size();
  }

 private:
  // The life of a worker.
  void run() {
    for (;;) {
      std::function<void()> job;
      {
        std::unique_lock lock(mutex_);
        filled_.wait(lock, [this] { return !queue_.read().empty() || closed_.read(); });
        if (queue_.read().empty()) return;
        job = std::move(queue_.write().front());
        queue_.write().pop_front();
      }
      room_.notify_one();
      job();
    }
  }

  const std::size_t capacity_;
  mutable sync::mutex mutex_;
  sync::condition_variable filled_;                      // workers sleep here
  sync::condition_variable room_;                        // those who post sleep here
  sync::cell<std::deque<std::function<void()>>> queue_;  // guarded by mutex_
  sync::cell<bool> closed_{false};                       // guarded by mutex_
  std::vector<sync::thread> threads_;
};

}  // namespace exercise
