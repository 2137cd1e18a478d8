// Contract of scaling pools, part one: how many workers there are, and what becomes of the work of those who go.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <pool/testing/contract/by_hand.hpp>
#include <pool/testing/gate.hpp>
#include <pool/testing/process.hpp>

namespace pool::testing {

template <class Pool>
class PoolScales : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolScales);

// S5.5
TYPED_TEST_P(PoolScales, SizesAreThoseThatWereAskedFor) {
  EXPECT_EQ(TypeParam({.workers = 3}).size(), 3U);
  EXPECT_EQ(TypeParam({.min_workers = 3}).size(), 3U);
  EXPECT_EQ(TypeParam({.max_workers = 5}).size(), 2U);
  EXPECT_EQ(TypeParam({.max_workers = 1}).size(), 1U);
  EXPECT_EQ(TypeParam().size(), TypeParam::default_workers());
  EXPECT_LE(TypeParam::default_workers(), 32U);
}

// S5.5
TYPED_TEST_P(PoolScales, SizesThatMakeNoSenseAreRefused) {
  EXPECT_THROW(TypeParam({.workers = 2, .max_workers = 4}), std::invalid_argument);
  EXPECT_THROW(TypeParam({.min_workers = 5, .max_workers = 4}), std::invalid_argument);
  EXPECT_THROW(TypeParam({.max_workers = 1001}), std::invalid_argument);
  EXPECT_THROW(TypeParam({.min_workers = 1, .interval = priority::Duration::zero()}), std::invalid_argument);
  EXPECT_THROW(TypeParam({.min_workers = 1, .idle_timeout = priority::Duration(-1)}), std::invalid_argument);
  TypeParam pool(sized_by_hand<TypeParam>(2, 4));
  EXPECT_THROW(pool.scale_to(1), std::invalid_argument);
  EXPECT_THROW(pool.scale_to(5), std::invalid_argument);
}

// S5.5: all of them take part, and those who are gone do not.
TYPED_TEST_P(PoolScales, WorkersComeAndGo) {
  TypeParam pool(sized_by_hand<TypeParam>(1, 4));
  const std::size_t threads = thread_count();
  for (std::size_t round = 1; round <= 3; ++round) {
    pool.scale_to(4);
    EXPECT_EQ(pool.size(), 4U);
    std::vector<Gate> gates(4);
    std::vector<std::future<void>> jobs;
    for (std::size_t i = 0; i < 4; ++i) {
      jobs.push_back(pool.submit([&, i] {
        gates[i].open();
        gates[(i + 1) % 4].wait();  // so each needs a worker of its own
      }));
    }
    for (auto& job : jobs) job.get();
    pool.scale_to(1);
    EXPECT_EQ(pool.size(), 1U);
    until_counted_by(pool, Event::Kind::retired, 3 * round);
    EXPECT_TRUE(thread_count_becomes(threads));
  }
  EXPECT_EQ(pool.events().count(Event::Kind::retired), 9U);
  EXPECT_EQ(pool.worker_stats().workers.size(), 4U) << "seats are used again";
}

// S5.8: whoever goes finishes its job, and what is queued at it is for the others.
TYPED_TEST_P(PoolScales, WhatIsQueuedAtAWorkerThatGoesIsDoneByOthers) {
  for (int round = 0; round < 10; ++round) {
    std::atomic<int> ran = 0;
    Gate both[2];
    Gate go[2];
    TypeParam pool(sized_by_hand<TypeParam>(1, 2));
    pool.scale_to(2);
    for (int i = 0; i < 2; ++i) {
      pool.post([&] {
        const std::size_t worker = *pool.current_worker();
        for (int k = 0; k < 10; ++k) pool.post([&] { ++ran; });
        both[worker].open();
        go[worker].wait();
      });
    }
    for (Gate& here : both) here.wait();
    pool.scale_to(1);
    EXPECT_EQ(pool.size(), 1U);
    EXPECT_EQ(pool.events().count(Event::Kind::retired), 0U) << "its job has not ended";
    for (Gate& one : go) one.open();
    until_counted_by(pool, Event::Kind::retired, 1);
    pool.wait_idle();
    EXPECT_EQ(ran, 20);
  }
}

