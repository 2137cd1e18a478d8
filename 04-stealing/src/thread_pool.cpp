#include <pool/stealing/thread_pool.hpp>

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include <pool/basic/native_thread.hpp>
#include <pool/basic/user_code.hpp>

namespace pool::stealing {

using basic::catching;
using basic::Finally;
using bounded::Ended;
using priority::Admission;
using priority::CancelSource;
using priority::RateExceeded;
using priority::RateLimiter;
using priority::Timer;
namespace reason = priority::reason;

namespace {

Ended ended(Ending ending) {
  return ending == Ending::completed ? Ended::completed : ending == Ending::failed ? Ended::failed : Ended::cancelled;
}

// Throws std::invalid_argument for an ageing that is none.
Duration checked(Duration ageing) {
  if (ageing.count() >= 0) return ageing;
  throw std::invalid_argument("pool: ageing = " + std::to_string(std::chrono::duration<double>(ageing).count()) +
                              " s, but it is 0 (no ageing) or more");
}

}  // namespace

// Runs the work and lets it go, unless it is somebody else's; how it ended is in `ending` even if it ended this thread.
inline void ThreadPool::run_taken(Taken& taken, std::optional<std::size_t> worker, Ending& ending) {
  ending = Ending::failed;
  if (auto error = catching([&] { ending = taken.run(worker); })) report("posted work", std::move(error));
  if (ending != Ending::skipped) taken.release();
}

// What a worker does with what it has taken; also within a job that waits.
[[gnu::always_inline]] inline void ThreadPool::execute(Taken& taken, std::size_t worker) {
  Ending ending{};
  const Finally counted{[&] { scheduler_.ended(taken, worker, ending); }};
  const Scheduler::Running running(scheduler_, worker, taken);
  run_taken(taken, worker, ending);
}

// What jobs still use when the pool has gone: their handles share it.
struct ThreadPool::Shared : JobHost {
  Shared(const Options& options, std::size_t slots)
      : clock_(options.clock != nullptr ? *options.clock : priority::steady_clock()),
        scheduler({.workers = basic::crew_size(options.workers),
                   .slots = slots,
                   .capacity = options.capacity,
                   .ageing = checked(options.ageing),
                   .clock = &clock_,
                   .displaces = options.overflow == Overflow::drop_oldest,
                   .observer = options.observer}),
        rate(options.rate, clock_),
        timer_(clock_) {}

  Clock& clock() override { return clock_; }
  Timer& timer() override { return timer_; }
  CancelToken stopping() override { return stop.token(); }
  void overran(const JobCore& job) override { priority::report_overrun(job); }
  void withdraw(JobCore& job) override {
    scheduler.withdraw(job);
    if (const Worker* self = own_worker()) scheduler.sweep(self->index, priority::level_of(job.priority));
  }

  bool follow_up(UnitPtr unit) override {
    unit->takes_room = false;
    const Worker* self = own_worker();
    UnitList units;
    units.push_back(std::move(unit));
    if (scheduler.hand_in(units, self != nullptr ? std::optional(self->index) : std::nullopt)) return true;
    return static_cast<void>(catching([&] { static_cast<void>(JobHost::follow_up(units.pop_front())); })), false;
  }

  // #region help
  bool help(JobCore& job) override {
    const Worker* self = own_worker();
    if (self == nullptr) return false;  // not a job of this pool that waits
    if (!scheduler.take_up(job, self->index)) return self->pool->help();
    scheduler.sweep(self->index, priority::level_of(job.priority));
    job.retain();
    Taken taken{UnitPtr(&job)};
    self->pool->execute(taken, self->index);
    return true;
  }
  // #endregion help

  // The worker of this pool that the calling thread is.
  [[nodiscard]] const Worker* own_worker() const {
    const Worker* self = sync::thread_slot<const Worker>();
    return self != nullptr && self->pool->shared_.get() == this ? self : nullptr;
  }

  [[nodiscard]] std::size_t ran_in_caller() const {
    return completed_in_caller + failed_in_caller + cancelled_in_caller;
  }
  void count_in_caller(Ended how) {
    ++(how == Ended::completed ? completed_in_caller : how == Ended::failed ? failed_in_caller : cancelled_in_caller);
  }

