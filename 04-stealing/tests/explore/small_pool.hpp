// SmallPool: a scheduler, the life of its workers as a pool has it, and jobs that know it as their host. Its threads and
// its end are the test's. All work is waited for before anybody is told of the end: what is done there would hide a lost
// wake-up.
#pragma once

#include <pool/priority/job.hpp>
#include <pool/stealing/scheduler.hpp>
#include <pool/testing/explorer/test.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace pool::stealing {

using priority::JobHost;
using priority::JobRef;
using priority::JobState;
using priority::JobTask;
using priority::Timer;

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

// A closure without a job.
class Errand : public Unit {
 public:
  explicit Errand(std::function<void()> errand = [] {}) : errand_(std::move(errand)) {}
  Ending run(std::optional<std::size_t>) override { return errand_(), Ending::completed; }
  bool drop(std::string_view) override { return true; }

 private:
  std::function<void()> errand_;
};

using Closure = std::function<void()>;
using Task = JobRef<JobTask<void, Closure>>;

class SmallPool : public JobHost {
 public:
  explicit SmallPool(Scheduler::Options options = {}) : scheduler((options.patience = 0, options)) {}

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
  bool post(Closure closure, std::optional<std::size_t> worker = std::nullopt) {
    return hand_in(UnitPtr(new Errand(std::move(closure))), worker);
  }
  static UnitPtr share(const Task& job) {
    job->retain();
    return UnitPtr(&*job);
  }

  // The life of a worker; and a life that ends after the first piece of work.
  void work(std::size_t worker) {
    while (work_once(worker)) {
    }
  }
  bool work_once(std::size_t worker) {
    UnitPtr unit = scheduler.next(worker);
    if (!unit) return false;
    execute(std::move(unit), worker);
    return true;
  }
  void execute(UnitPtr unit, std::size_t worker) {
    const Scheduler::Running running(scheduler, worker, *unit);
    const Ending ending = unit->run(worker);
    scheduler.ended(ending == Ending::skipped ? unit.get() : nullptr);
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

 private:
  class Standstill : public Clock {
   public:
    [[nodiscard]] Time now() const override { return Time{} + std::chrono::hours(1); }
    [[nodiscard]] std::unique_ptr<priority::Alarm> alarm() override { return priority::steady_clock().alarm(); }
  };
  Standstill clock_;
  Timer timer_{clock_};
};

// A job, how often its closure was called, and whether that fits how it ended.
struct Watched {
  explicit Watched(SmallPool& pool) : job(pool.job([this] { ++calls; })) {}
  void check() const {
    EXPECT_TRUE(has_ended(job->state()));
    EXPECT_EQ(calls, job->state() == JobState::completed ? 1 : 0);
  }
  int calls = 0;
  Task job;
};

}  // namespace pool::stealing
