// Contract of pools with jobs, part four: the totals, and waiting for all.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include <pool/bounded/overflow.hpp>
#include <pool/priority/job.hpp>
#include <pool/testing/contract/held.hpp>

namespace pool::testing {

using priority::Priority;

template <class Pool>
class PoolCountsTotals : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolCountsTotals);

// S3.8
TYPED_TEST_P(PoolCountsTotals, EachEndingHasItsCount) {
  Held<TypeParam> held({.on_error = [](const std::exception_ptr&) {}});
  const auto fails = [] { throw std::runtime_error("a job's"); };
  held.pool.post(fails);
  static_cast<void>(held.pool.submit(fails));
  static_cast<void>(held.pool.launch({}, fails));
  static_cast<void>(held.pool.launch({}, [] { return 1; }));
  static_cast<void>(held.pool.submit([] { return 1; }));
  held.pool.launch({}, [] {}).cancel();
  static_cast<void>(held.pool.launch({}, [] { throw priority::Cancelled("its own choice"); }));
  auto totals = held.pool.totals();
  EXPECT_EQ(totals.submitted, 8U);
  EXPECT_EQ(totals.active, 1U);
  EXPECT_EQ(totals.pending, 6U);
  EXPECT_EQ(totals.cancelled, 1U);
  held.release();
  EXPECT_TRUE(held.pool.wait_all(std::chrono::hours(1)));
  totals = held.pool.totals();
  EXPECT_EQ(totals.completed, 3U);
  EXPECT_EQ(totals.failed, 3U);
  EXPECT_EQ(totals.cancelled, 2U);
  EXPECT_EQ(totals.active + totals.pending, 0U);
}

// S3.8 R17: at every point of rest.
TYPED_TEST_P(PoolCountsTotals, AtRestTheyAddUp) {
  using bounded::Overflow;
  for (const Overflow overflow : {Overflow::block, Overflow::reject, Overflow::run_in_caller, Overflow::drop_oldest}) {
    TypeParam pool({.workers = 2, .on_error = [](const std::exception_ptr&) {}, .capacity = 4, .overflow = overflow});
    std::size_t attempts = 0;
    for (int round = 0; round < 20; ++round) {
      {
        std::vector<std::jthread> producers;
        for (int p = 0; p < 3; ++p) {
          producers.emplace_back([&, p] {
            for (int i = 0; i < 40; ++i) {
              try {
                const auto priority = static_cast<Priority>((i + p) % 5);
                if (i % 4 == 0) {
                  pool.post(priority, [] { throw 1; });
                } else if (i % 4 == 1) {
                  static_cast<void>(pool.submit(priority, [] { return 1; }));
                } else {
                  auto job = pool.launch({.priority = priority}, [] { return 1; });
                  if (i % 4 == 2) job.cancel();
                }
              } catch (const bounded::QueueFull&) {
              }
            }
          });
        }
      }
      attempts += 120;
      pool.wait_idle();
      const auto totals = pool.totals();
      ASSERT_EQ(totals.submitted, totals.completed + totals.failed + totals.cancelled) << to_string(overflow);
      ASSERT_EQ(totals.active + totals.pending, 0U);
      ASSERT_EQ(totals.submitted + totals.rejected, attempts) << to_string(overflow);
    }
  }
}

// S3.8
TYPED_TEST_P(PoolCountsTotals, WhileJobsRunTheyAreNeverNegative) {
  TypeParam pool({.workers = 2, .on_error = [](const std::exception_ptr&) {}, .capacity = 8});
  std::atomic<bool> done = false;
  std::jthread producer([&] {
    for (int i = 0; i < 10'000; ++i) {
      pool.post([i] {
        if (i % 2 == 0) throw 1;
      });
    }
    done = true;
  });
  std::size_t completed = 0;
  while (!done) {
    const auto totals = pool.totals();
    ASSERT_GE(totals.completed, completed) << "it only grows";
    completed = totals.completed;
    ASSERT_LE(totals.completed, totals.submitted);  // one by one: a sum may hide a number below zero
    ASSERT_LE(totals.failed, totals.submitted);
    ASSERT_LE(totals.active, totals.submitted);
    ASSERT_EQ(totals.submitted, totals.completed + totals.failed + totals.cancelled + totals.active + totals.pending);
    ASSERT_LE(totals.pending, 8U);
  }
}

// S3.9
TYPED_TEST_P(PoolCountsTotals, WaitAllSaysWhetherAllIsDone) {
  Held<TypeParam> held({});
  EXPECT_FALSE(held.pool.wait_all(std::chrono::milliseconds(1)));
  held.release();
  EXPECT_TRUE(held.pool.wait_all(std::chrono::hours(1)));
}

REGISTER_TYPED_TEST_SUITE_P(PoolCountsTotals, EachEndingHasItsCount, AtRestTheyAddUp, WhileJobsRunTheyAreNeverNegative,
                            WaitAllSaysWhetherAllIsDone);

}  // namespace pool::testing
