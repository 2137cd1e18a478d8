// Contract of work-stealing pools, part one: work goes to whoever is free, wherever it was queued.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

#include <pool/basic/executor.hpp>
#include <pool/priority/job.hpp>
#include <pool/priority/priority.hpp>
#include <pool/testing/contract/crew.hpp>
#include <pool/testing/contract/held.hpp>
#include <pool/testing/gate.hpp>

namespace pool::testing {

using priority::Job;
using priority::JobState;
using priority::Priority;

// The body of `jobs` jobs: the first that starts returns when all others have run. All of them end if no job waits that
// another worker could run.
class TheFirstWaits {
 public:
  explicit TheFirstWaits(int jobs) : others_(jobs - 1) {}
  void run() {
    if (!one_waits_.exchange(true)) {
      it_waits.open();
      all_ran_.wait();
    } else if (--others_ == 0) {
      all_ran_.open();
    }
  }
  Gate it_waits;

 private:
  std::atomic<bool> one_waits_{false};
  std::atomic<int> others_;
  Gate all_ran_;
};

template <class Pool>
class PoolSteals : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolSteals);

// S4.1 S4.3
TYPED_TEST_P(PoolSteals, WhatAHeldJobHasHandedInRunsOnTheOtherWorker) {
  std::atomic<int> left = 100;
  std::atomic<int> at_home = 0;
  Gate all_ran;
  TypeParam pool({.workers = 2});
  pool.submit([&] {
        const auto home = pool.current_worker();
        for (int i = left; i > 0; --i) {
          pool.post([&, home] {
            at_home += pool.current_worker() == home ? 1 : 0;
            if (--left == 0) all_ran.open();
          });
        }
        all_ran.wait();
      })
      .get();
  EXPECT_EQ(at_home, 0);
}

// S4.1: from one job to all workers at once, and from outside.
TYPED_TEST_P(PoolSteals, AllIdleWorkersTakePart) {
  TypeParam pool({.workers = 4});
  for (int round = 0; round < 200; ++round) {
    std::latch from_a_job(4);
    pool.post([&] {
      for (int i = 0; i < 3; ++i) pool.post([&] { from_a_job.arrive_and_wait(); });
      from_a_job.arrive_and_wait();
    });
    from_a_job.wait();
    std::latch from_outside(4);
    for (int i = 0; i < 4; ++i) pool.post([&] { from_outside.arrive_and_wait(); });
    from_outside.wait();
    pool.wait_idle();  // the latches go
  }
}

// S4.1 R1
TYPED_TEST_P(PoolSteals, EveryJobRunsOnceWhoeverTakesIt) {
  constexpr std::size_t kProducers = 3;
  constexpr std::size_t kTrees = 300;
  constexpr std::size_t kTree = 15;  // a job, its two, their four and their eight, numbered like a heap's
  std::vector<std::atomic<int>> runs(kProducers * kTrees * kTree);
  TypeParam pool({.workers = 4});
  std::function<void(std::size_t, std::size_t)> grow = [&](std::size_t tree, std::size_t node) {
    ++runs[tree * kTree + node];
    for (const std::size_t child : {2 * node + 1, 2 * node + 2}) {
      if (child < kTree) pool.post(static_cast<Priority>((tree + child) % 5), [&, tree, child] { grow(tree, child); });
    }
  };
  {
    std::vector<std::jthread> producers;
    for (std::size_t p = 0; p < kProducers; ++p) {
      producers.emplace_back([&, p] {
        for (std::size_t i = 0; i < kTrees; ++i) pool.post([&, tree = p * kTrees + i] { grow(tree, 0); });
      });
    }
  }
  pool.wait_idle();
  for (const auto& count : runs) ASSERT_EQ(count, 1);
}

// S4.3: a job that waits for those behind it, many times.
TYPED_TEST_P(PoolSteals, OfThirtyTwoJobsTheFirstMayWaitForTheLast) {
  TypeParam pool({.workers = 2});
  for (const int levels : {1, 2, 5}) {
    for (int round = 0; round < 350; ++round) {
      TheFirstWaits jobs(32);
      for (int i = 0; i < 32; ++i) pool.post(static_cast<Priority>(i % levels), [&] { jobs.run(); });
      pool.wait_idle();
    }
  }
}

// S4.3: the same when one worker has claimed what it could, and only then the other comes.
TYPED_TEST_P(PoolSteals, WhatOneWorkerHasClaimedTheOtherRuns) {
  for (const int levels : {1, 2, 5}) {
    for (const std::size_t first : {0U, 1U}) {
      TheFirstWaits jobs(32);
      HeldCrew<TypeParam> crew(2);
      for (int i = 0; i < 32; ++i) crew.pool.post(static_cast<Priority>(i % levels), [&] { jobs.run(); });
      crew.release(first);
      jobs.it_waits.wait();
      crew.release();
      crew.pool.wait_idle();
    }
  }
}

