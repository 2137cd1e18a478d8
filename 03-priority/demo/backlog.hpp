// Backlog: many jobs of one kind, handed in at once, and how many of them have ended.
//
// Thread safety: one thread makes and uses it; the jobs run where they run. The backlog may go before they have ended.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <pool/priority/thread_pool.hpp>

template <class R>
class Backlog {
 public:
  // Launches so many jobs with these options. make(i) is the work of number i: a function of a const CancelToken&.
  // Throws as ThreadPool::launch does.
  template <class Make>
  Backlog(pool::priority::ThreadPool& pool, std::size_t jobs, const pool::priority::JobOptions& options, Make make) {
    jobs_.reserve(jobs);
    for (std::size_t i = 0; i < jobs; ++i) {
      jobs_.push_back(pool.launch(pool::priority::JobOptions(options), make(i)));
      jobs_.back().on_end([ended = ended_](const pool::priority::JobCore&) { ended->one_more(); });
    }
  }

  [[nodiscard]] const std::vector<pool::priority::Job<R>>& jobs() const { return jobs_; }
  [[nodiscard]] std::size_t size() const { return jobs_.size(); }

  // Waits until so many have ended, in whichever way, or until the time is up; says whether they have.
  [[nodiscard]] bool wait_until(std::chrono::steady_clock::time_point time, std::size_t jobs) const {
    std::unique_lock lock(ended_->mutex);
    ended_->awaited = jobs;
    return ended_->changed.wait_until(lock, time, [&] { return ended_->count >= jobs; });
  }

 private:
  struct Ended {
    // Wakes nobody before there is a reason to: a thread that woke at the end of every job would do all that it does at
    // such moments, when a worker is free, and see no queue.
    void one_more() {
      const std::lock_guard lock(mutex);
      if (++count == awaited) changed.notify_one();
    }

    std::mutex mutex;
    std::condition_variable changed;
    std::size_t count = 0;    // guarded by mutex
    std::size_t awaited = 0;  // guarded by mutex
  };

  const std::shared_ptr<Ended> ended_ = std::make_shared<Ended>();  // shared with the jobs' callbacks
  std::vector<pool::priority::Job<R>> jobs_;
};
