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
#include <pool/testing/todo.hpp>

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
    static_cast<void>(channel_.send(std::move(job)));
    POOL_TODO("count it; here, or before it is sent?");
  }

  // Returns when no job is in flight.
  void wait_idle() {
    POOL_TODO("wait until nothing is in flight");
  }

 private:
  // The life of a worker.
  void run() {
    while (auto job = channel_.receive()) {
      (*job)();
      POOL_TODO("count it out; if it was the last one, wake those who wait");
    }
  }

  pool::basic::Channel<std::function<void()>> channel_;
  pool::sync::atomic<std::size_t> in_flight_{0};
  pool::sync::mutex idle_mutex_;
  pool::sync::condition_variable idle_;  // in_flight_ has become 0
  std::vector<pool::sync::thread> threads_;
};

}  // namespace exercise
