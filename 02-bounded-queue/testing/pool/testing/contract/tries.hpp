// Contract of bounded pools, part two: try_post, try_submit and try_submit_for, for which "no room" is an outcome.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include <pool/basic/executor.hpp>
#include <pool/bounded/overflow.hpp>
#include <pool/testing/contract/held.hpp>

namespace pool::testing {

using std::chrono::hours;
using std::chrono::milliseconds;

template <class Pool>
class PoolTries : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolTries);

// S2.3
TYPED_TEST_P(PoolTries, WithRoomTheyAreLikeSubmit) {
  TypeParam pool({.workers = 1, .capacity = 4});
  std::atomic<int> ran = 0;
  EXPECT_TRUE(pool.try_post([&] { ++ran; }));
  auto value = pool.try_submit([](int a, int b) { return a + b; }, 40, 2);
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value->get(), 42);
  auto error = pool.try_submit_for(milliseconds(0), [] { throw std::runtime_error("a job's"); });
  ASSERT_TRUE(error.has_value());
  EXPECT_THROW(error->get(), std::runtime_error);
  auto moved = pool.try_submit_for(
      hours(1), [](std::unique_ptr<int> p) { return p; }, std::make_unique<int>(7));
  ASSERT_TRUE(moved.has_value());
  EXPECT_EQ(*moved->get(), 7);
  EXPECT_EQ(ran, 1);
}

// S2.3
TYPED_TEST_P(PoolTries, WithoutRoomTheWorkStaysWithTheCallerIntact) {
  Held<TypeParam> held({.capacity = 1});
  held.queue(1);
  std::atomic<int> ran = 0;
  auto work = [&ran, p = std::make_unique<int>(7)] { ran += p ? *p : 0; };
  auto argument = std::make_unique<int>(8);
  const auto add = [&ran](const std::unique_ptr<int>& p) { ran += *p; };

  // NOLINTBEGIN(bugprone-use-after-move): that it is still there is what we want to see
  EXPECT_FALSE(held.pool.try_post(std::move(work)));
  EXPECT_FALSE(held.pool.try_submit(std::move(work)).has_value());
  EXPECT_FALSE(held.pool.try_submit_for(milliseconds(0), std::move(work)).has_value());
  EXPECT_FALSE(held.pool.try_submit_for(milliseconds(2), add, std::move(argument)).has_value());
  ASSERT_NE(argument, nullptr);
  EXPECT_EQ(held.pool.pending(), 1U);

  held.release();
  held.pool.wait_idle();
  EXPECT_TRUE(held.pool.try_post(std::move(work)));  // whole: it runs, with what it has captured
  // NOLINTEND(bugprone-use-after-move)
  held.pool.wait_idle();
  EXPECT_EQ(ran, 7);
}

// S2.3
TYPED_TEST_P(PoolTries, TheyDoNotFollowThePolicy) {
  using bounded::Overflow;
  for (const Overflow overflow : {Overflow::reject, Overflow::run_in_caller, Overflow::drop_oldest}) {
    Held<TypeParam> held({.capacity = 1, .overflow = overflow});
    auto queued = held.pool.submit([] { return 1; });
    std::atomic<int> ran = 0;
    EXPECT_FALSE(held.pool.try_post([&] { ++ran; }));
    EXPECT_FALSE(held.pool.try_submit([&] { ++ran; }).has_value());
    EXPECT_FALSE(held.pool.try_submit_for(milliseconds(0), [&] { ++ran; }).has_value());
    held.release();
    EXPECT_EQ(queued.get(), 1) << "nothing was dropped for them";
    held.pool.wait_idle();
    EXPECT_EQ(ran, 0) << to_string(overflow);
  }
}

// S2.3
TYPED_TEST_P(PoolTries, TrySubmitForWaitsForRoom) {
  Held<TypeParam> held({.capacity = 1});
  held.queue(1);
  std::thread producer([&] {
    auto answer = held.pool.try_submit_for(hours(1), [] { return 42; });
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->get(), 42);
  });
  let_others_run();
  held.release();
  producer.join();
}

