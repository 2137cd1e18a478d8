// The pool of stage 01 with one or two workers, under every interleaving. Futures belong to the standard library, which
// the explorer does not see into, so the tests post() and count.
#include <pool/basic/thread_pool.hpp>
#include <pool/testing/explorer/test.hpp>

#include <stdexcept>

namespace pool::basic {
namespace {

// What the constructor and the destructor do concerns all tests; here they have nothing else to do.
EXPLORE(ThreadPool, StartsAndStops) {
  const ThreadPool pool({.workers = 2});
  EXPECT_EQ(pool.size(), 2U);
}

EXPLORE(ThreadPool, DestructorRunsEverythingQueued) {
  sync::atomic<int> ran{0};
  {
    ThreadPool pool({.workers = 1});
    pool.post([&] { ++ran; });
    pool.post([&] { ++ran; });
  }
  EXPECT_EQ(ran.load(), 2);
}

EXPLORE(ThreadPool, PostAgainstShutdownRunsOrThrows) {
  int ran = 0;
  bool refused = false;
  ThreadPool pool({.workers = 1});
  sync::thread poster([&] {
    try {
      pool.post([&] { ++ran; });
    } catch (const PoolStopped&) {
      refused = true;
    }
  });
  pool.shutdown();
  poster.join();
  EXPECT_EQ(ran, refused ? 0 : 1);
}

EXPLORE(ThreadPool, WorkRunsWithoutTheHelpOfShutdown) {
  sync::atomic<bool> ran{false};
  ThreadPool pool({.workers = 2});
  pool.post([&] {
    ran = true;
    ran.notify_one();
  });
  ran.wait(false);
}

EXPLORE(ThreadPool, DiscardDropsWhatHasNotStarted) {
  int ran = 0;
  ThreadPool pool({.workers = 1});
  pool.post([&] { ++ran; });
  pool.shutdown(Shutdown::discard);
  EXPECT_LE(ran, 1);
  EXPECT_EQ(pool.pending(), 0U);
}

EXPLORE(ThreadPool, ShutdownFromTwoThreadsIsOneShutdown) {
  ThreadPool pool({.workers = 1});
  int ran = 0;
  pool.post([&] { ++ran; });
  sync::thread other([&] {
    pool.shutdown();
    EXPECT_EQ(ran, 1) << "each call returns when the workers are gone";
  });
  pool.shutdown();
  EXPECT_EQ(ran, 1);
  other.join();
}

EXPLORE(ThreadPool, AThrowingJobLeavesTheWorkerAtWork) {
  int ran = 0;
  int errors = 0;
  {
    ThreadPool pool({.workers = 1, .on_error = [&](const std::exception_ptr&) { ++errors; }});
    pool.post([] { throw std::runtime_error("a job's"); });
    pool.post([&] { ++ran; });
  }
  EXPECT_EQ(errors, 1);
  EXPECT_EQ(ran, 1);
}

EXPLORE(ThreadPool, WhatHappensBeforePostIsVisibleToTheJob) {
  sync::cell<int> question{0};
  sync::cell<int> answer{0};
  {
    ThreadPool pool({.workers = 1});
    question.write() = 6;
    pool.post([&] { answer.write() = question.read() * 7; });
  }
  EXPECT_EQ(answer.read(), 42);
}

EXPLORE(ThreadPool, AConstructorThatFailsLeavesNoThread) {
  const auto fail = [](std::size_t worker) {
    if (worker == 1) throw std::runtime_error("on_start");
  };
  EXPECT_THROW(ThreadPool({.workers = 2, .on_start = fail}), std::runtime_error);
}

}  // namespace
}  // namespace pool::basic