  Clock& clock_;
  Scheduler scheduler;
  RateLimiter rate;
  CancelSource stop;  // of everything, at the end of patience
  sync::atomic<std::size_t> rejected{0};
  sync::atomic<std::size_t> dropped{0};  // from the queue, by newer work or at the end
  sync::atomic<std::size_t> completed_in_caller{0};
  sync::atomic<std::size_t> failed_in_caller{0};
  sync::atomic<std::size_t> cancelled_in_caller{0};
  Timer timer_;
};

ThreadPool::ThreadPool(Options options, std::size_t slots)
    : options_(std::move(options)),
      plain_(options_.capacity == 0 && options_.rate.per_second == 0),
      shared_(std::make_shared<Shared>(options_, slots)),
      scheduler_(shared_->scheduler) {}

ThreadPool::ThreadPool(Options options) : ThreadPool(std::move(options), 0) {
  const basic::SignalsBlocked in_the_workers;
  bool complete = false;
  const Finally cleanup{[&] {
    if (complete) return;
    scheduler_.close();
    join();
    discard_queue();  // if on_start has handed in work, and then there was no thread to run it
  }};
  const std::size_t size = this->size();
  alive_ = size;
  threads_.reserve(size);
  for (std::size_t index = 0; index < size; ++index) {
    threads_.emplace_back([this, index] {  // [start] pairs with live(), [end] with join()
      live(
          index, [this](bool ready, std::exception_ptr error) { started(ready, std::move(error)); },
          [this](bool) {
            if (alive_.fetch_sub(1) != 1) return;
            scheduler_.close();  // the last one out: if jobs have ended all threads, nobody is left to run what waits
            discard_queue();
          });
    });
  }
  std::unique_lock lock(starting_);  // [started] pairs with the unlock in started()
  one_more_.wait(lock, [this, size] { return started_.read() == size; });
  if (start_error_.read()) std::rethrow_exception(std::exchange(start_error_.write(), nullptr));
  if (start_failed_.read()) throw PoolError("pool: on_start ended the thread of a worker");
  complete = true;
}

ThreadPool::~ThreadPool() {
  end();
  release_husks();  // not before: what is cancelled on its way into a queue may come there when all workers have left
}

void ThreadPool::end() {
  if (on_own_thread()) {  // NOLINT(clang-analyzer-optin.cplusplus.VirtualCall): in a destructor, this class's
    std::fputs(
        "pool: a pool was destroyed by one of its own jobs. The destructor would wait for that job for ever; "
        "destroy the pool on a thread that is not one of the pool's.\n",
        stderr);
    std::terminate();
  }
  shutdown();
}

// All that are left, and no more than that: a job holds the host, and the host its queues.
void ThreadPool::release_husks() {
  if (Taken taken = scheduler_.take_any()) drop(std::move(taken), reason::shutdown);
}

void ThreadPool::enqueue(UnitPtr unit) {
  if (plain_) return hand_in(std::move(unit));
  admit();
  enqueue_admitted(std::move(unit));
}

void ThreadPool::enqueue_admitted(UnitPtr unit) {
  bool accepted = false;
  const Finally either_way{[&] {
    if (!accepted) shared_->rate.give_back();
  }};
  if (unit->is_over()) unit->takes_room = false;  // it was cancelled on its way, and will not be queued
  const Send sent = unit->takes_room ? room_for(unit->priority) : Send::ok;
  if (sent == Send::closed) throw PoolStopped();
  if (sent == Send::full) {
    no_room(std::move(unit));
  } else {
    hand_in(std::move(unit));
  }
  accepted = true;
}

// Whether there is room for one of the priority, now or after a wait, as the policy has it; then it is set aside.
bool ThreadPool::reserve_for(Priority priority) {
  checked_level(priority);
  admit();
  Send sent = Send::closed;
  const Finally either_way{[&] {
    if (sent != Send::ok) shared_->rate.give_back();
  }};
  sent = room_for(priority);
  if (sent == Send::closed) throw PoolStopped();
  return sent == Send::ok;
}

void ThreadPool::hand_in(UnitPtr unit) {
  UnitList units;
  units.push_back(std::move(unit));
  hand_in(units);
}

// All of them have room, or need none.
void ThreadPool::hand_in(UnitList& units) {
  if (units.empty()) return;
  bool taken = false;
  const Finally refused{[&] {
    for (; !taken && !units.empty(); static_cast<void>(units.pop_front())) {
      if (units.front().takes_room) scheduler_.give_back();
    }
  }};
  taken = scheduler_.hand_in(units, current_worker());
  if (!taken) throw PoolStopped();
}

Send ThreadPool::room_for(Priority priority) {
  const bool waits = options_.overflow == Overflow::block && !current_worker();
  Send sent = scheduler_.reserve(waits ? Deadline::never() : Deadline::now());
  if (options_.overflow != Overflow::drop_oldest) return sent;
  for (; sent == Send::full; sent = scheduler_.reserve(Deadline::now())) {
    if (Taken oldest = scheduler_.take_oldest_not_above(priority)) {
      drop(std::move(oldest), reason::dropped);
    } else if (scheduler_.anything_above(priority)) {
      return sent;
    } else {
      sync::this_thread::yield();  // what takes the room is about to be queued, or was taken this moment
    }
  }
  return sent;
}

void ThreadPool::admit() {
  const Admission admission = shared_->rate.admit();
  if (admission == Admission::closed) throw PoolStopped();
  if (admission == Admission::ok) return;
  ++shared_->rejected;
  throw RateExceeded("pool: more than " + std::to_string(options_.rate.per_second) + " a second, and " +
                     std::to_string(options_.rate.burst) + " at once");
}

void ThreadPool::no_room(UnitPtr unit) {
  if (options_.overflow == Overflow::drop_oldest) {  // all that is queued is above it: so it goes itself
    if (scheduler_.pass_through(*unit)) drop(Taken(std::move(unit)), reason::dropped);
    return;
  }
  if (options_.overflow == Overflow::run_in_caller) return run_in_caller(std::move(unit));
  ++shared_->rejected;
  const std::string full = "pool: the queue is full (capacity = " + std::to_string(options_.capacity) + ")";
  if (options_.overflow == Overflow::reject) throw QueueFull(full);
  throw QueueFull(full +
                  ", and a job must not wait for room in its own pool: the worker that waits is one that makes room. "
                  "Use try_submit, or overflow = run_in_caller, or no capacity");
}

void ThreadPool::run_in_caller(UnitPtr unit) {
  if (!scheduler_.enter_in_caller(*unit)) return shared_->count_in_caller(Ended::cancelled);
  Taken taken(std::move(unit));
  Ending ending{};
  const Finally counted{[&] {
    shared_->count_in_caller(ended(ending));
    scheduler_.ended_in_caller(ending == Ending::skipped ? taken.unit() : nullptr);
  }};
  run_taken(taken, std::nullopt, ending);
}

bool ThreadPool::reserve(const Deadline& deadline) {
  const Send reserved = scheduler_.reserve(deadline);
  const Admission admission = reserved == Send::ok ? shared_->rate.try_admit() : Admission::ok;
  if (reserved == Send::ok && admission == Admission::ok) return true;
  if (reserved == Send::ok) scheduler_.give_back();
  if (reserved == Send::closed || admission == Admission::closed) throw PoolStopped();
  ++shared_->rejected;
  return false;
}

void ThreadPool::Place::give_back() {
  pool_.scheduler_.give_back();
  pool_.shared_->rate.give_back();
}

void ThreadPool::Place::fill(UnitPtr unit) {
  reserved_ = false;
  pool_.hand_in(std::move(unit));
}

ThreadPool::Bulk::Bulk(ThreadPool& pool, Priority priority)
    : pool_(pool),
      priority_(checked_priority(priority)),
      segment_(pool.plain_ && !pool.current_worker() ? pool.scheduler_.own_segment() : nullptr),
      since_(pool.scheduler_.now()) {}

ThreadPool::Bulk::~Bulk() {
  static_cast<void>(catching([&] { hand_in(); }));  // the range has thrown, which is what the caller wants to hear
}

void ThreadPool::Bulk::publish() {
  if (std::exchange(appended_, 0) == 0) return;
  if (!pool_.scheduler_.publish(*segment_, priority::level_of(priority_))) throw PoolStopped();
  since_ = pool_.scheduler_.now();
}

void ThreadPool::Bulk::add(UnitPtr unit) {
  units_.push_back(std::move(unit));
  if (units_.size() == kChunk) hand_in();
}

void ThreadPool::Bulk::hand_in() {
  publish();
  UnitList left(std::move(units_));  // if one of them fails, those after it are let go
  UnitList chunk;
  while (!left.empty()) {
    UnitPtr unit = left.pop_front();
    if (pool_.shared_->rate.try_admit() != Admission::ok) {
      pool_.hand_in(chunk);  // what comes before it does not wait with it
      pool_.admit();
    }
    if (pool_.scheduler_.reserve(Deadline::now()) == Send::ok) {
      chunk.push_back(std::move(unit));
    } else {
      pool_.hand_in(chunk);  // first, since it comes first; then the policy decides
      pool_.enqueue_admitted(std::move(unit));
    }
  }
  pool_.hand_in(chunk);
}

bool ThreadPool::on_own_thread() const {
  return current_worker() || shared_->timer_.is_this_thread();
}

void ThreadPool::refuse_own_thread(const char* call) const {
  if (!on_own_thread()) return;  // NOLINT(clang-analyzer-optin.cplusplus.VirtualCall): in a destructor, this class's
  throw PoolError("pool: " + std::string(call) +
                  " was called by one of the pool's own jobs or their callbacks, which would wait for itself; "
                  "call it on a thread that is not one of the pool's");
}

bool ThreadPool::wait_idle_by(const Deadline& deadline) {
  refuse_own_thread("wait_idle");
  return scheduler_.wait_idle(deadline);
}

void ThreadPool::shutdown(Shutdown queued) {
  refuse_own_thread("shutdown");
  shared_->rate.close();
  scheduler_.close();
  if (queued == Shutdown::discard) discard_queue();
  join();  // NOLINT(clang-analyzer-optin.cplusplus.VirtualCall): in a destructor, this class's
}

bool ThreadPool::shutdown_by(const Deadline& deadline) {
  refuse_own_thread("shutdown_for");
  shared_->rate.close();
  scheduler_.close();
  if (scheduler_.wait_idle(deadline)) {
    join();
    return true;
  }
  discard_queue();
  shared_->stop.cancel(reason::shutdown);
  return false;
}

void ThreadPool::discard_queue() {
  // What is between two queues, or about to be queued, is there in a moment. No more than there was: jobs that run may fork.
  for (std::size_t left = pending(); left > 0 && pending() > 0;) {
    if (Taken taken = scheduler_.take_any()) {
      drop(std::move(taken), reason::shutdown);
      --left;
    } else {
      sync::this_thread::yield();
    }
  }
}

void ThreadPool::drop(Taken taken, std::string_view why) {
  bool ours = true;
  const Finally counted{[&] {
    ++shared_->dropped;
    scheduler_.dropped(taken, !ours);
  }};
  if (auto error = catching([&] { ours = taken.drop(why); }))
    report("the destructor of dropped work", std::move(error));
}

void ThreadPool::join() {
  std::lock_guard lock(joining_);  // [ended] a second caller sees what the first has waited for
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();  // [end] pairs with the end of run()
  }
  shared_->timer_.stop();
}

