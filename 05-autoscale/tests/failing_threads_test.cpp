// Threads that cannot be created, or do not survive their beginning: fewer workers for a while, and that is all.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include <pthread.h>

#include <pool/autoscale/thread_pool.hpp>
#include <pool/testing/failing_threads.hpp>
#include <pool/testing/gate.hpp>
#include <pool/testing/process.hpp>

#include "watched.hpp"

namespace pool::autoscale {
namespace {

using priority::JobState;
using priority::ManualClock;
using testing::by_hand;
using testing::FailingThread;
using testing::Gate;
using testing::quiet;
using testing::thread_count;
using testing::thread_count_becomes;
using testing::until;
using testing::until_counted;
using Kind = Event::Kind;

// S5.7: at any point: of a fixed size, or between two. The fifth thread is the monitor.
TEST(FailingThreads, TheConstructorThrowsAndLeavesNothing) {
  const std::size_t threads = thread_count();
  for (int k = 0; k <= 4; ++k) {
    const FailingThread armed(k);
    EXPECT_THROW(ThreadPool({.workers = 4}), std::system_error) << k;
    EXPECT_TRUE(thread_count_becomes(threads));
    const FailingThread again(k);
    EXPECT_THROW(ThreadPool(by_hand(4, 8)), std::system_error) << k;
    EXPECT_TRUE(thread_count_becomes(threads));
  }
  const FailingThread armed(5);
  EXPECT_EQ(ThreadPool({.workers = 4}).submit([] { return 1; }).get(), 1);
}

// S5.7: and if a job has ended the only worker by then, nobody is waited for who could not come.
TEST(FailingThreads, TheConstructorDoesNotWaitForWhoHasDied) {
  const std::size_t threads = thread_count();
  Options options = quiet(1);
  for (int round = 0; round < 50; ++round) {
    Job<void> left_behind;
    options.on_start = [&](std::size_t) {
      stealing::ThreadPool& pool = *stealing::ThreadPool::current();
      left_behind = pool.launch({.priority = Priority::low}, [] {});
      pool.post([] { pthread_exit(nullptr); });
    };
    const FailingThread armed(1);
    EXPECT_THROW(ThreadPool{options}, std::system_error);
    left_behind.wait();  // it was done, or dropped
    EXPECT_TRUE(thread_count_becomes(threads));
  }
}

// S5.7: whoever could be started works; the others come later.
TEST(FailingThreads, AtAnyPointOfGrowing) {
  for (int k = 0; k <= 3; ++k) {
    ManualClock clock;
    Options options = by_hand(1, 4);
    options.clock = &clock;
    Gate failed;
    options.on_start = [&](std::size_t worker) {
      if (worker != 0) failed.wait();
    };
    ThreadPool pool(options);
    {
      const FailingThread armed(k);
      pool.scale_to(4);
      EXPECT_EQ(pool.size(), static_cast<std::size_t>(k + 1));
      failed.open();  // who begins after that was created before: it is too early all the same
      until_counted(pool, Kind::started, static_cast<std::size_t>(k) + 1);
      pool.scale_to(4);
      EXPECT_EQ(pool.submit([] { return 1; }).get(), 1);
    }
    clock.advance(std::chrono::milliseconds(10));
    until([&] { return pool.size() == 4; });
    EXPECT_EQ(pool.events().count(Kind::not_started), k < 3 ? 1U : 0U);
  }
}

// S5.7 S5.9: who blocks does so without a substitute, then.
TEST(FailingThreads, WhoBlocksIsAlone) {
  ManualClock clock;
  Options options = by_hand(1, 2);
  options.clock = &clock;
  ThreadPool pool(options);
  const FailingThread armed(0);
  EXPECT_EQ(pool.submit([&] { return pool.blocking([] { return 5; }); }).get(), 5);
  EXPECT_EQ(pool.events().count(Kind::not_started), 1U);
  EXPECT_EQ(pool.size(), 1U);
}

// S5.7: a policy that asks for more each time, and gets none: what it has asked for does not add up.
TEST(FailingThreads, WhatIsDecidedMeanwhileDoesNotAddUp) {
  testing::Watched watched(1, 20);
  watched.oracle.answer = 2;
  {
    const FailingThread armed(0);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(watched.tick().workers, 1U);
    watched.oracle.answer = 0;
    static_cast<void>(watched.tick());
    EXPECT_EQ(watched.pool.events().count(Kind::scaled), 1U);
  }
  watched.clock.advance(std::chrono::seconds(10));
  until([&] { return watched.pool.size() == 3; });
}

// S5.7: of a worker that comes later, it is reported, and it is tried again; at the end, once.
TEST(FailingThreads, WhatOnStartThrowsLaterIsReportedAndTriedAgain) {
  ManualClock clock;
  std::atomic<bool> throws = false;
  std::atomic<int> reported = 0;
  Job<void> never;
  {
    Options options = by_hand(1, 2);
    options.clock = &clock;
    options.on_start = [&](std::size_t) {
      if (throws) throw std::runtime_error("not today");
    };
    options.on_error = [&](std::exception_ptr error) {
      try {
        std::rethrow_exception(error);
      } catch (const std::runtime_error& e) {
        if (std::string(e.what()) == "not today") ++reported;
      }
    };
    ThreadPool pool(options);
    throws = true;
    pool.scale_to(2);
    until_counted(pool, Kind::not_started, 1);
    EXPECT_EQ(reported, 1);
    clock.advance(std::chrono::milliseconds(10));
    until_counted(pool, Kind::not_started, 2);
    EXPECT_EQ(pool.size(), 1U);
    throws = false;
    clock.advance(std::chrono::milliseconds(20));
    until([&] { return pool.events().count(Kind::started) == 2; });
    pool.scale_to(1);
    until_counted(pool, Kind::retired, 1);
    throws = true;
    Gate go;
    pool.post([&] {
      go.wait();
      pthread_exit(nullptr);
    });
    never = pool.launch({}, [] {});
    std::thread ends([&] { pool.shutdown(); });
    go.open();
    ends.join();
    EXPECT_LE(pool.events().count(Kind::not_started), 4U);
  }
  EXPECT_EQ(never.state(), JobState::cancelled);
}

}  // namespace
}  // namespace pool::autoscale
