// Job<R>: work with a life of its own. It has a name and an id, can be watched, waited for and cancelled, and keeps its
// result.
//
//   Job<int> job = pool.launch({.name = "count", .priority = Priority::low}, [](const CancelToken& token) {
//     int lines = 0;
//     while (read_line() && !token.is_cancelled()) ++lines;
//     return lines;
//   });
//   job.cancel();                     // queued: it never runs; running: its token says so
//   int lines = job.get();            // waits; throws what the work threw, or Cancelled
//
// Thread safety: every member may be called from any thread. Copies are handles of one job.
// Invariants:  (J1) the state follows the arrows of may_follow(), and never goes back
//              (J2) cancel against start: exactly one wins; work that was cancelled while it was queued is never called
//              (J3) the closure is destroyed before the job has ended, the callback is called after
//              (J4) no code of the user runs under the job's lock
//              (J5) nobody attends to a job (waits, has a callback, a timer) without its end knowing: attend()
// Memory ordering: what the work did is visible to whoever sees that the job has ended.
// Cost: one allocation for job, closure and result, and no lock; more for a name, metadata, a token, a deadline, and for
// whoever attends to it.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <pool/basic/sync.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/basic/work.hpp>
#include <pool/bounded/deadline.hpp>
#include <pool/priority/cancellation.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/timer.hpp>
#include <pool/priority/unit.hpp>

namespace pool::priority {

// #region states
enum class JobState { queued, running, completed, failed, cancelled };

[[nodiscard]] constexpr bool has_ended(JobState state) {
  return state != JobState::queued && state != JobState::running;
}

[[nodiscard]] constexpr bool may_follow(JobState from, JobState to) {
  if (from == JobState::queued) return to == JobState::running || to == JobState::cancelled;
  return from == JobState::running && has_ended(to);
}
// #endregion states

[[nodiscard]] std::string_view to_string(JobState state);

// The pool's number, or a text of yours.
class JobId {
 public:
  JobId(std::uint64_t number = 0) : value_(number) {}     // NOLINT(google-explicit-constructor): {.id = 7}
  JobId(std::string text) : value_(std::move(text)) {}    // NOLINT(google-explicit-constructor)
  JobId(const char* text) : value_(std::string(text)) {}  // NOLINT(google-explicit-constructor)
  friend bool operator==(const JobId&, const JobId&) = default;
  friend std::string to_string(const JobId& id);
  [[nodiscard]] bool is_none() const { return value_.index() == 0 && std::get<0>(value_) == 0; }

 private:
  std::variant<std::uint64_t, std::string> value_;
};
[[nodiscard]] std::string to_string(const JobId& id);

using Metadata = std::map<std::string, std::string>;

// #region job_options
struct JobOptions {
  std::string name = {};  // "" : job-17, after its number
  Priority priority = Priority::normal;
  std::optional<Time> deadline = {};     // not started by then, it is cancelled
  std::optional<Duration> timeout = {};  // running longer than that, its token is cancelled, and it is reported
  CancelToken token = {};                // cancelled with this one
  Metadata metadata = {};                // kept with the job
  JobId id = {};                         // 0: the next number
};
// #endregion job_options

// Whether they say nothing but a priority, as those of most jobs.
[[nodiscard]] inline bool are_plain(const JobOptions& options) {
  return options.name.empty() && !options.deadline && !options.timeout && !options.token.can_be_cancelled() &&
         options.metadata.empty() && options.id.is_none();
}

// What is known about a job; all of one moment.
struct JobInfo {
  JobId id;
  std::string name;
  Priority priority = Priority::normal;
  JobState state = JobState::queued;
  Time submitted{};
  std::optional<Time> started, finished;
  std::optional<std::size_t> worker;
  std::string reason;        // if it was cancelled, or asked to stop: why
  std::exception_ptr error;  // if it failed
  Metadata metadata;

