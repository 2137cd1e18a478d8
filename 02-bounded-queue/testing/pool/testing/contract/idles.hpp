// Contract of bounded pools, part four: wait_idle and wait_idle_for.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <pool/basic/executor.hpp>
#include <pool/bounded/overflow.hpp>
#include <pool/testing/contract/held.hpp>

namespace pool::testing {

template <class Pool>
class PoolIdles : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolIdles);

// S2.6
TYPED_TEST_P(PoolIdles, WaitIdleReturnsWhenAllIsDoneAndThePoolGoesOn) {
  TypeParam pool({.workers = 3, .capacity = 8});
  pool.wait_idle();                // nothing to wait for
  std::vector<int> results(1000);  // plain: wait_idle() makes them visible
  for (int round = 1; round <= 5; ++round) {
    for (int& result : results) pool.post([&result] { ++result; });
    pool.wait_idle();
    for (const int result : results) ASSERT_EQ(result, round);
  }
}

// S2.6 R3: no shutdown helps, and nothing else happens in the pool.
TYPED_TEST_P(PoolIdles, WaitIdleIsWokenByTheLastJob) {
  TypeParam pool({.workers = 2});
  for (int round = 0; round < 2000; ++round) {
    int ran = 0;
    pool.post([&] { ran = 1; });
    pool.wait_idle();
    ASSERT_EQ(ran, 1);
  }
}

// S2.6
TYPED_TEST_P(PoolIdles, WaitIdleForSaysWhetherThePoolIsIdle) {
  Held<TypeParam> held({});
  EXPECT_FALSE(held.pool.wait_idle_for(std::chrono::seconds(0)));
  EXPECT_FALSE(held.pool.wait_idle_for(std::chrono::milliseconds(1)));
  held.release();
  EXPECT_TRUE(held.pool.wait_idle_for(std::chrono::hours::max()));
  EXPECT_TRUE(held.pool.wait_idle_for(std::chrono::seconds(0)));
  EXPECT_THROW(static_cast<void>(held.pool.wait_idle_for(std::chrono::milliseconds(-1))), std::invalid_argument);
}

// S2.6
TYPED_TEST_P(PoolIdles, WhatJobsHandInIsWaitedForToo) {
  TypeParam pool({.workers = 2});
  std::atomic<int> ran = 0;
  std::function<void(int)> breed = [&](int depth) {
    ++ran;
    if (depth == 0) return;
    for (int i = 0; i < 2; ++i) pool.post([&, depth] { breed(depth - 1); });
  };
  pool.post([&] { breed(9); });
  pool.wait_idle();
  EXPECT_EQ(ran, 1023);
}

// S2.6
TYPED_TEST_P(PoolIdles, WorkThatIsRunInTheCallerCountsAsWell) {
  Held<TypeParam> held({.capacity = 1, .overflow = bounded::Overflow::run_in_caller});
  held.queue(1);
  Gate running;
  Gate go;
  std::thread caller([&] {
    held.pool.post([&] {
      running.open();
      go.wait();
    });
  });
  running.wait();
  held.release();
  while (held.ran() == 0) std::this_thread::yield();  // the worker is done with all it has
  EXPECT_FALSE(held.pool.wait_idle_for(std::chrono::milliseconds(1)));
  go.open();
  held.pool.wait_idle();
  caller.join();
}

// S2.6
TYPED_TEST_P(PoolIdles, WhatWasRefusedOrDroppedIsNotWaitedFor) {
  using bounded::Overflow;
  for (const Overflow overflow : {Overflow::reject, Overflow::drop_oldest}) {
    Held<TypeParam> held({.on_error = [](const std::exception_ptr&) {}, .capacity = 1, .overflow = overflow});
    for (int i = 0; i < 5; ++i) {
      try {
        held.queue(1);
      } catch (const bounded::QueueFull&) {
      }
      EXPECT_FALSE(held.pool.try_post([] {}));
    }
    held.release();
    held.pool.wait_idle();
    EXPECT_EQ(held.ran(), 1) << to_string(overflow);
  }
}

// S2.6
TYPED_TEST_P(PoolIdles, SeveralMayWait) {
  Held<TypeParam> held({});
  std::atomic<int> woken = 0;
  std::vector<std::jthread> waiters;
  for (int i = 0; i < 3; ++i) {
    waiters.emplace_back([&] {
      held.pool.wait_idle();
      ++woken;
    });
  }
  let_others_run();
  EXPECT_EQ(woken, 0);
  held.release();
  waiters.clear();
  EXPECT_EQ(woken, 3);
}

// S2.6
TYPED_TEST_P(PoolIdles, AJobThatWaitsForItsOwnPoolGetsAnError) {
  TypeParam pool({.workers = 2});
  EXPECT_THROW(pool.submit([&] { pool.wait_idle(); }).get(), basic::PoolError);
  EXPECT_THROW(pool.submit([&] { static_cast<void>(pool.wait_idle_for(std::chrono::seconds(1))); }).get(),
               basic::PoolError);
  TypeParam other({.workers = 1});
  other.submit([&] { pool.wait_idle(); }).get();  // another's is no problem
}

// S2.6
TYPED_TEST_P(PoolIdles, APoolThatWasShutDownIsIdle) {
  TypeParam pool({.workers = 1});
  pool.post([] {});
  pool.shutdown();
  pool.wait_idle();
  EXPECT_TRUE(pool.wait_idle_for(std::chrono::seconds(0)));
}

REGISTER_TYPED_TEST_SUITE_P(PoolIdles, WaitIdleReturnsWhenAllIsDoneAndThePoolGoesOn, WaitIdleIsWokenByTheLastJob,
                            WaitIdleForSaysWhetherThePoolIsIdle, WhatJobsHandInIsWaitedForToo,
                            WorkThatIsRunInTheCallerCountsAsWell, WhatWasRefusedOrDroppedIsNotWaitedFor, SeveralMayWait,
                            AJobThatWaitsForItsOwnPoolGetsAnError, APoolThatWasShutDownIsIdle);

}  // namespace pool::testing