// #region run
// #region live
void ThreadPool::live(std::size_t index, const std::function<void(bool ready, std::exception_ptr error)>& started,
                      const std::function<void(bool died)>& left) {
  const Worker self{this, index, scheduler_.forks(index), basic::thread_name(options_.name, index)};
  sync::thread_slot<const Worker>() = &self;
  basic::name_this_thread(self.name);

  bool died = true;
  const Finally leave{[&] {
    scheduler_.leave(index);
    left(died);
    sync::thread_slot<const Worker>() = nullptr;  // last: until now it must not wait for itself
  }};
  {
    std::exception_ptr error;
    bool ready = false;
    const Finally announce{[&] { started(ready, std::move(error)); }};  // even if on_start ends this thread
    if (options_.on_start) error = catching([&] { options_.on_start(index); });
    ready = !error;
    died = ready;
  }
  if (died) work(index);
  died = false;
}
// #endregion live

void ThreadPool::work(std::size_t index) {
  const Finally stop{[&] {
    if (!options_.on_stop) return;
    if (auto error = catching([&] { options_.on_stop(index); })) report("on_stop", std::move(error));
  }};
  while (Taken taken = scheduler_.next(index)) execute(taken, index);
}
// #endregion run

// Whether there was something that the calling job has handed in, which is done now.
bool ThreadPool::help() {
  const std::optional<std::size_t> worker = current_worker();
  Taken taken = worker ? scheduler_.newest_since(*worker) : Taken();
  if (!taken) return false;
  execute(taken, *worker);
  return true;
}