  [[nodiscard]] Duration wait_time(Time now) const;       // until it started, ended without, or now
  [[nodiscard]] Duration execution_time(Time now) const;  // 0 if it did not start
};

class JobCore;

// What a job needs of the pool it belongs to. A pool that outlives its jobs' handles need not exist any more: jobs share
// the host, and the host knows when its pool has gone.
class JobHost {
 public:
  virtual ~JobHost() = default;
  [[nodiscard]] virtual Clock& clock() = 0;
  [[nodiscard]] virtual Timer& timer() = 0;
  virtual void withdraw(JobCore& job) = 0;               // it was cancelled while it was queued
  virtual void overran(const JobCore& job) = 0;          // it runs longer than its timeout
  virtual bool help(JobCore& /*job*/) { return false; }  // before a thread waits: whether it did something instead
  [[nodiscard]] virtual CancelToken stopping() { return {}; }  // cancelled when all that runs should stop
  // Queues what follows from a job that ends: it was accepted long ago, so it needs no room, and on the pool's own threads
  // it is taken while the pool is being shut down, too. False: it was not, and has been dropped ("shutdown").
  [[nodiscard]] virtual bool follow_up(UnitPtr unit);
};

// One line on stderr, for hosts that have nothing better to do.
void report_overrun(const JobCore& job);

// The part of a job that does not depend on the type of its result. Counted: each handle has a share, and the queue.
class JobCore : public Unit {
 public:
  JobCore(JobOptions&& options, std::shared_ptr<JobHost> host);

  [[nodiscard]] JobState state() const {
    return state_of(state_.load(std::memory_order_acquire));  // [ended] pairs with end(), [begun] with begin()
  }
  [[nodiscard]] JobInfo info() const;
  [[nodiscard]] JobId id() const;
  [[nodiscard]] std::string name() const;
  [[nodiscard]] Time submitted() const { return submitted_; }

  // Waits until the job has ended; false: the time was up first.
  bool wait(const bounded::Deadline& deadline);
  // Waits for the end; throws what the work threw, or Cancelled.
  void wait_for_result();

  // Asks the job to stop. Queued, it is cancelled at once; running, its token is. False if it has ended already.
  bool cancel(std::string_view why);
  bool cancel_if_queued(std::string_view why);

  // Called once, when the job has ended, on the thread that ended it (for a deadline, the timer's); at once if it has.
  // Several are called in their order. What f throws is reported on stderr.
  void on_end(std::function<void(const JobCore&)> f);

  // --- the producer's side: whoever does the work calls take_up(), and if it is his, begin() and end() --------------
  // Whether the work is the caller's, to do or to drop: true once. (Relaxed: who wins has the closure to himself, and
  // knows it from where he got the job; the losers do not touch it.)
  [[nodiscard]] bool claim() { return !claimed_.exchange(true, std::memory_order_relaxed); }
  // A change that may_follow() forbids is a mistake in the program: std::logic_error, and nothing has changed. begin()
  // may also fail for want of memory, or of a thread for the timer; then the job runs, and has to be ended.
  void begin(std::optional<std::size_t> worker, Time now);
  void end(JobState state, std::exception_ptr error = nullptr, std::string_view why = {});

  // Claims it for whoever would start it now: the moment of its start. None: its deadline has passed, and it is cancelled,
  // or it is somebody else's.
  [[nodiscard]] std::optional<Time> take_up();
  // Begins to observe deadline and token; called once, by whoever made the job, before anybody else knows it. Before
  // that, it may be given the source of its token.
  void watch();
  void adopt(const CancelSource& source);
  [[nodiscard]] CancelToken token();  // the job's own; made when it is first asked for

  [[nodiscard]] bool settle() override { return settled_.exchange(true, std::memory_order_acq_rel); }  // [settled]
  [[nodiscard]] bool is_over() const override { return claimed_.load(std::memory_order_relaxed); }

