// Contract of pools with jobs, part five: how fast work may be handed in.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include <pool/bounded/overflow.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/rate_limit.hpp>
#include <pool/testing/contract/held.hpp>

namespace pool::testing {

template <class Pool>
class PoolRates : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolRates);

// S3.10: the rate limit stands before the queue.
TYPED_TEST_P(PoolRates, RejectsWhatComesTooFast) {
  priority::ManualClock clock;
  TypeParam pool(
      {.workers = 1, .clock = &clock, .rate = {.per_second = 2, .burst = 2, .beyond = priority::Beyond::reject}});
  pool.post([] {});
  static_cast<void>(pool.submit([] {}));
  EXPECT_THROW(pool.post([] {}), priority::RateExceeded);
  EXPECT_THROW(static_cast<void>(pool.launch({}, [] {})), priority::RateExceeded);
  clock.advance(std::chrono::milliseconds(500));
  pool.launch({}, [] {}).get();
  pool.wait_idle();
  EXPECT_EQ(pool.totals().submitted, 3U);
}

// S3.10 S2.3: a try does not wait for the rate, and leaves the work where it was.
TYPED_TEST_P(PoolRates, ATryBeyondTheRateFindsNoRoom) {
  priority::ManualClock clock;
  TypeParam pool({.workers = 1, .capacity = 4, .clock = &clock, .rate = {.per_second = 1}});
  auto witness = std::make_shared<int>(1);
  const auto job = [witness] { return *witness; };
  EXPECT_TRUE(pool.try_post(job));
  EXPECT_FALSE(pool.try_post(job));
  EXPECT_FALSE(pool.try_submit(job).has_value());
  EXPECT_FALSE(pool.try_submit_for(std::chrono::hours(1), job).has_value());
  pool.wait_idle();
  EXPECT_EQ(pool.totals().submitted, 1U);
  EXPECT_EQ(pool.totals().rejected, 3U);
  clock.advance(std::chrono::seconds(1));
  EXPECT_TRUE(pool.try_post(job));
}

// S3.10 R2: work that was let through and found no room has used up nothing.
TYPED_TEST_P(PoolRates, WhatFindsNoRoomDoesNotCountForTheRate) {
  priority::ManualClock clock;
  Held<TypeParam> held({.capacity = 1,
                        .overflow = bounded::Overflow::reject,
                        .clock = &clock,
                        .rate = {.per_second = 1, .burst = 3, .beyond = priority::Beyond::reject}});
  held.queue(1);
  for (int i = 0; i < 10; ++i) EXPECT_THROW(held.pool.post([] {}), bounded::QueueFull);
  held.release();
  held.pool.wait_idle();
  held.pool.post([] {});
  EXPECT_THROW(held.pool.post([] {}), priority::RateExceeded);
}

// S3.10
TYPED_TEST_P(PoolRates, WhoeverIsDelayedGetsHisTurn) {
  priority::ManualClock clock;
  TypeParam pool({.workers = 1, .clock = &clock, .rate = {.per_second = 1}});
  pool.post([] {});
  std::atomic<bool> through = false;
  std::thread late([&] {
    pool.post([] {});
    through = true;
  });
  let_others_run();
  EXPECT_FALSE(through);
  clock.advance(std::chrono::seconds(1));
  late.join();
  pool.wait_idle();
  EXPECT_EQ(pool.totals().completed, 2U);
}

// S3.10 S2.4: whoever is delayed hears of the end.
TYPED_TEST_P(PoolRates, ShutdownWakesWhoeverIsDelayed) {
  priority::ManualClock clock;
  TypeParam pool({.workers = 1, .clock = &clock, .rate = {.per_second = 1}});
  pool.post([] {});
  std::thread late([&] { EXPECT_THROW(pool.post([] {}), basic::PoolStopped); });
  let_others_run();
  pool.shutdown();
  late.join();
}

REGISTER_TYPED_TEST_SUITE_P(PoolRates, RejectsWhatComesTooFast, ATryBeyondTheRateFindsNoRoom,
                            WhatFindsNoRoomDoesNotCountForTheRate, WhoeverIsDelayedGetsHisTurn,
                            ShutdownWakesWhoeverIsDelayed);

}  // namespace pool::testing
