// ThreadPool: a fixed crew of threads that take work from one channel. All of it is yours to write.
//
// What it promises is what the stage's own pool promises (include/pool/basic/thread_pool.hpp), and the same contract
// tests judge it. You may use the stage's channel, Work and bind, or your own of the exercises before.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <functional>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <pool/basic/channel.hpp>
#include <pool/basic/executor.hpp>
#include <pool/basic/native_thread.hpp>
#include <pool/basic/work.hpp>
#include <pool/testing/todo.hpp>

namespace exercise {

using pool::basic::Shutdown;
using pool::basic::Work;

struct Options {
  std::size_t workers = 0;          // 0: one for each hardware thread; more than 1000: std::invalid_argument
  std::string name = "PoolWorker";  // thread names: pool::basic::thread_name, name_this_thread

  // Gets what posted work throws, on its worker; also what the destructor of dropped work throws. Without one, or if it
  // throws itself, a line goes to stderr: the thread's name, and what() or "not derived from std::exception".
  std::function<void(std::exception_ptr)> on_error = {};
  std::function<void(std::size_t worker)> on_start = {};  // if it throws, so does the constructor
  std::function<void(std::size_t worker)> on_stop = {};
};

class ThreadPool {
 public:
  using Options = exercise::Options;

  // Returns when all workers have started, or throws and leaves no thread behind.
  explicit ThreadPool(Options options = {}) : options_(std::move(options)), size_(crew_size(options_)) {
    POOL_TODO("start the workers (with pool::basic::SignalsBlocked around), wait until each has started");
  }

  // Like shutdown(drain). In one of the pool's own jobs it says so on stderr ("destroyed by one of its own jobs") and
  // terminates.
  ~ThreadPool() {
    POOL_TODO("the check, then shutdown");
  }

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Throws pool::basic::PoolStopped after shutdown.
  template <class F>
  requires std::invocable<std::decay_t<F>>
  void post(F&& f) {
    static_cast<void>(f);
    POOL_TODO("make Work of it and send it");
  }

  template <class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::future<pool::basic::result_of<F, Args...>> submit(F&& f, Args&&... args) {
    (static_cast<void>(f), ..., static_cast<void>(args));
    POOL_TODO("pool::basic::bind ties the closure to a future");
  }

  // Throws pool::basic::PoolError if called by one of the pool's own jobs.
  void shutdown(Shutdown queued = Shutdown::drain) {
    static_cast<void>(queued);
    POOL_TODO("close, drop what is queued if asked to, join");
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t pending() const { return channel_.size(); }

 private:
  static std::size_t crew_size(const Options& options) {
    static_cast<void>(options);
    POOL_TODO("how many workers do these options mean?");
  }

  Options options_;
  std::size_t size_;
  pool::basic::Channel<Work> channel_;
  std::mutex joining_;
  std::vector<std::thread> threads_;  // guarded by joining_, once the constructor is done
};

}  // namespace exercise
