// ThreadPool: a fixed crew of threads, each with queues of its own; whoever has nothing to do takes from the others.
//
//   ThreadPool pool({.workers = 4});
//   pool.post_bulk(std::move(closures));           // many at once
//   Job<int> job = pool.launch({.name = "outer"}, [&] {
//     Job<int> inner = pool.launch({}, [] { return 42; });
//     return inner.get();                          // a job may wait for another: it runs it, if nobody else does
//   });
//
// Thread safety: every member may be called from any thread, and those that hand in work from jobs of the pool too; the
// constructor and the destructor, as always, from one. See shutdown() for what a job must not do.
// Invariants:  (P1) work that was accepted runs exactly once, or is dropped or cancelled, and its future or job says so
//              (P2) an exception reaches the work's future, its job or on_error; the crew stays as large as it was
//              (P3) a submit that throws or finds no room leaves nothing behind
//              (P4) no code of the user (work, callbacks, destructors of closures) runs under a lock
//              (P5) no more than `capacity` pieces of work are queued
//              (P6) a job does not wait for room in its own pool's queue without a limit
//              (P7) between two jobs a worker takes the highest level that it can see, its own or from outside; what has
//                   waited longer than `ageing` goes first. What one thread hands in from outside at one level is taken
//                   in its order, by each worker up to 32 at a time (or 128, if its last ones took less than a
//                   microsecond each), so several workers may overtake each other by as many; what a job hands in starts
//                   at its worker, the last one first. See Scheduler
//              (P8) no work waits while a worker sleeps
//              (P9) a job that waits for a job of its pool keeps the pool live: see wait(), which also says what does not
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
#include <pool/priority/rate_limit.hpp>
#include <pool/priority/thread_pool.hpp>
#include <pool/priority/unit.hpp>
#include <pool/stealing/observer.hpp>
#include <pool/stealing/range.hpp>
#include <pool/stealing/scheduler.hpp>

namespace pool::stealing {

using basic::PoolError;
using basic::PoolStopped;
using basic::Shutdown;
using basic::Work;
using bounded::Overflow;
using bounded::PoolStats;
using bounded::QueueFull;
using priority::CancelToken;
using priority::Job;
using priority::JobHost;
using priority::JobOptions;
using priority::RateLimit;
using priority::Totals;
using priority::UnitList;

// #region options
struct Options {  // those of stage 03, where they are explained, and one more
  std::size_t workers = 0;
  std::string name = "PoolWorker";
  std::function<void(std::exception_ptr)> on_error = {};
  std::function<void(std::size_t worker)> on_start = {};
  std::function<void(std::size_t worker)> on_stop = {};
  std::size_t capacity = 0;
  Overflow overflow = Overflow::block;
  Duration ageing = std::chrono::seconds(10);
  Clock* clock = nullptr;
  RateLimit rate = {};

  Observer* observer = nullptr;  // hears what the workers do; null: nobody does; must outlive the pool
};
// #endregion options

class ThreadPool {
 public:
  using Options = stealing::Options;

  // Starts the workers and returns when all have started. Throws std::invalid_argument for options that make no sense,
  // std::system_error if a thread cannot be created, and what on_start throws; no thread is left behind then.
  explicit ThreadPool(Options options = {});

  // shutdown(drain). Reached in one of the pool's own jobs, it can neither wait for itself nor return: it says so on
  // stderr and terminates the program.
  virtual ~ThreadPool();

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
  void post(Priority priority, F&& f) {
    Place place(*this, priority);
    if (!place) return no_room(posted(priority, std::forward<F>(f)));
    place.fill_with(priority, std::forward<F>(f));
  }

  // Runs f(args...), both copied or moved, on a worker; its result or exception is in the future. Throws as post does.
  template <class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::future<basic::result_of<F, Args...>> submit(F&& f, Args&&... args) {
    return submit(Priority::normal, std::forward<F>(f), std::forward<Args>(args)...);
  }
  template <class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::future<basic::result_of<F, Args...>> submit(Priority priority, F&& f, Args&&... args) {
    Place place(*this, priority);
    std::future<basic::result_of<F, Args...>> future;
    if (place) {
      place.fill_with_bound(priority, future, std::forward<F>(f), std::forward<Args>(args)...);
    } else {
      no_room(submitted(future, priority, std::forward<F>(f), std::forward<Args>(args)...));
    }
    return future;
  }

