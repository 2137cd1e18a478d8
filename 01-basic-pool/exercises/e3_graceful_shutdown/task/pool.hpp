// Pool: workers that take jobs from a channel. How it ends is yours to write.
//
// Thread safety: every member may be called from any thread that is not one of the workers.
// Invariants:  (G1) every job that post() accepted has run when shutdown() returns, whichever call of it that is
//              (G2) no thread outlives the pool
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

  ~Pool() { shutdown(); }

  // False: the pool has been shut down, and the job was not taken.
  bool post(std::function<void()> job) { return channel_.send(std::move(job)) == pool::basic::Send::ok; }

  // Takes no more jobs, runs what is queued, joins the workers. May be called again, and from several threads: each
  // call returns when the workers are gone.
  void shutdown() {
    POOL_TODO("no more jobs, then wait for the workers; think of two threads that call this at once");
  }

 private:
  // The life of a worker.
  void run() {
    POOL_TODO("run jobs until the channel is closed and nothing is left in it");
  }

  pool::basic::Channel<std::function<void()>> channel_;
  pool::sync::mutex joining_;
  std::vector<pool::sync::thread> threads_;  // guarded by joining_, once the constructor is done
};

}  // namespace exercise
