// Contract of work-stealing pools, part ten: what scheduling() counts, and how large a crew may be.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include <pool/testing/contract/crew.hpp>
#include <pool/testing/contract/held.hpp>
#include <pool/testing/gate.hpp>
#include <pool/testing/process.hpp>

namespace pool::testing {

// The counts of all workers together.
template <class Pool>
auto scheduling_in_all(const Pool& pool) {
  typename decltype(pool.scheduling())::value_type sum{};
  for (const auto& worker : pool.scheduling()) {
    sum.steals += worker.steals;
    sum.parks += worker.parks;
    sum.wakeups += worker.wakeups;
    sum.injector_takes += worker.injector_takes;
  }
  return sum;
}

template <class Pool>
class PoolCountsScheduling : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolCountsScheduling);

// S4.8
TYPED_TEST_P(PoolCountsScheduling, EachWorkerHasItsCountsAndTheyOnlyGrow) {
  TypeParam pool({.workers = 3});
  std::atomic<bool> done = false;
  std::jthread producer([&] {
    for (int i = 0; i < 3000; ++i) {
      pool.post([&] { pool.post([] {}); });
      if (i % 10 == 0) pool.wait_idle();
    }
    done = true;
  });
  auto before = pool.scheduling();
  while (!done) {
    const auto now = pool.scheduling();
    ASSERT_EQ(now.size(), 3U);
    for (std::size_t i = 0; i < now.size(); ++i) {
      ASSERT_GE(now[i].steals, before[i].steals);
      ASSERT_GE(now[i].parks, before[i].parks);
      ASSERT_GE(now[i].wakeups, before[i].wakeups);
      ASSERT_GE(now[i].injector_takes, before[i].injector_takes);
    }
    before = now;
  }
  pool.wait_idle();
}

// S4.8
TYPED_TEST_P(PoolCountsScheduling, AStealIsTheThiefs) {
  TypeParam pool({.workers = 2});
  std::size_t owner = 0;
  auto before = pool.scheduling();
  pool.submit([&] {
        owner = *pool.current_worker();
        before = pool.scheduling();
        for (int i = 0; i < 10; ++i) {  // one by one: each is a steal of its own
          Gate ran;
          pool.post([&] { ran.open(); });
          ran.wait();
        }
      })
      .get();
  pool.wait_idle();
  const auto after = pool.scheduling();
  EXPECT_EQ(after[1 - owner].steals, before[1 - owner].steals + 10);
  EXPECT_EQ(after[owner].steals, before[owner].steals);
}

// S4.8
TYPED_TEST_P(PoolCountsScheduling, WorkFromOutsideIsAnInjectorTake) {
  HeldCrew<TypeParam> crew(2);
  const auto before = crew.pool.scheduling();
  crew.pool.post([] {});
  crew.release(1);
  while (crew.pool.totals().completed < 2) std::this_thread::yield();
  auto after = crew.pool.scheduling();
  EXPECT_GT(after[1].injector_takes, before[1].injector_takes);
  EXPECT_EQ(after[0].injector_takes, before[0].injector_takes);
  crew.release();
  crew.pool.wait_idle();

  const auto takes = scheduling_in_all(crew.pool).injector_takes;
  crew.pool.submit([&] { crew.pool.post([] {}); }).get();
  crew.pool.wait_idle();
  EXPECT_EQ(scheduling_in_all(crew.pool).injector_takes, takes + 1) << "what a job hands in is not from outside";
}

// S4.8
TYPED_TEST_P(PoolCountsScheduling, AnIdlePoolParksAndIsWokenByWork) {
  TypeParam pool({.workers = 2});
  for (int round = 0; round < 20; ++round) {
    until_parked(pool, 2);
    const auto parked = scheduling_in_all(pool);
    pool.submit([] {}).get();
    const auto woken = scheduling_in_all(pool);
    EXPECT_GT(woken.wakeups, parked.wakeups);
    until_parked(pool, 2);
    EXPECT_GT(scheduling_in_all(pool).parks, parked.parks);
  }
}

// S4.8 R4: nobody parks and wakes in turn while there is nothing to do. (At first one or the other may still be on the
// way, woken in vain, and park once more.)
TYPED_TEST_P(PoolCountsScheduling, AParkedPoolCountsNothing) {
  TypeParam pool({.workers = 4});
  for (int i = 0; i < 100; ++i) pool.post([] {});
  pool.wait_idle();
  until_parked(pool, 4);
  const auto before = scheduling_in_all(pool);
  for (int i = 0; i < 3; ++i) let_others_run();
  const auto after = scheduling_in_all(pool);
  EXPECT_LE(after.parks, before.parks + 4);
  EXPECT_LE(after.wakeups, before.wakeups + 4);
  EXPECT_EQ(after.steals + after.injector_takes, before.steals + before.injector_takes);
}

// S4.1 S1.2 R8
TYPED_TEST_P(PoolCountsScheduling, AThousandWorkersComeAndGo) {
  const std::size_t threads = thread_count();
  {
    std::vector<std::atomic<int>> runs(2000);
    std::unique_ptr<TypeParam> pool;
    try {
      pool = std::make_unique<TypeParam>(typename TypeParam::Options{.workers = 1000});
    } catch (const std::system_error& error) {
      GTEST_SKIP() << "this system has no room for 1000 threads: " << error.what();
    }
    EXPECT_EQ(pool->scheduling().size(), 1000U);
    for (std::size_t i = 0; i < runs.size(); i += 2) {
      pool->post([&, i] {
        ++runs[i];
        pool->post([&, i] { ++runs[i + 1]; });
      });
    }
    pool->wait_idle();
    for (const auto& count : runs) ASSERT_EQ(count, 1);
  }
  EXPECT_TRUE(thread_count_becomes(threads)) << thread_count() << " threads, " << threads << " before";
  EXPECT_THROW(TypeParam({.workers = 1001}), std::invalid_argument);
}

REGISTER_TYPED_TEST_SUITE_P(PoolCountsScheduling, EachWorkerHasItsCountsAndTheyOnlyGrow, AStealIsTheThiefs,
                            WorkFromOutsideIsAnInjectorTake, AnIdlePoolParksAndIsWokenByWork, AParkedPoolCountsNothing,
                            AThousandWorkersComeAndGo);

}  // namespace pool::testing
