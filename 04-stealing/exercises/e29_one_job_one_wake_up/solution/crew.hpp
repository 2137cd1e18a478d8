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
    // #todo
    bool searching = false;  // it was woken, and has not found anything yet
    // #end
    std::unique_lock lock(mutex_);
    for (;;) {
      if (!jobs_.empty()) {
        const std::function<void()> job = std::move(jobs_.front());
        jobs_.pop_front();
        // #todo
        if (std::exchange(searching, false)) --searching_;
        // #end
        Bed* const woken = wake_one();  // for what is left
        lock.unlock();
        if (woken != nullptr) woken->call.notify_one();
        job();
        lock.lock();
        continue;
      }
      // #todo
      if (std::exchange(searching, false)) --searching_;
      // #end
      if (ended_) return;
      asleep_.push_back(&bed);
      bed.called = false;
      while (!bed.called) bed.call.wait(lock);
      // #todo
      searching = !ended_;
      // #end
    }
  }

  // With the lock held: calls one who sleeps; null: nobody. Who has called it notifies it, without the lock.
  Bed* wake_one() {
    if (asleep_.empty()) return nullptr;
    // #todo
    if (jobs_.empty() || searching_ > 0) return nullptr;  // there is nothing to do, or somebody is on his way to it
    ++searching_;
    // #end
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
  // #todo
  std::size_t searching_ = 0;  // were woken, and have neither found something nor gone back to sleep
  // #end
  std::size_t wakeups_ = 0;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace exercise

// #todo
// Why so. A wake-up is for work, not for an event: so wake_one() asks whether there is work, and whether somebody is on
// the way to it. "Something was handed in" and "somebody has found something" are no reasons. They are the two moments
// at which the question has to be asked anew: the first because there is more work now, the second because one less
// searches.
//
// Why one searcher is enough: whoever finds something asks the question before he begins. So of a burst of jobs each
// that needs a worker gets one, one after the other, and the thread that hands in pays for the first wake-up only, as
// long as that one is on its way.
//
// Why a worker that finds nothing says so before it sleeps: who is counted as searching, and sleeps, keeps everybody
// from waking anybody. That is the one mistake here which costs a job and not a microsecond.
//
// All this is under one lock. In the stage's Parking the two counts are one atomic word, so that handing in is a load;
// what has to be looked at in which order then is in PARKING.md.
// #end
