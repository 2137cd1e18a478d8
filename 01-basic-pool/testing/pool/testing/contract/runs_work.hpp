// Contract, part one: what may be handed in, and what comes back.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <pool/basic/executor.hpp>
#include <pool/testing/gate.hpp>

namespace pool::testing {

template <class Pool>
class PoolRunsWork : public ::testing::Test {
  static_assert(basic::Executor<Pool>);
};
TYPED_TEST_SUITE_P(PoolRunsWork);

// S1.3
TYPED_TEST_P(PoolRunsWork, PostedWorkRunsOnAnotherThread) {
  TypeParam pool({.workers = 2});
  std::promise<std::thread::id> ran_on;
  pool.post([&] { ran_on.set_value(std::this_thread::get_id()); });
  EXPECT_NE(ran_on.get_future().get(), std::this_thread::get_id());
}

// S1.3
TYPED_TEST_P(PoolRunsWork, SubmitGivesAFutureOfTheResult) {
  TypeParam pool({.workers = 2});
  std::future<int> answer = pool.submit([] { return 42; });
  std::future<std::string> text =
      pool.submit([](int n, const std::string& s) { return s + std::to_string(n); }, 1, "no ");
  std::future<void> nothing = pool.submit([] {});
  EXPECT_EQ(answer.get(), 42);
  EXPECT_EQ(text.get(), "no 1");
  EXPECT_NO_THROW(nothing.get());
}

// S1.3
TYPED_TEST_P(PoolRunsWork, MoveOnlyClosuresArgumentsAndResultsWork) {
  TypeParam pool({.workers = 2});
  auto captured = std::make_unique<int>(1);
  auto passed = std::make_unique<int>(2);
  auto sum = pool.submit([c = std::move(captured)](std::unique_ptr<int> p) { return std::make_unique<int>(*c + *p); },
                         std::move(passed));
  EXPECT_EQ(*sum.get(), 3);

  std::promise<int> seen;
  pool.post([owned = std::make_unique<int>(4), &seen] { seen.set_value(*owned); });
  EXPECT_EQ(seen.get_future().get(), 4);
}

// S1.3
TYPED_TEST_P(PoolRunsWork, ArgumentsAreCopiedUnlessTheyAreReferenceWrappers) {
  TypeParam pool({.workers = 2});
  int copied = 1;
  int referred = 1;
  pool.submit([](int& c, int& r) { c = r = 2; }, std::ref(copied), std::ref(referred)).get();
  EXPECT_EQ(copied, 2);
  pool.submit(
          [](int c) {
            c = 3;
            static_cast<void>(c);
          },
          copied)
      .get();
  EXPECT_EQ(copied, 2);
  std::future<int&> reference = pool.submit([&referred]() -> int& { return referred; });
  EXPECT_EQ(&reference.get(), &referred);
}

// S1.3
TYPED_TEST_P(PoolRunsWork, AnyCallableWorks) {
  struct Counter {
    int value;
    int add(int n) { return value += n; }
  };
  TypeParam pool({.workers = 2});
  Counter counter{1};
  EXPECT_EQ(pool.submit(&Counter::add, &counter, 4).get(), 5);
  EXPECT_EQ(pool.submit(std::function<int()>([] { return 6; })).get(), 6);
  EXPECT_EQ(pool.submit([]() mutable { return 7; }).get(), 7);
  int (*function)(int) = [](int n) { return n; };
  EXPECT_EQ(pool.submit(function, 8).get(), 8);
}

// S1.3
TYPED_TEST_P(PoolRunsWork, LargeAndOverAlignedClosuresWork) {
  struct alignas(128) Wide {
    int value;
  };
  TypeParam pool({.workers = 2});
  std::array<int, 1000> large{};
  large[999] = 9;
  const Wide wide{10};
  EXPECT_EQ(pool.submit([large] { return large[999]; }).get(), 9);
  const bool aligned =
      pool.submit([wide] { return wide.value == 10 && reinterpret_cast<std::uintptr_t>(&wide) % 128 == 0; }).get();
  EXPECT_TRUE(aligned);
}

// S1.3
TYPED_TEST_P(PoolRunsWork, AnEmptyFunctionIsRefusedWhereItIsHandedIn) {
  TypeParam pool({.workers = 1});
  EXPECT_THROW(pool.post(std::function<void()>()), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(pool.submit(std::function<int()>())), std::invalid_argument);
  void (*none)() = nullptr;
  EXPECT_THROW(pool.post(none), std::invalid_argument);
  EXPECT_EQ(pool.submit([] { return 1; }).get(), 1);
}

// S1.3
TYPED_TEST_P(PoolRunsWork, JobsMayHandInMoreWork) {
  TypeParam pool({.workers = 1});
  std::promise<int> innermost;
  pool.post([&] { pool.post([&] { pool.post([&] { innermost.set_value(3); }); }); });
  EXPECT_EQ(innermost.get_future().get(), 3);
}

// S1.1
TYPED_TEST_P(PoolRunsWork, OneThreadsSubmissionsStartInTheirOrder) {
  TypeParam pool({.workers = 1});
  Gate go;
  std::vector<int> order;
  pool.post([&] { go.wait(); });
  for (int i = 0; i < 1000; ++i) pool.post([&order, i] { order.push_back(i); });
  EXPECT_LE(pool.pending(), 1001U);
  EXPECT_GE(pool.pending(), 1000U);
  go.open();
  pool.shutdown();
  ASSERT_EQ(order.size(), 1000U);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(order[static_cast<std::size_t>(i)], i);
}

// S1.3
TYPED_TEST_P(PoolRunsWork, WhatHappenedBeforeSubmitIsVisibleToTheJobAndBack) {
  TypeParam pool({.workers = 2});
  int plain = 0;  // no atomic, no lock: ThreadSanitizer watches
  for (int round = 0; round < 200; ++round) {
    ++plain;
    pool.submit([&] { ++plain; }).get();
  }
  EXPECT_EQ(plain, 400);
}

REGISTER_TYPED_TEST_SUITE_P(PoolRunsWork, PostedWorkRunsOnAnotherThread, SubmitGivesAFutureOfTheResult,
                            MoveOnlyClosuresArgumentsAndResultsWork, ArgumentsAreCopiedUnlessTheyAreReferenceWrappers,
                            AnyCallableWorks, LargeAndOverAlignedClosuresWork,
                            AnEmptyFunctionIsRefusedWhereItIsHandedIn, JobsMayHandInMoreWork,
                            OneThreadsSubmissionsStartInTheirOrder, WhatHappenedBeforeSubmitIsVisibleToTheJobAndBack);

}  // namespace pool::testing
