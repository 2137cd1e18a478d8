// ThreadPool: a fixed crew of threads that take work from one channel, which holds no more than it was told to.
//
//   ThreadPool pool({.workers = 4, .capacity = 100, .overflow = Overflow::block});
//   pool.post([] { std::puts("waits for room, if there is none"); });
//   if (!pool.try_post([] { std::puts("does not wait"); })) std::puts("no room");
//   pool.wait_idle();                              // all of it is done, and the pool goes on
//
// Thread safety: every member may be called from any thread, and post and submit from jobs of the pool too; the
// constructor and the destructor, as always, from one. See shutdown() for what a job must not do.
// Invariants:  (P1) work that was accepted runs exactly once, or is dropped (by drop_oldest or shutdown(discard)) and
//                   its future says so
//              (P2) an exception reaches the work's future or on_error; the crew stays as large as it was
//              (P3) a submit that throws or finds no room leaves nothing behind
//              (P4) no code of the user (work, callbacks, destructors of closures) runs under a lock
//              (P5) no more than `capacity` pieces of work are queued
//              (P6) a job does not wait for room in its own pool's queue without a limit: it may be the one who has to
//                   make it
// Memory ordering: what happens before post(f) or submit(f) is visible to f; what f does is visible to whoever gets
// its future, and to whoever returns from wait_idle() or shutdown().
// Fork: a child process has none of the threads. Do not use or destroy the pool there; exec or _exit.
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include <pool/basic/executor.hpp>
#include <pool/basic/sync.hpp>
#include <pool/basic/work.hpp>
#include <pool/bounded/bounded_channel.hpp>
#include <pool/bounded/in_flight.hpp>
#include <pool/bounded/overflow.hpp>
#include <pool/bounded/worker_stats.hpp>

namespace pool::bounded {

using basic::PoolError;
using basic::PoolStopped;
using basic::Shutdown;
using basic::Work;

// #region options
struct Options {
  std::size_t workers = 0;          // 0: one for each hardware thread, 4 where that is unknown
  std::string name = "PoolWorker";  // threads are called name-0, name-1, …; the kernel keeps 15 bytes, we the number

  // Called on the thread that ran it with the exception of posted work, on several at once if need be. By default it is
  // reported on stderr.
  std::function<void(std::exception_ptr)> on_error = {};

  // Called on each worker, with its index, before its first and after its last job. If on_start throws, so does the
  // constructor; what on_stop throws goes to on_error.
  std::function<void(std::size_t worker)> on_start = {};
  std::function<void(std::size_t worker)> on_stop = {};

  std::size_t capacity = 0;             // how much work may wait in the queue; 0: no limit
  Overflow overflow = Overflow::block;  // what becomes of work for which there is no room
};
// #endregion options

class ThreadPool {
 public:
  using Options = bounded::Options;

  // Starts the workers and returns when all have started. Throws std::invalid_argument for options that make no sense,
  // std::system_error if a thread cannot be created, and what on_start throws; no thread is left behind then.
  explicit ThreadPool(Options options = {});

  // shutdown(drain). Reached in one of the pool's own jobs, it can neither wait for itself nor return: it says so on
  // stderr and terminates the program.
  ~ThreadPool();

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Runs f() on a worker, some time; if there is no room in the queue, options.overflow decides. Throws PoolStopped
  // after shutdown, which also wakes whoever waits for room; std::invalid_argument if f is an empty function,
  // std::bad_alloc; the work is not queued then.
  // QueueFull if there is no room, and the policy is reject, or block in one of the pool's own jobs (see P6).
  template <class F>
  requires std::invocable<std::decay_t<F>>
  void post(F&& f) { enqueue(Work(std::forward<F>(f))); }

  // Runs f(args...), both copied or moved, on a worker; its result or exception is in the future. Throws as post does.
  template <class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::future<basic::result_of<F, Args...>> submit(F&& f, Args&&... args) {
    auto [work, future] = basic::bind(std::forward<F>(f), std::forward<Args>(args)...);
    enqueue(std::move(work));
    return std::move(future);
  }

