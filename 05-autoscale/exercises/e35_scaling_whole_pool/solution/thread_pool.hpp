// ThreadPool: a crew of threads that come and go, each with a queue of its own; whoever has nothing to do takes from the
// others, and whoever dies is replaced.
//
// What it promises is what the stage's own pool promises (include/pool/autoscale/thread_pool.hpp), and the same contract
// tests judge it. You may use the components of the stages before, of this one Load, Policy, Monitor, Events and
// cpu_budget, and your own of all exercises.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>
// #todo
#include <condition_variable>
#include <ctime>
// #end

#include <pool/autoscale/cpu_budget.hpp>
#include <pool/autoscale/events.hpp>
#include <pool/autoscale/load.hpp>
#include <pool/autoscale/monitor.hpp>
#include <pool/autoscale/policy.hpp>
#include <pool/basic/executor.hpp>
#include <pool/basic/native_thread.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/basic/work.hpp>
#include <pool/bounded/deadline.hpp>
#include <pool/bounded/in_flight.hpp>
#include <pool/bounded/overflow.hpp>
#include <pool/bounded/waiting.hpp>
#include <pool/bounded/worker_stats.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/job.hpp>
#include <pool/priority/priority.hpp>
#include <pool/priority/rate_limit.hpp>
#include <pool/priority/timer.hpp>
#include <pool/priority/unit.hpp>

namespace exercise {

using pool::basic::Shutdown;
using pool::basic::Work;
using pool::bounded::Overflow;
using pool::bounded::PoolStats;

// What one worker did to get at work.
struct Scheduling {
  std::size_t steals = 0;          // work taken from another worker
  std::size_t parks = 0;           // times it went to sleep
  std::size_t wakeups = 0;         // times it was woken
  std::size_t injector_takes = 0;  // times it took work that came from outside
};

// The type of what f gives, which is called with nothing or with a CancelToken.
template <class F>
struct LaunchResult : std::invoke_result<F, const pool::priority::CancelToken&> {};
template <std::invocable F>
struct LaunchResult<F> : std::invoke_result<F> {};

struct Options {
  // So many, all the time. 0, and neither min_workers nor max_workers: default_workers(). More than 1000, or one of the two
  // as well: std::invalid_argument.
  std::size_t workers = 0;
  std::string name = "PoolWorker";  // thread names: pool::basic::thread_name, name_this_thread

  // Gets what posted work throws, on the thread that ran it; also what the destructor of dropped work throws. Without
  // one, or if it throws itself, a line goes to stderr: the thread's name, and what() or "not derived from
  // std::exception".
  std::function<void(std::exception_ptr)> on_error = {};
  std::function<void(std::size_t worker)> on_start = {};  // if it throws, so does the constructor
  std::function<void(std::size_t worker)> on_stop = {};

  std::size_t capacity = 0;  // how much work may wait; 0: no limit; above pool::bounded::kMaxCapacity: invalid_argument
  Overflow overflow = Overflow::block;  // what becomes of work for which there is no room

  // Work that has waited longer goes first, whatever its priority; 0: never.
  pool::priority::Duration ageing = std::chrono::seconds{10};
  pool::priority::Clock* clock = nullptr;  // null: pool::priority::steady_clock(); must outlive the pool and its jobs
  pool::priority::RateLimit rate = {};     // of what is handed in

  std::size_t min_workers = 0;          // 0: 2, if max_workers is given
  std::size_t max_workers = 0;          // 0: 20, if min_workers is given
  pool::autoscale::Policy policy = {};  // asked at each interval; empty: pool::autoscale::LoadRatio
  pool::priority::Duration interval = std::chrono::seconds{10};      // 1 ms or more
  pool::priority::Duration idle_timeout = std::chrono::seconds{30};  // who sleeps for so long may go; 0: nobody
};

class ThreadPool {
 public:
  using Options = exercise::Options;

  // How many there were: submitted == completed + failed + cancelled + active + pending.
  struct Totals {
    std::size_t submitted = 0;  // accepted, that is: what was rejected is apart
    std::size_t completed = 0;
    std::size_t failed = 0;     // ended by an exception
    std::size_t cancelled = 0;  // before or while they ran; dropped work counts as cancelled
    std::size_t active = 0;     // running
    std::size_t pending = 0;    // queued
    std::size_t rejected = 0;
  };

  // Returns when all workers have started, or throws and leaves no thread behind.
  explicit ThreadPool(Options options = {}) : options_(std::move(options)) {
    // #todo start min_workers, and wait until each has started; then somebody has to watch over them
    const std::exception_ptr error = pool::basic::catching([&] {
      start_crew();
      monitor_.start();
    });
    if (!error) return;
    close();
    join();
    std::rethrow_exception(error);
    // #end
  }

  // Like shutdown(drain). In one of the pool's own jobs it says so on stderr ("destroyed by one of its own jobs") and
  // terminates.
  ~ThreadPool() {
    // #todo the check, then shutdown
    if (on_own_thread()) {
      std::fputs("pool: destroyed by one of its own jobs, which it would have to wait for\n", stderr);
      std::terminate();
    }
    shutdown();
    // #end
  }

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Without a priority, work is normal. If there is no room, options.overflow decides; whoever waits for room in one of
  // the pool's own jobs gets pool::bounded::QueueFull instead. Beyond the rate, options.rate decides. Throws
  // pool::basic::PoolStopped after shutdown, and while it waits.
  template <class F>
  requires std::invocable<std::decay_t<F>>
  void post(F&& f) {
    // #todo
    post(pool::priority::Priority::normal, std::forward<F>(f));
    // #instead
    // static_cast<void>(f);
    // POOL_TODO("with the priority normal");
    // #end
  }

  template <class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::future<pool::basic::result_of<F, Args...>> submit(F&& f, Args&&... args) {
    // #todo
    return submit(pool::priority::Priority::normal, std::forward<F>(f), std::forward<Args>(args)...);
    // #instead
    // (static_cast<void>(f), ..., static_cast<void>(args));
    // POOL_TODO("with the priority normal");
    // #end
  }

  // With a priority; std::invalid_argument for one that there is not.
  template <class F>
  requires std::invocable<std::decay_t<F>>
  decltype(auto) post(pool::priority::Priority priority, F&& f) {
    // #todo
    enqueue(posted(priority, std::forward<F>(f)));
    // #instead
    // static_cast<void>(priority);
    // static_cast<void>(f);
    // POOL_TODO("make a pool::priority::Posted of it, and follow the policy");
    // #end
  }

  template <class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] decltype(auto) submit(pool::priority::Priority priority, F&& f, Args&&... args) {
    // #todo
    auto [unit, future] = submitted(priority, std::forward<F>(f), std::forward<Args>(args)...);
    enqueue(std::move(unit));
    return std::future<pool::basic::result_of<F, Args...>>(std::move(future));
    // #instead
    // static_cast<void>(priority);
    // (static_cast<void>(f), ..., static_cast<void>(args));
    // return (POOL_TODO("pool::basic::bound makes the future of it, pool::priority::Submitted the unit"),
    //         std::future<pool::basic::result_of<F, Args...>>());
    // #end
  }

