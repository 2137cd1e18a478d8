#include <pool/autoscale/thread_pool.hpp>

#include <algorithm>
#include <ctime>
#include <mutex>
#include <stdexcept>

#include <pool/autoscale/cpu_budget.hpp>
#include <pool/basic/native_thread.hpp>
#include <pool/basic/user_code.hpp>

namespace pool::autoscale {

namespace {

constexpr std::size_t kMin = 2, kMax = 20, kMostByDefault = 32;
// Nothing comes of age in that, and yet it is known since when it has waited.
constexpr Duration kAges = std::chrono::hours(24 * 365 * 100);

std::size_t min_of(const Options& options) {
  const std::size_t min = options.min_workers, max = options.max_workers;
  if (options.workers != 0 && (min != 0 || max != 0)) {
    throw std::invalid_argument(
        "pool: workers = " + std::to_string(options.workers) +
        " says how many there are all the time, so min_workers and max_workers must not be given");
  }
  if (min != 0) return min;
  if (max != 0) return std::min(kMin, max);
  return options.workers != 0 ? options.workers : ThreadPool::default_workers();
}

std::size_t max_of(const Options& options, std::size_t min) {
  const bool scales = options.min_workers != 0 || options.max_workers != 0;
  const std::size_t max = !scales ? min : options.max_workers != 0 ? options.max_workers : std::max(kMax, min);
  if (max > basic::kMaxWorkers || min > max) {
    throw std::invalid_argument("pool: from " + std::to_string(min) + " to " + std::to_string(max) +
                                " workers, but the first must not be more than the second, nor that more than " +
                                std::to_string(basic::kMaxWorkers));
  }
  return max;
}

Duration checked(const char* what, Duration duration, Duration least) {
  if (duration >= least) return duration;
  throw std::invalid_argument("pool: " + std::string(what) + " = " + std::to_string(duration.count()) +
                              " ns, but it is " + std::to_string(least.count()) + " ns or more");
}

// A policy may want to know how long work waits; a pool without ageing never asks.
stealing::Options below(const Options& options, std::size_t workers, bool scales) {
  return {.workers = workers,
          .name = options.name,
          .on_error = options.on_error,
          .on_start = options.on_start,
          .on_stop = options.on_stop,
          .capacity = options.capacity,
          .overflow = options.overflow,
          .ageing = scales && options.ageing == Duration::zero() ? kAges : options.ageing,
          .clock = options.clock,
          .rate = options.rate,
          .observer = options.observer};
}

// Of all threads of the process; 0 where it is unknown.
double cpu_seconds() {
  timespec time{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

std::size_t ThreadPool::default_workers() {
  return default_workers(cpu_budget());
}

std::size_t ThreadPool::default_workers(std::size_t cpus) {
  return std::min(2 * cpus, kMostByDefault);
}

ThreadPool::ThreadPool(Options options) : ThreadPool(options, bounds_of(options)) {}

ThreadPool::ThreadPool(const Options& options, Bounds bounds)
    : stealing::ThreadPool(below(options, bounds.min, bounds.scale()), bounds.max),
      on_event_(options.on_event),
      supervisor_(scheduler(), clock(), events_, supervising(options, bounds)),
      monitor_(clock(), monitoring(options, bounds)) {
  bool complete = false;
  const basic::Finally cleanup{[&] {
    if (complete) return;
    scheduler().close();
    supervisor_.replace_no_more();  // the monitor, which would see to that, is not there
    join();
    discard_queue();  // if on_start has handed in work, and then there was no thread to run it
  }};
  supervisor_.start();
  built_.store(true, std::memory_order_relaxed);
  monitor_.start();
  complete = true;
}

ThreadPool::Bounds ThreadPool::bounds_of(const Options& options) {
  const std::size_t min = min_of(options);
  return {min, max_of(options, min)};
}

Supervisor::Options ThreadPool::supervising(const Options& options, Bounds bounds) {
  const Duration idle = checked("idle_timeout", options.idle_timeout, Duration::zero());
  return {.min = bounds.min,
          .max = bounds.max,
          .idle_timeout = bounds.scale() ? idle : Duration::zero(),
          .life =
              [this](std::size_t worker) {
                live(
                    worker,
                    [this, worker](bool ready, std::exception_ptr error) { began(worker, ready, std::move(error)); },
                    [this, worker](bool died) { left(worker, died); });
              },
          .call = [this] { monitor_.call(); },
          .give_up = [this] { discard_queue(); }};
}

Monitor::Options ThreadPool::monitoring(const Options& options, Bounds bounds) {
  const Duration interval = checked("interval", options.interval, std::chrono::milliseconds(1));
  return {.interval = bounds.scale() ? interval : Duration::zero(),
          .policy = options.policy ? options.policy : Policy(LoadRatio{}),
          .sample = [this] { return sample(); },
          .decided = [this](Decision d) { supervisor_.scale_by(d, before_.asked); },
          .failed =
              [this] {
                events_.note({Event::Kind::no_sample, clock().now(), 0, supervisor_.size()});
              },
          .tend = [this] { return tend(); }};
}

Time ThreadPool::tend() {
  const Time next = supervisor_.tend();
  if (!on_event_) return next;
  while (const std::optional<Event> event = events_.next_after(told_)) {
    if (auto error = basic::catching([&] { on_event_(*event); })) report("on_event", std::move(error));
  }
  return next;
}

// As in stage 04; and before this part of it is gone.
ThreadPool::~ThreadPool() {
  end();
}

// A second caller sees what the first has waited for.
void ThreadPool::join() {
  const std::lock_guard lock(ending_);
  supervisor_.join();
  monitor_.stop();
  stealing::ThreadPool::join();
}

bool ThreadPool::on_own_thread() const {
  return monitor_.is_this_thread() || stealing::ThreadPool::on_own_thread();
}

// Of the first ones, the constructor throws it.
void ThreadPool::began(std::size_t worker, bool ready, std::exception_ptr error) {
  if (error && built_.load(std::memory_order_relaxed)) report("on_start", error);
  supervisor_.started(worker, ready, std::move(error));
}

void ThreadPool::left(std::size_t worker, bool died) {
  if (died) {
    report("the supervisor", basic::catching([&] {  // which gives what there is not enough memory for, too
             throw PoolError("pool: the thread of worker " + std::to_string(worker) +
                             " was ended, by pthread_exit or pthread_cancel; another one takes its place");
           }));
  }
  supervisor_.left(worker, died);
}

void ThreadPool::scale_to(std::size_t workers) {
  if (workers < supervisor_.min() || workers > supervisor_.max()) {
    throw std::invalid_argument("pool: scale_to(" + std::to_string(workers) + "), but it has from " +
                                std::to_string(supervisor_.min()) + " to " + std::to_string(supervisor_.max()) +
                                " workers");
  }
  supervisor_.scale_to(workers);
}

// #region blocking
ThreadPool::Blocking::Blocking(ThreadPool& pool)
    : pool_(pool.current_worker() && sync::thread_slot<const Blocking>() == nullptr ? &pool : nullptr) {
  if (pool_ == nullptr) return;
  sync::thread_slot<const Blocking>() = this;
  pool_->supervisor_.blocks();
}

ThreadPool::Blocking::~Blocking() {
  if (pool_ == nullptr) return;
  pool_->supervisor_.goes_on();
  sync::thread_slot<const Blocking>() = nullptr;
}
// #endregion blocking

Load ThreadPool::sample() {
  const Time now = clock().now();
  const Totals totals = this->totals();
  const std::size_t ended = totals.completed + totals.failed + totals.cancelled;
  const Time since = scheduler().waits_since();
  const double cpu = cpu_seconds();
  const auto changed = supervisor_.changed();
  supervisor_.trim();  // the policy decides about those who are wanted, and it goes on from there

  Load load;
  load.workers = supervisor_.size();
  load.min_workers = supervisor_.min();
  load.max_workers = supervisor_.max();
  load.active = std::min(totals.active, load.workers);  // a job that waits may run others on its stack
  load.blocked = supervisor_.blocked();
  load.queued = totals.pending;
  if (since != Time::max() && since != Time{}) load.oldest_wait = std::max(Duration(now - since), Duration::zero());
  load.completed = ended - std::min(before_.ended, ended);
  if (before_.time != Time{}) {
    load.elapsed = now - before_.time;
    load.cpus = (cpu - before_.cpu) / std::chrono::duration<double>(load.elapsed).count();
  }
  load.memory_used = memory_used();
  load.memory_limit = memory_limit();
  if (changed) load.since_change = now - *changed;
  before_ = {now, ended, cpu, {load.workers, load.active + load.queued}};
  return load;
}

}  // namespace pool::autoscale
