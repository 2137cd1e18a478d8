// ThreadPool: a fixed crew of threads that take the most urgent work first, and jobs that can be watched and cancelled.
//
// What it promises is what the stage's own pool promises (include/pool/priority/thread_pool.hpp), and the same contract
// tests judge it. You may use the stage's components, PriorityChannel, Job and JobHost, Timer, RateLimiter, or your own
// of the exercises before.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <pool/basic/executor.hpp>
#include <pool/basic/native_thread.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/basic/work.hpp>
#include <pool/bounded/deadline.hpp>
#include <pool/bounded/in_flight.hpp>
#include <pool/bounded/overflow.hpp>
#include <pool/bounded/worker_stats.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/job.hpp>
#include <pool/priority/priority.hpp>
#include <pool/priority/priority_channel.hpp>
#include <pool/priority/rate_limit.hpp>
#include <pool/priority/timer.hpp>
#include <pool/priority/unit.hpp>

namespace exercise {

using pool::basic::Shutdown;
using pool::basic::Work;
using pool::bounded::Overflow;
using pool::bounded::PoolStats;

// The type of what f gives, which is called with nothing or with a CancelToken.
template <class F>
struct LaunchResult : std::invoke_result<F, const pool::priority::CancelToken&> {};
template <std::invocable F>
struct LaunchResult<F> : std::invoke_result<F> {};

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

  // Work that has waited longer goes first, whatever its priority; 0: never.
  pool::priority::Duration ageing = std::chrono::seconds{10};
  pool::priority::Clock* clock = nullptr;  // null: pool::priority::steady_clock(); must outlive the pool and its jobs
  pool::priority::RateLimit rate = {};     // of what is handed in
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
  explicit ThreadPool(Options options = {})
      : options_(std::move(options)), size_(pool::basic::crew_size(options_.workers)) {
    // #todo start the workers, and wait until each has started, as in the stages before
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
      shared_->channel.close();
      join();
      throw;
    }
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

