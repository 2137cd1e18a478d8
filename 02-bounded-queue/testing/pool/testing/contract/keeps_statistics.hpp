// Contract of bounded pools, part three: what worker_stats() says.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include <pool/basic/executor.hpp>
#include <pool/bounded/overflow.hpp>
#include <pool/testing/contract/held.hpp>

namespace pool::testing {

template <class Pool>
class PoolKeepsStatistics : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolKeepsStatistics);

// S2.5
TYPED_TEST_P(PoolKeepsStatistics, ANewPoolHasDoneNothing) {
  TypeParam pool({.workers = 3, .capacity = 2});
  const auto stats = pool.worker_stats();
  EXPECT_EQ(stats.workers.size(), 3U);
  EXPECT_EQ(stats.accepted + stats.rejected + stats.dropped + stats.ran_in_caller, 0U);
  EXPECT_EQ(stats.queued + stats.high_water + stats.completed(), 0U);
  EXPECT_EQ(stats.mean_job().count(), 0);
}

// S2.5
TYPED_TEST_P(PoolKeepsStatistics, EachWorkersJobsAreCountedHoweverTheyEnd) {
  TypeParam pool({.workers = 2, .on_error = [](const std::exception_ptr&) {}});
  std::atomic<int> here = 0;
  std::vector<std::future<void>> pair;
  for (int i = 0; i < 2; ++i) {
    pair.push_back(pool.submit([&] {
      ++here;
      while (here < 2) std::this_thread::yield();  // so each worker has one
    }));
  }
  for (auto& job : pair) job.get();
  for (int i = 0; i < 10; ++i) pool.post([] { throw 1; });
  for (int i = 0; i < 10; ++i) static_cast<void>(pool.submit([] { throw 1; }));
  pool.wait_idle();
  const auto stats = pool.worker_stats();
  EXPECT_EQ(stats.completed(), 22U);
  EXPECT_EQ(stats.accepted, 22U);
  for (const auto& worker : stats.workers) EXPECT_GE(worker.completed, 1U);
}

// S2.5
TYPED_TEST_P(PoolKeepsStatistics, TheQueueHasALengthAndAHighWaterMark) {
  Held<TypeParam> held({});
  held.queue(5);
  EXPECT_EQ(held.pool.worker_stats().queued, 5U);
  EXPECT_EQ(held.pool.worker_stats().high_water, 5U);
  held.release();
  held.pool.wait_idle();
  EXPECT_EQ(held.pool.worker_stats().queued, 0U);
  EXPECT_GE(held.pool.worker_stats().high_water, 5U);
  EXPECT_LE(held.pool.worker_stats().high_water, 6U) << "the job that held the worker was queued too";
}

// S2.5
TYPED_TEST_P(PoolKeepsStatistics, TimeIsSpentInJobsOrBetweenThem) {
  using Clock = std::chrono::steady_clock;
  const auto spin = [](std::chrono::milliseconds time) {
    for (const auto end = Clock::now() + time; Clock::now() < end;) std::this_thread::yield();
  };
  const auto start = Clock::now();
  TypeParam pool({.workers = 1});
  pool.submit(spin, std::chrono::milliseconds(3)).get();
  pool.wait_idle();
  const auto one = pool.worker_stats().workers.at(0);
  EXPECT_EQ(one.completed, 1U);
  EXPECT_GE(one.busy, std::chrono::milliseconds(3));
  EXPECT_EQ(one.mean_job(), one.busy);
  EXPECT_EQ(one.running.count(), 0);

  pool.submit(spin, std::chrono::milliseconds(1)).get();
  pool.wait_idle();
  const auto two = pool.worker_stats().workers.at(0);
  EXPECT_EQ(two.mean_job(), two.busy / 2);
  spin(std::chrono::milliseconds(2));
  EXPECT_GT(pool.worker_stats().workers.at(0).idle, two.idle) << "idle time passes while nothing happens";

  Gate running;
  Gate go;
  pool.post([&] {
    running.open();
    go.wait();
  });
  running.wait();
  spin(std::chrono::milliseconds(1));
  EXPECT_GT(pool.worker_stats().workers.at(0).running.count(), 0) << "the job that runs is seen before it ends";
  go.open();
  pool.shutdown();
  const auto last = pool.worker_stats().workers.at(0);
  EXPECT_LE(last.busy + last.idle, Clock::now() - start);
  spin(std::chrono::milliseconds(1));
  EXPECT_EQ(pool.worker_stats().workers.at(0).idle, last.idle) << "a worker that has ended is not idle";
}

