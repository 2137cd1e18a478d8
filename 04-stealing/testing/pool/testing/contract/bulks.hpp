// Contract of work-stealing pools, part eight: post_bulk and submit_bulk.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <latch>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <pool/priority/priority.hpp>
#include <pool/testing/contract/crew.hpp>
#include <pool/testing/contract/held.hpp>
#include <pool/testing/contract/once_pass.hpp>
#include <pool/testing/gate.hpp>

namespace pool::testing {

using priority::Priority;

template <class Pool>
class PoolBulks : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolBulks);

// S4.7
TYPED_TEST_P(PoolBulks, EachElementIsRunOnce) {
  std::atomic<int> ran = 0;
  TypeParam pool({.workers = 3});
  const std::vector<Adds> many(1000, Adds{&ran});
  pool.post_bulk(many);
  pool.wait_idle();
  EXPECT_EQ(ran, 1000);
  pool.post_bulk(Priority::low, std::vector<Adds>(10, Adds{&ran}));
  pool.wait_idle();
  EXPECT_EQ(ran, 1010);
  EXPECT_EQ(pool.totals().completed, 1010U);
}

// S4.7
TYPED_TEST_P(PoolBulks, ResultsComeInTheOrderOfTheRange) {
  TypeParam pool({.workers = 3});
  auto results = pool.submit_bulk(OncePass(1000, [](std::size_t number) { return [number] { return number; }; }));
  ASSERT_EQ(results.size(), 1000U);
  for (std::size_t i = 0; i < results.size(); ++i) ASSERT_EQ(results[i].get(), i);
}

// S4.7
TYPED_TEST_P(PoolBulks, ErrorsStayWithTheirElement) {
  TypeParam pool({.workers = 2});
  auto results = pool.submit_bulk(Priority::high, OncePass(4, [](std::size_t number) {
                                    return [number] {
                                      if (number == 2) throw std::runtime_error("the third");
                                    };
                                  }));
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (i == 2) {
      EXPECT_THROW(results[i].get(), std::runtime_error);
    } else {
      EXPECT_NO_THROW(results[i].get());
    }
  }
}

// S4.7
TYPED_TEST_P(PoolBulks, MoveOnlyClosuresWork) {
  TypeParam pool({.workers = 2});
  const auto make = [](std::size_t number) {
    return [owned = std::make_unique<std::size_t>(number)]() mutable { return std::move(owned); };
  };
  auto results = pool.submit_bulk(OncePass(100, make));
  for (std::size_t i = 0; i < results.size(); ++i) ASSERT_EQ(*results[i].get(), i);

  std::vector<decltype(make(0))> closures;
  for (std::size_t i = 0; i < 10; ++i) closures.push_back(make(i));
  const auto moved = [&](std::size_t number) { return std::move(closures[number]); };
  results = pool.submit_bulk(OncePass(closures.size(), moved));
  for (std::size_t i = 0; i < results.size(); ++i) ASSERT_EQ(*results[i].get(), i);
}

// S4.7
TYPED_TEST_P(PoolBulks, AnEmptyRangeIsNothing) {
  TypeParam pool({.workers = 1, .capacity = 1});
  pool.post_bulk(std::vector<Adds>());
  EXPECT_TRUE(pool.submit_bulk(Priority::low, std::vector<Adds>()).empty());
  pool.wait_idle();
  EXPECT_EQ(pool.totals().submitted, 0U);
}

// S4.7 S4.4
TYPED_TEST_P(PoolBulks, TheyHaveAPriorityAndKeepTheirOrder) {
  Held<TypeParam> held({});
  std::vector<std::size_t> started;
  const auto numbered = [&](std::size_t first) {
    return [&started, first](std::size_t number) { return [&started, at = first + number] { started.push_back(at); }; };
  };
  held.pool.post_bulk(OncePass(100, numbered(100)));
  held.pool.post([&] { started.push_back(200); });
  held.pool.post_bulk(Priority::critical, OncePass(100, numbered(0)));
  EXPECT_THROW(held.pool.post_bulk(static_cast<Priority>(5), OncePass(1, numbered(0))), std::invalid_argument);
  held.release();
  held.pool.wait_idle();
  ASSERT_EQ(started.size(), 201U);
  for (std::size_t i = 0; i < started.size(); ++i) ASSERT_EQ(started[i], i);
}

// S4.7 S4.3: as many workers come as there is work for.
TYPED_TEST_P(PoolBulks, ABulkWakesAllWorkers) {
  TypeParam pool({.workers = 4});
  for (int round = 0; round < 50; ++round) {
    std::latch all(4);
    until_parked(pool, 4);
    pool.post_bulk(OncePass(4, [&](std::size_t) { return [&] { all.arrive_and_wait(); }; }));
    all.wait();
    pool.wait_idle();
  }
}

// S4.7: the first are run while the last are still being made, though there is room for all.
TYPED_TEST_P(PoolBulks, WorkBeginsBeforeTheRangeHasEnded) {
  Gate first_ran;
  TypeParam pool({.workers = 1});
  pool.post_bulk(OncePass(1000, [&](std::size_t number) {
    if (number == 500) first_ran.wait();
    return [&first_ran] { first_ran.open(); };
  }));
  pool.wait_idle();
}

// S4.7 S4.4: from a job, it is queued at the worker, and last in first out as all that jobs hand in.
TYPED_TEST_P(PoolBulks, AJobMayHandInABulk) {
  std::vector<std::size_t> started;
  TypeParam pool({.workers = 1});
  pool.submit([&] {
        pool.post_bulk(OncePass(100, [&](std::size_t number) { return [&, number] { started.push_back(number); }; }));
      })
      .get();
  pool.wait_idle();
  ASSERT_EQ(started.size(), 100U);
  for (std::size_t i = 0; i < 100; ++i) ASSERT_EQ(started[i], 99 - i);
}

// S4.7 S4.5
TYPED_TEST_P(PoolBulks, AndWaitForIt) {
  for (const std::size_t workers : {1U, 2U}) {
    TypeParam pool({.workers = workers});
    const auto sum = pool.submit([&] {
                           auto parts = pool.submit_bulk(
                               OncePass(100, [](std::size_t number) { return [number] { return number; }; }));
                           std::size_t all = 0;
                           for (auto& part : parts) {
                             pool.wait(part);
                             all += part.get();
                           }
                           return all;
                         })
                         .get();
    EXPECT_EQ(sum, 99U * 100U / 2U);
  }
}

REGISTER_TYPED_TEST_SUITE_P(PoolBulks, EachElementIsRunOnce, ResultsComeInTheOrderOfTheRange,
                            ErrorsStayWithTheirElement, MoveOnlyClosuresWork, AnEmptyRangeIsNothing,
                            TheyHaveAPriorityAndKeepTheirOrder, ABulkWakesAllWorkers, WorkBeginsBeforeTheRangeHasEnded,
                            AJobMayHandInABulk, AndWaitForIt);

}  // namespace pool::testing