  void retain() { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept override;

 protected:
  ~JobCore() override;
  virtual void destroy_closure() {}  // throws what that throws

 private:
  // A state, and in the same word whether somebody attends to the job.
  static constexpr std::uint8_t kAttended = 8;
  static constexpr std::uint8_t word(JobState state) { return static_cast<std::uint8_t>(state); }
  static constexpr JobState state_of(std::uint8_t word) { return static_cast<JobState>(word & ~kAttended); }

  struct Start {
    Time time = Time::min();  // it has not
    std::optional<std::size_t> worker;
  };
  struct End {
    Time time;
    std::exception_ptr error;
  };
  struct Details {  // what most jobs do not have
    std::string reason;
    std::vector<std::function<void(const JobCore&)>> on_end;
    std::optional<CancelSource> source;
    CancelCallback parent;
    Timer::Id deadline, timeout;  // entries of the host's timer
  };

  void require(JobState to) const;
  void change_timers(Time now);
  void end_attended(JobState to, std::string_view why);
  [[nodiscard]] bool attend();
  [[nodiscard]] Details& details();
  void note(std::string_view why);
  void call(const std::function<void(const JobCore&)>& on_end) const;
  void time_out();
  [[gnu::noinline]] bool block(const bounded::Deadline& deadline);
  [[noreturn, gnu::noinline]] void throw_error() const;

  const std::shared_ptr<JobHost> host_;
  const std::uint64_t number_;
  const Time submitted_;

  sync::atomic<std::uint32_t> references_{1};
  sync::atomic<bool> claimed_{false};
  sync::atomic<bool> settled_{false};
  sync::atomic<std::uint8_t> state_{word(JobState::queued)};
  sync::cell<Start> start_;  // written by who begins the job, before it says so,
  sync::cell<End> end_;      // and by who ends it

  std::unique_ptr<const JobOptions> options_;     // set once; null: plain
  sync::cell<std::unique_ptr<Details>> details_;  // guarded by mutex_
  mutable sync::mutex mutex_;
  sync::condition_variable ended_;
};

// A share in a job.
template <class Core>
class JobRef {
 public:
  JobRef() = default;
  explicit JobRef(Core* taken_over) : core_(taken_over) {}
  JobRef(const JobRef& other) : core_(other.core_) {
    if (core_ != nullptr) core_->retain();
  }
  JobRef(JobRef&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
  JobRef& operator=(JobRef other) noexcept { return std::swap(core_, other.core_), *this; }
  ~JobRef() {
    if (core_ != nullptr) core_->release();
  }
  [[nodiscard]] static JobRef share(Core& core) { return core.retain(), JobRef(&core); }
  Core* operator->() const { return core_; }
  Core& operator*() const { return *core_; }
  explicit operator bool() const { return core_ != nullptr; }

 private:
  Core* core_ = nullptr;
};

// A job with room for its result.
template <class R>
class JobResult : public JobCore {
 public:
  using Stored = std::conditional_t<std::is_void_v<R>, std::monostate,
                                    std::conditional_t<std::is_reference_v<R>, std::remove_reference_t<R>*, R>>;
  using JobCore::JobCore;

  template <class... V>
  void complete(V&&... value) {
    result_.emplace(std::forward<V>(value)...);
    end(JobState::completed);
  }
  [[nodiscard]] Stored& result() { return *result_; }  // when it is completed

  // Without work of its own: its producer does that.
  Ending run(std::optional<std::size_t>) override { return Ending::skipped; }
  bool drop(std::string_view why) override {
    if (!claim()) return false;
    const basic::Finally ended{[&] { end(JobState::cancelled, nullptr, why); }};
    destroy_closure();
    return true;
  }

 protected:
  std::optional<Stored> result_;
};

// A job and the closure that is its work.
template <class R, class F>
class JobTask final : public JobResult<R> {
 public:
  template <class G>
  JobTask(JobOptions&& options, std::shared_ptr<JobHost> host, G&& g)
      : JobResult<R>(std::move(options), std::move(host)), closure_(std::forward<G>(g)) {}

  Ending run(std::optional<std::size_t> worker) override;

 private:
  ~JobTask() noexcept override {
    try {
      destroy_closure();
    } catch (...) {  // drop() is where somebody hears of it
    }
  }
  void call();
  void destroy_closure() override {
    if (std::exchange(alive_, false)) closure_.~F();
  }

