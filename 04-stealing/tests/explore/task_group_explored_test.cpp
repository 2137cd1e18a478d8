// TaskGroup on a pool with one worker, under many interleavings.
#include <pool/stealing/task_group.hpp>
#include <pool/testing/explorer/test.hpp>

#include <stdexcept>

namespace pool::stealing {
namespace {

using sync::thread;

EXPLORE_WITH(TaskGroup, WhoWaitsSeesWhatThePartsHaveDone, (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  ThreadPool pool({.workers = 1});
  sync::cell<int> left{0};
  sync::cell<int> right{0};
  TaskGroup group(pool);
  group.run([&] { left.write() = 1; });
  group.run([&] { right.write() = 2; });
  group.wait();
  EXPECT_EQ(left.read() + right.read(), 3);
}

EXPLORE_WITH(TaskGroup, WhatAPartAddsIsWaitedFor, (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  ThreadPool pool({.workers = 1});
  sync::cell<int> added{0};
  TaskGroup group(pool);
  group.run([&] { group.run([&] { added.write() = 1; }); });
  group.wait();
  EXPECT_EQ(added.read(), 1);
}

EXPLORE_WITH(TaskGroup, AJobThatWaitsRunsTheParts, (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  ThreadPool pool({.workers = 1});
  int ran = 0;
  const auto job = pool.launch({}, [&] {
    TaskGroup group(pool);
    group.run([&] { ++ran; });
    group.run([&] { ++ran; });
    group.wait();
  });
  job.get();
  EXPECT_EQ(ran, 2);
}

EXPLORE_WITH(TaskGroup, TwoMayWait, (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  ThreadPool pool({.workers = 1});
  sync::atomic<int> ran{0};
  TaskGroup group(pool);
  group.run([&] { ++ran; });
  thread other([&] {
    group.wait();
    EXPECT_EQ(ran.load(), 1);
  });
  group.wait();
  EXPECT_EQ(ran.load(), 1);
  other.join();
}

EXPLORE_WITH(TaskGroup, TheExceptionReachesOneOfTwoWhoWait, (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  ThreadPool pool({.workers = 1});
  TaskGroup group(pool);
  group.run([] { throw std::runtime_error("the part"); });
  sync::atomic<int> thrown{0};
  const auto wait = [&] {
    try {
      group.wait();
    } catch (const std::runtime_error&) {
      ++thrown;
    }
  };
  thread other(wait);
  wait();
  other.join();
  EXPECT_EQ(thrown.load(), 1);
  EXPECT_EQ(group.failed(), 1U);
}

// Nothing of a cancelled group starts, whether it was there before or comes then. (The worker is held meanwhile.)
EXPLORE_WITH(TaskGroup, CancelAgainstRun, (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  ThreadPool pool({.workers = 1});
  sync::atomic<int> door{0};
  pool.post([&] { door.wait(0); });
  int ran = 0;
  TaskGroup group(pool);
  thread canceller([&] { group.cancel(); });
  group.run([&] { ++ran; });
  canceller.join();
  door = 1;
  door.notify_all();
  group.wait();
  pool.wait_idle();
  EXPECT_EQ(ran, 0);
  EXPECT_EQ(pool.totals().completed, 1U) << "the one that held the worker";
}

EXPLORE_WITH(TaskGroup, CancelAgainstWait, (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  ThreadPool pool({.workers = 1});
  sync::atomic<int> ran{0};
  TaskGroup group(pool);
  group.run([&] { ++ran; });
  thread canceller([&] { group.cancel(); });
  group.wait();
  const int at_the_end = ran.load();
  canceller.join();
  pool.wait_idle();
  EXPECT_EQ(ran.load(), at_the_end);
  EXPECT_EQ(pool.totals().completed + pool.totals().cancelled, 1U);
}

}  // namespace
}  // namespace pool::stealing
