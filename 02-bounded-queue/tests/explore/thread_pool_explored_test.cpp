// The pool of stage 02 with one or two workers, under every interleaving. Futures belong to the standard library, which
// the explorer does not see into, so the tests post() and count.
#include <pool/bounded/thread_pool.hpp>
#include <pool/testing/explorer/test.hpp>

#include <chrono>
#include <stdexcept>

namespace pool::bounded {
namespace {

using sync::thread;

EXPLORE(BoundedPool, APostThatWaitsForRoomGetsIt) {
  sync::atomic<int> ran{0};
  ThreadPool pool({.workers = 1, .capacity = 1});
  for (int i = 0; i < 3; ++i) pool.post([&] { ++ran; });
  pool.wait_idle();
  EXPECT_EQ(ran.load(), 3);
}

EXPLORE_WITH(BoundedPool, WaitIdleSeesWhatTheWorkersDid, (Explore{.preemptions = 1})) {
  sync::cell<int> first{0};
  sync::cell<int> second{0};
  ThreadPool pool({.workers = 2});
  pool.post([&] { first.write() = 1; });
  pool.post([&] { second.write() = 2; });
  pool.wait_idle();
  EXPECT_EQ(first.read() + second.read(), 3);
}

// Work counts from before it is queued: a worker may be done with it before the one who posted it goes on.
EXPLORE_WITH(BoundedPool, WaitIdleWaitsForAJobWhoseOwnJobIsFaster, (Explore{.preemptions = 1})) {
  sync::cell<bool> ended{false};
  ThreadPool pool({.workers = 2});
  pool.post([&] {
    pool.post([] {});
    ended.write() = true;
  });
  pool.wait_idle();
  EXPLORE_CHECK(ended.read());
}

EXPLORE(BoundedPool, ShutdownWakesWhoeverWaitsForRoom) {
  int ran = 0;
  int refused = 0;
  ThreadPool pool({.workers = 1, .capacity = 1});
  thread producer([&] {
    for (int i = 0; i < 3; ++i) {
      try {
        pool.post([&] { ++ran; });
      } catch (const PoolStopped&) {
        ++refused;
      }
    }
  });
  pool.shutdown();
  producer.join();
  EXPECT_EQ(ran + refused, 3);
}

EXPLORE(BoundedPool, AJobThatPostsToItsOwnFullPoolGetsAnError) {
  int ran = 0;
  int refused = 0;
  ThreadPool pool({.workers = 1, .capacity = 1});
  pool.post([&] {
    for (int i = 0; i < 2; ++i) {
      try {
        pool.post([&] { ++ran; });
      } catch (const QueueFull&) {
        ++refused;
      }
    }
  });
  pool.wait_idle();
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(refused, 1);
}

EXPLORE(BoundedPool, DropOldestRunsOrDropsEachJob) {
  sync::atomic<std::size_t> ran{0};
  ThreadPool pool({.workers = 1, .capacity = 1, .overflow = Overflow::drop_oldest});
  for (int i = 0; i < 3; ++i) pool.post([&] { ++ran; });
  pool.wait_idle();
  const PoolStats stats = pool.worker_stats();
  EXPECT_EQ(stats.accepted, 3U);
  EXPECT_EQ(ran.load() + stats.dropped, 3U);
  EXPECT_EQ(stats.completed(), ran.load());
}

EXPLORE(BoundedPool, RunInCallerRunsEachJobOnce) {
  sync::atomic<std::size_t> ran{0};
  ThreadPool pool({.workers = 1, .capacity = 1, .overflow = Overflow::run_in_caller});
  for (int i = 0; i < 3; ++i) pool.post([&] { ++ran; });
  pool.wait_idle();
  EXPECT_EQ(ran.load(), 3U);
}

EXPLORE(BoundedPool, ATryThatFindsNoRoomIsNeverRun) {
  sync::atomic<int> ran{0};
  ThreadPool pool({.workers = 1, .capacity = 1});
  int taken = 0;
  for (int i = 0; i < 3; ++i) taken += pool.try_post([&] { ++ran; }) ? 1 : 0;
  pool.wait_idle();
  EXPECT_EQ(ran.load(), taken);
  EXPECT_GE(taken, 1);
}

EXPLORE(BoundedPool, WaitIdleForIsTrueOnlyIfItIs) {
  sync::atomic<bool> ran{false};
  ThreadPool pool({.workers = 1});
  pool.post([&] { ran = true; });
  if (pool.wait_idle_for(std::chrono::milliseconds(5))) EXPLORE_CHECK(ran.load());
}

}  // namespace
}  // namespace pool::bounded
