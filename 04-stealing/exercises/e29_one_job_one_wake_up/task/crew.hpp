// Crew: threads that sleep while there is nothing to do, and jobs that wake them.
//
// Thread safety: hand_in(), wakeups() and asleep() may be called from any thread, hand_in() from jobs too.
// Invariants:  (W1) no job waits while a worker sleeps, unless one that is awake will look for it, or wake the next
//              (W2) who is woken finds something to do, if nobody who is busy comes first
// Memory ordering: what happens before a job is handed in is visible to it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace exercise {

class Crew {
 public:
  explicit Crew(std::size_t workers) : beds_(workers) {
    for (Bed& bed : beds_) threads_.emplace_back([this, &bed] { run(bed); });
  }

  // Runs what was handed in, and ends.
  ~Crew() {
    {
      std::lock_guard lock(mutex_);
      ended_ = true;
      for (Bed& bed : beds_) bed.called = true;
    }
    for (Bed& bed : beds_) bed.call.notify_one();
    for (std::thread& thread : threads_) thread.join();
  }

  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  void hand_in(std::function<void()> job) {
    Bed* woken = nullptr;
    {
      std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
      woken = wake_one();
    }
    if (woken != nullptr) woken->call.notify_one();
  }

  // How often a worker was woken, and how many sleep.
  [[nodiscard]] std::size_t wakeups() const {
    std::lock_guard lock(mutex_);
    return wakeups_;
  }
  [[nodiscard]] std::size_t asleep() const {
    std::lock_guard lock(mutex_);
    return asleep_.size();
  }

 private:
  struct Bed {
    bool called = false;
    std::condition_variable call;
  };

  // The life of a worker.
  void run(Bed& bed) {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (!jobs_.empty()) {
        const std::function<void()> job = std::move(jobs_.front());
        jobs_.pop_front();
        Bed* const woken = wake_one();  // for what is left
        lock.unlock();
        if (woken != nullptr) woken->call.notify_one();
        job();
        lock.lock();
        continue;
      }
      if (ended_) return;
      asleep_.push_back(&bed);
      bed.called = false;
      while (!bed.called) bed.call.wait(lock);
    }
  }

  // With the lock held: calls one who sleeps; null: nobody. Who has called it notifies it, without the lock.
  Bed* wake_one() {
    if (asleep_.empty()) return nullptr;
    Bed* const bed = asleep_.back();
    asleep_.pop_back();
    bed->called = true;
    ++wakeups_;
    return bed;
  }

  mutable std::mutex mutex_;  // guards all that follow, but the threads
  std::deque<std::function<void()>> jobs_;
  std::vector<Bed> beds_;
  std::vector<Bed*> asleep_;  // and not called; the last to come is the first to go
  std::size_t wakeups_ = 0;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace exercise
