// The pool of this stage with one worker, its jobs and those who cancel them, under many interleavings.
#include <pool/stealing/thread_pool.hpp>
#include <pool/testing/explored_jobs.hpp>
#include <pool/testing/explorer/test.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace pool::stealing {
namespace {

EXPLORE_WITH(StealingPool, CancelAgainstAWorkerHasOneWinner, (Explore{.preemptions = 1})) {
  testing::cancel_against_a_worker<ThreadPool>();
}

EXPLORE_WITH(StealingPool, CancelAgainstDiscardIsOneEnding, (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  testing::cancel_against_discard<ThreadPool>();
}

EXPLORE_WITH(StealingPool, ACancelledJobMakesRoomForWhoeverWaits, (Explore{.preemptions = 1})) {
  testing::cancel_against_a_wait_for_room<ThreadPool>();
}

EXPLORE_WITH(StealingPool, WaitIdleDoesNotWaitForWhatWasCancelled,
             (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  testing::cancel_against_wait_idle<ThreadPool>();
}

EXPLORE_WITH(StealingPool, NorForWhatIsCancelledInTheCallersHands,
             (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  testing::cancel_in_the_callers_hands<ThreadPool>();
}

EXPLORE_WITH(StealingPool, TheTotalsNeverContradictThemselves,
             (Explore{.strategy = Strategy::random, .executions = 1500})) {
  testing::totals_while_a_job_fails<ThreadPool>();
}

EXPLORE_WITH(StealingPool, NoMoreIsCancelledThanWasSubmitted,
             (Explore{.strategy = Strategy::random, .executions = 1500})) {
  testing::totals_while_a_job_is_cancelled<ThreadPool>();
}

// Of three that are queued, the worker may have started one when the rest is dropped, and it has claimed all of them.
EXPLORE_WITH(StealingPool, WhatIsBetweenTwoQueuesIsDroppedToo,
             (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  testing::Door door;
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
  testing::shutdown_for_against_jobs<ThreadPool>(testing::Drops::one_by_one);
}

// R20: a job that is cancelled on its way into the queue may come there when the last worker has left. It goes with the
// pool.
EXPLORE_WITH(StealingPool, WhatNoWorkerComesToGoesWithThePool, (Explore{.preemptions = 1})) {
  using Task = priority::JobTask<void, std::function<void()>>;
  std::weak_ptr<priority::JobHost> host;
  {
    ThreadPool pool({.workers = 1, .capacity = 1});
    host = pool.job_host();
    const priority::JobRef<Task> job(new Task({}, pool.job_host(), [] {}));
    sync::thread ends([&] {
      job->cancel(priority::reason::asked);
      pool.shutdown();
    });
    job->retain();
    try {
      pool.enqueue(priority::UnitPtr(&*job));
    } catch (const basic::PoolStopped&) {
    }
    ends.join();
  }
  EXPECT_TRUE(host.expired());
}

}  // namespace
}  // namespace pool::stealing
