#include <pool/priority/thread_pool.hpp>

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include <pool/basic/native_thread.hpp>
#include <pool/basic/user_code.hpp>

namespace pool::priority {

using basic::catching;
using basic::Finally;
using bounded::Ended;

namespace {

Ended ended(Ending ending) {
  return ending == Ending::completed ? Ended::completed : ending == Ending::failed ? Ended::failed : Ended::cancelled;
}

}  // namespace

// What a worker's thread knows of itself.
struct ThreadPool::Worker {
  const ThreadPool* pool;
  std::size_t index;
  std::string name;
};

// What jobs still use when the pool has gone: their handles share it.
struct ThreadPool::Shared : JobHost {
  explicit Shared(const Options& options)
      : clock_(options.clock != nullptr ? *options.clock : steady_clock()),
        channel(options.capacity, options.ageing, clock_),
        rate(options.rate, clock_),
        timer_(clock_) {}

  Clock& clock() override { return clock_; }
  Timer& timer() override { return timer_; }
  CancelToken stopping() override { return stop.token(); }
  void overran(const JobCore& job) override { report_overrun(job); }

  // #region withdraw
  void withdraw(JobCore& job) override {
    if (const UnitPtr unit = channel.withdraw(job)) {
      ++withdrawn;
      in_flight.done();
    } else if (job.settle()) {  // somebody had it in hand, and has counted it
      in_flight.done();
    }
  }
  // #endregion withdraw

  [[nodiscard]] std::size_t ran_in_caller() const {
    return completed_in_caller + failed_in_caller + cancelled_in_caller;
  }
  void count_in_caller(Ended how) {
    ++(how == Ended::completed ? completed_in_caller : how == Ended::failed ? failed_in_caller : cancelled_in_caller);
  }