  // The same for each function of a range, in its order; it is gone through once, and while there is room. If one
  // cannot be handed in, or the range throws, those before it have been.
  template <std::ranges::input_range R>
  void post_bulk(R&& functions) {
    // #todo
    post_bulk(pool::priority::Priority::normal, std::forward<R>(functions));
    // #instead
    // static_cast<void>(functions);
    // POOL_TODO("with the priority normal");
    // #end
  }
  template <std::ranges::input_range R>
  void post_bulk(pool::priority::Priority priority, R&& functions) {
    // #todo
    for (auto&& f : functions) post(priority, std::forward<decltype(f)>(f));
    // #instead
    // static_cast<void>(priority);
    // static_cast<void>(functions);
    // POOL_TODO("one after the other");
    // #end
  }
  template <std::ranges::input_range R>
  [[nodiscard]] auto submit_bulk(R&& functions) {
    // #todo
    return submit_bulk(pool::priority::Priority::normal, std::forward<R>(functions));
    // #instead
    // static_cast<void>(functions);
    // using Function = std::decay_t<std::ranges::range_reference_t<R>>;
    // return (POOL_TODO("with the priority normal"), std::vector<std::future<pool::basic::result_of<Function>>>());
    // #end
  }
  template <std::ranges::input_range R>
  [[nodiscard]] auto submit_bulk(pool::priority::Priority priority, R&& functions) {
    using Function = std::decay_t<std::ranges::range_reference_t<R>>;
    std::vector<std::future<pool::basic::result_of<Function>>> futures;
    // #todo
    for (auto&& f : functions) futures.push_back(submit(priority, std::forward<decltype(f)>(f)));
    // #instead
    // static_cast<void>(priority);
    // static_cast<void>(functions);
    // POOL_TODO("one after the other");
    // #end
    return futures;
  }

  // Makes a job of f, which is called with nothing or with a CancelToken, and queues it.
  template <class F>
  requires pool::priority::Launchable<std::decay_t<F>>
  [[nodiscard]] auto launch(pool::priority::JobOptions options, F&& f) {
    // #todo
    return pool::priority::launch(*this, std::move(options), std::forward<F>(f));
    // #instead
    // static_cast<void>(options);
    // static_cast<void>(f);
    // return (POOL_TODO("pool::priority::launch does it, with enqueue() and job_host()"),
    //         pool::priority::Job<typename LaunchResult<std::decay_t<F>>::type>());
    // #end
  }

  // These do not follow the policy: false or std::nullopt if there is no room, at once or in so long a time, or if the
  // rate does not allow it now; f and args are as they were then. They throw PoolStopped after shutdown; try_submit_for
  // std::invalid_argument for a negative timeout.
  template <class F>
  requires std::invocable<std::decay_t<F>>
  [[nodiscard]] bool try_post(F&& f) {
    // #todo
    Room room;
    if (!reserve(room, Deadline::now())) return false;
    enqueue(posted(Priority::normal, std::forward<F>(f)), room);
    return true;
    // #instead
    // static_cast<void>(f);
    // POOL_TODO("room first, work second: what is in f may only be moved when there is room for it");
    // #end
  }

  template <class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::optional<std::future<pool::basic::result_of<F, Args...>>> try_submit(F&& f, Args&&... args) {
    // #todo
    return submit_by(Deadline::now(), std::forward<F>(f), std::forward<Args>(args)...);
    // #instead
    // (static_cast<void>(f), ..., static_cast<void>(args));
    // POOL_TODO("try_post, with a future");
    // #end
  }

  template <class Rep, class Period, class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::optional<std::future<pool::basic::result_of<F, Args...>>> try_submit_for(
      std::chrono::duration<Rep, Period> timeout, F&& f, Args&&... args) {
    // #todo
    return submit_by(Deadline::after(timeout), std::forward<F>(f), std::forward<Args>(args)...);
    // #instead
    // static_cast<void>(timeout);
    // (static_cast<void>(f), ..., static_cast<void>(args));
    // POOL_TODO("try_submit, with a deadline");
    // #end
  }

  // Waits for a future. In a job of this pool: as long as it has not come, the job's thread does what the job has
  // handed in since it began, the newest first. Job::get() and Job::wait() do the same; and if that job is still
  // queued, wherever that is, it is run then and there.
  template <class Future>
  void wait(const Future& future) {
    // #todo
    while (future.wait_for(std::chrono::seconds(0)) == std::future_status::timeout && shared_->help_oneself()) {
    }
    future.wait();
    // #instead
    // static_cast<void>(future);
    // POOL_TODO("is it there? is there something of mine? else wait; jobs that wait ask their host, by help()");
    // #end
  }

  // Waits until all work that was accepted is done, dropped or cancelled. Throws pool::basic::PoolError in one of the
  // pool's own jobs; wait_idle_for, which says whether it is, std::invalid_argument for a negative timeout.
  void wait_idle() {
    // #todo what was accepted and is not yet done: how much is it?
    static_cast<void>(wait_idle_by(Deadline::never()));
    // #end
  }

  template <class Rep, class Period>
  [[nodiscard]] bool wait_idle_for(std::chrono::duration<Rep, Period> timeout) {
    // #todo
    return wait_idle_by(Deadline::after(timeout));
    // #instead
    // static_cast<void>(timeout);
    // POOL_TODO("the same with a deadline");
    // #end
  }

  // wait_idle_for() under the name that goes with jobs.
  template <class Rep, class Period>
  [[nodiscard]] bool wait_all(std::chrono::duration<Rep, Period> timeout) {
    // #todo
    return wait_idle_by(Deadline::after(timeout));
    // #instead
    // static_cast<void>(timeout);
    // POOL_TODO("wait_idle_for");
    // #end
  }

  // For a job: calls f, which is going to wait for something that is no work of this pool; meanwhile there is one worker
  // more, if that is not above max_workers. Within another call, and on any other thread, it only calls f.
  template <std::invocable F>
  std::invoke_result_t<F> blocking(F&& f) {
    // #todo
    const Blocking one_more(*this);
    return std::forward<F>(f)();
    // #instead
    // return (POOL_TODO("one more is wanted as long as f runs, whichever way it ends"), std::forward<F>(f)());
    // #end
  }

  // So many workers, until the policy decides on another number. std::invalid_argument for less than min_workers or more
  // than max_workers. Who is too many goes when its job has ended.
  void scale_to(std::size_t workers) {
    // #todo
    if (workers < min_ || workers > max_) {
      throw std::invalid_argument("pool: scale_to(" + std::to_string(workers) + "), but it has from " +
                                  std::to_string(min_) + " to " + std::to_string(max_) + " workers");
    }
    {
      const std::lock_guard lock(crew_);
      want(workers);
    }
    monitor_.call();
    // #instead
    // static_cast<void>(workers);
    // POOL_TODO("so many are wanted: who comes, who goes?");
    // #end
  }

  // What has become of the workers.
  [[nodiscard]] pool::autoscale::Events::Seen events() const {
    // #todo pool::autoscale::Events keeps them
    return events_.seen();
    // #end
  }

  // How many workers a pool has to which nothing is said of that: twice as many as CPUs that it may use, at most 32.
  [[nodiscard]] static std::size_t default_workers() {
    // #todo pool::autoscale::cpu_budget
    return std::min<std::size_t>(2 * pool::autoscale::cpu_budget(), 32);
    // #end
  }

