// ThreadPool: a fixed crew of threads that take the most urgent work first, and jobs that can be watched and cancelled.
//
//   ThreadPool pool({.workers = 4});
//   pool.post(Priority::low, [] { std::puts("when there is nothing better to do"); });
//   Job<int> job = pool.launch({.name = "answer", .priority = Priority::critical}, [] { return 42; });
//   job.cancel();                                  // or job.get()
//
// Thread safety: every member may be called from any thread, and those that hand in work from jobs of the pool too; the
// constructor and the destructor, as always, from one. See shutdown() for what a job must not do.
// Invariants:  (P1) work that was accepted runs exactly once, or is dropped or cancelled, and its future or job says so
//              (P2) an exception reaches the work's future, its job or on_error; the crew stays as large as it was
//              (P3) a submit that throws or finds no room leaves nothing behind
//              (P4) no code of the user (work, callbacks, destructors of closures) runs under a lock
//              (P5) no more than `capacity` pieces of work are queued
//              (P6) a job does not wait for room in its own pool's queue without a limit
//              (P7) of what is queued, next_level() decides which starts next
// Memory ordering: what happens before f is handed in is visible to f; what f does is visible to whoever gets its future
// or sees its job ended, and to whoever returns from wait_idle() or shutdown().
// Fork: a child process has none of the threads. Do not use or destroy the pool there; exec or _exit.
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <pool/basic/executor.hpp>
#include <pool/basic/sync.hpp>
#include <pool/basic/work.hpp>
#include <pool/bounded/in_flight.hpp>
#include <pool/bounded/overflow.hpp>
#include <pool/bounded/worker_stats.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/job.hpp>
#include <pool/priority/priority.hpp>
#include <pool/priority/priority_channel.hpp>
#include <pool/priority/rate_limit.hpp>

namespace pool::priority {

using basic::PoolError;
using basic::PoolStopped;
using basic::Shutdown;
using basic::Work;
using bounded::Overflow;
using bounded::PoolStats;
using bounded::QueueFull;

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

  Duration ageing =
      std::chrono::seconds(10);  // work that has waited longer goes first, whatever its priority; 0: never
  Clock* clock = nullptr;        // null: the steady clock; must outlive the pool and its jobs
  RateLimit rate = {};           // of what is handed in
};
// #endregion options

// How many there were. submitted == completed + failed + cancelled + active + pending; while work comes and goes, what
// has ended since the counts were read is still active.
struct Totals {
  std::size_t submitted = 0;  // accepted, that is: what was rejected is apart
  std::size_t completed = 0;
  std::size_t failed = 0;     // ended by an exception
  std::size_t cancelled = 0;  // before or while they ran; dropped work counts as cancelled
  std::size_t active = 0;     // running
  std::size_t pending = 0;    // queued
  std::size_t rejected = 0;
};

class ThreadPool {
 public:
  using Options = priority::Options;

  // Starts the workers and returns when all have started. Throws std::invalid_argument for options that make no sense,
  // std::system_error if a thread cannot be created, and what on_start throws; no thread is left behind then.
  explicit ThreadPool(Options options = {});

  // shutdown(drain). Reached in one of the pool's own jobs, it can neither wait for itself nor return: it says so on
  // stderr and terminates the program.
  ~ThreadPool();

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Runs f() on a worker, some time; if there is no room in the queue, options.overflow decides; beyond the rate,
  // options.rate. Throws PoolStopped after shutdown, which also wakes whoever waits; std::invalid_argument if f is an
  // empty function, std::bad_alloc; the work is not queued then.
  // QueueFull if there is no room, and the policy is reject, or block in one of the pool's own jobs (see P6).
  // RateExceeded if it is too early, and the rate limit rejects.
  template <class F>
  requires std::invocable<std::decay_t<F>>
  void post(F&& f) { post(Priority::normal, std::forward<F>(f)); }
  template <class F>
  requires std::invocable<std::decay_t<F>>
  void post(Priority priority, F&& f) { enqueue(posted(priority, std::forward<F>(f))); }