void ThreadPool::join(Fork& fork) {
  const std::size_t worker = *current_worker();
  while (Taken taken = scheduler_.next_until(fork, worker)) execute(taken, worker);
}

// Whoever waits for a group of another frame of this worker may find its parts only below others.
void ThreadPool::join(Parts& parts, const Frame& home) {
  const std::size_t worker = *current_worker();
  const bool everything = home.number != 0 && home.worker == worker && home.number != scheduler_.frame(worker);
  while (Taken taken = scheduler_.next_until(parts, worker, everything)) execute(taken, worker);
}

// Tells the constructor.
void ThreadPool::started(bool ready, std::exception_ptr error) {
  {
    std::lock_guard lock(starting_);  // [started] pairs with the constructor
    ++started_.write();
    if (!ready) start_failed_.write() = true;
    if (error) start_error_.write() = std::move(error);
  }
  one_more_.notify_one();
}

void ThreadPool::report(const char* from, std::exception_ptr error) const {
  if (options_.on_error) {
    error = catching([&] { options_.on_error(std::move(error)); });
    if (!error) return;
    from = "on_error";
  }
  const Worker* self = sync::thread_slot<const Worker>();
  basic::print_error(self != nullptr ? self->name : options_.name, from, std::move(error));
}

std::size_t ThreadPool::pending() const {
  return scheduler_.stats().queued;
}