  // What was done so far; its fields are explained in pool/bounded/worker_stats.hpp.
  [[nodiscard]] PoolStats worker_stats() const {
    // #todo a count for each thing that can become of work
    PoolStats stats;
    for (std::size_t i = 0; i < used_; ++i) stats.workers.push_back(counters_[i].read());
    stats.dropped = shared_->dropped;
    for (const auto& count : shared_->in_caller) stats.ran_in_caller += count;
    const auto [sent, queued, high_water] = shared_->waiting.stats();  // after what became of it
    stats.accepted = sent + stats.ran_in_caller;
    stats.rejected = shared_->rejected;
    stats.queued = queued;
    stats.high_water = high_water;
    return stats;
    // #end
  }

  // What became of all that was handed in.
  [[nodiscard]] Totals totals() const {
    // #todo worker_stats() knows much of it; what does it not know?
    Totals totals;
    totals.completed = shared_->in_caller[0];
    totals.failed = shared_->in_caller[1];
    totals.cancelled = shared_->in_caller[2];
    const PoolStats stats = worker_stats();  // what has ended is read before what was submitted: so it is never more
    for (const auto& worker : stats.workers) {
      totals.completed += worker.completed - worker.failed - worker.cancelled;
      totals.failed += worker.failed;
      totals.cancelled += worker.cancelled;
    }
    totals.cancelled += stats.dropped;
    totals.pending = stats.queued;
    totals.submitted = stats.accepted;
    totals.active = totals.submitted - totals.pending - totals.completed - totals.failed - totals.cancelled;
    totals.rejected = stats.rejected;
    return totals;
    // #end
  }

  // Wakes those who wait for room or for the rate, too. What is dropped says so: a future is broken, a job is cancelled
  // ("shutdown"). Throws pool::basic::PoolError if called by one of the pool's own jobs.
  void shutdown(Shutdown queued = Shutdown::drain) {
    // #todo
    refuse_own_job("shutdown");
    close();
    if (queued == Shutdown::discard) discard_queue();
    join();
    // #instead
    // static_cast<void>(queued);
    // POOL_TODO("close, drop what is queued if asked to, join");
    // #end
  }

  // The same, but waits so long at most. Then it drops what is queued, cancels the tokens of what runs ("shutdown"),
  // and returns false. std::invalid_argument for a negative timeout.
  template <class Rep, class Period>
  [[nodiscard]] bool shutdown_for(std::chrono::duration<Rep, Period> timeout) {
    // #todo
    refuse_own_job("shutdown_for");
    const Deadline deadline = Deadline::after(timeout);
    close();
    if (!shared_->in_flight.wait(deadline)) {
      discard_queue();
      shared_->stop.cancel(pool::priority::reason::shutdown);
      return false;
    }
    join();
    return true;
    // #instead
    // static_cast<void>(timeout);
    // POOL_TODO("close, wait for the end; at the end of patience drop and cancel");
    // #end
  }

  // Workers; without those who are about to go.
  [[nodiscard]] std::size_t size() const {
    // #todo
    return size_;
    // #instead
    // return (POOL_TODO("how many are there?"), 0);
    // #end
  }
  [[nodiscard]] std::size_t pending() const {
    // #todo what is queued
    return shared_->waiting.queued();
    // #end
  }

  // What each worker did to get at work.
  [[nodiscard]] std::vector<Scheduling> scheduling() const {
    // #todo a count for each way in which a worker gets at work
    std::vector<Scheduling> all;
    for (std::size_t i = 0; i < used_; ++i) all.push_back(shared_->lanes[i].counts());
    return all;
    // #end
  }

  // Which of this pool's workers the calling thread is; std::nullopt on every other thread.
  [[nodiscard]] std::optional<std::size_t> current_worker() const {
    // #todo what does a thread know of itself?
    const Worker* const self = shared_->own_worker();
    return self != nullptr ? std::optional(self->index) : std::nullopt;
    // #end
  }

  // For launch(): queues a unit of work, as post does.
  void enqueue(pool::priority::UnitPtr unit) {
    // #todo
    admit();
    pool::bounded::InFlight::Entry entry(shared_->in_flight);
    if (unit->is_over()) unit->takes_room = false;  // a job that was cancelled on its way here: it will not be queued
    const bool waits = options_.overflow == Overflow::block && shared_->own_worker() == nullptr;
    const Send sent = options_.overflow == Overflow::drop_oldest
                          ? shared_->make_room(*unit, [this](UnitPtr oldest) { drop(std::move(oldest)); })
                          : shared_->room_for(*unit, waits ? Deadline::never() : Deadline::now());
    if (sent == Send::closed) throw pool::basic::PoolStopped();
    if (sent == Send::ok) {
      entry.hand_over();
      if (!shared_->put(unit)) drop(std::move(unit), pool::priority::reason::asked);
    } else if (options_.overflow == Overflow::drop_oldest) {
      entry.hand_over();
      drop(std::move(unit));  // all that is queued is above it: so it goes itself
    } else if (options_.overflow == Overflow::run_in_caller) {
      ++shared_->in_caller[static_cast<std::size_t>(ended(run_unit(*unit, std::nullopt)))];
    } else {
      shared_->rate.give_back();
      ++shared_->rejected;
      throw pool::bounded::QueueFull("pool: the queue is full, and this caller may not wait");
    }
    // #instead
    // static_cast<void>(unit);
    // POOL_TODO("the rate, then the policy");
    // #end
  }

  // What the pool's jobs need of it. They share it, and may outlive the pool.
  [[nodiscard]] std::shared_ptr<pool::priority::JobHost> job_host() const {
    // #todo what do jobs ask for, and what of that must still be there when the pool has gone?
    return shared_;
    // #end
  }

 private:
  // #todo
  using Admission = pool::priority::Admission;
  using Deadline = pool::bounded::Deadline;
  using Duration = pool::priority::Duration;
  using Ended = pool::bounded::Ended;
  using Ending = pool::priority::Ending;
  using Kind = pool::autoscale::Event::Kind;
  using JobCore = pool::priority::JobCore;
  using Priority = pool::priority::Priority;
  using Send = pool::bounded::Send;
  using Time = pool::priority::Time;
  using Unit = pool::priority::Unit;
  using UnitList = pool::priority::UnitList;
  using UnitPtr = pool::priority::UnitPtr;
  using Visit = pool::bounded::Waiting::Visit;

  static constexpr std::size_t kLevels = pool::priority::kLevels;
  static constexpr std::size_t kRound = 61;

  // Whose a unit is. Whoever changes the mark from kQueued has it: a worker that takes it out of a lane, a job that
  // waits for it, or who has cancelled it. So it may stay in its lane as a husk.
  enum Mark : std::uint8_t { kFresh, kQueued, kTaken, kOver };
  static bool change(Unit& unit, std::uint8_t from, Mark to) {
    return unit.mark.compare_exchange_strong(from, to, std::memory_order_acq_rel, std::memory_order_acquire);
  }

  // What one of the threads knows of itself. Only that thread uses it.
  struct Worker {
    ThreadPool* pool;
    std::size_t index;
    std::size_t depth = 0;    // of the jobs that run here, one within the other
    std::uint64_t began = 0;  // the number of what was handed in here next, when the innermost job began
    std::size_t round = 0;    // of looks for work
    bool blocks = false;      // it is in blocking()
  };
  static Worker*& current() {
    thread_local Worker* worker = nullptr;
    return worker;
  }

