#include <pool/metrics/instruments.hpp>

#include <algorithm>
#include <new>
#include <utility>

#include <pool/basic/tsan.hpp>
#include <pool/basic/user_code.hpp>

namespace pool::metrics {

using basic::catching;

struct alignas(64) Meter {
  Histogram wait, execution;
  sync::atomic<std::uint64_t> task{0};  // the one that runs
};

Instruments::Instruments(Options options)
    : registry(options.history, listeners(options.hooks)),
      options_(std::move(options)),
      others_(std::make_unique<Meter>()),
      trace_(options_.trace != 0 ? std::make_unique<Trace>(options_.trace, clock(), options_.name) : nullptr) {}

// Only those who have a hook: nobody is told in vain.
Registry::Listeners Instruments::listeners(const Hooks& hooks) {
  Registry::Listeners all;
  const auto listen = [&, this](std::function<void(const Record&)>& listener, const char* name, auto hook) {
    if (!(hooks.*hook)) return;
    listener = [this, name, hook](const Record& record) { call_task(name, options_.hooks.*hook, record); };
  };
  listen(all.submitted, "task_submitted", &Hooks::task_submitted);
  listen(all.started, "task_started", &Hooks::task_started);
  listen(all.finished, "task_finished", &Hooks::task_finished);
  return all;
}

Instruments::~Instruments() {
  for (auto& meter : meters_) delete meter.load(std::memory_order_relaxed);
}

Clock& Instruments::clock() const {
  return options_.clock != nullptr ? *options_.clock : priority::steady_clock();
}

// --- hooks --------------------------------------------------------------------------------------------------------

void Instruments::report(const char* from, std::exception_ptr error) const noexcept {
  if (options_.on_error) {
    error = catching([&] { options_.on_error(std::move(error)); });
    if (!error) return;
    from = "on_error";
  }
  basic::print_error(options_.name, from, std::move(error));
}

template <class Hook, class... Args>
void Instruments::call(const char* name, const Hook& hook, const Args&... args) const {
  if (!hook || !open_.load(std::memory_order_acquire)) return;
  if (auto error = catching([&] { hook(args...); })) report(name, std::move(error));
}

void Instruments::call_task(const char* name, const std::function<void(const TaskInfo&)>& hook,
                            const Record& record) const {
  if (!hook || !open_.load(std::memory_order_acquire)) return;
  if (auto error = catching([&] { hook(info(record)); })) report(name, std::move(error));
}

autoscale::Options Instruments::below() {
  const Options& mine = options_;
  autoscale::Options below{.workers = mine.workers,
                           .name = mine.name,
                           .on_error = mine.on_error,
                           .on_start = mine.on_start,
                           .on_stop = mine.on_stop,
                           .capacity = mine.capacity,
                           .overflow = mine.overflow,
                           .ageing = mine.ageing,
                           .clock = mine.clock,
                           .rate = mine.rate,
                           .observer = mine.observer,
                           .min_workers = mine.min_workers,
                           .max_workers = mine.max_workers,
                           .policy = mine.policy,
                           .interval = mine.interval,
                           .idle_timeout = mine.idle_timeout,
                           .on_event = mine.on_event};
  if (mine.hooks.worker_started) {
    below.on_start = [this](std::size_t worker) {
      if (options_.on_start) options_.on_start(worker);  // what it throws says that the worker cannot work
      call("worker_started", options_.hooks.worker_started, worker);
    };
  }
  if (mine.hooks.worker_stopped) {
    below.on_stop = [this](std::size_t worker) {
      call("worker_stopped", options_.hooks.worker_stopped, worker);
      if (options_.on_stop) options_.on_stop(worker);
    };
  }
  if (mine.hooks.scaled || trace_) {
    below.on_event = [this](const Event& event) {
      if (event.kind == Event::Kind::scaled) {
        if (trace_) trace_->scaled(event.workers);
        call("scaled", options_.hooks.scaled, event.workers);
      }
      if (options_.on_event) options_.on_event(event);
    };
  }
  if (mine.hooks.worker_parked || trace_) below.observer = this;
  return below;
}

// --- tasks --------------------------------------------------------------------------------------------------------

TaskInfo Instruments::info(const Record& record) const {
  priority::JobInfo job = record.info();
  TaskInfo info;
  info.id = registry.id_of(record);
  info.name = std::move(job.name);
  info.state = job.state;
  info.priority = job.priority;
  info.submitted = job.submitted;
  info.started = job.started;
  info.finished = job.finished;
  info.worker = job.worker;
  if (job.state == JobState::completed) info.result = record.result_text();
  if (job.error) info.exception = error_text(job.error);
  info.reason = std::move(job.reason);
  info.metadata = std::move(job.metadata);
  info.executor = record.executor;
  const basic::DropsException of_the_work;
  job.error = nullptr;
  return info;
}

// Without memory for one, a worker's tasks are not timed until there is some.
Meter* Instruments::meter_of(std::optional<std::size_t> worker) {
  if (!options_.metrics) return nullptr;
  if (!worker || *worker >= meters_.size()) return others_.get();
  sync::atomic<Meter*>& meter = meters_[*worker];
  if (Meter* const made = meter.load(std::memory_order_relaxed)) return made;
  Meter* made = nullptr;
  static_cast<void>(catching([&] { made = std::make_unique<Meter>().release(); }));
  meter.store(made, std::memory_order_release);  // [meter] pairs with the readers; there is one writer at a time
  return made;
}

Instruments::Running::Running(Instruments& instruments, std::optional<std::size_t> worker, Record& record)
    : meter_(instruments.meter_of(worker)), instruments_(instruments), shared_(meter_ == instruments.others_.get()) {
  instruments_.registry.started(record);
  if (meter_ == nullptr) return;
  begun_ = instruments_.clock().now();
  if (shared_) {
    meter_->wait.add_shared(begun_ - record.submitted);
    return;
  }
  meter_->wait.add(begun_ - record.submitted);
  outer_ = meter_->task.load(std::memory_order_relaxed);
  meter_->task.store(record.number, std::memory_order_relaxed);
}

Instruments::Running::~Running() {
  if (meter_ == nullptr) return;
  const Duration took = instruments_.clock().now() - begun_;
  if (shared_) {
    meter_->execution.add_shared(took);
    return;
  }
  meter_->execution.add(took);
  meter_->task.store(outer_, std::memory_order_relaxed);
}

std::uint64_t Instruments::current(std::size_t worker) const {
  const Meter* const meter = worker < meters_.size() ? meters_[worker].load(std::memory_order_acquire) : nullptr;
  return meter != nullptr ? meter->task.load(std::memory_order_relaxed) : 0;
}

void Instruments::entered() {
  entered_.submitted.fetch_add(1, std::memory_order_release);  // [entered] before it has ended
}

void Instruments::not_entered() {
  entered_.submitted.fetch_sub(1, std::memory_order_release);
}

void Instruments::entered_ended(JobState how) {
  auto& count = how == JobState::completed ? entered_.completed
                : how == JobState::failed  ? entered_.failed
                                           : entered_.cancelled;
  count.fetch_add(1, std::memory_order_release);
}

void Instruments::add_to(Stats& stats) const {
  stats.entered.completed = entered_.completed.load(std::memory_order_acquire);  // [entered] first: it was submitted
  stats.entered.failed = entered_.failed.load(std::memory_order_acquire);        // before
  stats.entered.cancelled = entered_.cancelled.load(std::memory_order_acquire);
  stats.entered.submitted = entered_.submitted.load(std::memory_order_acquire);
  const auto add = [&](const Meter& meter) {
    meter.execution.add_to(stats.execution);
    meter.wait.add_to(stats.wait);
  };
  for (const auto& slot : meters_) {
    if (const Meter* const meter = slot.load(std::memory_order_acquire)) add(*meter);  // [meter]
  }
  add(*others_);
}

void Instruments::never_less(std::size_t worker, Duration& busy, Duration& idle) {
  const auto raise = [](sync::atomic<Duration::rep>& least, Duration& said) {
    Duration::rep before = least.load(std::memory_order_relaxed);
    while (before < said.count() && !least.compare_exchange_weak(before, said.count(), std::memory_order_relaxed)) {
    }
    said = std::max(said, Duration(before));
  };
  if (worker >= times_.size()) return;
  raise(times_[worker].busy, busy);
  raise(times_[worker].idle, idle);
}

// --- as an Observer -------------------------------------------------------------------------------------------------

void Instruments::begin(std::size_t worker, Priority priority, const priority::Unit* unit) noexcept {
  if (trace_) trace_->begin(worker, priority, unit);
  if (options_.observer != nullptr) options_.observer->begin(worker, priority, unit);
}

void Instruments::end(std::size_t worker) noexcept {
  if (trace_) trace_->end(worker);
  if (options_.observer != nullptr) options_.observer->end(worker);
}

void Instruments::steal(std::size_t thief, std::size_t victim) noexcept {
  if (trace_) trace_->steal(thief, victim);
  if (options_.observer != nullptr) options_.observer->steal(thief, victim);
}

void Instruments::park(std::size_t worker) noexcept {
  if (trace_) trace_->park(worker);
  if (options_.observer != nullptr) options_.observer->park(worker);
  call("worker_parked", options_.hooks.worker_parked, worker);
}

void Instruments::unpark(std::size_t worker) noexcept {
  if (trace_) trace_->unpark(worker);
  if (options_.observer != nullptr) options_.observer->unpark(worker);
}

}  // namespace pool::metrics
