// SmallPool: a scheduler, the life of its workers as a pool has it, and jobs that know it as their host. Its threads and
// its end are the test's. All work is waited for before anybody is told of the end: what is done there would hide a lost
// wake-up. Its chunks have four cells, and its injector four segments, so that
// all edges are near, and sums short.
#pragma once

#include <pool/priority/job.hpp>
#include <pool/stealing/scheduler.hpp>
#include <pool/testing/errand.hpp>
#include <pool/testing/explorer/test.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace pool::stealing {

using priority::JobHost;
using priority::JobRef;
using priority::JobState;
using priority::JobTask;
using priority::Timer;
using testing::errand;
using testing::Errand;

// A number that others wait for.
class Tally {
 public:
  int add() {
    const int before = number_.fetch_add(1, std::memory_order_acq_rel);
    number_.notify_all();
    return before;
  }
  void wait_for(int least) {
    for (int now = get(); now < least; now = get()) number_.wait(now, std::memory_order_acquire);
  }
  [[nodiscard]] int get() const { return number_.load(std::memory_order_acquire); }

 private:
  sync::atomic<int> number_{0};
};

using Closure = std::function<void()>;
using Task = JobRef<JobTask<void, Closure>>;

class SmallPool : public JobHost {
  class Standstill : public Clock {
   public:
    [[nodiscard]] Time now() const override { return Time{} + std::chrono::hours(1); }
    [[nodiscard]] std::unique_ptr<priority::Alarm> alarm() override { return priority::steady_clock().alarm(); }
  };
  Standstill clock_;
  Timer timer_{clock_};

  Scheduler::Options small(Scheduler::Options options) {
    options.patience = 0;
    options.clock = &clock_;
    if (options.cells == 0) options.cells = 4;
    if (options.segments == 0) options.segments = 4;
    return options;
  }

 public:
  explicit SmallPool(const Scheduler::Options& options = {}) : scheduler(small(options)) {}

  // A job that is not queued yet. (It does not keep the pool: the pool outlives it.)
  Task job(Closure closure, Priority priority = Priority::normal) {
    return Task(
        new JobTask<void, Closure>({.priority = priority}, {std::shared_ptr<void>(), this}, std::move(closure)));
  }

  bool hand_in(UnitPtr unit, std::optional<std::size_t> worker = std::nullopt) {
    UnitList units;
    units.push_back(std::move(unit));
    return scheduler.hand_in(units, worker);
  }
  bool hand_in(const Task& job, std::optional<std::size_t> worker = std::nullopt) {
    return hand_in(share(job), worker);
  }
  static UnitPtr share(const Task& job) {
    job->retain();
    return UnitPtr(&*job);
  }

  // A closure: in its cell; or as a unit, if the calling thread has no segment, as in a pool.
  template <class F>
  bool post(F closure, std::optional<std::size_t> worker = std::nullopt, Priority priority = Priority::normal) {
    const auto make = [&] { return closure; };
    const auto handed = scheduler.hand_in(priority::level_of(priority), worker, make);
    if (handed == Scheduler::Handed::elsewhere) return hand_in(errand(std::move(closure), priority), worker);
    return handed == Scheduler::Handed::in;
  }

  // The life of a worker; and a life that ends after the first piece of work.
  void work(std::size_t worker) {
    while (work_once(worker)) {
    }
  }
  bool work_once(std::size_t worker) {
    Taken taken = scheduler.next(worker);
    if (!taken) return false;
    execute(std::move(taken), worker);
    return true;
  }
  void execute(Taken taken, std::size_t worker) {
    Ending ending{};
    {
      const Scheduler::Running running(scheduler, worker, taken);
      ending = taken.run(worker);
    }
    if (ending != Ending::skipped) taken.release();
    scheduler.ended(taken, worker, ending);
  }

  // For a test that was a worker by hand: says what it has done.
  void rest(std::size_t worker) { scheduler.leave(worker); }

  // As those do who take work away.
  bool drop_one() {
    Taken taken = scheduler.take_any();
    if (!taken) return false;
    const bool ours = taken.drop(priority::reason::dropped);
    scheduler.dropped(taken, !ours);
    return true;
  }

  [[nodiscard]] bool idle() { return scheduler.wait_idle(Deadline::now()); }
  void check_nothing_is_left() {
    EXPECT_TRUE(idle());
    EXPECT_EQ(scheduler.stats().queued, 0U);
  }

  Clock& clock() override { return clock_; }
  Timer& timer() override { return timer_; }
  void withdraw(JobCore& job) override { scheduler.withdraw(job); }
  void overran(const JobCore&) override {}

  Scheduler scheduler;
};

// A job, how often its closure was called, and whether that fits how it ended.
struct Watched {
  explicit Watched(SmallPool& pool, Priority priority = Priority::normal)
      : job(pool.job([this] { ++calls; }, priority)) {}
  void check() const {
    EXPECT_TRUE(has_ended(job->state()));
    EXPECT_EQ(calls, job->state() == JobState::completed ? 1 : 0);
  }
  int calls = 0;
  Task job;
};

}  // namespace pool::stealing