  // The queue of a worker; and one more, for what comes from outside.
  struct Lane {
    std::mutex mutex;
    std::array<UnitList, kLevels> levels;  // guarded by mutex; the newest at the back
    std::atomic<std::size_t> size{0};      // written with mutex held; husks count, too
    std::atomic<std::size_t> steals{0}, parks{0}, wakeups{0}, injector_takes{0};  // by its worker
    std::uint64_t next = 0;            // by its worker, and the one that comes after it: the number of the next unit
    std::atomic<bool> retired{false};  // its worker is to go

    Scheduling counts() const { return {steals, parks, wakeups, injector_takes}; }

    pool::priority::Heads heads() {
      pool::priority::Heads heads;
      if (size.load(std::memory_order_relaxed) == 0) return heads;
      std::lock_guard lock(mutex);
      for (std::size_t i = 0; i < kLevels; ++i) {
        if (!levels[i].empty()) heads[i] = levels[i].front().since;
      }
      return heads;
    }
  };

  // Where workers sleep. Who is called was taken off the list by whoever calls, so that each call wakes another one.
  class Beds {
   public:
    explicit Beds(std::size_t workers) : beds_(workers) { sleepers_.reserve(workers); }

    // The worker sleeps until it is called; not at all, if stays_awake(), asked when it can be called, says so.
    template <class StaysAwake, class Sleeps>
    void sleep(std::size_t worker, Time now, StaysAwake&& stays_awake, Sleeps&& sleeps) {
      Bed& bed = beds_[worker];
      {
        const std::lock_guard lock(mutex_);
        bed.called = false;
        bed.since = now;
        sleepers_.push_back(worker);
        asleep_ = sleepers_.size();
      }
      const pool::basic::Finally up{[&] {
        const std::lock_guard lock(mutex_);
        get_up(worker);
      }};
      if (stays_awake()) return;
      sleeps();
      std::unique_lock lock(mutex_);
      while (!bed.called) bed.called_up.wait(lock);
    }

    void call_one() {
      if (asleep_ == 0) return;  // whoever sleeps has said so before it looked for the last time
      const std::lock_guard lock(mutex_);
      if (!sleepers_.empty()) wake(sleepers_.back());
    }
    void call(std::size_t worker) {
      const std::lock_guard lock(mutex_);
      if (std::find(sleepers_.begin(), sleepers_.end(), worker) != sleepers_.end()) wake(worker);
    }
    void call_all() {
      const std::lock_guard lock(mutex_);
      while (!sleepers_.empty()) wake(sleepers_.back());
    }

    // Since when a worker sleeps.
    [[nodiscard]] std::optional<Time> asleep_since(std::size_t worker) const {
      const std::lock_guard lock(mutex_);
      const bool sleeps = std::find(sleepers_.begin(), sleepers_.end(), worker) != sleepers_.end();
      return sleeps ? std::optional(beds_[worker].since) : std::nullopt;
    }

   private:
    struct Bed {
      std::condition_variable called_up;
      bool called = false;
      Time since{};
    };

    // With the lock held.
    void get_up(std::size_t worker) {
      std::erase(sleepers_, worker);
      asleep_ = sleepers_.size();
    }
    void wake(std::size_t worker) {
      get_up(worker);
      beds_[worker].called = true;
      beds_[worker].called_up.notify_one();
    }

    mutable std::mutex mutex_;
    std::vector<Bed> beds_;              // guarded by mutex_
    std::vector<std::size_t> sleepers_;  // guarded by mutex_
    std::atomic<std::size_t> asleep_{0};
  };

  // Room for one unit, set aside. Unused, it is given back.
  struct Room {
    Room() = default;
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;
    ~Room() {
      if (waiting != nullptr) Visit(*waiting).given_back();
    }
    pool::bounded::Waiting* waiting = nullptr;
  };

  // What jobs still use when the pool has gone.
  //
  // `waiting` counts what is queued, and lets those sleep who wait for room; workers sleep in `beds`. A unit is counted
  // before it is in its lane, and until it is somebody's: so nobody sleeps beside work. Who sees a count and finds
  // nothing, looks again.
  struct Shared : pool::priority::JobHost {
    Shared(const Options& options, std::size_t workers)
        : time(options.clock != nullptr ? *options.clock : pool::priority::steady_clock()),
          ageing(options.ageing),
          waiting(options.capacity),
          lanes(workers + 1),
          beds(workers),
          rate(options.rate, time),
          alarms(time) {
      if (ageing < pool::priority::Duration::zero()) throw std::invalid_argument("pool: a negative ageing");
    }

    pool::priority::Clock& clock() override { return time; }
    pool::priority::Timer& timer() override { return alarms; }
    pool::priority::CancelToken stopping() override { return stop.token(); }
    void overran(const JobCore& job) override { pool::priority::report_overrun(job); }

    // A job was cancelled. If it is still queued, its room is free; else somebody has it in hand, and counts it. Which
    // of the two is done last, says so.
    void withdraw(JobCore& job) override {
      if (job.mark.exchange(kOver, std::memory_order_acq_rel) == kQueued) {
        Visit(waiting).received();
        ++dropped;
        in_flight.done();
      } else if (job.settle()) {
        in_flight.done();
      }
    }

    // The worker of this pool that the calling thread is.
    Worker* own_worker() const {
      Worker* const self = current();
      return self != nullptr && self->pool->shared_.get() == this ? self : nullptr;
    }

    // A job is about to wait for another. Whether this thread did something instead.
    bool help(JobCore& job) override {
      Worker* const self = own_worker();
      if (self == nullptr) return false;
      if (!take_up(*self, job)) return help_oneself();
      self->pool->execute(*self, UnitPtr(&job));
      return true;
    }
    [[gnu::noinline]] bool take_up(Worker& self, JobCore& job) {
      if (!change(job, kQueued, kTaken)) return false;
      Visit(waiting).received();
      sweep(self, level_of(job.priority));
      return job.retain(), true;  // for what is about to run it; the husk has its own share
    }
    [[gnu::noinline]] bool help_oneself() {
      Worker* const self = own_worker();
      UnitPtr unit = self != nullptr ? newest_since(*self) : nullptr;
      if (!unit) return false;
      self->pool->execute(*self, std::move(unit));
      return true;
    }

    // --- handing in -------------------------------------------------------------------------------------------------
    // One more is counted, if there is room for it.
    Send room_for(const Unit& unit, const Deadline& deadline) {
      Visit visit(waiting);
      if (!unit.takes_room && !visit.closed()) return visit.sent_in_vain(), Send::ok;
      const Send sent = visit.wait_for_room(deadline);
      if (sent == Send::ok) visit.sent();
      return sent;
    }

    // The same where the oldest of the lowest level leaves for it; full: all that is queued is above it.
    template <class Drop>
    Send make_room(const Unit& unit, Drop&& drop) {
      for (;;) {
        const Send sent = room_for(unit, Deadline::now());
        if (sent != Send::full) return sent;
        if (UnitPtr oldest = take_oldest_not_above(level_of(unit.priority))) {
          drop(std::move(oldest));
        } else if (anything_above(level_of(unit.priority))) {
          Visit(waiting).sent_in_vain();
          return Send::full;
        } else {
          std::this_thread::yield();  // what takes the room is on its way, or reserved
        }
      }
    }

