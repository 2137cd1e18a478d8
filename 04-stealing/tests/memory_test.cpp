// What a job costs in memory: nothing is allocated for one in a steady state, a queued one has 64 bytes and its share of
// a chunk, and what a burst took is given back.
#include <pool/testing/allocations.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <future>
#include <thread>
#include <vector>

#include <pool/stealing/thread_pool.hpp>
#include <pool/testing/gate.hpp>

namespace pool::stealing {
namespace {

using testing::Allocations;
using testing::Gate;

constexpr int kJobs = 1000;

// Allocations in a round, when there were rounds before it in which all of it was queued at once.
template <class Round>
std::size_t allocated_by(ThreadPool& pool, Round&& round) {
  for (int warm_up = 0; warm_up < 3; ++warm_up) {
    Gate release;
    std::atomic<std::size_t> held = 0;
    for (std::size_t i = 0; i < pool.size(); ++i) pool.post([&] { ++held, release.wait(); });
    while (held < pool.size()) std::this_thread::yield();
    round();
    release.open();
    pool.wait_idle();
  }
  const Allocations allocations;
  round();
  pool.wait_idle();
  return allocations.since();
}

// S4.9
TEST(Memory, PostingAllocatesNothing) {
  ThreadPool pool({.workers = 2});
  std::atomic<int> ran = 0;
  EXPECT_EQ(allocated_by(pool,
                         [&] {
                           for (int i = 0; i < kJobs; ++i) pool.post([&] { ++ran; });
                         }),
            0U);
  EXPECT_EQ(ran, 4 * kJobs);
}

// S4.9
TEST(Memory, PostingAtALevelAllocatesNothing) {
  ThreadPool pool({.workers = 2});
  EXPECT_EQ(allocated_by(pool,
                         [&] {
                           for (int i = 0; i < kJobs; ++i) pool.post(static_cast<Priority>(i % 5), [] {});
                         }),
            0U);
}

// S4.9
TEST(Memory, ABulkAllocatesNothing) {
  ThreadPool pool({.workers = 2});
  std::atomic<int> ran = 0;
  const std::vector jobs(kJobs, [&ran] { ++ran; });
  EXPECT_EQ(allocated_by(pool, [&] { pool.post_bulk(jobs); }), 0U);
  EXPECT_EQ(ran, 4 * kJobs);
}

// S4.9
TEST(Memory, WhatJobsPostAllocatesNothing) {
  ThreadPool pool({.workers = 2});
  std::atomic<int> ran = 0;
  const auto round = [&] {
    pool.post([&] {
      for (int i = 0; i < 50; ++i) pool.post([&] { ++ran; });
    });  // as many as a new lane has room for
  };
  for (int warm_up = 0; warm_up < 20; ++warm_up)
    allocated_by(pool, round);  // until each worker has done it once, as a rule
  EXPECT_LE(allocated_by(pool, round), 3U) << "a lane and a chunk, if a worker does it for the first time";
}

// S4.9
TEST(Memory, PostingWithinALimitAllocatesNothing) {
  ThreadPool pool({.workers = 2, .capacity = 2 * kJobs});
  EXPECT_EQ(allocated_by(pool,
                         [&] {
                           for (int i = 0; i < kJobs; ++i) pool.post([] {});
                         }),
            0U);
  EXPECT_EQ(allocated_by(pool,
                         [&] {
                           for (int i = 0; i < kJobs; ++i) ASSERT_TRUE(pool.try_post([] {}));
                         }),
            0U);
}

// S4.9
TEST(Memory, AFutureIsAllThatASubmissionAllocates) {
  ThreadPool pool({.workers = 2});
  std::vector<std::future<int>> futures;
  futures.reserve(8 * kJobs);
  const std::size_t allocated = allocated_by(pool, [&] {
    for (int i = 0; i < kJobs; ++i) futures.push_back(pool.submit([i] { return i; }));
  });
  EXPECT_LE(allocated, 2U * kJobs) << "std::packaged_task makes its state and its result";
}

// S4.9
TEST(Memory, AQueuedJobHasAtMost72BytesAndABurstIsGivenBack) {
  constexpr int kBurst = 100'000;
  ThreadPool pool({.workers = 1});
  const auto burst = [&] {
    Gate held, release;
    pool.post([&] { held.open(), release.wait(); });
    held.wait();
    const std::size_t parks = pool.scheduling()[0].parks;
    const auto before = testing::bytes_in_use.load();
    for (std::size_t i = 0; i < kBurst; ++i) pool.post([i, &pool] { static_cast<void>(i + pool.size()); });
    const auto bytes = testing::bytes_in_use.load() - before;
    release.open();
    while (pool.scheduling()[0].parks == parks) std::this_thread::yield();  // on its way to sleep it gives back
    return static_cast<double>(bytes) / kBurst;
  };
  const auto before = testing::bytes_in_use.load();
  EXPECT_LE(burst(), 72.0);
  EXPECT_LE(burst(), 72.0);
  EXPECT_LE(testing::bytes_in_use.load() - before, 2 * Chunks::kSpare * 16 * 1024);
}

}  // namespace
}  // namespace pool::stealing