// S4.3
TYPED_TEST_P(PoolSteals, SoItIsWithWorkThatAJobHasHandedIn) {
  TypeParam pool({.workers = 2});
  for (const int levels : {1, 2, 5}) {
    for (int round = 0; round < 100; ++round) {
      TheFirstWaits jobs(32);
      pool.post([&] {
        for (int i = 0; i < 32; ++i) pool.post(static_cast<Priority>(i % levels), [&] { jobs.run(); });
      });
      pool.wait_idle();
    }
  }
}

// S4.3 S3.6 S3.8: of the jobs that a worker has claimed, one is cancelled while the worker is held by the first.
TYPED_TEST_P(PoolSteals, AClaimedJobCanBeCancelled) {
  std::atomic<int> ran = 0;
  std::atomic<int> ran_though_cancelled = 0;
  auto witness = std::make_shared<int>(0);
  Gate running;
  Gate go;
  Held<TypeParam> held({.capacity = 8});
  held.pool.post([&] {
    running.open();
    go.wait();
  });
  for (int i = 0; i < 3; ++i) held.pool.post([&] { ++ran; });
  const auto job = held.pool.launch({}, [&ran_though_cancelled, witness] { ++ran_though_cancelled; });
  for (int i = 0; i < 3; ++i) held.pool.post([&] { ++ran; });
  held.release();
  running.wait();
  EXPECT_EQ(held.pool.pending(), 7U);
  EXPECT_TRUE(job.cancel());
  EXPECT_EQ(job.state(), JobState::cancelled);
  EXPECT_EQ(witness.use_count(), 1) << "its closure is gone at once";
  EXPECT_EQ(held.pool.pending(), 6U);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(held.pool.try_post([&] { ++ran; })) << "its room is free at once";
  EXPECT_FALSE(held.pool.try_post([] {}));
  go.open();
  held.pool.wait_idle();
  EXPECT_EQ(ran, 8);
  EXPECT_EQ(ran_though_cancelled, 0);
  const auto totals = held.pool.totals();
  EXPECT_EQ(totals.submitted, 11U);
  EXPECT_EQ(totals.completed, 10U);
  EXPECT_EQ(totals.cancelled, 1U);
  EXPECT_EQ(totals.active + totals.pending, 0U);
}

// S4.1 S3.6 R12: three threads after each job, two that would run it and one that cancels it.
TYPED_TEST_P(PoolSteals, CancelAgainstStealHasOneWinner) {
  constexpr std::size_t kJobs = 40;
  TypeParam pool({.workers = 2});
  for (int round = 0; round < 100; ++round) {
    std::vector<std::atomic<int>> runs(kJobs);
    std::vector<Job<void>> jobs(kJobs);
    Gate launched;
    pool.post([&] {
      for (std::size_t i = 0; i < kJobs; ++i) jobs[i] = pool.launch({}, [&runs, i] { ++runs[i]; });
      launched.open();
    });
    launched.wait();
    for (std::size_t i = 0; i < kJobs; i += 2) jobs[i].cancel();
    pool.wait_idle();
    for (std::size_t i = 0; i < kJobs; ++i) ASSERT_EQ(runs[i], jobs[i].state() == JobState::completed ? 1 : 0);
  }
  const auto totals = pool.totals();
  EXPECT_EQ(totals.submitted, 100 * (kJobs + 1));
  EXPECT_EQ(totals.submitted, totals.completed + totals.cancelled);
}

// S4.3 S1.5: what is claimed, and what a job has handed in, is dropped while its worker is held.
TYPED_TEST_P(PoolSteals, ADiscardingShutdownReachesWhatWorkersHaveQueued) {
  Gate handed_in;
  Gate go;
  std::vector<std::future<void>> dropped;
  Held<TypeParam> held({});
  auto runs = held.pool.submit([&] {
    for (int i = 0; i < 4; ++i) dropped.push_back(held.pool.submit(static_cast<Priority>(i), [] {}));
    handed_in.open();
    go.wait();
  });
  for (int i = 0; i < 4; ++i) dropped.push_back(held.pool.submit([] {}));
  held.release();
  handed_in.wait();
  EXPECT_EQ(held.pool.pending(), 8U);
  std::thread closer([&] { held.pool.shutdown(basic::Shutdown::discard); });
  for (auto& future : dropped) EXPECT_THROW(future.get(), std::future_error);
  go.open();
  closer.join();
  runs.get();
  EXPECT_EQ(held.pool.totals().cancelled, 8U);
}

REGISTER_TYPED_TEST_SUITE_P(PoolSteals, WhatAHeldJobHasHandedInRunsOnTheOtherWorker, AllIdleWorkersTakePart,
                            EveryJobRunsOnceWhoeverTakesIt, OfThirtyTwoJobsTheFirstMayWaitForTheLast,
                            WhatOneWorkerHasClaimedTheOtherRuns, SoItIsWithWorkThatAJobHasHandedIn,
                            AClaimedJobCanBeCancelled, CancelAgainstStealHasOneWinner,
                            ADiscardingShutdownReachesWhatWorkersHaveQueued);

}  // namespace pool::testing