    // Into the lane of the worker whose job calls, or that for all others. False: it was cancelled, and is not queued.
    bool put(UnitPtr& unit) {
      if (!put_into_lane(unit)) return false;
      beds.call_one();
      return true;
    }
    bool put_into_lane(UnitPtr& unit) {
      if (!unit->takes_room) return false;
      Worker* const self = own_worker();
      Lane& lane = self != nullptr ? lanes[self->index] : lanes.back();
      if (unit->since == Time{}) unit->since = time.now();
      std::lock_guard lock(lane.mutex);
      if (self != nullptr) unit->position = lane.next++;
      if (!change(*unit, kFresh, kQueued)) return Visit(waiting).received(), false;
      UnitList& level = lane.levels[level_of(unit->priority)];
      if (!level.empty()) unit->since = std::max(unit->since, level.back().since);  // it may have waited for room
      level.push_back(std::move(unit));
      ++lane.size;
      return true;
    }

    // --- taking -----------------------------------------------------------------------------------------------------
    enum class End { oldest, newest };

    // Of a level of a lane, what nobody has taken or cancelled, and is not older than `since`.
    UnitPtr take(Lane& lane, std::size_t level, End end, std::uint64_t since = 0) {
      if (lane.size.load(std::memory_order_relaxed) == 0) return nullptr;
      UnitList husks;  // released without the lock
      UnitPtr unit;
      {
        std::lock_guard lock(lane.mutex);
        UnitList& units = lane.levels[level];
        while (!unit && !units.empty() && units.back().position >= since) {
          unit = end == End::oldest ? units.pop_front() : units.remove(const_cast<Unit&>(units.back()));
          --lane.size;
          if (!change(*unit, kQueued, kTaken)) husks.push_back(std::move(unit));
        }
      }
      if (unit) Visit(waiting).received();
      return unit;
    }

    // Waits for work, and takes what the worker is to run next. Null: it is to go, or the pool is closed, and nothing is
    // left.
    UnitPtr receive(Worker& self) {
      while (!lanes[self.index].retired) {
        if (UnitPtr unit = find(self)) return unit;
        if (!wait_for_work(self.index)) return nullptr;
      }
      return nullptr;
    }
    bool wait_for_work(std::size_t worker) {
      Lane& own = lanes[worker];
      bool over = false, slept = false;
      const auto stays_awake = [&] {
        Visit visit(waiting);
        over = visit.empty() && visit.closed();
        return over || !visit.empty() || own.retired;
      };
      beds.sleep(worker, time.now(), stays_awake, [&] {
        slept = true;
        ++own.parks;
      });
      if (slept) ++own.wakeups;
      if (!slept && !over)
        std::this_thread::yield();  // somebody puts it into its lane, or takes it out, this very moment
      return !over;
    }

    // A worker goes. If it was called for something, another one comes for that.
    void pass_on() {
      if (waiting.stats().queued > 0) beds.call_one();
    }

    // Since when the oldest that is queued has waited.
    Time oldest() {
      Time oldest = Time::max();
      for (Lane& lane : lanes) {
        for (const auto& head : lane.heads()) oldest = std::min(oldest, head.value_or(Time::max()));
      }
      return oldest;
    }

    // What it has itself or what came from outside, by level and age; else what others have. Once in a round the others
    // come first, so that no job keeps them out that hands itself in again and again.
    UnitPtr find(Worker& self) {
      const bool others_first = ++self.round % kRound == 0;
      if (others_first) {
        for (std::size_t level = 0; level < kLevels; ++level) {
          if (UnitPtr unit = from_outside(self, level)) return unit;
        }
        if (UnitPtr unit = steal(self)) return unit;
      }
      Lane& own = lanes[self.index];
      const pool::priority::Heads mine = own.heads();
      pool::priority::Heads heads = lanes.back().heads();
      for (std::size_t i = 0; i < kLevels; ++i) {
        if (mine[i] && (!heads[i] || *mine[i] < *heads[i])) heads[i] = mine[i];
      }
      const Time now = ageing.count() > 0 ? time.now() : Time{};
      if (const auto level = pool::priority::next_level(heads, now, ageing)) {
        const bool aged = ageing.count() > 0 && now - *heads[*level] > ageing;
        UnitPtr unit;
        if (!aged || mine[*level] == heads[*level]) unit = take(own, *level, aged ? End::oldest : End::newest);
        if (!unit) unit = from_outside(self, *level);
        if (unit) return unit;
      }
      return steal(self);
    }

    UnitPtr from_outside(Worker& self, std::size_t level) {
      UnitPtr unit = take(lanes.back(), level, End::oldest);
      if (unit) ++lanes[self.index].injector_takes;
      return unit;
    }

    UnitPtr steal(Worker& self) {
      const std::size_t workers = lanes.size() - 1;
      for (std::size_t level = 0; level < kLevels; ++level) {
        for (std::size_t i = 1; i < workers; ++i) {
          UnitPtr unit = take(lanes[(self.index + i) % workers], level, End::oldest);
          if (unit) return ++lanes[self.index].steals, std::move(unit);
        }
      }
      return nullptr;
    }

    // What was handed in at the worker since its innermost job began; higher levels first.
    [[gnu::noinline]] UnitPtr newest_since(Worker& self) {
      for (std::size_t level = 0; level < kLevels; ++level) {
        if (UnitPtr unit = take(lanes[self.index], level, End::newest, self.began)) return unit;
      }
      return nullptr;
    }

    // Lets go of the husks that are the newest of the worker's level: so a job that hands in and waits, over and over,
    // leaves none.
    void sweep(Worker& self, std::size_t level) {
      UnitList husks;
      Lane& lane = lanes[self.index];
      std::lock_guard lock(lane.mutex);
      UnitList& units = lane.levels[level];
      while (!units.empty() && units.back().mark.load(std::memory_order_acquire) != kQueued) {
        husks.push_back(units.remove(const_cast<Unit&>(units.back())));
        --lane.size;
      }
    }

    // --- taking away ------------------------------------------------------------------------------------------------
    UnitPtr take_oldest(std::size_t level) {
      for (;;) {
        Lane* oldest = nullptr;
        Time since = Time::max();
        for (Lane& lane : lanes) {
          const auto head = lane.heads()[level];
          if (head && *head < since) since = *head, oldest = &lane;
        }
        if (oldest == nullptr) return nullptr;
        if (UnitPtr unit = take(*oldest, level, End::oldest)) return unit;
      }
    }
    UnitPtr take_oldest_not_above(std::size_t highest) {
      for (std::size_t level = kLevels; level-- > highest;) {
        if (UnitPtr unit = take_oldest(level)) return unit;
      }
      return nullptr;
    }
    bool anything_above(std::size_t level) {
      for (Lane& lane : lanes) {
        const auto heads = lane.heads();
        for (std::size_t i = 0; i < level; ++i) {
          if (heads[i]) return true;
        }
      }
      return false;
    }

