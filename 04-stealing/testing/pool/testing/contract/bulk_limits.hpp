// Contract of work-stealing pools, part nine: bulks that meet a limit, of the queue, of the rate, of the pool's life;
// and elements that cannot be made.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <pool/basic/executor.hpp>
#include <pool/bounded/overflow.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/priority.hpp>
#include <pool/priority/rate_limit.hpp>
#include <pool/testing/contract/held.hpp>
#include <pool/testing/contract/once_pass.hpp>

namespace pool::testing {

using priority::Priority;

template <class Pool>
class PoolLimitsBulks : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolLimitsBulks);

// S4.7 S2.1: elements are made when there is room for them, or hardly before.
TYPED_TEST_P(PoolLimitsBulks, TheRangeIsConsumedLazily) {
  std::atomic<int> ran = 0;
  std::atomic<std::size_t> made = 0;
  Held<TypeParam> held({.capacity = 8});
  std::thread producer([&] { held.pool.post_bulk(OncePass(1000, [&](std::size_t) { return ++made, Adds{&ran}; })); });
  while (held.pool.pending() < 8) std::this_thread::yield();
  let_others_run();
  EXPECT_EQ(held.pool.pending(), 8U);
  EXPECT_LE(made, 8U + 64U) << "what there is room for, and a chunk";
  held.release();
  producer.join();
  held.pool.wait_idle();
  EXPECT_EQ(ran, 1000);
  EXPECT_EQ(made, 1000U) << "each is made once";
  EXPECT_LE(held.pool.worker_stats().high_water, 8U);
}

// S4.7 R2: those before it are handed in, it and those behind it never were.
TYPED_TEST_P(PoolLimitsBulks, AnElementThatCannotBeMadeEndsTheBulk) {
  std::atomic<int> ran = 0;
  TypeParam pool({.workers = 2});
  for (const std::size_t bad : {0U, 1U, 100U}) {
    const auto fails = [&ran, bad](std::size_t number) {
      if (number == bad) throw std::runtime_error("no such element");
      return Adds{&ran};
    };
    ran = 0;
    EXPECT_THROW(pool.post_bulk(OncePass(200, fails)), std::runtime_error);
    EXPECT_THROW(static_cast<void>(pool.submit_bulk(OncePass(200, fails))), std::runtime_error);
    pool.wait_idle();
    EXPECT_EQ(ran, static_cast<int>(2 * bad));
    const std::vector<std::function<void()>> one_is_empty = {Adds{&ran}, nullptr, Adds{&ran}};
    EXPECT_THROW(pool.post_bulk(one_is_empty), std::invalid_argument);
    pool.wait_idle();
    EXPECT_EQ(ran, static_cast<int>(2 * bad) + 1);
  }
  const auto totals = pool.totals();
  EXPECT_EQ(totals.submitted, 2U * 101U + 3U);
  EXPECT_EQ(totals.completed, totals.submitted);
}

// S4.7 S2.2: the policy decides about each element.
TYPED_TEST_P(PoolLimitsBulks, InAFullQueueThePolicyDecides) {
  using bounded::Overflow;
  for (const Overflow overflow : {Overflow::reject, Overflow::run_in_caller, Overflow::drop_oldest}) {
    std::atomic<int> ran = 0;
    Held<TypeParam> held({.capacity = 5, .overflow = overflow});
    const std::vector<Adds> many(20, Adds{&ran});
    if (overflow == Overflow::reject) {
      EXPECT_THROW(held.pool.post_bulk(many), bounded::QueueFull);
      EXPECT_GE(held.pool.totals().rejected, 1U);
    } else {
      held.pool.post_bulk(many);
    }
    EXPECT_EQ(held.pool.pending(), 5U) << to_string(overflow);
    EXPECT_EQ(ran, overflow == Overflow::run_in_caller ? 15 : 0) << to_string(overflow);
    held.release();
    held.pool.wait_idle();
    EXPECT_EQ(ran, overflow == Overflow::run_in_caller ? 20 : 5) << to_string(overflow);
    const auto totals = held.pool.totals();
    EXPECT_EQ(totals.submitted, overflow == Overflow::reject ? 6U : 21U) << to_string(overflow);
    EXPECT_EQ(totals.submitted, totals.completed + totals.cancelled) << to_string(overflow);
  }
}

