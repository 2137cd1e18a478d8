// ThreadPool: a fixed crew of threads that take work from one channel.
//
//   ThreadPool pool({.workers = 4});
//   std::future<int> answer = pool.submit([](int x) { return x + 1; }, 41);
//   pool.post([] { std::puts("no result wanted"); });
//                                                  // the destructor runs what is queued and joins the threads
//
// Thread safety: every member may be called from any thread, and post and submit from jobs of the pool too; the
// constructor and the destructor, as always, from one. See shutdown() for what a job must not do.
// Invariants:  (P1) work that was accepted runs exactly once, or is dropped by shutdown(discard) and its future says so
//              (P2) an exception reaches the work's future or on_error; the crew stays as large as it was
//              (P3) a submit that throws leaves nothing behind
//              (P4) no code of the user (work, callbacks, destructors of closures) runs under a lock
// Memory ordering: what happens before post(f) or submit(f) is visible to f; what f does is visible to whoever gets
// its future, and to whoever returns from shutdown().
// Fork: a child process has none of the threads. Do not use or destroy the pool there; exec or _exit.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include <pool/basic/channel.hpp>
#include <pool/basic/executor.hpp>
#include <pool/basic/sync.hpp>
#include <pool/basic/work.hpp>

namespace pool::basic {

// #region options
struct Options {
  std::size_t workers = 0;          // 0: one for each hardware thread, 4 where that is unknown
  std::string name = "PoolWorker";  // threads are called name-0, name-1, …; the kernel keeps 15 bytes, we the number

  // Called on a worker with the exception of posted work, on several at once if need be. By default it is reported on
  // stderr.
  std::function<void(std::exception_ptr)> on_error = {};

  // Called on each worker, with its index, before its first and after its last job. If on_start throws, so does the
  // constructor; what on_stop throws goes to on_error.
  std::function<void(std::size_t worker)> on_start = {};
  std::function<void(std::size_t worker)> on_stop = {};
};
// #endregion options

class ThreadPool {
 public:
  using Options = basic::Options;

  // Starts the workers and returns when all have started. Throws std::invalid_argument for options that make no sense,
  // std::system_error if a thread cannot be created, and what on_start throws; no thread is left behind then.
  explicit ThreadPool(Options options = {});

  // shutdown(drain). Reached in one of the pool's own jobs, it can neither wait for itself nor return: it says so on
  // stderr and terminates the program.
  ~ThreadPool();

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Runs f() on a worker, some time. Throws PoolStopped after shutdown, std::invalid_argument if f is an empty
  // function, std::bad_alloc; the work is not queued then.
  template <class F>
  requires std::invocable<std::decay_t<F>>
  void post(F&& f) { enqueue(Work(std::forward<F>(f))); }

  // Runs f(args...), both copied or moved, on a worker; its result or exception is in the future. Throws as post does.
  template <class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::future<result_of<F, Args...>> submit(F&& f, Args&&... args) {
    auto [work, future] = bind(std::forward<F>(f), std::forward<Args>(args)...);
    enqueue(std::move(work));
    return std::move(future);
  }

  // Takes no more work, runs or drops what is queued, and joins the workers. Jobs that run are waited for.
  // May be called again, and from several threads: each call returns when the workers are gone.
  // Throws PoolError if called from one of the pool's own jobs, which would wait for itself.
  void shutdown(Shutdown queued = Shutdown::drain);

  [[nodiscard]] std::size_t size() const { return size_; }               // workers
  [[nodiscard]] std::size_t pending() const { return channel_.size(); }  // queued and not started

  // Which of this pool's workers the calling thread is; std::nullopt on every other thread.
  [[nodiscard]] std::optional<std::size_t> current_worker() const;

 private:
  struct Worker;  // what one of the threads knows of itself

  void enqueue(Work work);
  void run(std::size_t index);  // the life of a worker
  bool start(std::size_t index);
  void report(const char* from, std::exception_ptr error) const;
  void discard_queue();
  void join();

  const Options options_;
  const std::size_t size_;
  Channel<Work> channel_;

  sync::mutex starting_;
  sync::condition_variable one_more_;
  sync::cell<std::size_t> started_{0};          // guarded by starting_; also those that failed to
  sync::cell<bool> start_failed_{false};        // guarded by starting_
  sync::cell<std::exception_ptr> start_error_;  // guarded by starting_; what the last of these threw

  sync::atomic<std::size_t> alive_;  // threads that have not ended

  sync::mutex joining_;
  std::vector<sync::thread> threads_;  // written by the constructor, then guarded by joining_
};

static_assert(Executor<ThreadPool>);

}  // namespace pool::basic