    pool::priority::Clock& time;
    const pool::priority::Duration ageing;
    pool::bounded::Waiting waiting;
    std::vector<Lane> lanes;  // the last is for what comes from outside
    Beds beds;
    pool::priority::RateLimiter rate;
    pool::priority::Timer alarms;
    pool::priority::CancelSource stop;  // of all that runs
    pool::bounded::InFlight in_flight;
    std::atomic<std::size_t> rejected{0};
    std::atomic<std::size_t> dropped{0};                  // from the queue: displaced, discarded, or cancelled
    std::array<std::atomic<std::size_t>, 3> in_caller{};  // by how it ended
  };

  // A worker, or the timer, on which jobs end that were late, and their callbacks run, or the monitor, which asks the
  // policy.
  bool on_own_thread() const {
    return current_worker() || shared_->alarms.is_this_thread() || monitor_.is_this_thread();
  }

  void refuse_own_job(const char* call) const {
    if (!on_own_thread()) return;
    throw pool::basic::PoolError("pool: " + std::string(call) + " was called by one of the pool's own jobs");
  }

  // Queueing moves pointers. The allocation, and what the user's moves throw, are here, before anything is queued.
  template <class F>
  static UnitPtr posted(Priority priority, F&& f) {
    return with(priority, UnitPtr(new pool::priority::Posted(Work(std::forward<F>(f)))));
  }

  template <class F, class... Args>
  static auto submitted(Priority priority, F&& f, Args&&... args) {
    auto* unit = new pool::priority::Submitted(pool::basic::bound(std::forward<F>(f), std::forward<Args>(args)...));
    UnitPtr owned(unit);
    return std::pair(with(priority, std::move(owned)), unit->future());
  }

  static UnitPtr with(Priority priority, UnitPtr unit) {
    unit->priority = pool::priority::priority_from(static_cast<int>(priority));
    return unit;
  }

  // Returns when the rate allows one more.
  void admit() {
    const Admission admission = shared_->rate.admit();
    if (admission == Admission::closed) throw pool::basic::PoolStopped();
    if (admission == Admission::ok) return;
    ++shared_->rejected;
    throw pool::priority::RateExceeded("pool: too much at once, and this rate does not wait");
  }

  template <class F, class... Args>
  std::optional<std::future<pool::basic::result_of<F, Args...>>> submit_by(const Deadline& deadline, F&& f,
                                                                           Args&&... args) {
    Room room;
    if (!reserve(room, deadline)) return std::nullopt;
    auto [unit, future] = submitted(Priority::normal, std::forward<F>(f), std::forward<Args>(args)...);
    enqueue(std::move(unit), room);
    return std::move(future);
  }

  bool reserve(Room& room, const Deadline& deadline) {
    Send reserved = Send::closed;
    {
      Visit visit(shared_->waiting);
      reserved = visit.wait_for_room(deadline);
      if (reserved == Send::ok) {
        visit.reserved();
        room.waiting = &shared_->waiting;
      }
    }
    const Admission admission = reserved == Send::ok ? shared_->rate.try_admit() : Admission::ok;
    if (reserved == Send::closed || admission == Admission::closed) throw pool::basic::PoolStopped();
    if (reserved == Send::ok && admission == Admission::ok) return true;
    ++shared_->rejected;
    return false;  // what was reserved is given back by the caller's Room
  }

  void enqueue(UnitPtr unit, Room& room) {
    pool::bounded::InFlight::Entry entry(shared_->in_flight);
    {
      Visit visit(*std::exchange(room.waiting, nullptr));
      visit.given_back();
      if (visit.closed()) throw pool::basic::PoolStopped();
      visit.sent();
    }
    entry.hand_over();
    static_cast<void>(shared_->put(unit));  // nobody else knows of it
  }

  // Work that was accepted and will not run.
  void drop(UnitPtr unit, std::string_view why = pool::priority::reason::dropped) {
    bool ours = true;
    protect([&] { ours = unit->drop(why); }, "the destructor of dropped work");
    ++shared_->dropped;
    if (ours || unit->settle()) shared_->in_flight.done();
  }

  // What is queued; husks go, too, which keep alive what they lie in.
  void discard_queue() {
    for (std::size_t level = 0; level < kLevels; ++level) {
      while (UnitPtr unit = shared_->take_oldest(level)) drop(std::move(unit), pool::priority::reason::shutdown);
    }
  }

  bool wait_idle_by(const Deadline& deadline) {
    refuse_own_job("wait_idle");
    return shared_->in_flight.wait(deadline);
  }

  void close() {
    shared_->rate.close();
    shared_->waiting.close();
    shared_->beds.call_all();
  }

  // The life of a worker. Whichever way it ends, left() is called last.
  void live(std::size_t index) {
    Worker self{this, index};
    current() = &self;
    pool::basic::name_this_thread(pool::basic::thread_name(options_.name, index));
    counters_[index].start();
    bool ready = false, died = true;
    const pool::basic::Finally gone{[&] {
      counters_[index].stop();
      shared_->pass_on();
      if (ready && died) {
        report(std::make_exception_ptr(pool::basic::PoolError("pool: a job has ended the thread of a worker")),
               "the supervisor");
      }
      left(index, died);
      current() = nullptr;
    }};
    std::exception_ptr error;
    {
      const pool::basic::Finally begun{[&] { started(index, ready, error); }};
      if (options_.on_start) error = pool::basic::catching([&] { options_.on_start(index); });
      ready = !error;
    }
    if (ready) work(self);
    died = false;
  }

  void work(Worker& self) {
    const pool::basic::Finally stop{[&] {
      if (options_.on_stop) protect([&] { options_.on_stop(self.index); }, "on_stop");
    }};
    while (UnitPtr unit = shared_->receive(self)) execute(self, std::move(unit));
  }

  // What a worker does with what it has taken; also within a job that waits. In steps with small frames, since jobs that
  // wait may be nested, thousands of them.
  void execute(Worker& self, UnitPtr unit) {
    const std::uint64_t outer = begin(self);
    Ending ending = Ending::failed;  // if it ends this thread
    const pool::basic::Finally after{[&] { end(self, outer, std::move(unit), ending); }};
    ending = run_unit(*unit, self.index);
  }

  [[gnu::noinline]] std::uint64_t begin(Worker& self) {
    if (self.depth++ == 0) counters_[self.index].begin();
    return std::exchange(self.began, shared_->lanes[self.index].next);
  }

  [[gnu::noinline]] void end(Worker& self, std::uint64_t outer, UnitPtr unit, Ending ending) {
    if (ending != Ending::skipped) unit = nullptr;
    if (--self.depth == 0) {
      counters_[self.index].end(ended(ending));
    } else {
      counters_[self.index].ended_within(ended(ending));
    }
    self.began = outer;
    if (!unit || unit->settle()) shared_->in_flight.done();
  }

  Ending run_unit(pool::priority::Unit& unit, std::optional<std::size_t> worker) {
    Ending ending = Ending::failed;
    protect([&] { ending = unit.run(worker); }, "posted work");
    return ending;
  }

  static Ended ended(Ending ending) {
    if (ending == Ending::completed) return Ended::completed;
    return ending == Ending::failed ? Ended::failed : Ended::cancelled;  // skipped: cancelled on its way here
  }

  // Calls f; what it throws goes to on_error, when the exception is no longer in flight.
  template <class F>
  void protect(F&& f, const char* from) {
    if (std::exception_ptr error = pool::basic::catching(f)) report(std::move(error), from);
  }