// S2.5 R17
TYPED_TEST_P(PoolKeepsStatistics, AtRestTheCountsAddUp) {
  using bounded::Overflow;
  for (const Overflow overflow : {Overflow::block, Overflow::reject, Overflow::run_in_caller, Overflow::drop_oldest}) {
    std::atomic<std::size_t> refused = 0;
    std::atomic<std::size_t> ran = 0;
    TypeParam pool({.workers = 2, .capacity = 2, .overflow = overflow});
    {
      std::vector<std::jthread> producers;
      for (int p = 0; p < 3; ++p) {
        producers.emplace_back([&] {
          for (int i = 0; i < 1000; ++i) {
            try {
              if (i % 2 == 0) {
                pool.post([&] { ++ran; });
              } else if (!pool.try_post([&] { ++ran; })) {
                ++refused;
              }
            } catch (const bounded::QueueFull&) {
              ++refused;
            }
          }
        });
      }
    }
    pool.wait_idle();
    const auto stats = pool.worker_stats();
    const auto name = to_string(overflow);
    EXPECT_EQ(stats.accepted + stats.rejected, 3000U) << name;
    EXPECT_EQ(stats.rejected, refused) << name;
    EXPECT_EQ(stats.accepted, stats.completed() + stats.ran_in_caller + stats.dropped) << name;
    EXPECT_EQ(stats.completed() + stats.ran_in_caller, ran) << name;
    EXPECT_EQ(stats.queued, 0U) << name;
    EXPECT_LE(stats.high_water, 2U) << name;
    EXPECT_EQ(stats.ran_in_caller != 0, overflow == Overflow::run_in_caller) << name;
    EXPECT_EQ(stats.dropped != 0, overflow == Overflow::drop_oldest) << name;
  }
}

// S2.5
TYPED_TEST_P(PoolKeepsStatistics, DiscardedWorkIsDropped) {
  Held<TypeParam> held({});
  held.queue(7);
  std::thread closer([&] { held.pool.shutdown(basic::Shutdown::discard); });
  while (held.pool.pending() != 0) std::this_thread::yield();
  held.release();
  closer.join();
  const auto stats = held.pool.worker_stats();
  EXPECT_EQ(stats.dropped, 7U);
  EXPECT_EQ(stats.accepted, stats.completed() + stats.dropped);
}

// S2.5 R17
TYPED_TEST_P(PoolKeepsStatistics, WhileJobsRunCountsGrowAndDoNotContradictEachOther) {
  TypeParam pool({.workers = 2, .capacity = 4});
  std::atomic<bool> done = false;
  std::jthread producer([&] {
    for (int i = 0; i < 20'000; ++i) pool.post([] {});
    done = true;
  });
  auto before = pool.worker_stats();
  while (!done) {
    const auto now = pool.worker_stats();
    ASSERT_GE(now.accepted, before.accepted);
    ASSERT_GE(now.completed(), before.completed());
    ASSERT_GE(now.high_water, before.high_water);
    ASSERT_LE(now.completed(), now.accepted);
    ASSERT_LE(now.queued, now.high_water);
    ASSERT_LE(now.high_water, 4U);
    for (std::size_t w = 0; w < 2; ++w) {
      ASSERT_GE(now.workers[w].completed, before.workers[w].completed);
      ASSERT_GE(now.workers[w].busy, before.workers[w].busy);
      ASSERT_GE(now.workers[w].running.count(), 0);
      ASSERT_GE(now.workers[w].idle.count(), 0);
    }
    before = now;
  }
}

REGISTER_TYPED_TEST_SUITE_P(PoolKeepsStatistics, ANewPoolHasDoneNothing, EachWorkersJobsAreCountedHoweverTheyEnd,
                            TheQueueHasALengthAndAHighWaterMark, TimeIsSpentInJobsOrBetweenThem, AtRestTheCountsAddUp,
                            DiscardedWorkIsDropped, WhileJobsRunCountsGrowAndDoNotContradictEachOther);

}  // namespace pool::testing
