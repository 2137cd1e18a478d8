// What a worker leaves behind that goes, or whose thread is ended, is done by others, each piece once: under many
// interleavings, by the code that ships. All work is waited for before anybody is told of the end, which would hide a
// lost wake-up.
#include "supervised.hpp"

#include <cstddef>
#include <optional>

namespace pool::autoscale {
namespace {

// Each was done so often as it should.
struct Done {
  sync::atomic<int> times{0};
  void add() { times.fetch_add(1, std::memory_order_acq_rel); }
};

// S5.8: two workers and three jobs, one of which comes from a job; one is sent home meanwhile.
EXPLORE_WITH(Retiring, AgainstWhatIsQueued, (Explore{.strategy = Strategy::pct, .executions = 1500, .steps = 5000})) {
  Supervised pool(1, 2);
  pool.supervisor.scale_to(2);
  Done done;
  pool.post([&](std::size_t worker) {
    pool.post([&](std::size_t) { done.add(); }, worker);
    done.add();
  });
  pool.post([&](std::size_t) { done.add(); });
  pool.supervisor.scale_to(1);
  pool.end();
  EXPECT_EQ(done.times.load(std::memory_order_acquire), 3);
}

// Asleep, or about to be, when it is sent home; what comes then is for the other one.
EXPLORE_WITH(Retiring, AgainstWhatComes, (Explore{.strategy = Strategy::pct, .executions = 1500, .steps = 5000})) {
  Supervised pool(1, 2);
  pool.supervisor.scale_to(2);
  Done done;
  sync::thread other([&] { pool.post([&](std::size_t) { done.add(); }); });
  pool.supervisor.scale_to(1);
  pool.post([&](std::size_t) { done.add(); });
  other.join();
  pool.until_one_has_left();
  pool.end();
  EXPECT_EQ(done.times.load(std::memory_order_acquire), 2);
}

// V1: the seat of one that goes is used again; both write the same slot.
EXPLORE_WITH(Retiring, TheSeatIsUsedAgain, (Explore{.strategy = Strategy::pct, .executions = 1000, .steps = 5000})) {
  Supervised pool(1, 2);
  Done done;
  for (int i = 0; i < 2; ++i) {
    pool.supervisor.scale_to(2);
    pool.post([&](std::size_t worker) {
      pool.post([&](std::size_t) { done.add(); }, worker);
      done.add();
    });
    pool.supervisor.scale_to(1);
    static_cast<void>(pool.supervisor.tend());
  }
  pool.end();
  EXPECT_EQ(done.times.load(std::memory_order_acquire), 4);
}

// S5.6: the only worker dies, and leaves something in its claim and its lane. Its seat has another one, who does that.
EXPLORE_WITH(Recovery, WhatTheOnlyWorkerLeaves,
             (Explore{.strategy = Strategy::pct, .executions = 1500, .steps = 5000})) {
  Supervised pool(1, 1);
  Done done;
  sync::atomic<bool> died{false};
  pool.ends = [&](std::size_t) { return !died.exchange(true, std::memory_order_acq_rel); };
  for (int i = 0; i < 2; ++i) {
    pool.post([&](std::size_t worker) {
      pool.post([&](std::size_t) { done.add(); }, worker);
      done.add();
    });
  }
  pool.until_one_has_left();
  static_cast<void>(pool.supervisor.tend());
  pool.end();
  EXPECT_EQ(done.times.load(std::memory_order_acquire), 4);
  EXPECT_EQ(pool.events.seen().count(Event::Kind::started), 2U);
}

// It dies when it is about to go: nobody takes its place, and nothing is lost.
EXPLORE_WITH(Recovery, AgainstRetiring, (Explore{.strategy = Strategy::pct, .executions = 1500, .steps = 5000})) {
  Supervised pool(1, 2);
  pool.supervisor.scale_to(2);
  Done done;
  pool.ends = [&](std::size_t worker) { return worker == 1; };
  for (int i = 0; i < 2; ++i) pool.post([&](std::size_t) { done.add(); });
  pool.supervisor.scale_to(1);
  EXPECT_TRUE(pool.scheduler.wait_idle(stealing::Deadline::never()));
  pool.end();
  EXPECT_EQ(done.times.load(std::memory_order_acquire), 2);
  EXPECT_EQ(pool.events.seen().count(Event::Kind::started), 2U);
}

}  // namespace
}  // namespace pool::autoscale
