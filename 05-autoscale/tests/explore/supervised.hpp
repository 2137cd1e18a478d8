// Supervised: a scheduler whose workers a supervisor starts, retires and replaces. Its threads are the explorer's, and
// the test tends.
#pragma once

#include <pool/autoscale/supervisor.hpp>
#include <pool/testing/errand.hpp>
#include <pool/testing/explorer/test.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace pool::autoscale {

using testing::errand;

class Supervised {
  class Standstill : public Clock {
   public:
    [[nodiscard]] Time now() const override { return Time{} + std::chrono::hours(1); }
    [[nodiscard]] std::unique_ptr<priority::Alarm> alarm() override { return priority::steady_clock().alarm(); }
  };
  Standstill clock_;

 public:
  Supervised(std::size_t min, std::size_t max)
      : scheduler({.workers = min, .slots = max, .clock = &clock_, .patience = 0, .cells = 4, .segments = 4}),
        supervisor(scheduler, clock_, events,
                   {.min = min, .max = max, .life = [this](std::size_t worker) { live(worker); }}) {
    supervisor.start();
  }

  // Like that of a pool; a job that sets `ends` ends its thread.
  void live(std::size_t worker) {
    supervisor.started(worker, true, nullptr);
    bool died = false;
    for (stealing::Taken taken = scheduler.next(worker); taken; taken = scheduler.next(worker)) {
      died = run(std::move(taken), worker);
      if (died) break;
    }
    scheduler.leave(worker);
    supervisor.left(worker, died);
    left_.fetch_add(1, std::memory_order_acq_rel);
    left_.notify_all();
  }

  void post(std::function<void(std::size_t worker)> f, std::optional<std::size_t> worker = std::nullopt) {
    priority::UnitList units;
    units.push_back(errand([f = std::move(f)](std::optional<std::size_t> who) { f(*who); }));
    EXPLORE_CHECK(scheduler.hand_in(units, worker));
  }

  void until_one_has_left() {
    while (left_.load(std::memory_order_acquire) == 0) left_.wait(0, std::memory_order_acquire);
  }

  // Waits until all is done, and ends.
  void end() {
    EXPECT_TRUE(scheduler.wait_idle(stealing::Deadline::never()));
    scheduler.close();
    supervisor.join();
    EXPECT_EQ(scheduler.stats().queued, 0U);
  }

  Events events;
  Scheduler scheduler;
  Supervisor supervisor;
  std::function<bool(std::size_t worker)> ends = [](std::size_t) { return false; };  // asked after each job

 private:
  sync::atomic<int> left_{0};

  bool run(stealing::Taken taken, std::size_t worker) {
    priority::Ending ending{};
    {
      const Scheduler::Running running(scheduler, worker, taken);
      ending = taken.run(worker);
    }
    if (ending != priority::Ending::skipped) taken.release();
    scheduler.ended(taken, worker, ending);
    return ends(worker);
  }
};

}  // namespace pool::autoscale