  // Runs f(args...), both copied or moved, on a worker; its result or exception is in the future. Throws as post does.
  template <class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::future<basic::result_of<F, Args...>> submit(F&& f, Args&&... args) {
    return submit(Priority::normal, std::forward<F>(f), std::forward<Args>(args)...);
  }
  template <class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::future<basic::result_of<F, Args...>> submit(Priority priority, F&& f, Args&&... args) {
    auto [unit, future] = submitted(priority, std::forward<F>(f), std::forward<Args>(args)...);
    enqueue(std::move(unit));
    return std::move(future);  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): the pool has the unit
  }

  // Makes a job of f, which is called with nothing or with a CancelToken, and queues it. Throws as post does.
  template <class F>
  requires Launchable<std::decay_t<F>>
  [[nodiscard]] auto launch(JobOptions options, F&& f) {
    return priority::launch(*this, std::move(options), std::forward<F>(f));
  }

  // The same where "no room" is an outcome: false or std::nullopt, and f and args are as they were. They do not follow
  // the policy: try_post and try_submit never wait, try_submit_for waits so long for room, in a job too. None waits for
  // the rate: beyond it there is no room. Throw as post does, but neither QueueFull nor RateExceeded; try_submit_for
  // throws std::invalid_argument for a negative timeout.
  template <class F>
  requires std::invocable<std::decay_t<F>>
  [[nodiscard]] bool try_post(F&& f) {
    Room room;
    if (!reserve(room, Deadline::now())) return false;
    enqueue(posted(Priority::normal, std::forward<F>(f)), room);
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

  // wait_idle_for() under the name that goes with jobs.
  template <class Rep, class Period>
  [[nodiscard]] bool wait_all(std::chrono::duration<Rep, Period> timeout) {
    return wait_idle_for(timeout);
  }

  // Takes no more work, runs what is queued or drops it (jobs are cancelled: "shutdown"), and joins the workers. Jobs
  // that run on them are waited for. May be called again, and from several threads: each call returns when the workers
  // are gone. Throws PoolError if called from one of the pool's own jobs, which would wait for itself.
  void shutdown(Shutdown queued = Shutdown::drain);

  // The same, but waits so long and no longer. Then it cancels what is queued, and the tokens of the jobs that run, and
  // returns false; the destructor still waits for them. (What destructors of closures and callbacks do then, they do on
  // the calling thread.) Throws std::invalid_argument for a negative timeout.
  template <class Rep, class Period>
  [[nodiscard]] bool shutdown_for(std::chrono::duration<Rep, Period> timeout) {
    return shutdown_by(Deadline::after(timeout));
  }

  [[nodiscard]] std::size_t size() const { return size_; }  // workers
  [[nodiscard]] std::size_t pending() const;                // queued and not started

  // What was done so far. Takes no lock, and so disturbs nobody; exact at rest.
  [[nodiscard]] PoolStats worker_stats() const;
  [[nodiscard]] Totals totals() const;

  // For launch(), and for whoever else makes units of work: queues one, as post does.
  void enqueue(UnitPtr unit);
  [[nodiscard]] std::shared_ptr<JobHost> job_host() const;

  // Which of this pool's workers the calling thread is; std::nullopt on every other thread.
  [[nodiscard]] std::optional<std::size_t> current_worker() const;

 private:
  struct Worker;  // what one of the threads knows of itself
  struct Shared;  // what jobs still use when the pool has gone
  using Room = PriorityChannel::Room;

  template <class F>
  static UnitPtr posted(Priority priority, F&& f) {
    UnitPtr unit(new Posted(Work(std::forward<F>(f))));
    unit->priority = priority_from(static_cast<int>(priority));
    return unit;
  }
  template <class F, class... Args>
  static auto submitted(Priority priority, F&& f, Args&&... args) {
    auto* bound = new Submitted(basic::bound(std::forward<F>(f), std::forward<Args>(args)...));
    UnitPtr unit(bound);
    unit->priority = priority_from(static_cast<int>(priority));
    return std::pair(std::move(unit), bound->future());
  }
  template <class F, class... Args>
  std::optional<std::future<basic::result_of<F, Args...>>> submit_by(const Deadline& deadline, F&& f, Args&&... args) {
    Room room;
    if (!reserve(room, deadline)) return std::nullopt;
    auto [unit, future] = submitted(Priority::normal, std::forward<F>(f), std::forward<Args>(args)...);
    enqueue(std::move(unit), room);
    return std::move(future);
  }

  void enqueue(UnitPtr unit, Room& room);
  bool reserve(Room& room, const Deadline& deadline);
  void admit();
  void no_room(UnitPtr unit, bounded::InFlight::Entry& entry);
  void run_unit(UnitPtr& unit, std::optional<std::size_t> worker, Ending& ending);
  bool wait_idle_by(const Deadline& deadline);
  bool shutdown_by(const Deadline& deadline);
  bool on_own_thread() const;
  void refuse_own_thread(const char* call) const;
  void run(std::size_t index);  // the life of a worker
  bool start(std::size_t index);
  void report(const char* from, std::exception_ptr error) const;
  void drop(UnitPtr unit, std::string_view why);
  void discard_queue();
  void join();

  const Options options_;
  const std::size_t size_;
  const std::shared_ptr<Shared> shared_;

  std::vector<bounded::WorkerCounters> counters_;  // each written by its worker

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
static_assert(bounded::BoundedExecutor<ThreadPool>);
static_assert(PriorityExecutor<ThreadPool>);

}  // namespace pool::priority