  union {
    F closure_;
  };
  bool alive_ = true;  // belongs to whoever has claimed the job
};

template <class R, class F>
// #region run
Ending JobTask<R, F>::run(std::optional<std::size_t> worker) {
  const std::optional<Time> now = this->take_up();
  if (!now) return Ending::skipped;
  JobState state = JobState::completed;
  std::exception_ptr error;
  std::string why;
  try {
    this->begin(worker, *now);
    call();
  } catch (const basic::forced_unwind&) {
    this->end(JobState::failed, std::make_exception_ptr(basic::PoolError("pool: the job ended its thread")));
    throw;
  } catch (const Cancelled& cancelled) {
    state = JobState::cancelled;
    static_cast<void>(basic::catching([&] { why = cancelled.reason(); }));
  } catch (...) {
    state = JobState::failed;
    error = std::current_exception();
  }
  static_cast<void>(basic::catching([&] { destroy_closure(); }));  // it is still there if begin() has failed
  this->end(state, std::move(error), why);
  return state == JobState::completed ? Ending::completed
         : state == JobState::failed  ? Ending::failed
                                      : Ending::cancelled;
}
// #endregion run

template <class R, class F>
void JobTask<R, F>::call() {
  alive_ = false;  // consume destroys the closure, whichever way the call ends
  if constexpr (std::is_void_v<R>) {
    basic::consume(closure_);
    this->result_.emplace();
  } else if constexpr (std::is_reference_v<R>) {
    this->result_.emplace(&basic::consume(closure_));
  } else {
    this->result_.emplace(basic::consume(closure_));
  }
}

template <class R>
class Job {
 public:
  Job() = default;  // no job: the other members must not be called
  explicit Job(JobRef<JobResult<R>> core) : core_(std::move(core)) {}
  explicit operator bool() const { return static_cast<bool>(core_); }

  [[nodiscard]] JobInfo info() const { return core_->info(); }
  [[nodiscard]] JobState state() const { return core_->state(); }
  [[nodiscard]] JobId id() const { return core_->info().id; }
  [[nodiscard]] std::string name() const { return core_->name(); }

  // Waits for the end, and gives the result: a reference to the one in the job, or from a handle that is given up, the
  // result itself. Throws what the work threw, or Cancelled.
  decltype(auto) get() const&;
  R get() &&;

  void wait() const { static_cast<void>(core_->wait(bounded::Deadline::never())); }
  // Whether it ended within that time. Throws std::invalid_argument for a negative timeout.
  template <class Rep, class Period>
  [[nodiscard]] bool wait_for(std::chrono::duration<Rep, Period> timeout) const {
    return core_->wait(bounded::Deadline::after(timeout));
  }

  bool cancel(std::string_view why = reason::asked) const { return core_->cancel(why); }
  void on_end(std::function<void(const JobCore&)> f) const { core_->on_end(std::move(f)); }

 private:
  JobRef<JobResult<R>> core_;
};

template <class R>
decltype(auto) Job<R>::get() const& {
  core_->wait_for_result();
  if constexpr (std::is_void_v<R>) {
    return;
  } else if constexpr (std::is_reference_v<R>) {
    return static_cast<R>(*core_->result());
  } else {
    return static_cast<const R&>(core_->result());
  }
}

template <class R>
R Job<R>::get() && {
  const JobRef core = std::move(core_);
  core->wait_for_result();
  if constexpr (std::is_reference_v<R>) {
    return static_cast<R>(*core->result());
  } else if constexpr (!std::is_void_v<R>) {
    return std::move(core->result());
  }
}

// The other side of a job whose work is done by something else than a closure on a thread: a process, a machine.
// Destroyed before the job has ended, it ends it: failed if it was running, cancelled ("abandoned") if not.
template <class R>
class JobProducer {
 public:
  explicit JobProducer(JobRef<JobResult<R>> core) : core_(std::move(core)) {}
  JobProducer(JobProducer&&) noexcept = default;
  JobProducer& operator=(JobProducer&&) = delete;
  ~JobProducer();

  // False if the job was cancelled meanwhile: then there is nothing left to do.
  [[nodiscard]] bool start(std::optional<std::size_t> worker = std::nullopt);
  // One of these, once, after a start() that was true.
  template <class... V>
  void complete(V&&... value) {
    core_->complete(std::forward<V>(value)...);
  }
  void fail(std::exception_ptr error) { core_->end(JobState::failed, std::move(error)); }
  void cancel(std::string_view why = reason::asked) { core_->end(JobState::cancelled, nullptr, why); }