  [[gnu::noinline]] void report(std::exception_ptr error, const char* from) {
    if (options_.on_error) {
      error = pool::basic::catching([&] { options_.on_error(std::move(error)); });
      from = "on_error";
    }
    if (error) pool::basic::print_error(name_of_this_thread(), from, std::move(error));
  }

  static std::string name_of_this_thread() {
    char name[64] = "";
    pthread_getname_np(pthread_self(), name, sizeof name);
    return name;
  }

  // --- who there is ---------------------------------------------------------------------------------------------------
  //
  //   a seat:  free ──> starting ──> working ──> retiring ──> free      retire: as soon as it has nothing in hand
  //              ^          │            │          │
  //              └──────────┴────────────┴──────────┘                    its thread could not begin, or was ended
  enum class State { free, starting, working, retiring };
  struct Seat {
    State state = State::free;
    std::thread thread;
  };

  class Blocking {  // while it lives, the calling worker may block; within another, it does nothing
   public:
    explicit Blocking(ThreadPool& pool) : self_(pool.shared_->own_worker()) {
      if (self_ != nullptr && std::exchange(self_->blocks, true)) self_ = nullptr;
      if (self_ != nullptr) pool.blocks();
    }
    Blocking(const Blocking&) = delete;
    Blocking& operator=(const Blocking&) = delete;
    ~Blocking() {
      if (self_ == nullptr) return;
      self_->blocks = false;
      self_->pool->goes_on();
    }

   private:
    Worker* self_;
  };

  static std::size_t min_of(const Options& options) {
    if (options.workers != 0 && (options.min_workers != 0 || options.max_workers != 0)) {
      throw std::invalid_argument("pool: either workers, or min_workers and max_workers");
    }
    if (options.min_workers != 0) return options.min_workers;
    if (options.max_workers != 0) return std::min<std::size_t>(2, options.max_workers);
    return options.workers != 0 ? options.workers : default_workers();
  }
  static std::size_t max_of(const Options& options, std::size_t min) {
    const bool scales = options.min_workers != 0 || options.max_workers != 0;
    const std::size_t max = !scales                    ? min
                            : options.max_workers != 0 ? options.max_workers
                                                       : std::max<std::size_t>(20, min);
    if (max > pool::basic::kMaxWorkers || min > max) {
      throw std::invalid_argument("pool: from " + std::to_string(min) + " to " + std::to_string(max) + " workers");
    }
    if (options.interval < std::chrono::milliseconds(1)) throw std::invalid_argument("pool: an interval below 1 ms");
    if (options.idle_timeout < Duration::zero()) throw std::invalid_argument("pool: a negative idle_timeout");
    return max;
  }

  pool::autoscale::Monitor::Options monitoring() {
    return {.interval = min_ < max_ ? options_.interval : Duration::zero(),
            .policy = options_.policy ? options_.policy : pool::autoscale::Policy(pool::autoscale::LoadRatio{}),
            .sample = [this] { return sample(); },
            .decided = [this](pool::autoscale::Decision step) { decided(step); },
            .failed = [this] { note(Kind::no_sample, 0, size_); },
            .tend = [this] { return tend(); }};
  }

  void note(Kind kind, std::size_t worker, std::size_t workers) {
    events_.note({kind, shared_->time.now(), worker, workers});
  }

  // Returns when min_workers have begun, or throws what has kept one from it.
  void start_crew() {
    std::unique_lock lock(crew_);
    const auto starting = [](const Seat& seat) { return seat.state == State::starting; };
    std::exception_ptr error = pool::basic::catching([&] {
      while (size_ < min_) take(size_);
    });
    told_.wait(lock, [&] { return std::none_of(seats_.begin(), seats_.end(), starting); });
    if (!error) error = std::exchange(start_error_, nullptr);
    changed_ = Time{};
    if (!error) return;
    over_ = true;
    std::rethrow_exception(error);
  }

  // These with crew_ held.
  std::size_t wanted_now() const { return std::min(wanted_ + blocked_, max_); }

  void change_size(std::size_t size) {
    size_ = size;
    changed_ = shared_->time.now();
  }

  void want(std::size_t workers) {
    const std::size_t wanted = std::clamp(workers, min_, max_);
    if (wanted != wanted_) note(Kind::scaled, 0, wanted);
    wanted_ = wanted;
    thin();
    fill();
  }

  // Who is too many is sent home, the highest numbers first.
  void thin() {
    for (std::size_t i = seats_.size(); i-- > 0 && size_ > wanted_now() && !ending_;) {
      if (seats_[i].state == State::starting || seats_[i].state == State::working) retire(i);
    }
  }
  void retire(std::size_t worker) {
    seats_[worker].state = State::retiring;
    change_size(size_ - 1);
    shared_->lanes[worker].retired = true;
    shared_->beds.call(worker);
  }

  // Who is missing is started, in the seats with the lowest numbers. False: a thread could not be created. Not before
  // retry_; but at the end at once, to have somebody who does what is left.
  bool fill() {
    while (size_ < wanted_now() && !over_ && (ending_ || shared_->time.now() >= retry_)) {
      const auto free =
          std::find_if(seats_.begin(), seats_.end(), [](const Seat& s) { return s.state == State::free; });
      if (free == seats_.end()) return true;  // somebody is about to leave, and says so
      const auto seat = static_cast<std::size_t>(free - seats_.begin());
      if (pool::basic::catching([&] { take(seat); })) return failed(seat), false;
    }
    return true;
  }
  void take(std::size_t worker) {
    auto& lane = shared_->lanes[worker];
    lane.retired = false;
    lane.wakeups = lane.parks.load();  // the last one may have died asleep
    {
      const pool::basic::SignalsBlocked in_the_thread;
      seats_[worker].thread = std::thread([this, worker] { live(worker); });
    }
    seats_[worker].state = State::starting;
    ++taken_;
    used_ = std::max<std::size_t>(used_, worker + 1);
    change_size(size_ + 1);
  }
  void failed(std::size_t worker) {
    retry_ = shared_->time.now() + pause_;
    pause_ = std::min<Duration>(2 * pause_, std::chrono::seconds(10));
    note(Kind::not_started, worker, size_);
  }

  // Who has slept for long goes, as long as there are more than have to be.
  void send_home_who_is_idle() {
    const std::size_t least = std::min(min_ + blocked_, max_);
    if (options_.idle_timeout.count() == 0 || ending_ || size_ <= least) {
      look_ = Time::max();
      return;
    }
    const Time now = shared_->time.now();
    if (look_ != Time::max() && now < look_) return;
    look_ = now + options_.idle_timeout / 2;
    for (std::size_t i = seats_.size(); i-- > 0 && size_ > least;) {
      const auto since = shared_->beds.asleep_since(i);
      if (seats_[i].state != State::working || !since || now - *since < options_.idle_timeout) continue;
      retire(i);
      wanted_ = std::max(min_, std::min<std::size_t>(wanted_, size_));
    }
  }

