// Contract of work-stealing pools, part seven: jobs that launch jobs and wait for them, all the way down.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>

#include <pool/priority/job.hpp>
#include <pool/testing/contract/crew.hpp>
#include <pool/testing/large_frames.hpp>

namespace pool::testing {

template <class Pool>
int fibonacci(Pool& pool, int n) {
  if (n < 2) return n;
  const auto first = pool.launch({}, [&pool, n] { return fibonacci(pool, n - 1); });
  const int second = fibonacci(pool, n - 2);
  return first.get() + second;
}

// The number of jobs below this one, which are waited for in turn, the oldest first. Notes the deepest stack.
template <class Pool>
int grow(Pool& pool, int levels, std::atomic<int>& deepest) {
  const OnStack job;
  for (int seen = deepest; seen < OnStack::depth() && !deepest.compare_exchange_weak(seen, OnStack::depth());) {
  }
  if (levels == 0) return 0;
  const auto child = [&pool, levels, &deepest] { return 1 + grow(pool, levels - 1, deepest); };
  const auto first = pool.launch({}, child);
  const auto second = pool.launch({}, child);
  const auto third = pool.launch({}, child);
  return first.get() + second.get() + third.get();
}

// Each calls the next through a job. What it takes to launch one is not on the stack any more when it is waited for.
template <class Pool>
int descend(Pool& pool, int depth);
template <class Pool>
[[gnu::noinline]] priority::Job<int> launch_descent(Pool& pool, int depth) {
  return pool.launch({}, [&pool, depth] { return descend(pool, depth); });
}
template <class Pool>
int descend(Pool& pool, int depth) {
  return depth == 0 ? 0 : launch_descent(pool, depth - 1).get() + 1;
}

template <class Pool>
class PoolRecurses : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolRecurses);

// S4.5 R15
TYPED_TEST_P(PoolRecurses, FibonacciNumbersAreRight) {
  for (const std::size_t workers : {1U, 2U, 4U}) {
    TypeParam pool({.workers = workers});
    for (int round = 0; round < 20; ++round) {
      ASSERT_EQ(pool.submit([&] { return fibonacci(pool, 12); }).get(), 144) << workers;
    }
    pool.wait_idle();
    const auto totals = pool.totals();
    EXPECT_EQ(totals.submitted, totals.completed);
  }
}

// S4.5: of several trees at once, each job waits for its own.
TYPED_TEST_P(PoolRecurses, TheStackIsNoDeeperThanThatOfASerialProgram) {
  std::atomic<int> deepest = 0;
  TypeParam pool({.workers = 2});
  for (int round = 0; round < 5; ++round) {
    const auto one = pool.launch({}, [&] { return grow(pool, 5, deepest); });
    const auto other = pool.launch({}, [&] { return grow(pool, 5, deepest); });
    EXPECT_EQ(one.get(), 3 + 9 + 27 + 81 + 243);
    EXPECT_EQ(other.get(), 3 + 9 + 27 + 81 + 243);
  }
  EXPECT_LE(deepest, 6);
}

// S4.5
TYPED_TEST_P(PoolRecurses, TenThousandDeep) {
#ifdef POOL_FRAMES_ARE_LARGE
  GTEST_SKIP() << "the stack of a thread is too small for that many unoptimised frames";
#endif
  for (const std::size_t workers : {1U, 2U}) {
    TypeParam pool({.workers = workers});
    for (int round = 0; round < 3; ++round) {
      ASSERT_EQ(pool.submit([&] { return descend(pool, 10'000); }).get(), 10'000) << workers;
    }
  }
}

// S4.5
TYPED_TEST_P(PoolRecurses, FiveHundredDeepWithLargeFramesToo) {
  TypeParam pool({.workers = 2});
  EXPECT_EQ(pool.submit([&] { return descend(pool, 500); }).get(), 500);
}

REGISTER_TYPED_TEST_SUITE_P(PoolRecurses, FibonacciNumbersAreRight, TheStackIsNoDeeperThanThatOfASerialProgram,
                            TenThousandDeep, FiveHundredDeepWithLargeFramesToo);

}  // namespace pool::testing