PoolStats ThreadPool::worker_stats() const {
  PoolStats stats;
  for (std::size_t worker = 0; worker < scheduler_.used(); ++worker)
    stats.workers.push_back(scheduler_.worker_stats(worker));
  stats.dropped = shared_->dropped + scheduler_.withdrawn();
  stats.ran_in_caller = shared_->ran_in_caller();
  const auto [sent, queued, high_water] = scheduler_.stats();  // after what became of the work: that was sent before
  stats.accepted = sent + stats.ran_in_caller;
  stats.rejected = shared_->rejected;
  stats.queued = queued;
  stats.high_water = high_water;
  return stats;
}

// #region totals
Totals ThreadPool::totals() const {
  Totals totals;
  totals.failed = shared_->failed_in_caller;
  totals.cancelled = shared_->cancelled_in_caller;
  totals.completed = shared_->completed_in_caller;
  const PoolStats stats = worker_stats();  // what has ended is read before what was submitted: so it is never more
  for (const bounded::WorkerStats& worker : stats.workers) {
    totals.failed += worker.failed;
    totals.cancelled += worker.cancelled;
    totals.completed += worker.completed - worker.failed - worker.cancelled;
  }
  totals.cancelled += stats.dropped;
  totals.pending = stats.queued;
  totals.submitted = stats.accepted;
  totals.active = totals.submitted - totals.pending - totals.completed - totals.failed - totals.cancelled;
  totals.rejected = stats.rejected;
  return totals;
}
// #endregion totals

std::vector<Scheduling> ThreadPool::scheduling() const {
  return scheduler_.scheduling();
}

Clock& ThreadPool::clock() const {
  return shared_->clock();
}

std::shared_ptr<JobHost> ThreadPool::job_host() const {
  return shared_;
}

}  // namespace pool::stealing