  // The same for each function of a range, in its order; any input range will do, and is gone through once. They are
  // handed in in chunks of up to 64, with one synchronisation for each; so what the range gives must not wait for what it
  // gave before. If one cannot be handed in, or the range throws, those before
  // it have been. The functions are copied, or moved if the range is a container that is given up.
  template <BulkRange R>
  void post_bulk(R&& functions) {
    post_bulk(Priority::normal, std::forward<R>(functions));
  }
  template <BulkRange R>
  void post_bulk(Priority priority, R&& functions) {
    Bulk bulk(*this, priority);
    for (auto&& f : functions) bulk.post(element_of<R>(f));
    bulk.hand_in();
  }
  template <BulkRange R>
  [[nodiscard]] auto submit_bulk(R&& functions) {
    return submit_bulk(Priority::normal, std::forward<R>(functions));
  }
  template <BulkRange R>
  [[nodiscard]] auto submit_bulk(Priority priority, R&& functions) {
    std::vector<std::future<basic::result_of<ElementOf<R>>>> futures;
    Bulk bulk(*this, priority);
    for (auto&& f : functions) bulk.submit(futures.emplace_back(), element_of<R>(f));
    bulk.hand_in();
    return futures;
  }

  // Makes a job of f, which is called with nothing or with a CancelToken, and queues it. Throws as post does.
  template <class F>
  requires priority::Launchable<std::decay_t<F>>
  [[nodiscard, gnu::noinline]] auto launch(JobOptions options, F&& f) {
    return priority::launch(*this, std::move(options), std::forward<F>(f));
  }