// S2.3
TYPED_TEST_P(PoolTries, AnImpossibleTimeoutIsRefusedAndAHugeOneIsNot) {
  TypeParam pool({.workers = 1, .capacity = 1});
  const auto job = [] { return 1; };
  EXPECT_THROW(static_cast<void>(pool.try_submit_for(milliseconds(-1), job)), std::invalid_argument);
  const std::chrono::duration<double> not_a_number(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THROW(static_cast<void>(pool.try_submit_for(not_a_number, job)), std::invalid_argument);
  EXPECT_EQ(pool.try_submit_for(hours::max(), job)->get(), 1);
  const std::chrono::duration<double> for_ever(std::numeric_limits<double>::infinity());
  pool.wait_idle();
  EXPECT_EQ(pool.try_submit_for(for_ever, job)->get(), 1);
}

// S2.3: the longest timeout there is, with nothing to do but wait.
TYPED_TEST_P(PoolTries, AHugeTimeoutWaitsForRoomToo) {
  Held<TypeParam> held({.capacity = 1});
  held.queue(1);
  std::thread producer([&] { EXPECT_TRUE(held.pool.try_submit_for(hours::max(), [] {}).has_value()); });
  let_others_run();
  held.release();
  producer.join();
}

// S2.3
TYPED_TEST_P(PoolTries, AfterShutdownTheyThrow) {
  TypeParam pool({.workers = 1, .capacity = 1});
  pool.shutdown();
  EXPECT_THROW(static_cast<void>(pool.try_post([] {})), basic::PoolStopped);
  EXPECT_THROW(static_cast<void>(pool.try_submit([] {})), basic::PoolStopped);
  EXPECT_THROW(static_cast<void>(pool.try_submit_for(hours(1), [] {})), basic::PoolStopped);
}

// A closure that cannot be copied into the pool.
struct FailsToCopy {
  FailsToCopy() = default;
  FailsToCopy(const FailsToCopy&) { throw std::runtime_error("no copy to be had"); }
  FailsToCopy(FailsToCopy&&) = delete;
  void operator()() const {}
};

// S2.3 R2: the room that was meant for it is there for others.
TYPED_TEST_P(PoolTries, WorkThatCannotBeMadeTakesNoRoom) {
  Held<TypeParam> held({.capacity = 1});
  const FailsToCopy job;
  for (int i = 0; i < 3; ++i) {
    EXPECT_THROW(static_cast<void>(held.pool.try_post(job)), std::runtime_error);
    EXPECT_THROW(static_cast<void>(held.pool.try_submit([](const FailsToCopy&) {}, job)), std::runtime_error);
    EXPECT_THROW(static_cast<void>(held.pool.try_post(std::function<void()>())), std::invalid_argument);
  }
  EXPECT_TRUE(held.pool.try_post([] {}));
  EXPECT_FALSE(held.pool.try_post([] {}));
  held.release();
  held.pool.wait_idle();
}

// S2.3 R1: many try at once, and each knows whether its job was taken.
TYPED_TEST_P(PoolTries, WhatWasTakenRunsAndWhatWasNotDoesNot) {
  constexpr std::size_t kProducers = 3;
  constexpr std::size_t kJobs = 3000;
  std::vector<std::atomic<int>> runs(kProducers * kJobs);
  std::vector<int> taken(kProducers * kJobs);
  TypeParam pool({.workers = 2, .capacity = 3});
  {
    std::vector<std::jthread> producers;
    for (std::size_t p = 0; p < kProducers; ++p) {
      producers.emplace_back([&, p] {
        for (std::size_t at = p * kJobs; at < (p + 1) * kJobs; ++at) {
          const auto job = [&runs, at] { ++runs[at]; };
          taken[at] = at % 3 == 0   ? pool.try_post(job)
                      : at % 3 == 1 ? pool.try_submit(job).has_value()
                                    : pool.try_submit_for(milliseconds(at % 2), job).has_value();
        }
      });
    }
  }
  pool.wait_idle();
  for (std::size_t at = 0; at < runs.size(); ++at) ASSERT_EQ(runs[at], taken[at]) << at;
}

REGISTER_TYPED_TEST_SUITE_P(PoolTries, WithRoomTheyAreLikeSubmit, WithoutRoomTheWorkStaysWithTheCallerIntact,
                            TheyDoNotFollowThePolicy, TrySubmitForWaitsForRoom,
                            AnImpossibleTimeoutIsRefusedAndAHugeOneIsNot, AHugeTimeoutWaitsForRoomToo,
                            AfterShutdownTheyThrow, WorkThatCannotBeMadeTakesNoRoom,
                            WhatWasTakenRunsAndWhatWasNotDoesNot);

}  // namespace pool::testing
