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
    // #todo no more jobs, then wait for the workers; think of two threads that call this at once
    channel_.close();
    std::lock_guard lock(joining_);
    for (auto& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
    // #end
  }

 private:
  // The life of a worker.
  void run() {
    // #todo run jobs until the channel is closed and nothing is left in it
    while (auto job = channel_.receive()) (*job)();
    // #end
  }

  pool::basic::Channel<std::function<void()>> channel_;
  pool::sync::mutex joining_;
  std::vector<pool::sync::thread> threads_;  // guarded by joining_, once the constructor is done
};

}  // namespace exercise

// #todo
// Why this. Closing is the only message the workers need: receive() hands out what is left, then says that it is
// over, and the loop ends by itself. No flag, no empty job as a signal, no counting. The destructor calls the same
// function, so whoever forgets shutdown() has not forgotten anything: that is RAII, and in Rust it is Drop.
//
// Why the lock around join(): two threads that join the same thread are a race, and one of them would throw. With the
// lock the second waits until the first is done, finds nobody joinable, and returns; by then the workers are gone, as
// promised. Why not an atomic flag "already shut down, return at once": the second caller would return while jobs
// still run. Why not std::jthread: it joins in its destructor too, but it does not know that the channel has to be
// closed first.
// #end