  Clock& clock_;
  PriorityChannel channel;
  bounded::InFlight in_flight;
  RateLimiter rate;
  CancelSource stop;  // of everything, at the end of patience
  sync::atomic<std::size_t> rejected{0};
  sync::atomic<std::size_t> dropped{0};    // from the queue, by newer work or at the end
  sync::atomic<std::size_t> withdrawn{0};  // from the queue, by their jobs' being cancelled
  sync::atomic<std::size_t> completed_in_caller{0};
  sync::atomic<std::size_t> failed_in_caller{0};
  sync::atomic<std::size_t> cancelled_in_caller{0};
  Timer timer_;
};

ThreadPool::ThreadPool(Options options)
    : options_(std::move(options)),
      size_(basic::crew_size(options_.workers)),
      shared_(std::make_shared<Shared>(options_)),
      counters_(size_),
      alive_(size_) {
  const basic::SignalsBlocked in_the_workers;
  bool complete = false;
  const Finally cleanup{[&] {
    if (complete) return;
    shared_->channel.close();
    join();
  }};
  threads_.reserve(size_);
  for (std::size_t index = 0; index < size_; ++index) threads_.emplace_back(&ThreadPool::run, this, index);  // [start]
  std::unique_lock lock(starting_);  // [started] pairs with the unlock in start()
  one_more_.wait(lock, [this] { return started_.read() == size_; });
  if (start_error_.read()) std::rethrow_exception(std::exchange(start_error_.write(), nullptr));
  if (start_failed_.read()) throw PoolError("pool: on_start ended the thread of a worker");
  complete = true;
}

ThreadPool::~ThreadPool() {
  if (on_own_thread()) {
    std::fputs(
        "pool: a pool was destroyed by one of its own jobs. The destructor would wait for that job for ever; "
        "destroy the pool on a thread that is not one of the pool's.\n",
        stderr);
    std::terminate();
  }
  shutdown();
}

// #region enqueue
void ThreadPool::enqueue(UnitPtr unit) {
  admit();
  bounded::InFlight::Entry entry(shared_->in_flight);
  UnitPtr displaced;
  const bool waits = options_.overflow == Overflow::block && !current_worker();
  const Send sent = options_.overflow == Overflow::drop_oldest
                        ? shared_->channel.send_displacing(unit, displaced)
                        : shared_->channel.send(unit, waits ? Deadline::never() : Deadline::now());
  if (sent == Send::closed) throw PoolStopped();
  if (sent == Send::full) return no_room(std::move(unit), entry);
  entry.hand_over();
  if (displaced) drop(std::move(displaced), reason::dropped);
  if (unit) drop(std::move(unit), reason::asked);  // it was cancelled on its way into the queue
}
// #endregion enqueue

void ThreadPool::admit() {
  const Admission admission = shared_->rate.admit();
  if (admission == Admission::closed) throw PoolStopped();
  if (admission == Admission::ok) return;
  ++shared_->rejected;
  throw RateExceeded("pool: more than " + std::to_string(options_.rate.per_second) + " a second, and " +
                     std::to_string(options_.rate.burst) + " at once");
}

void ThreadPool::no_room(UnitPtr unit, bounded::InFlight::Entry& entry) {
  if (options_.overflow == Overflow::run_in_caller) {
    Ending ending{};
    const Finally counted{[&] {
      shared_->count_in_caller(ended(ending));
      if (ending == Ending::skipped && !unit->settle()) entry.hand_over();  // whoever cancels it says when it is done
    }};
    return run_unit(unit, std::nullopt, ending);
  }
  shared_->rate.give_back();
  ++shared_->rejected;
  const std::string full = "pool: the queue is full (capacity = " + std::to_string(options_.capacity) + ")";
  if (options_.overflow == Overflow::reject) throw QueueFull(full);
  throw QueueFull(full +
                  ", and a job must not wait for room in its own pool: the worker that waits is one that makes room. "
                  "Use try_submit, or overflow = run_in_caller, or no capacity");
}

bool ThreadPool::reserve(Room& room, const Deadline& deadline) {
  const Send reserved = shared_->channel.reserve(room, deadline);
  const Admission admission = reserved == Send::ok ? shared_->rate.try_admit() : Admission::ok;
  if (reserved == Send::closed || admission == Admission::closed) throw PoolStopped();
  if (reserved == Send::ok && admission == Admission::ok) return true;
  ++shared_->rejected;
  return false;  // what was reserved is given back by the caller's Room
}

void ThreadPool::enqueue(UnitPtr unit, Room& room) {
  bounded::InFlight::Entry entry(shared_->in_flight);
  if (shared_->channel.send(std::move(room), unit) == Send::closed) throw PoolStopped();
  entry.hand_over();
}

// Runs the work and lets it go, unless it is somebody else's; how it ended is in `ending` even if it ended this thread.
void ThreadPool::run_unit(UnitPtr& unit, std::optional<std::size_t> worker, Ending& ending) {
  ending = Ending::failed;
  if (auto error = catching([&] { ending = unit->run(worker); })) report("posted work", std::move(error));
  if (ending != Ending::skipped) unit = nullptr;
}

// A worker or the timer, which is where callbacks of jobs run that were late.
bool ThreadPool::on_own_thread() const {
  return current_worker() || shared_->timer_.is_this_thread();
}

void ThreadPool::refuse_own_thread(const char* call) const {
  if (!on_own_thread()) return;
  throw PoolError("pool: " + std::string(call) +
                  " was called by one of the pool's own jobs or their callbacks, which would wait for itself; "
                  "call it on a thread that is not one of the pool's");
}

bool ThreadPool::wait_idle_by(const Deadline& deadline) {
  refuse_own_thread("wait_idle");
  return shared_->in_flight.wait(deadline);
}

void ThreadPool::shutdown(Shutdown queued) {
  refuse_own_thread("shutdown");
  shared_->rate.close();
  shared_->channel.close();
  if (queued == Shutdown::discard) discard_queue();
  join();
}

// #region shutdown_for
bool ThreadPool::shutdown_by(const Deadline& deadline) {
  refuse_own_thread("shutdown_for");
  shared_->rate.close();
  shared_->channel.close();
  if (shared_->in_flight.wait(deadline)) {
    join();
    return true;
  }
  discard_queue();
  shared_->stop.cancel(reason::shutdown);
  return false;
}
// #endregion shutdown_for

void ThreadPool::discard_queue() {
  for (UnitList queued = shared_->channel.drain(); !queued.empty();) drop(queued.pop_front(), reason::shutdown);
}

void ThreadPool::drop(UnitPtr unit, std::string_view why) {
  bool ours = true;
  const Finally counted{[&] {
    ++shared_->dropped;
    if (ours || unit->settle()) shared_->in_flight.done();
  }};
  if (auto error = catching([&] { ours = unit->drop(why); }))
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
void ThreadPool::run(std::size_t index) {  // [start] pairs with the constructor, [end] with join()
  const Worker self{this, index, basic::thread_name(options_.name, index)};
  sync::thread_slot<const Worker>() = &self;
  basic::name_this_thread(self.name);

  const Finally leave{[&] {
    counters_[index].stop();
    sync::thread_slot<const Worker>() = nullptr;
    if (alive_.fetch_sub(1) != 1) return;
    shared_->channel.close();  // the last one out: if jobs have ended all threads, nobody is left to run what is queued
    discard_queue();
  }};
  if (!start(index)) return;
  const Finally stop{[&] {
    if (!options_.on_stop) return;
    if (auto error = catching([&] { options_.on_stop(index); })) report("on_stop", std::move(error));
  }};
  while (UnitPtr unit = shared_->channel.receive()) {
    Ending ending{};
    const Finally counted{[&] {
      counters_[index].end(ended(ending));
      if (ending != Ending::skipped || unit->settle()) shared_->in_flight.done();
    }};
    counters_[index].begin();
    run_unit(unit, index, ending);
  }
}
// #endregion run

// Calls on_start and tells the constructor how that ended, even if it ended this thread.
bool ThreadPool::start(std::size_t index) {
  std::exception_ptr error;
  bool ready = false;
  const Finally announce{[&] {
    {
      std::lock_guard lock(starting_);  // [started] pairs with the constructor
      ++started_.write();
      if (!ready) start_failed_.write() = true;
      if (error) start_error_.write() = std::move(error);
    }
    one_more_.notify_one();
  }};
  if (options_.on_start) error = catching([&] { options_.on_start(index); });
  ready = !error;
  return ready;
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
  return shared_->channel.size();
}

PoolStats ThreadPool::worker_stats() const {
  PoolStats stats;
  for (const bounded::WorkerCounters& worker : counters_) stats.workers.push_back(worker.read());
  stats.dropped = shared_->dropped + shared_->withdrawn;
  stats.ran_in_caller = shared_->ran_in_caller();
  const auto [sent, queued, high_water] =
      shared_->channel.stats();  // after what became of the work: that was sent before
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

std::shared_ptr<JobHost> ThreadPool::job_host() const {
  return shared_;
}

std::optional<std::size_t> ThreadPool::current_worker() const {
  const Worker* self = sync::thread_slot<const Worker>();
  if (self == nullptr || self->pool != this) return std::nullopt;
  return self->index;
}

}  // namespace pool::priority