// S5.8: one sleeps, and is sent home; what comes then is done by the one that stays, who sleeps as well.
TYPED_TEST_P(PoolScales, WhoGoesIsNotCountedOn) {
  TypeParam pool(sized_by_hand<TypeParam>(1, 2));
  for (int round = 0; round < 300; ++round) {
    pool.scale_to(2);
    auto before = pool.submit([round] { return round; });
    pool.scale_to(1);
    auto after = pool.submit([round] { return -round; });
    ASSERT_EQ(before.get(), round);
    ASSERT_EQ(after.get(), -round);
  }
}

// S5.8: exactly once, whatever comes and goes meanwhile: jobs from outside, from jobs, and a wait in them.
TYPED_TEST_P(PoolScales, NothingIsLostUnderLoad) {
  constexpr std::size_t kJobs = 2000;
  std::vector<std::atomic<int>> ran(3 * kJobs);
  TypeParam pool(sized_by_hand<TypeParam>(1, 4));
  std::atomic<bool> stop{false};
  std::thread scaler([&] {
    for (std::size_t size = 1; !stop; size = size % 4 + 1) {
      pool.scale_to(size);
      std::this_thread::yield();
    }
  });
  for (std::size_t i = 0; i < kJobs; ++i) {
    pool.post([&, i] {
      ++ran[3 * i];
      pool.post([&, i] { ++ran[3 * i + 1]; });
      pool.launch({}, [&, i] { ++ran[3 * i + 2]; }).get();
    });
  }
  pool.wait_idle();
  stop = true;
  scaler.join();
  for (const auto& times : ran) ASSERT_EQ(times, 1);
  const auto totals = pool.totals();
  EXPECT_EQ(totals.submitted, totals.completed);
}

// S5.8 S1.5
TYPED_TEST_P(PoolScales, AgainstShutdown) {
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> ran = 0;
    {
      TypeParam pool(sized_by_hand<TypeParam>(1, 3));
      std::thread scaler([&] {
        for (std::size_t size : {3U, 1U, 2U, 1U, 3U}) pool.scale_to(size);
      });
      for (int i = 0; i < 20; ++i) pool.post([&] { ++ran; });
      pool.shutdown();
      scaler.join();
    }
    ASSERT_EQ(ran, 20);
  }
}

// S5.9: two jobs that wait for a third, and there is one worker.
TYPED_TEST_P(PoolScales, WhoBlocksHasOneMoreBesideIt) {
  Gate third;
  TypeParam pool(sized_by_hand<TypeParam>(1, 3));
  std::vector<std::future<int>> jobs;
  for (int i = 0; i < 2; ++i) {
    jobs.push_back(pool.submit([&] {
      return pool.blocking([&] {
        third.wait();
        return pool.blocking([] { return 7; });  // within another it does nothing
      });
    }));
  }
  pool.post([&] { third.open(); });
  for (auto& job : jobs) EXPECT_EQ(job.get(), 7);
}

// S5.9
TYPED_TEST_P(PoolScales, ButNotAboveTheMaximum) {
  Gate go;
  std::atomic<int> begun = 0;
  TypeParam pool(sized_by_hand<TypeParam>(1, 2));
  EXPECT_EQ(pool.blocking([] { return 5; }), 5) << "anybody may call it";
  EXPECT_EQ(pool.size(), 1U);
  auto throws = pool.submit([&] { pool.blocking([] { throw 3; }); });
  EXPECT_THROW(throws.get(), int);
  for (int i = 0; i < 4; ++i) {
    pool.post([&] {
      pool.blocking([&] {
        ++begun;
        go.wait();
      });
    });
  }
  until_true([&] { return begun == 2; });
  EXPECT_EQ(pool.size(), 2U);
  go.open();
  pool.wait_idle();
  EXPECT_EQ(begun, 4);
}

REGISTER_TYPED_TEST_SUITE_P(PoolScales, SizesAreThoseThatWereAskedFor, SizesThatMakeNoSenseAreRefused, WorkersComeAndGo,
                            WhatIsQueuedAtAWorkerThatGoesIsDoneByOthers, WhoGoesIsNotCountedOn, NothingIsLostUnderLoad,
                            AgainstShutdown, WhoBlocksHasOneMoreBesideIt, ButNotAboveTheMaximum);

}  // namespace pool::testing