  // What was done so far; its fields are explained in pool/bounded/worker_stats.hpp.
  [[nodiscard]] PoolStats worker_stats() const {
    // #todo a count for each thing that can become of work
    PoolStats stats;
    for (const auto& worker : counters_) stats.workers.push_back(worker.read());
    stats.dropped = shared_->dropped;
    for (const auto& count : shared_->in_caller) stats.ran_in_caller += count;
    const auto [sent, queued, high_water] = shared_->channel.stats();  // after what became of it
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

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t pending() const {
    // #todo what is queued
    return shared_->channel.size();
    // #end
  }

  // For launch(): queues a unit of work, as post does.
  void enqueue(pool::priority::UnitPtr unit) {
    // #todo
    admit();
    pool::bounded::InFlight::Entry entry(shared_->in_flight);
    pool::priority::UnitPtr displaced;
    const bool waits = options_.overflow == Overflow::block && current() != this;
    const Send sent = options_.overflow == Overflow::drop_oldest
                          ? shared_->channel.send_displacing(unit, displaced)
                          : shared_->channel.send(unit, waits ? Deadline::never() : Deadline::now());
    if (sent == Send::closed) throw pool::basic::PoolStopped();
    if (sent == Send::ok) {
      entry.hand_over();
      if (displaced) drop(std::move(displaced), pool::priority::reason::dropped);
      if (unit) drop(std::move(unit), pool::priority::reason::asked);  // a job that was cancelled on its way here
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
  using Ended = pool::bounded::Ended;
  using Ending = pool::priority::Ending;
  using JobCore = pool::priority::JobCore;
  using Priority = pool::priority::Priority;
  using Room = pool::priority::PriorityChannel::Room;
  using Send = pool::bounded::Send;
  using UnitPtr = pool::priority::UnitPtr;

  // What jobs still use when the pool has gone.
  struct Shared : pool::priority::JobHost {
    explicit Shared(const Options& options)
        : time(options.clock != nullptr ? *options.clock : pool::priority::steady_clock()),
          channel(options.capacity, options.ageing, time),
          rate(options.rate, time),
          alarms(time) {}

    pool::priority::Clock& clock() override { return time; }
    pool::priority::Timer& timer() override { return alarms; }
    pool::priority::CancelToken stopping() override { return stop.token(); }
    void overran(const JobCore& job) override { pool::priority::report_overrun(job); }

    // A job was cancelled. If it is still queued, its room is free; else somebody has it in hand, and counts it. Which of
    // the two is done last, says so.
    void withdraw(JobCore& job) override {
      if (const UnitPtr unit = channel.withdraw(job)) {
        ++dropped;
        in_flight.done();
      } else if (job.settle()) {
        in_flight.done();
      }
    }

    pool::priority::Clock& time;
    pool::priority::PriorityChannel channel;
    pool::priority::RateLimiter rate;
    pool::priority::Timer alarms;
    pool::priority::CancelSource stop;  // of all that runs
    pool::bounded::InFlight in_flight;
    std::atomic<std::size_t> rejected{0};
    std::atomic<std::size_t> dropped{0};                  // from the queue: displaced, discarded, or cancelled
    std::array<std::atomic<std::size_t>, 3> in_caller{};  // by how it ended
  };

  // Which pool the calling thread works for.
  static const ThreadPool*& current() {
    thread_local const ThreadPool* pool = nullptr;
    return pool;
  }

  // A worker, or the timer, on which jobs end that were late, and their callbacks run.
  bool on_own_thread() const { return current() == this || shared_->alarms.is_this_thread(); }

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
    const Send reserved = shared_->channel.reserve(room, deadline);
    const Admission admission = reserved == Send::ok ? shared_->rate.try_admit() : Admission::ok;
    if (reserved == Send::closed || admission == Admission::closed) throw pool::basic::PoolStopped();
    if (reserved == Send::ok && admission == Admission::ok) return true;
    ++shared_->rejected;
    return false;  // what was reserved is given back by the caller's Room
  }

  void enqueue(UnitPtr unit, Room& room) {
    pool::bounded::InFlight::Entry entry(shared_->in_flight);
    if (shared_->channel.send(std::move(room), unit) == Send::closed) throw pool::basic::PoolStopped();
    entry.hand_over();
  }

  // Work that was accepted and will not run.
  void drop(UnitPtr unit, std::string_view why) {
    bool ours = true;
    protect([&] { ours = unit->drop(why); }, "the destructor of dropped work");
    ++shared_->dropped;
    if (ours || unit->settle()) shared_->in_flight.done();
  }

  void discard_queue() {
    for (auto queued = shared_->channel.drain(); !queued.empty();) {
      drop(queued.pop_front(), pool::priority::reason::shutdown);
    }
  }

  bool wait_idle_by(const Deadline& deadline) {
    refuse_own_job("wait_idle");
    return shared_->in_flight.wait(deadline);
  }

  void close() {
    shared_->rate.close();
    shared_->channel.close();
  }

  void run(std::size_t index, std::packaged_task<void()> start) {
    current() = this;
    start();
    while (UnitPtr unit = shared_->channel.receive()) {
      counters_[index].begin();
      const Ending ending = run_unit(*unit, index);
      if (ending != Ending::skipped) unit = nullptr;
      counters_[index].end(ended(ending));
      if (!unit || unit->settle()) shared_->in_flight.done();
    }
    if (options_.on_stop) protect([&] { options_.on_stop(index); }, "on_stop");
    counters_[index].stop();
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
    std::exception_ptr error = pool::basic::catching(f);
    if (error && options_.on_error) {
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

  void join() {
    std::lock_guard lock(joining_);
    for (auto& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
    shared_->alarms.stop();
  }

  // #end
  Options options_;
  std::size_t size_;
  // #todo
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>(options_);
  std::vector<pool::bounded::WorkerCounters> counters_ = std::vector<pool::bounded::WorkerCounters>(size_);
  // #end
  std::mutex joining_;
  std::vector<std::thread> threads_;  // guarded by joining_, once the constructor is done
};

}  // namespace exercise

// #todo
// Why so. Post, submit and launch make units of three kinds and meet in enqueue(), which knows nothing of closures: a
// rate, four policies, and one channel that decides by priority. A job is a unit with one owner more, so the worker
// calls run() on all of them, and the Ending that it gets is all that the totals need to know.
//
// Why Shared lies apart. A handle may be asked long after the pool is gone, and cancel() then still looks into the
// queue. A raw pointer to the pool would dangle; a lock around "is it still there?" would be taken for each cancel. So
// what jobs use, the clock, the queue, the timer, the counts, is an object of its own, which lives as long as the last
// of them. The threads are not in it, nor is the timer's: join() stops both.
//
// Why withdraw() counts only if the channel gave it the unit: a worker may have the job in its hand already, and finds
// it skipped; then that worker counts it. The channel's lock decides which of the two it is, so each job is counted
// once. And why shutdown_for() drops before it cancels: the other way round, a worker that has given up its job would
// take the next from the queue.
//
// The stage's own pool thinks of one thing more: jobs that end their own thread.
// #end