// S4.7 S3.10
TYPED_TEST_P(PoolLimitsBulks, EachElementCountsForTheRate) {
  priority::ManualClock clock;
  std::atomic<int> ran = 0;
  TypeParam pool(
      {.workers = 1, .clock = &clock, .rate = {.per_second = 1, .burst = 3, .beyond = priority::Beyond::reject}});
  EXPECT_THROW(pool.post_bulk(std::vector<Adds>(5, Adds{&ran})), priority::RateExceeded);
  pool.wait_idle();
  EXPECT_EQ(ran, 3);
}

// S4.7 S1.6 S2.4
TYPED_TEST_P(PoolLimitsBulks, ShutdownEndsABulkWithAnError) {
  std::atomic<int> ran = 0;
  Held<TypeParam> held({.capacity = 8});
  const std::vector<Adds> many(1000, Adds{&ran});
  std::thread producer([&] { EXPECT_THROW(held.pool.post_bulk(many), basic::PoolStopped); });
  while (held.pool.pending() < 8) std::this_thread::yield();
  let_others_run();
  std::thread closer([&] { held.pool.shutdown(); });
  producer.join();  // while the worker is held
  held.release();
  closer.join();
  EXPECT_EQ(ran, 8);
  EXPECT_THROW(held.pool.post_bulk(many), basic::PoolStopped);
  EXPECT_THROW(static_cast<void>(held.pool.submit_bulk(many)), basic::PoolStopped);
  EXPECT_EQ(ran, 8);
  EXPECT_EQ(held.pool.totals().submitted, 9U);
}

// S4.7 S2.2: nor does it wait for room in its own pool.
TYPED_TEST_P(PoolLimitsBulks, ABulkThatAJobHandsInToItsFullPoolIsRefused) {
  std::atomic<int> ran = 0;
  TypeParam pool({.workers = 1, .capacity = 4});
  const std::vector<Adds> many(20, Adds{&ran});
  pool.submit([&] { EXPECT_THROW(pool.post_bulk(many), bounded::QueueFull); }).get();
  pool.wait_idle();
  EXPECT_EQ(ran, 4);
  EXPECT_EQ(pool.totals().submitted, 5U);
}

// S4.7 R1: several at once, through a small queue.
TYPED_TEST_P(PoolLimitsBulks, SeveralProducersAtOnce) {
  constexpr std::size_t kProducers = 3;
  constexpr std::size_t kEach = 2000;
  std::vector<std::atomic<int>> runs(kProducers * kEach);
  TypeParam pool({.workers = 2, .capacity = 50});
  {
    std::vector<std::jthread> producers;
    for (std::size_t p = 0; p < kProducers; ++p) {
      producers.emplace_back([&, p] {
        pool.post_bulk(static_cast<Priority>(p), OncePass(kEach, [&, p](std::size_t number) {
                         return [&runs, at = p * kEach + number] { ++runs[at]; };
                       }));
      });
    }
  }
  pool.wait_idle();
  for (const auto& count : runs) ASSERT_EQ(count, 1);
  EXPECT_LE(pool.worker_stats().high_water, 50U);
}

REGISTER_TYPED_TEST_SUITE_P(PoolLimitsBulks, TheRangeIsConsumedLazily, AnElementThatCannotBeMadeEndsTheBulk,
                            InAFullQueueThePolicyDecides, EachElementCountsForTheRate, ShutdownEndsABulkWithAnError,
                            ABulkThatAJobHandsInToItsFullPoolIsRefused, SeveralProducersAtOnce);

}  // namespace pool::testing