  // The same where "no room" is an outcome: false or std::nullopt, and f and args are as they were. They do not follow
  // the policy: try_post and try_submit never wait, try_submit_for waits so long for room, in a job too. None waits for
  // the rate: beyond it there is no room. Throw as post does, but neither QueueFull nor RateExceeded; try_submit_for
  // throws std::invalid_argument for a negative timeout.
  template <class F>
  requires std::invocable<std::decay_t<F>>
  [[nodiscard]] bool try_post(F&& f) {
    Place place(*this, Deadline::now());
    if (!place) return false;
    place.fill_with(Priority::normal, std::forward<F>(f));
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

  // Waits for a future, and throws nothing that is in it. In a job of this pool: for work that the job has handed in. As
  // long as that has not ended, the job's thread does what the job has handed in since it began, the newest first; when
  // nothing of it is left, it waits. Job::get() and Job::wait() do the same, and if that job is still queued, it is run
  // then and there. What is queued at a worker that waits is done by others. So work may run within a job that waits, on
  // its stack, and a wait with a timeout may last longer. What still blocks for ever: a job that waits for one that waits
  // for it, on its stack or not (a part that waits for the job that has forked it); with every worker in such a wait, a
  // future of work that another job has handed in. A bare std::future::get() in a job blocks its worker.
  template <class Future>
  void wait(const Future& future) {
    while (future.wait_for(std::chrono::seconds(0)) == std::future_status::timeout && help()) {
    }
    future.wait();
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

  [[nodiscard]] std::size_t size() const { return scheduler_.active(); }  // workers
  [[nodiscard]] std::size_t pending() const;                              // queued and not started

  // What was done so far. Takes no lock, and so disturbs nobody; exact at rest.
  [[nodiscard]] PoolStats worker_stats() const;
  [[nodiscard]] Totals totals() const;
  [[nodiscard]] std::vector<Scheduling> scheduling() const;  // what each worker did to get at work

  // For launch(), and for whoever else makes units of work: queues one, as post does.
  void enqueue(UnitPtr unit);
  // What runs on the calling thread: a worker of this pool, and which of the things that it ever ran. Number 0: nothing,
  // or it is no worker.
  struct Frame {
    std::size_t worker = 0;
    std::uint64_t number = 0;
    bool operator==(const Frame&) const = default;
  };
  [[nodiscard]] Frame frame() const {
    const std::optional<std::size_t> worker = current_worker();
    return worker ? Frame{*worker, scheduler_.frame(*worker)} : Frame();
  }
  // For TaskGroup: queues a part of what runs already. It takes no room, and in a job of the pool it may be queued when
  // the pool is shut down. In the job that has made the group it is a Part that `make` gives; elsewhere it is a unit.
  template <class Make>
  void fork(std::size_t worker, Priority priority, Parts& of, Make&& make) {
    if (!scheduler_.fork(priority::level_of(priority), worker, of, make)) throw PoolStopped();
  }
  void fork(Parts::Outside& part) {
    if (!scheduler_.fork(part, current_worker())) throw PoolStopped();
  }
  // The priority. Throws std::invalid_argument for a number that is none.
  static Priority checked_priority(Priority priority) {
    if (priority::level_of(priority) < priority::kLevels) return priority;
    return priority::priority_from(static_cast<int>(priority));
  }
  [[nodiscard]] std::shared_ptr<JobHost> job_host() const;

  // For invoke(): where a job of this pool puts its forks; null on every thread that is not a worker.
  [[nodiscard]] Forks* forks() const {
    const Worker* const self = sync::thread_slot<const Worker>();
    return self != nullptr && self->pool == this ? &self->forks : nullptr;
  }
  // Waits for a fork of the calling job that somebody has taken; as wait() does, and helps whoever has it.
  void join(Fork& fork);
  // For TaskGroup: the same for all parts of a group.
  void join(Parts& parts, const Frame& home);
  // The pool whose job calls; null: none.
  [[nodiscard]] static ThreadPool* current() {
    const Worker* const self = sync::thread_slot<const Worker>();
    return self != nullptr ? self->pool : nullptr;
  }

  // Which of this pool's workers the calling thread is; std::nullopt on every other thread.
  [[nodiscard]] std::optional<std::size_t> current_worker() const {
    const Worker* const self = sync::thread_slot<const Worker>();
    return self != nullptr && self->pool == this ? std::optional(self->index) : std::nullopt;
  }

 protected:
  // For a pool that keeps its threads itself, of so many workers at the most: none is started. Each thread calls live();
  // the destructor calls shutdown(), which comes to join(), and that to this class's.
  ThreadPool(Options options, std::size_t slots);
  void end();  // what a destructor does first: shutdown(), if it may
  virtual void join();
  // Whether it would wait for itself: a worker or the timer, which is where callbacks of jobs run that were late.
  [[nodiscard]] virtual bool on_own_thread() const;

  // The life of a worker, on its thread. started(ready, error): what on_start has come to; neither: it has ended the
  // thread. left(died): it is no worker any more; whether a job has ended the thread.
  void live(std::size_t index, const std::function<void(bool ready, std::exception_ptr error)>& started,
            const std::function<void(bool died)>& left);
  void discard_queue();
  void report(const char* from, std::exception_ptr error) const;
  [[nodiscard]] Scheduler& scheduler() const { return scheduler_; }
  [[nodiscard]] Clock& clock() const;

 private:
  struct Worker {  // what one of the threads knows of itself
    ThreadPool* pool;
    std::size_t index;
    Forks& forks;
    std::string name;
  };
  struct Shared;  // what jobs still use when the pool has gone

  // Room for one piece of work, and the way to fill it. Unused, it is given back.
  class Place {
   public:
    Place(ThreadPool& pool, const Deadline& deadline) : pool_(pool), reserved_(pool.reserve(deadline)) {}
    Place(ThreadPool& pool, Priority priority) : pool_(pool), reserved_(pool.plain_ || pool.reserve_for(priority)) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
      if (reserved_ && !pool_.plain_) give_back();
    }
    explicit operator bool() const { return reserved_; }

    template <class F>
    void fill_with(Priority priority, F&& f);
    template <class Future, class F, class... Args>
    void fill_with_bound(Priority priority, Future& future, F&& f, Args&&... args);

   private:
    void give_back();
    [[nodiscard]] bool filled(Scheduler::Handed handed) {  // if not, it has to be handed in as a unit
      if (handed == Scheduler::Handed::closed) throw PoolStopped();
      if (handed == Scheduler::Handed::in) reserved_ = false;
      return handed == Scheduler::Handed::in;
    }
    void fill(UnitPtr unit);

    ThreadPool& pool_;
    bool reserved_;
  };

  // Collects work, and hands it in together. Where there is neither a limit nor a rate, it stands in the queue already,
  // and nobody sees it.
  class Bulk {
   public:
    Bulk(ThreadPool& pool, Priority priority);
    Bulk(const Bulk&) = delete;
    Bulk& operator=(const Bulk&) = delete;
    ~Bulk();  // hands in what was added
    template <class F>
    void post(F&& f);
    template <class Future, class F>
    void submit(Future& future, F&& f);
    void hand_in();

   private:
    static constexpr std::size_t kChunk = 64;
    template <class Make>
    void append(Make&& make) {
      const bool in = pool_.scheduler_.append(*segment_, priority::level_of(priority_), since_, make);
      if (!in || ++appended_ == kChunk) publish();
      if (!in) throw PoolStopped();
    }
    void publish();
    void add(UnitPtr unit);

    ThreadPool& pool_;
    const Priority priority_;
    Scheduler::Segment* segment_;  // of this thread; null: they come as units
    std::size_t appended_ = 0;
    Time since_;  // of what is appended: read once for a chunk
    UnitList units_;
  };

  static std::size_t checked_level(Priority priority) { return priority::level_of(checked_priority(priority)); }
  template <class F>
  static UnitPtr posted(Priority priority, F&& f) {
    UnitPtr unit(new priority::Posted(Work(std::forward<F>(f))));
    unit->priority = priority::priority_from(static_cast<int>(priority));
    return unit;
  }
  template <class Future, class F, class... Args>
  static UnitPtr submitted(Future& future, Priority priority, F&& f, Args&&... args) {
    auto* bound = new priority::Submitted(basic::bound(std::forward<F>(f), std::forward<Args>(args)...));
    UnitPtr unit(bound);
    unit->priority = priority::priority_from(static_cast<int>(priority));
    future = bound->future();
    return unit;
  }
  template <class F, class... Args>
  std::optional<std::future<basic::result_of<F, Args...>>> submit_by(const Deadline& deadline, F&& f, Args&&... args) {
    Place place(*this, deadline);
    if (!place) return std::nullopt;
    std::future<basic::result_of<F, Args...>> future;
    place.fill_with_bound(Priority::normal, future, std::forward<F>(f), std::forward<Args>(args)...);
    return future;
  }

  bool reserve(const Deadline& deadline);
  bool reserve_for(Priority priority);
  Send room_for(Priority priority);
  void hand_in(UnitPtr unit);
  void hand_in(UnitList& units);
  void admit();
  void enqueue_admitted(UnitPtr unit);
  void no_room(UnitPtr unit);
  void run_in_caller(UnitPtr unit);
  void execute(Taken& taken, std::size_t worker);
  bool help();
  void run_taken(Taken& taken, std::optional<std::size_t> worker, Ending& ending);
  bool wait_idle_by(const Deadline& deadline);
  bool shutdown_by(const Deadline& deadline);
  void refuse_own_thread(const char* call) const;
  void work(std::size_t index);
  void started(bool ready, std::exception_ptr error);
  void drop(Taken taken, std::string_view why);
  void release_husks();

  const Options options_;
  const bool plain_;  // it has neither a limit nor a rate
  const std::shared_ptr<Shared> shared_;
  Scheduler& scheduler_;  // which is shared

  sync::mutex starting_;
  sync::condition_variable one_more_;
  sync::cell<std::size_t> started_{0};          // guarded by starting_; also those that failed to
  sync::cell<bool> start_failed_{false};        // guarded by starting_
  sync::cell<std::exception_ptr> start_error_;  // guarded by starting_; what the last of these threw

  sync::atomic<std::size_t> alive_{0};  // threads that have not ended

  sync::mutex joining_;
  std::vector<sync::thread> threads_;  // written by the constructor, then guarded by joining_
};

template <class F>
void ThreadPool::Place::fill_with(Priority priority, F&& f) {
  basic::require_callable<std::decay_t<F>>(f);
  const auto make = [&]() -> std::decay_t<F> { return std::forward<F>(f); };
  const std::size_t level = checked_level(priority);
  if (!filled(pool_.scheduler_.hand_in(level, pool_.current_worker(), make)))
    fill(posted(priority, std::forward<F>(f)));
}

template <class Future, class F, class... Args>
void ThreadPool::Place::fill_with_bound(Priority priority, Future& future, F&& f, Args&&... args) {
  const auto make = [&] {
    auto bound = basic::bound(std::forward<F>(f), std::forward<Args>(args)...);
    future = bound.future();
    return bound;
  };
  const std::size_t level = checked_level(priority);
  if (!filled(pool_.scheduler_.hand_in(level, pool_.current_worker(), make)))
    fill(submitted(future, priority, std::forward<F>(f), std::forward<Args>(args)...));
}

template <class F>
void ThreadPool::Bulk::post(F&& f) {
  basic::require_callable<std::decay_t<F>>(f);
  const auto make = [&]() -> std::decay_t<F> { return std::forward<F>(f); };
  if (segment_ != nullptr) return append(make);
  add(posted(priority_, std::forward<F>(f)));
}

template <class Future, class F>
void ThreadPool::Bulk::submit(Future& future, F&& f) {
  const auto make = [&] {
    auto bound = basic::bound(std::forward<F>(f));
    future = bound.future();
    return bound;
  };
  if (segment_ != nullptr) return append(make);
  add(submitted(future, priority_, std::forward<F>(f)));
}

static_assert(basic::Executor<ThreadPool>);
static_assert(bounded::BoundedExecutor<ThreadPool>);
static_assert(priority::PriorityExecutor<ThreadPool>);

}  // namespace pool::stealing