  [[nodiscard]] CancelToken token() const { return core_->token(); }

 private:
  JobRef<JobResult<R>> core_;
};

template <class R>
bool JobProducer<R>::start(std::optional<std::size_t> worker) {
  const std::optional<Time> now = core_->take_up();
  if (now) core_->begin(worker, *now);
  return now.has_value();
}

template <class R>
JobProducer<R>::~JobProducer() {
  if (!core_) return;
  const JobState state = core_->state();
  if (state == JobState::queued) {
    static_cast<void>(core_->drop(reason::abandoned));  // it may have been cancelled by now
  } else if (state == JobState::running) {
    fail(std::make_exception_ptr(basic::PoolError("pool: whoever did the work of the job has gone")));
  }
}

// What jobs belong to that belong to no pool.
[[nodiscard]] const std::shared_ptr<JobHost>& no_pool();

// A job without a closure, and its producer.
template <class R>
[[nodiscard]] std::pair<Job<R>, JobProducer<R>> make_job(JobOptions options = {},
                                                         std::shared_ptr<JobHost> host = no_pool()) {
  JobRef<JobResult<R>> core(new JobResult<R>(std::move(options), std::move(host)));
  core->watch();
  return {Job<R>(core), JobProducer<R>(core)};
}

// What a function gives that is called with nothing, or with a token.
template <class F>
concept Cancellable = std::invocable<F, const CancelToken&>;
template <class F>
concept Launchable = std::invocable<F> || Cancellable<F>;

template <class R>
Job(JobRef<JobResult<R>>) -> Job<R>;

// A pool on which jobs can be launched: this one, and those of later stages.
template <class P>
concept PriorityExecutor = requires(P& pool, UnitPtr unit) {
  pool.enqueue(std::move(unit));  // takes it, or throws PoolError
  { pool.job_host() } -> std::convertible_to<std::shared_ptr<JobHost>>;
};

// Makes a job of a function, for whoever hands it to its pool later. A function that takes a CancelToken gets the job's
// own.
template <class F>
requires Launchable<std::decay_t<F>>
[[nodiscard]] auto make_job_of(std::shared_ptr<JobHost> host, JobOptions&& options, F&& f) {
  basic::require_callable<std::decay_t<F>>(f);
  const auto make = [&](auto&& closure, const CancelSource* source) {
    using Closure = std::decay_t<decltype(closure)>;
    using R = std::invoke_result_t<Closure>;
    JobRef<JobResult<R>> core(
        new JobTask<R, Closure>(std::move(options), std::move(host), std::forward<decltype(closure)>(closure)));
    bool watched = false;
    const basic::Finally failed{[&] {
      if (!watched) static_cast<void>(core->drop(reason::asked));  // its timers and links go
    }};
    if (source != nullptr) core->adopt(*source);
    core->watch();
    watched = true;
    return core;
  };
  if constexpr (std::invocable<std::decay_t<F>>) {
    return make(std::forward<F>(f), nullptr);
  } else {
    const CancelSource source(host->stopping());
    auto closure = [f = std::forward<F>(f), token = source.token()]() mutable {
      return std::invoke(std::move(f), std::as_const(token));
    };
    return make(std::move(closure), &source);
  }
}

// Makes a job of a function, and hands it to the pool. (Not inlined: whoever waits for the job afterwards, perhaps as one
// of thousands that are nested, needs no frame for this.)
template <class Pool, class F>
requires Launchable<std::decay_t<F>>
[[nodiscard, gnu::noinline]] auto launch(Pool& pool, JobOptions&& options, F&& f) {
  auto core = make_job_of(pool.job_host(), std::move(options), std::forward<F>(f));
  bool queued = false;
  const basic::Finally refused{[&] {
    if (!queued) static_cast<void>(core->drop(reason::asked));  // nobody has a handle
  }};
  core->retain();
  pool.enqueue(UnitPtr(&*core));
  queued = true;
  return Job(std::move(core));
}

}  // namespace pool::priority
