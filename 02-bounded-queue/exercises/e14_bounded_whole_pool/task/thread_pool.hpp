// ThreadPool: a fixed crew of threads that take work from one channel, which holds no more than it was told to.
//
// What it promises is what the stage's own pool promises (include/pool/bounded/thread_pool.hpp), and the same contract
// tests judge it. You may use the stage's BoundedChannel, InFlight, WorkerCounters and Deadline, or your own of the
// exercises before.
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <pool/basic/executor.hpp>
#include <pool/basic/native_thread.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/basic/work.hpp>
#include <pool/bounded/bounded_channel.hpp>
#include <pool/bounded/deadline.hpp>
#include <pool/bounded/in_flight.hpp>
#include <pool/bounded/overflow.hpp>
#include <pool/bounded/worker_stats.hpp>
#include <pool/testing/todo.hpp>

namespace exercise {

using pool::basic::Shutdown;
using pool::basic::Work;
using pool::bounded::Overflow;
using pool::bounded::PoolStats;

struct Options {
  std::size_t workers = 0;          // 0: one for each hardware thread; more than 1000: std::invalid_argument
  std::string name = "PoolWorker";  // thread names: pool::basic::thread_name, name_this_thread

  // Gets what posted work throws, on the thread that ran it; also what the destructor of dropped work throws. Without
  // one, or if it throws itself, a line goes to stderr: the thread's name, and what() or "not derived from
  // std::exception".
  std::function<void(std::exception_ptr)> on_error = {};
  std::function<void(std::size_t worker)> on_start = {};  // if it throws, so does the constructor
  std::function<void(std::size_t worker)> on_stop = {};

  std::size_t capacity = 0;  // how much work may wait; 0: no limit; above pool::bounded::kMaxCapacity: invalid_argument
  Overflow overflow = Overflow::block;  // what becomes of work for which there is no room
};

class ThreadPool {
 public:
  using Options = exercise::Options;

  // Returns when all workers have started, or throws and leaves no thread behind.
  explicit ThreadPool(Options options = {})
      : options_(std::move(options)), size_(pool::basic::crew_size(options_.workers)), channel_(options_.capacity) {
    POOL_TODO("start the workers, as in stage 01, wait until each has started");
  }

  // Like shutdown(drain). In one of the pool's own jobs it says so on stderr ("destroyed by one of its own jobs") and
  // terminates.
  ~ThreadPool() {
    POOL_TODO("the check, then shutdown");
  }

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // If there is no room, options.overflow decides; whoever waits for room in one of the pool's own jobs gets
  // pool::bounded::QueueFull instead. Throws pool::basic::PoolStopped after shutdown, and while it waits.
  template <class F>
  requires std::invocable<std::decay_t<F>>
  void post(F&& f) {
    static_cast<void>(f);
    POOL_TODO("make Work of it, and follow the policy");
  }

  template <class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::future<pool::basic::result_of<F, Args...>> submit(F&& f, Args&&... args) {
    (static_cast<void>(f), ..., static_cast<void>(args));
    POOL_TODO("pool::basic::bind ties the closure to a future");
  }

  // These do not follow the policy: false or std::nullopt if there is no room, at once or in so long a time, and f and
  // args are as they were. They throw PoolStopped after shutdown; try_submit_for std::invalid_argument for a negative
  // timeout.
  template <class F>
  requires std::invocable<std::decay_t<F>>
  [[nodiscard]] bool try_post(F&& f) {
    static_cast<void>(f);
    POOL_TODO("room first, work second: what is in f may only be moved when there is room for it");
  }

  template <class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::optional<std::future<pool::basic::result_of<F, Args...>>> try_submit(F&& f, Args&&... args) {
    (static_cast<void>(f), ..., static_cast<void>(args));
    POOL_TODO("try_post, with a future");
  }

  template <class Rep, class Period, class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::optional<std::future<pool::basic::result_of<F, Args...>>> try_submit_for(
      std::chrono::duration<Rep, Period> timeout, F&& f, Args&&... args) {
    static_cast<void>(timeout);
    (static_cast<void>(f), ..., static_cast<void>(args));
    POOL_TODO("try_submit, with a deadline");
  }

  // Waits until all work that was accepted is done, or dropped. Throws pool::basic::PoolError in one of the pool's own
  // jobs; wait_idle_for, which says whether it is, std::invalid_argument for a negative timeout.
  void wait_idle() {
    POOL_TODO("what was accepted and is not yet done: how much is it?");
  }

  template <class Rep, class Period>
  [[nodiscard]] bool wait_idle_for(std::chrono::duration<Rep, Period> timeout) {
    static_cast<void>(timeout);
    POOL_TODO("the same with a deadline");
  }

  // What was done so far; its fields are explained in pool/bounded/worker_stats.hpp.
  [[nodiscard]] PoolStats worker_stats() const {
    POOL_TODO("a count for each thing that can become of work");
  }

  // Wakes those who wait for room, too. Throws pool::basic::PoolError if called by one of the pool's own jobs.
  void shutdown(Shutdown queued = Shutdown::drain) {
    static_cast<void>(queued);
    POOL_TODO("close, drop what is queued if asked to, join");
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t pending() const { return channel_.size(); }

 private:
  Options options_;
  std::size_t size_;
  pool::bounded::BoundedChannel<Work> channel_;
  std::mutex joining_;
  std::vector<std::thread> threads_;  // guarded by joining_, once the constructor is done
};

}  // namespace exercise
