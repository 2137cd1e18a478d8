// Contract of work-stealing pools, part five: how a wait in a job ends, whatever becomes of what it waits for.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>

#include <pool/basic/executor.hpp>
#include <pool/priority/cancellation.hpp>
#include <pool/priority/job.hpp>
#include <pool/testing/gate.hpp>

namespace pool::testing {

using priority::Cancelled;
using priority::Job;
using priority::JobState;

template <class Pool>
class PoolWaitsForEnds : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolWaitsForEnds);

// S4.5: what is run inside gives its room back.
TYPED_TEST_P(PoolWaitsForEnds, TheCapacityCountsForWhatIsRunInsideToo) {
  TypeParam pool({.workers = 1, .capacity = 1});
  pool.submit([&] {
        for (int i = 0; i < 100; ++i) {
          const auto target = pool.launch({}, [i] { return i; });
          EXPECT_FALSE(pool.try_post([] {}));
          EXPECT_EQ(target.get(), i);
        }
        EXPECT_EQ(pool.pending(), 0U);
      })
      .get();
  pool.wait_idle();
  EXPECT_EQ(pool.totals().completed, 101U);
}

// S4.5 S3.8
TYPED_TEST_P(PoolWaitsForEnds, BothAreActiveMeanwhile) {
  TypeParam pool({.workers = 1});
  const auto inner = pool.submit([&] { return pool.launch({}, [&] { return pool.totals(); }).get(); }).get();
  EXPECT_EQ(inner.active, 2U);
  EXPECT_EQ(inner.pending, 0U);
  pool.wait_idle();
  EXPECT_EQ(pool.totals().completed, 2U);
  EXPECT_EQ(pool.worker_stats().completed(), 2U);
}

// S4.5
TYPED_TEST_P(PoolWaitsForEnds, WaitForEndsInTime) {
  Gate running;
  Gate go;
  TypeParam pool({.workers = 2});
  const auto target = pool.launch({}, [&] {
    running.open();
    go.wait();
  });
  running.wait();
  pool.submit([&] {
        EXPECT_FALSE(target.wait_for(std::chrono::milliseconds(1)));
        EXPECT_THROW(static_cast<void>(target.wait_for(std::chrono::milliseconds(-1))), std::invalid_argument);
        EXPECT_TRUE(pool.launch({}, [] {}).wait_for(std::chrono::hours(1))) << "nobody else can run it";
        go.open();
        EXPECT_TRUE(target.wait_for(std::chrono::hours::max()));
      })
      .get();
}

// S4.5 S3.6 R6: whatever becomes of the target, whoever waits for it hears of it.
TYPED_TEST_P(PoolWaitsForEnds, WhatBecameOfTheTargetReachesWhoeverWaits) {
  TypeParam pool({.workers = 1});
  pool.submit([&] {
        const auto cancelled = pool.launch({}, [] {});
        cancelled.cancel("bored");
        EXPECT_THROW(cancelled.get(), Cancelled);
        EXPECT_EQ(cancelled.info().reason, "bored");
        const auto failed = pool.launch({}, [] { throw std::runtime_error("a job's"); });
        EXPECT_THROW(failed.get(), std::runtime_error);
        const auto gives_up = pool.launch({}, [] { throw Cancelled("its own choice"); });
        EXPECT_THROW(gives_up.get(), Cancelled);
      })
      .get();
  pool.wait_idle();
  EXPECT_EQ(pool.totals().cancelled, 2U);
  EXPECT_EQ(pool.totals().failed, 1U);
}

// S4.5 S1.5
TYPED_TEST_P(PoolWaitsForEnds, SoDoesADiscardingShutdown) {
  Gate running;
  Gate go;
  Job<void> target;
  TypeParam pool({.workers = 1});
  auto waits = pool.submit([&] {
    target = pool.launch({}, [] {});
    running.open();
    go.wait();
    target.get();
  });
  running.wait();
  std::thread closer([&] { pool.shutdown(basic::Shutdown::discard); });
  while (target.state() == JobState::queued) std::this_thread::yield();
  go.open();
  EXPECT_THROW(waits.get(), Cancelled);
  closer.join();
}

// S4.5
TYPED_TEST_P(PoolWaitsForEnds, AJobOfAnotherPoolIsRunThere) {
  TypeParam other({.workers = 1, .name = "other"});
  TypeParam pool({.workers = 1});
  const bool there =
      pool.submit(
              [&] { return other.launch({}, [&] { return other.current_worker() && !pool.current_worker(); }).get(); })
          .get();
  EXPECT_TRUE(there);
}

// S4.5 R20: what has been run inside takes up no memory, however long the job goes on.
TYPED_TEST_P(PoolWaitsForEnds, AJobThatWaitsAgainAndAgainKeepsNothing) {
  auto witness = std::make_shared<int>(0);
  TypeParam pool({.workers = 1});
  const auto kept = pool.submit([&] {
                          for (int i = 0; i < 5000; ++i) pool.launch({}, [&] { return witness; }).wait();
                          return witness.use_count();
                        })
                        .get();
  EXPECT_LE(kept, 100);
}

// S4.5 R1: two jobs wait for one target, that nobody has begun.
TYPED_TEST_P(PoolWaitsForEnds, TwoThatWaitForOneRunItOnce) {
  TypeParam pool({.workers = 2});
  for (int round = 0; round < 500; ++round) {
    std::atomic<int> ran = 0;
    pool.submit([&] {
          const auto target = pool.launch({}, [&] { return ++ran; });
          const auto also_waits = pool.launch({}, [&] { return target.get(); });
          EXPECT_EQ(target.get(), 1);
          EXPECT_EQ(also_waits.get(), 1);
        })
        .get();
    ASSERT_EQ(ran, 1);
  }
}

// S4.5 S3.6 R12: one waits for it, one would steal it, and one cancels it.
TYPED_TEST_P(PoolWaitsForEnds, CancelAgainstHelpHasOneWinner) {
  TypeParam pool({.workers = 2});
  for (int round = 0; round < 500; ++round) {
    std::atomic<int> ran = 0;
    Job<void> target;
    Gate launched;
    auto threw = pool.submit([&] {
      target = pool.launch({}, [&] { ++ran; });
      launched.open();
      try {
        target.get();
      } catch (const Cancelled&) {
        return true;
      }
      return false;
    });
    launched.wait();
    if (round % 2 == 0) std::this_thread::yield();
    target.cancel();
    const bool cancelled = threw.get();
    ASSERT_EQ(ran, cancelled ? 0 : 1);
  }
  pool.wait_idle();
  const auto totals = pool.totals();
  EXPECT_EQ(totals.submitted, totals.completed + totals.cancelled);
}

REGISTER_TYPED_TEST_SUITE_P(PoolWaitsForEnds, TheCapacityCountsForWhatIsRunInsideToo, BothAreActiveMeanwhile,
                            WaitForEndsInTime, WhatBecameOfTheTargetReachesWhoeverWaits, SoDoesADiscardingShutdown,
                            AJobOfAnotherPoolIsRunThere, AJobThatWaitsAgainAndAgainKeepsNothing,
                            TwoThatWaitForOneRunItOnce, CancelAgainstHelpHasOneWinner);

}  // namespace pool::testing