  // What a worker's thread says, without the lock: how on_start has ended, and that it is about to end itself.
  void started(std::size_t worker, bool ready, const std::exception_ptr& error) {
    {
      const std::lock_guard lock(crew_);
      if (ready) {
        if (seats_[worker].state == State::starting) seats_[worker].state = State::working;
        pause_ = std::chrono::milliseconds(10);
        retry_ = Time{};
        note(Kind::started, worker, size_);
      } else {
        const pool::basic::PoolError ended("pool: on_start ended the thread of a worker");
        start_error_ = error ? error : std::make_exception_ptr(ended);
      }
    }
    told_.notify_all();
  }
  void left(std::size_t worker, bool died) {
    {
      const std::lock_guard lock(crew_);
      const State was = std::exchange(seats_[worker].state, State::free);
      if (was != State::retiring) change_size(size_ - 1);
      if (was == State::starting) failed(worker);
      if (was == State::working && !died) over_ = true;
      if (was != State::starting && died) {
        note(Kind::died, worker, size_);
      } else if (was == State::retiring) {
        note(Kind::retired, worker, size_);
      }
      gone_.push_back(std::move(seats_[worker].thread));
      --taken_;
    }
    told_.notify_all();
    monitor_.call();  // somebody else is to come, and the thread to be joined
  }

  void blocks() {
    {
      const std::lock_guard lock(crew_);
      ++blocked_;
      fill();
    }
    monitor_.call();
  }
  void goes_on() {
    const std::lock_guard lock(crew_);
    --blocked_;
  }

  // --- the monitor's ----------------------------------------------------------------------------------------------------
  void decided(pool::autoscale::Decision step) {
    const std::lock_guard lock(crew_);
    if (step == 0) return thin();  // substitutes of those who block no longer
    const auto less = static_cast<std::size_t>(step < 0 ? -static_cast<std::int64_t>(step) : 0);
    want(step > 0 ? wanted_ + static_cast<std::size_t>(step) : wanted_ - std::min(wanted_, less));
  }

  // Sees to the seats. When to do it again, if nothing happens.
  Time tend() {
    std::vector<std::thread> gone;
    Time next = Time::max();
    bool nobody = false;
    {
      const std::lock_guard lock(crew_);
      gone.swap(gone_);
      nobody = !fill() && ending_ && taken_ == 0;
      send_home_who_is_idle();
      next = size_ < wanted_now() && !over_ ? std::min(look_, retry_) : look_;
    }
    for (std::thread& thread : gone) thread.join();
    if (!nobody) return next;
    discard_queue();  // nobody is left, and nobody can come
    {
      const std::lock_guard lock(crew_);
      over_ = true;
    }
    told_.notify_all();
    return Time::max();
  }

  pool::autoscale::Load sample() {
    const Time now = shared_->time.now();
    const Totals totals = this->totals();
    const std::size_t ended = totals.completed + totals.failed + totals.cancelled;
    const double cpu = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
    const Time oldest = shared_->oldest();
    pool::autoscale::Load load;
    {
      const std::lock_guard lock(crew_);
      load.workers = size_;
      load.blocked = blocked_;
      if (changed_ != Time{}) load.since_change = now - changed_;
    }
    load.min_workers = min_;
    load.max_workers = max_;
    load.active = std::min(totals.active, load.workers);  // a job that waits may run others on its stack
    load.queued = totals.pending;
    if (oldest != Time::max()) load.oldest_wait = std::max<Duration>(now - oldest, Duration::zero());
    load.completed = ended - std::min(before_.ended, ended);
    if (before_.time != Time{}) {
      load.elapsed = now - before_.time;
      load.cpus = (cpu - before_.cpu) / std::chrono::duration<double>(load.elapsed).count();
    }
    load.memory_used = pool::autoscale::memory_used();
    load.memory_limit = pool::autoscale::memory_limit();
    before_ = {now, ended, cpu};
    return load;
  }

  // Waits until all have gone, for the pool is closed.
  void join() {
    const std::lock_guard one_at_a_time(joining_);
    {
      const std::lock_guard lock(crew_);
      ending_ = true;
    }
    monitor_.call();
    std::vector<std::thread> gone;
    {
      std::unique_lock lock(crew_);
      told_.wait(lock, [this] { return taken_ == 0 && over_; });
      gone.swap(gone_);
    }
    for (std::thread& thread : gone) thread.join();
    monitor_.stop();
    discard_queue();
    shared_->alarms.stop();
  }

  // #end
  Options options_;
  // #todo
  const std::size_t min_ = min_of(options_), max_ = max_of(options_, min_);
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>(options_, max_);
  std::vector<pool::bounded::WorkerCounters> counters_ = std::vector<pool::bounded::WorkerCounters>(max_);
  pool::autoscale::Events events_;
  std::mutex joining_;

  std::mutex crew_;
  std::condition_variable told_;                       // of a start, or of an end
  std::atomic<std::size_t> size_{0};                   // of those that are starting or working; written with crew_ held
  std::atomic<std::size_t> used_{0};                   // seats that have been used; written with crew_ held
  std::vector<Seat> seats_ = std::vector<Seat>(max_);  // from here on all is guarded by crew_
  std::vector<std::thread> gone_;                      // that have left, to be joined
  std::size_t wanted_ = min_;
  std::size_t blocked_ = 0;
  std::size_t taken_ = 0;                           // seats that are not free
  Time changed_{};                                  // Time{}: not since the start
  Time retry_{};                                    // no thread is created before that,
  Duration pause_ = std::chrono::milliseconds(10);  // and so long after the next failure
  Time look_ = Time::max();                         // for who is idle
  bool ending_ = false;
  bool over_ = false;  // a worker has left because all is done, or nobody can come
  std::exception_ptr start_error_;

  struct Before {  // of the sample before, for the next: the monitor's
    Time time{};
    std::size_t ended = 0;
    double cpu = 0;  // seconds
  } before_;
  pool::autoscale::Monitor monitor_{shared_->time, monitoring()};
  // #end
};

}  // namespace exercise

// #todo
// Why so. To the three questions of the pool before, what is queued, how much of it, and whose, comes a fourth: who is
// there. It has a lock of its own, crew_, which is taken when a worker comes or goes, and never for a job. So a pool whose
// size does not change is as fast as the one before.
//
// Why beds. `Waiting` wakes some worker, which was enough as long as all were alike. Now one of them is to be told that it
// may go, so it has to be woken by name. Who is called is taken off the list by the caller: a second call wakes a second
// one. That is also why there is pass_on(). A worker that was called for a job and finds that it is to go has used up
// somebody's call; it calls the next, if anything is queued.
//
// Why a seat, and not a thread, is what everything hangs on. Lanes, counters, numbers and names belong to the seat, and
// stay. The thread comes and goes. What lies in the lane of a seat that is free is found by thieves, who look into all
// lanes anyway; nothing is ever moved from one to another, so there is no moment in which it is nowhere. The numbers of
// units go on with the lane, too: otherwise the next one in the seat would take what it finds there for its own.
//
// Why left() comes last, and from a destructor. There are four ways out: sent home, at the end, on_start has failed, a job
// has ended the thread. All lead through the destructor of `gone`, the fourth as well. It is where the seat gets free, so
// nothing of the seat may be touched after it.
//
// Why over_ is set by the first who leaves because all is done. It is the only moment in which somebody knows it: the pool
// is closed, and nothing is queued. From then on nobody needs to be replaced. Who dies before that is, also at the end, for
// there may be jobs behind it.
//
// What it has not. The policy's steps are counted from what was wanted, not from what is there; a wake-up is paid for each
// job; and the hooks of the stage's own pool, its forks and its speed are its own.
// #end
