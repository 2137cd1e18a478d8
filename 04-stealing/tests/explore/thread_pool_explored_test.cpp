// The pool of this stage with one worker, its jobs and those who cancel them, under many interleavings.
#include <pool/stealing/thread_pool.hpp>
#include <pool/testing/explorer/test.hpp>

#include <chrono>
#include <string>

namespace pool::stealing {
namespace {

using priority::JobState;
using priority::ManualClock;
using sync::thread;

// Keeps a worker busy until it is opened.
class Door {
 public:
  void open() {
    open_ = 1;
    open_.notify_all();
  }
  void wait() { open_.wait(0); }

 private:
  sync::atomic<int> open_{0};
};

EXPLORE_WITH(StealingPool, CancelAgainstAWorkerHasOneWinner, (Explore{.preemptions = 1})) {
  sync::atomic<int> ran{0};
  ThreadPool pool({.workers = 1});
  auto job = pool.launch({}, [&] { ++ran; });
  job.cancel();
  job.wait();
  EXPECT_EQ(ran.load(), job.state() == JobState::completed ? 1 : 0);
  pool.wait_idle();
  const Totals totals = pool.totals();
  EXPECT_EQ(totals.submitted, 1U);
  EXPECT_EQ(totals.completed + totals.cancelled, 1U);
  EXPECT_EQ(totals.completed, static_cast<std::size_t>(ran.load()));
}

EXPLORE_WITH(StealingPool, CancelAgainstDiscardIsOneEnding, (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  Door door;
  ThreadPool pool({.workers = 1});
  pool.post([&] { door.wait(); });
  auto job = pool.launch({}, [] {});
  thread canceller([&] {
    job.cancel();
    door.open();
  });
  pool.shutdown(Shutdown::discard);
  canceller.join();
  EXPECT_NE(job.state(), JobState::running);
  const Totals totals = pool.totals();
  EXPECT_EQ(totals.completed + totals.cancelled, 2U);
  EXPECT_EQ(totals.active + totals.pending, 0U);
}

EXPLORE_WITH(StealingPool, ACancelledJobMakesRoomForWhoeverWaits, (Explore{.preemptions = 1})) {
  Door door;
  ThreadPool pool({.workers = 1, .capacity = 1});
  pool.post([&] { door.wait(); });
  auto job = pool.launch({}, [] {});
  thread canceller([&] { job.cancel(); });
  pool.post([] {});  // while the worker is held
  canceller.join();
  door.open();
  pool.wait_idle();
}

EXPLORE_WITH(StealingPool, WaitIdleDoesNotWaitForWhatWasCancelled,
             (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  ThreadPool pool({.workers = 1});
  Door door;
  pool.post([&] { door.wait(); });
  auto job = pool.launch({}, [] {});
  thread canceller([&] {
    door.open();
    job.cancel();
  });
  pool.wait_idle();
  EXPECT_TRUE(has_ended(job.state()));
  canceller.join();
}

// The queue is full, so the caller runs the job itself, and somebody cancels it at that moment.
EXPLORE_WITH(StealingPool, NorForWhatIsCancelledInTheCallersHands,
             (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  Door door;
  ManualClock clock;
  ThreadPool pool({.workers = 1, .capacity = 1, .overflow = Overflow::run_in_caller, .clock = &clock});
  pool.post([&] { door.wait(); });
  pool.post([] {});                                          // queued, or run here
  auto job = pool.launch({.deadline = clock.now()}, [] {});  // it is the timer that cancels it, or we do
  door.open();
  pool.wait_idle();
  EXPECT_TRUE(has_ended(job.state()));
}

// At random: the counters' readers try again as often as they like, so there is no end of interleavings.
EXPLORE_WITH(StealingPool, TheTotalsNeverContradictThemselves,
             (Explore{.strategy = Strategy::random, .executions = 1500})) {
  Door failing;
  ThreadPool pool({.workers = 1, .on_error = [&](const std::exception_ptr&) { failing.open(); }});
  pool.post([] { throw 1; });
  failing.wait();
  const Totals totals = pool.totals();
  EXPECT_LE(totals.completed, totals.submitted);  // one by one: a sum of unsigned numbers may hide one below zero
  EXPECT_LE(totals.failed, totals.submitted);
  EXPECT_LE(totals.active, 1U);
  EXPECT_EQ(totals.cancelled, 0U);
  pool.wait_idle();
  EXPECT_EQ(pool.totals().failed, 1U);
}

EXPLORE_WITH(StealingPool, NoMoreIsCancelledThanWasSubmitted,
             (Explore{.strategy = Strategy::random, .executions = 1500})) {
  Door door;
  ThreadPool pool({.workers = 1});
  pool.post([&] { door.wait(); });
  thread other([&] {
    pool.launch({}, [] {}).cancel();
    door.open();
  });
  const Totals totals = pool.totals();
  EXPECT_LE(totals.cancelled + 1, totals.submitted) << "the first was submitted here, and is not cancelled";
  EXPECT_LE(totals.completed, totals.submitted);
  EXPECT_LE(totals.active, 2U);
  other.join();
}

// Of three that are queued, the worker may have started one when the rest is dropped, and it has claimed all of them.
EXPLORE_WITH(StealingPool, WhatIsBetweenTwoQueuesIsDroppedToo,
             (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  Door door;
  sync::atomic<int> ran{0};
  ThreadPool pool({.workers = 1});
  for (int i = 0; i < 3; ++i) {
    pool.post([&] {
      ++ran;
      door.wait();
    });
  }
  EXPECT_FALSE(pool.shutdown_for(std::chrono::milliseconds(1)));
  EXPECT_EQ(pool.pending(), 0U);
  door.open();
  pool.shutdown();
  EXPECT_LE(ran.load(), 1);
}

EXPLORE_WITH(StealingPool, ShutdownForEndsWhatRunsAndWhatIsQueued,
             (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  ThreadPool pool({.workers = 1});
  auto running = pool.launch({}, [](const CancelToken& token) {
    token.wait(std::chrono::hours::max());
    return token.reason();
  });
  auto queued = pool.launch({}, [] {});
  if (!pool.shutdown_for(std::chrono::milliseconds(1))) {
    EXPECT_EQ(pool.pending(), 0U);
    pool.shutdown();
  }
  EXPECT_TRUE(has_ended(running.state()));
  EXPECT_TRUE(has_ended(queued.state()));
}

}  // namespace
}  // namespace pool::stealing