  // The same where "no room" is an outcome: false or std::nullopt, and f and args are as they were. They do not follow
  // the policy: try_post and try_submit never wait, try_submit_for waits so long for room, in a job too. Throw as post
  // does, but never QueueFull; try_submit_for throws std::invalid_argument for a negative timeout.
  template <class F>
  requires std::invocable<std::decay_t<F>>
  [[nodiscard]] bool try_post(F&& f) {
    Room room;
    if (!reserve(room, Deadline::now())) return false;
    enqueue(Work(std::forward<F>(f)), room);
    return true;
  }
  template <class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::optional<std::future<basic::result_of<F, Args...>>> try_submit(F&& f, Args&&... args) {
    return submit_by(Deadline::now(), std::forward<F>(f), std::forward<Args>(args)...);
  }
  template <class Rep, class Period, class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::optional<std::future<basic::result_of<F, Args...>>> try_submit_for(
      std::chrono::duration<Rep, Period> timeout, F&& f, Args&&... args) {
    return submit_by(Deadline::after(timeout), std::forward<F>(f), std::forward<Args>(args)...);
  }

  // Waits until all work that was accepted is done; true. wait_idle_for: or so long; false then. Work that others hand
  // in meanwhile is waited for, too. Throws PoolError if called from one of the pool's own jobs, which would wait for
  // itself; wait_idle_for throws std::invalid_argument for a negative timeout.
  void wait_idle() { static_cast<void>(wait_idle_by(Deadline::never())); }
  template <class Rep, class Period>
  [[nodiscard]] bool wait_idle_for(std::chrono::duration<Rep, Period> timeout) {
    return wait_idle_by(Deadline::after(timeout));
  }

  // Takes no more work, runs or drops what is queued, and joins the workers. Jobs that run on them are waited for.
  // May be called again, and from several threads: each call returns when the workers are gone.
  // Throws PoolError if called from one of the pool's own jobs, which would wait for itself.
  void shutdown(Shutdown queued = Shutdown::drain);

  [[nodiscard]] std::size_t size() const { return size_; }               // workers
  [[nodiscard]] std::size_t pending() const { return channel_.size(); }  // queued and not started

  // What was done so far. Takes no lock, and so disturbs nobody; exact at rest.
  [[nodiscard]] PoolStats worker_stats() const;

  // Which of this pool's workers the calling thread is; std::nullopt on every other thread.
  [[nodiscard]] std::optional<std::size_t> current_worker() const;

 private:
  struct Worker;  // what one of the threads knows of itself
  using Room = BoundedChannel<Work>::Room;

  // #region submit_by
  template <class F, class... Args>
  std::optional<std::future<basic::result_of<F, Args...>>> submit_by(const Deadline& deadline, F&& f, Args&&... args) {
    Room room;
    if (!reserve(room, deadline)) return std::nullopt;
    auto [work, future] = basic::bind(std::forward<F>(f), std::forward<Args>(args)...);
    enqueue(std::move(work), room);
    return std::move(future);
  }
  // #endregion submit_by

  void enqueue(Work work);
  void enqueue(Work work, Room& room);
  bool reserve(Room& room, const Deadline& deadline);
  void no_room(Work work);
  bool wait_idle_by(const Deadline& deadline);
  void run(std::size_t index);  // the life of a worker
  bool start(std::size_t index);
  void report(const char* from, std::exception_ptr error) const;
  void drop(Work& work);
  void discard_queue();
  void join();

  const Options options_;
  const std::size_t size_;
  BoundedChannel<Work> channel_;
  InFlight in_flight_;

  std::vector<WorkerCounters> counters_;   // each written by its worker
  sync::atomic<std::size_t> rejected_{0};  // these three are off the usual path
  sync::atomic<std::size_t> dropped_{0};
  sync::atomic<std::size_t> ran_in_caller_{0};

  sync::mutex starting_;
  sync::condition_variable one_more_;
  sync::cell<std::size_t> started_{0};          // guarded by starting_; also those that failed to
  sync::cell<bool> start_failed_{false};        // guarded by starting_
  sync::cell<std::exception_ptr> start_error_;  // guarded by starting_; what the last of these threw

  sync::atomic<std::size_t> alive_;  // threads that have not ended

  sync::mutex joining_;
  std::vector<sync::thread> threads_;  // written by the constructor, then guarded by joining_
};

static_assert(basic::Executor<ThreadPool>);
static_assert(BoundedExecutor<ThreadPool>);

}  // namespace pool::bounded
