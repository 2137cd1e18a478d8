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
#include <pool/testing/todo.hpp>

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
    POOL_TODO("start min_workers, and wait until each has started; then somebody has to watch over them");
  }

  // Like shutdown(drain). In one of the pool's own jobs it says so on stderr ("destroyed by one of its own jobs") and
  // terminates.
  ~ThreadPool() {
    POOL_TODO("the check, then shutdown");
  }

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Without a priority, work is normal. If there is no room, options.overflow decides; whoever waits for room in one of
  // the pool's own jobs gets pool::bounded::QueueFull instead. Beyond the rate, options.rate decides. Throws
  // pool::basic::PoolStopped after shutdown, and while it waits.
  template <class F>
  requires std::invocable<std::decay_t<F>>
  void post(F&& f) {
    static_cast<void>(f);
    POOL_TODO("with the priority normal");
  }

  template <class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::future<pool::basic::result_of<F, Args...>> submit(F&& f, Args&&... args) {
    (static_cast<void>(f), ..., static_cast<void>(args));
    POOL_TODO("with the priority normal");
  }

  // With a priority; std::invalid_argument for one that there is not.
  template <class F>
  requires std::invocable<std::decay_t<F>>
  decltype(auto) post(pool::priority::Priority priority, F&& f) {
    static_cast<void>(priority);
    static_cast<void>(f);
    POOL_TODO("make a pool::priority::Posted of it, and follow the policy");
  }

  template <class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] decltype(auto) submit(pool::priority::Priority priority, F&& f, Args&&... args) {
    static_cast<void>(priority);
    (static_cast<void>(f), ..., static_cast<void>(args));
    return (POOL_TODO("pool::basic::bound makes the future of it, pool::priority::Submitted the unit"),
            std::future<pool::basic::result_of<F, Args...>>());
  }

  // The same for each function of a range, in its order; it is gone through once, and while there is room. If one
  // cannot be handed in, or the range throws, those before it have been.
  template <std::ranges::input_range R>
  void post_bulk(R&& functions) {
    static_cast<void>(functions);
    POOL_TODO("with the priority normal");
  }
  template <std::ranges::input_range R>
  void post_bulk(pool::priority::Priority priority, R&& functions) {
    static_cast<void>(priority);
    static_cast<void>(functions);
    POOL_TODO("one after the other");
  }
  template <std::ranges::input_range R>
  [[nodiscard]] auto submit_bulk(R&& functions) {
    static_cast<void>(functions);
    using Function = std::decay_t<std::ranges::range_reference_t<R>>;
    return (POOL_TODO("with the priority normal"), std::vector<std::future<pool::basic::result_of<Function>>>());
  }
  template <std::ranges::input_range R>
  [[nodiscard]] auto submit_bulk(pool::priority::Priority priority, R&& functions) {
    using Function = std::decay_t<std::ranges::range_reference_t<R>>;
    std::vector<std::future<pool::basic::result_of<Function>>> futures;
    static_cast<void>(priority);
    static_cast<void>(functions);
    POOL_TODO("one after the other");
    return futures;
  }

  // Makes a job of f, which is called with nothing or with a CancelToken, and queues it.
  template <class F>
  requires pool::priority::Launchable<std::decay_t<F>>
  [[nodiscard]] auto launch(pool::priority::JobOptions options, F&& f) {
    static_cast<void>(options);
    static_cast<void>(f);
    return (POOL_TODO("pool::priority::launch does it, with enqueue() and job_host()"),
            pool::priority::Job<typename LaunchResult<std::decay_t<F>>::type>());
  }

  // These do not follow the policy: false or std::nullopt if there is no room, at once or in so long a time, or if the
  // rate does not allow it now; f and args are as they were then. They throw PoolStopped after shutdown; try_submit_for
  // std::invalid_argument for a negative timeout.
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

  // Waits for a future. In a job of this pool: as long as it has not come, the job's thread does what the job has
  // handed in since it began, the newest first. Job::get() and Job::wait() do the same; and if that job is still
  // queued, wherever that is, it is run then and there.
  template <class Future>
  void wait(const Future& future) {
    static_cast<void>(future);
    POOL_TODO("is it there? is there something of mine? else wait; jobs that wait ask their host, by help()");
  }

  // Waits until all work that was accepted is done, dropped or cancelled. Throws pool::basic::PoolError in one of the
  // pool's own jobs; wait_idle_for, which says whether it is, std::invalid_argument for a negative timeout.
  void wait_idle() {
    POOL_TODO("what was accepted and is not yet done: how much is it?");
  }

  template <class Rep, class Period>
  [[nodiscard]] bool wait_idle_for(std::chrono::duration<Rep, Period> timeout) {
    static_cast<void>(timeout);
    POOL_TODO("the same with a deadline");
  }

  // wait_idle_for() under the name that goes with jobs.
  template <class Rep, class Period>
  [[nodiscard]] bool wait_all(std::chrono::duration<Rep, Period> timeout) {
    static_cast<void>(timeout);
    POOL_TODO("wait_idle_for");
  }

  // For a job: calls f, which is going to wait for something that is no work of this pool; meanwhile there is one worker
  // more, if that is not above max_workers. Within another call, and on any other thread, it only calls f.
  template <std::invocable F>
  std::invoke_result_t<F> blocking(F&& f) {
    return (POOL_TODO("one more is wanted as long as f runs, whichever way it ends"), std::forward<F>(f)());
  }

  // So many workers, until the policy decides on another number. std::invalid_argument for less than min_workers or more
  // than max_workers. Who is too many goes when its job has ended.
  void scale_to(std::size_t workers) {
    static_cast<void>(workers);
    POOL_TODO("so many are wanted: who comes, who goes?");
  }

  // What has become of the workers.
  [[nodiscard]] pool::autoscale::Events::Seen events() const {
    POOL_TODO("pool::autoscale::Events keeps them");
  }

  // How many workers a pool has to which nothing is said of that: twice as many as CPUs that it may use, at most 32.
  [[nodiscard]] static std::size_t default_workers() {
    POOL_TODO("pool::autoscale::cpu_budget");
  }

  // What was done so far; its fields are explained in pool/bounded/worker_stats.hpp.
  [[nodiscard]] PoolStats worker_stats() const {
    POOL_TODO("a count for each thing that can become of work");
  }

  // What became of all that was handed in.
  [[nodiscard]] Totals totals() const {
    POOL_TODO("worker_stats() knows much of it; what does it not know?");
  }

  // Wakes those who wait for room or for the rate, too. What is dropped says so: a future is broken, a job is cancelled
  // ("shutdown"). Throws pool::basic::PoolError if called by one of the pool's own jobs.
  void shutdown(Shutdown queued = Shutdown::drain) {
    static_cast<void>(queued);
    POOL_TODO("close, drop what is queued if asked to, join");
  }

  // The same, but waits so long at most. Then it drops what is queued, cancels the tokens of what runs ("shutdown"),
  // and returns false. std::invalid_argument for a negative timeout.
  template <class Rep, class Period>
  [[nodiscard]] bool shutdown_for(std::chrono::duration<Rep, Period> timeout) {
    static_cast<void>(timeout);
    POOL_TODO("close, wait for the end; at the end of patience drop and cancel");
  }

  // Workers; without those who are about to go.
  [[nodiscard]] std::size_t size() const {
    return (POOL_TODO("how many are there?"), 0);
  }
  [[nodiscard]] std::size_t pending() const {
    POOL_TODO("what is queued");
  }

  // What each worker did to get at work.
  [[nodiscard]] std::vector<Scheduling> scheduling() const {
    POOL_TODO("a count for each way in which a worker gets at work");
  }

  // Which of this pool's workers the calling thread is; std::nullopt on every other thread.
  [[nodiscard]] std::optional<std::size_t> current_worker() const {
    POOL_TODO("what does a thread know of itself?");
  }

  // For launch(): queues a unit of work, as post does.
  void enqueue(pool::priority::UnitPtr unit) {
    static_cast<void>(unit);
    POOL_TODO("the rate, then the policy");
  }

  // What the pool's jobs need of it. They share it, and may outlive the pool.
  [[nodiscard]] std::shared_ptr<pool::priority::JobHost> job_host() const {
    POOL_TODO("what do jobs ask for, and what of that must still be there when the pool has gone?");
  }

 private:
  Options options_;
};

}  // namespace exercise
