// pause() and resume() of the whole pool, with a worker and those who hand in work, under many interleavings. (What the
// scheduler does then has its own, in stage 04.)
//
// Each is told of by an atomic of the test, and not by a wait of the pool's, so that a lost wake-up is not hidden.
#include <pool/metrics/thread_pool.hpp>
#include <pool/testing/explorer/test.hpp>

namespace pool::metrics {
namespace {

using explorer::Explore;
using explorer::Strategy;
using sync::thread;

// A pool of many primitives, which are made and gone in each execution: so there are few of these.
constexpr Explore kFew{.strategy = Strategy::pct, .executions = 150, .steps = 8000};

struct Paused {
  ThreadPool::Options options{.workers = 1, .history = 1, .metrics = false};
  sync::atomic<int> ran{0};
  void work() {
    ran.fetch_add(1, std::memory_order_acq_rel);
    ran.notify_all();
  }
  void wait_for(int least) {
    for (int now = ran.load(); now < least; now = ran.load()) ran.wait(now);
  }
};

// S6.7: a task that comes meanwhile is not lost, and runs afterwards.
EXPLORE_WITH(PauseExplored, WhatComesMeanwhileRunsAfterwards, kFew) {
  Paused test;
  ThreadPool pool(test.options);
  pool.pause();
  const Job<void> task = pool.submit(TaskOptions{}, [&] { test.work(); });
  pool.resume();
  EXPECT_FALSE(pool.paused());
  test.wait_for(1);
  pool.shutdown();
  EXPECT_EQ(test.ran.load(), 1);
  EXPECT_EQ(task.state(), JobState::completed);
}

// S6.7: shutdown ends the pause; what was queued runs, and nobody waits for ever.
EXPLORE_WITH(PauseExplored, ShutdownEndsIt, kFew) {
  Paused test;
  ThreadPool pool(test.options);
  pool.pause();
  pool.post([&] { test.work(); });
  thread pauses([&] { pool.pause(); });
  pool.shutdown();
  pauses.join();
  EXPECT_EQ(test.ran.load(), 1);
}

// S6.7: whoever is last: a pool that does not say that it is paused, works.
EXPLORE_WITH(PauseExplored, ResumeAgainstPause,
             (Explore{.strategy = Strategy::random, .executions = 150, .steps = 8000})) {
  Paused test;
  ThreadPool pool(test.options);
  thread pauses([&] { pool.pause(); });
  pool.resume();
  pauses.join();
  pool.post([&] { test.work(); });
  if (pool.paused()) pool.resume();
  test.wait_for(1);
  pool.shutdown();
}

}  // namespace
}  // namespace pool::metrics
