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
    // #todo start the workers (with pool::basic::SignalsBlocked around), wait until each has started
    const pool::basic::SignalsBlocked in_the_workers;
    std::vector<std::future<void>> started;
    try {
      started.reserve(size_);
      threads_.reserve(size_);
      for (std::size_t index = 0; index < size_; ++index) {
        std::packaged_task<void()> start([this, index] {
          pool::basic::name_this_thread(pool::basic::thread_name(options_.name, index));
          if (options_.on_start) options_.on_start(index);
        });
        started.push_back(start.get_future());
        threads_.emplace_back([this, index, start = std::move(start)]() mutable { run(index, std::move(start)); });
      }
      for (auto& one : started) one.get();
    } catch (...) {
      channel_.close();
      join();
      throw;
    }
    // #end
  }

  // Like shutdown(drain). In one of the pool's own jobs it says so on stderr ("destroyed by one of its own jobs") and
  // terminates.
  ~ThreadPool() {
    // #todo the check, then shutdown
    if (current() == this) {
      std::fputs("pool: destroyed by one of its own jobs, which it would have to wait for\n", stderr);
      std::terminate();
    }
    shutdown();
    // #end
  }

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Throws pool::basic::PoolStopped after shutdown.
  template <class F>
  requires std::invocable<std::decay_t<F>>
  void post(F&& f) {
    // #todo
    if (channel_.send(Work(std::forward<F>(f))) == pool::basic::Send::closed) throw pool::basic::PoolStopped();
    // #instead
    // static_cast<void>(f);
    // POOL_TODO("make Work of it and send it");
    // #end
  }

  template <class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::future<pool::basic::result_of<F, Args...>> submit(F&& f, Args&&... args) {
    // #todo
    auto [work, future] = pool::basic::bind(std::forward<F>(f), std::forward<Args>(args)...);
    post(std::move(work));
    return std::move(future);
    // #instead
    // (static_cast<void>(f), ..., static_cast<void>(args));
    // POOL_TODO("pool::basic::bind ties the closure to a future");
    // #end
  }

  // Throws pool::basic::PoolError if called by one of the pool's own jobs.
  void shutdown(Shutdown queued = Shutdown::drain) {
    // #todo
    if (current() == this) throw pool::basic::PoolError("pool: shutdown was called by one of the pool's own jobs");
    channel_.close();
    if (queued == Shutdown::discard) {
      for (Work& work : channel_.drain()) protect([&] { work.reset(); });
    }
    join();
    // #instead
    // static_cast<void>(queued);
    // POOL_TODO("close, drop what is queued if asked to, join");
    // #end
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t pending() const { return channel_.size(); }

 private:
  static std::size_t crew_size(const Options& options) {
    // #todo
    if (options.workers > 1000) throw std::invalid_argument("pool: at most 1000 workers");
    if (options.workers != 0) return options.workers;
    const std::size_t hardware = std::thread::hardware_concurrency();
    return hardware != 0 ? hardware : 4;
    // #instead
    // static_cast<void>(options);
    // POOL_TODO("how many workers do these options mean?");
    // #end
  }

  // #todo
  // Which pool the calling thread works for.
  static const ThreadPool*& current() {
    thread_local const ThreadPool* pool = nullptr;
    return pool;
  }

  void run(std::size_t index, std::packaged_task<void()> start) {
    current() = this;
    start();
    while (auto work = channel_.receive()) protect(*work);
    if (options_.on_stop) protect([&] { options_.on_stop(index); });
  }

  // Calls f; what it throws goes to on_error, when the exception is no longer in flight.
  template <class F>
  void protect(F&& f) {
    std::exception_ptr error;
    try {
      f();
    } catch (const pool::basic::forced_unwind&) {
      throw;
    } catch (...) {
      error = std::current_exception();
    }
    if (error) report(std::move(error));
  }

  void report(std::exception_ptr error) {
    try {
      if (!options_.on_error) std::rethrow_exception(std::move(error));
      options_.on_error(std::move(error));
    } catch (const pool::basic::forced_unwind&) {
      throw;
    } catch (const std::exception& e) {
      std::fprintf(stderr, "%s: exception: %s\n", name_of_this_thread().c_str(), e.what());
    } catch (...) {
      std::fprintf(stderr, "%s: exception, not derived from std::exception\n", name_of_this_thread().c_str());
    }
  }

  static std::string name_of_this_thread() {
    char name[64] = "";
    pthread_getname_np(pthread_self(), name, sizeof name);
    return name;
  }

  void join() {
    std::lock_guard lock(joining_);
    for (auto& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  // #end

  Options options_;
  std::size_t size_;
  pool::basic::Channel<Work> channel_;
  std::mutex joining_;
  std::vector<std::thread> threads_;  // guarded by joining_, once the constructor is done
};

}  // namespace exercise

// #todo
// Why so. Everything that waits is in the channel, so the pool has no condition variable of its own. Everything that
// user code may throw goes through protect(): jobs, destructors of dropped closures, on_stop. Starting is a
// packaged_task, because a future carries both "this one has started" and "on_start threw that". The constructor's
// catch block is what a destructor would do; it has to be there, because no destructor runs for an object that was
// never finished.
//
// The stage's own pool differs in two places. It waits for its workers with a mutex and a condition variable, not with
// futures, so that the explorer, which cannot see into a future, can run it. And it survives a job that ends its own
// thread: the last worker to go closes the channel and drops the queue, so that nobody waits for ever.
// #end
