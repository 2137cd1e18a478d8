// Pool: workers on a channel, and a place to wait until all work is done. What is in flight is yours to count.
//
// Thread safety: every member may be called from any thread; wait_idle() and the destructor not from a job of the pool.
// Invariants:  (I1) in_flight_ is the number of jobs that were posted and whose closures are not yet destroyed
//              (I2) in_flight_ is 0 and somebody waits  =>  a notification comes after the waiter fell asleep
// Memory ordering: what a job does is visible to whoever returns from wait_idle() after it.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include <pool/basic/channel.hpp>
#include <pool/basic/sync.hpp>

namespace exercise {

class Pool {
 public:
  explicit Pool(std::size_t workers) {
    for (std::size_t i = 0; i < workers; ++i) threads_.emplace_back([this] { run(); });
  }

  // Runs what is queued, then joins the workers.
  ~Pool() {
    channel_.close();
    for (auto& thread : threads_) thread.join();
  }

  // Not after the destructor has begun: the channel is open.
  void post(std::function<void()> job) {
    // #todo
    in_flight_.fetch_add(1, std::memory_order_relaxed);
    static_cast<void>(channel_.send(std::move(job)));
    // #instead
    // static_cast<void>(channel_.send(std::move(job)));
    // POOL_TODO("count it; here, or before it is sent?");
    // #end
  }

  // Returns when no job is in flight.
  void wait_idle() {
    // #todo wait until nothing is in flight
    std::unique_lock lock(idle_mutex_);
    idle_.wait(lock, [this] { return in_flight_.load(std::memory_order_acquire) == 0; });  // [done] pairs with run()
    // #end
  }

 private:
  // The life of a worker.
  void run() {
    while (auto job = channel_.receive()) {
      (*job)();
      // #todo count it out; if it was the last one, wake those who wait
      *job = nullptr;
      if (in_flight_.fetch_sub(1, std::memory_order_acq_rel) != 1) continue;  // [done]
      { std::lock_guard lock(idle_mutex_); }  // whoever saw the job before this is asleep by now
      idle_.notify_all();
      // #end
    }
  }

  pool::basic::Channel<std::function<void()>> channel_;
  pool::sync::atomic<std::size_t> in_flight_{0};
  pool::sync::mutex idle_mutex_;
  pool::sync::condition_variable idle_;  // in_flight_ has become 0
  std::vector<pool::sync::thread> threads_;
};

}  // namespace exercise

// #todo
// Why this. A job counts from before it is sent: once it is in the channel a worker may run it and count it out, and a
// count that is raised afterwards was below zero in between. It counts until its closure is destroyed, for that may run
// code of the user as well. A job that posts another raises the count before its own end lowers it, so it never touches
// zero in between.
//
// Why the empty critical section: a waiter looks at the count and falls asleep with the mutex held from the one to the
// other. If the last job notifies in that gap, nobody hears it. To take the mutex, even for nothing, means to wait
// until the waiter sleeps; a waiter that comes later sees the zero. Why not do all of it under the mutex: that is right
// too, and every job of every worker then passes one more lock; this way only the last one does. Why not count what
// runs (begin: +1, end: -1) and ask whether the queue is empty: between receive() and +1 a job is in neither of the
// two.
// #end
