// Contract of scaling pools, part four: threads that cannot be created. One file of a program may include this: see
// failing_threads.hpp.
#pragma once

#include <gtest/gtest.h>

#include <pthread.h>

#include <chrono>
#include <cstddef>
#include <future>
#include <stdexcept>
#include <system_error>

#include <pool/basic/executor.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/job.hpp>
#include <pool/testing/contract/by_hand.hpp>
#include <pool/testing/failing_threads.hpp>
#include <pool/testing/process.hpp>

namespace pool::testing {

template <class Pool>
class PoolLacksThreads : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolLacksThreads);

// S5.7: at any point. The fifth thread is the monitor's.
TYPED_TEST_P(PoolLacksThreads, TheConstructorThrowsAndLeavesNothing) {
  const std::size_t threads = thread_count();
  for (int k = 0; k <= 4; ++k) {
    const FailingThread armed(k);
    EXPECT_THROW(TypeParam({.workers = 4}), std::system_error) << k;
    EXPECT_TRUE(thread_count_becomes(threads));
  }
}

// S5.7
TYPED_TEST_P(PoolLacksThreads, WhatOnStartThrowsIsThrownAndNothingIsLeft) {
  const std::size_t threads = thread_count();
  typename TypeParam::Options options{.workers = 3};
  options.on_start = [](std::size_t worker) {
    if (worker == 1) throw std::runtime_error("no");
  };
  EXPECT_THROW(TypeParam{options}, std::runtime_error);
  options.on_start = [](std::size_t worker) {
    if (worker == 1) pthread_exit(nullptr);
  };
  EXPECT_THROW(TypeParam{options}, basic::PoolError);
  EXPECT_TRUE(thread_count_becomes(threads));
}

// S5.7: fewer workers for a while; it is tried again after 10 ms, 20, 40 …
TYPED_TEST_P(PoolLacksThreads, ItIsTriedAgainLaterAndLater) {
  priority::ManualClock clock;
  auto options = sized_by_hand<TypeParam>(1, 3);
  options.clock = &clock;
  TypeParam pool(options);
  {
    const FailingThread armed(0);
    pool.scale_to(3);
    EXPECT_EQ(pool.size(), 1U);
    std::size_t failures = 1;
    EXPECT_EQ(pool.events().count(Event::Kind::not_started), failures);
    for (int ms = 10; ms <= 80; ms *= 2) {
      clock.advance(std::chrono::milliseconds(ms) - priority::Duration(1));
      EXPECT_EQ(pool.submit([] { return 1; }).get(), 1) << "it works, meanwhile";
      EXPECT_EQ(pool.events().count(Event::Kind::not_started), failures);
      clock.advance(priority::Duration(1));
      until_counted_by(pool, Event::Kind::not_started, ++failures);
    }
  }
  clock.advance(std::chrono::milliseconds(160));
  until_true([&] { return pool.size() == 3; });
}

// S5.7: the only worker dies, and there is none to replace it for a while.
TYPED_TEST_P(PoolLacksThreads, WhatIsQueuedWaitsForOne) {
  priority::ManualClock clock;
  auto options = fixed_size<TypeParam>(1);
  options.clock = &clock;
  TypeParam pool(options);
  std::future<int> waits;
  {
    const FailingThread armed(0);
    pool.post([] { pthread_exit(nullptr); });
    until_counted_by(pool, Event::Kind::not_started, 1);
    EXPECT_EQ(pool.size(), 0U);
    waits = pool.submit([] { return 1; });
  }
  clock.advance(std::chrono::milliseconds(10));
  EXPECT_EQ(waits.get(), 1);
}

// S5.7: if that is so at the end, what is queued says so.
TYPED_TEST_P(PoolLacksThreads, AtTheEndWhatIsQueuedIsDropped) {
  priority::Job<int> never;
  priority::ManualClock clock;
  {
    auto options = fixed_size<TypeParam>(1);
    options.clock = &clock;
    TypeParam pool(options);
    const FailingThread armed(0);
    pool.post([] { pthread_exit(nullptr); });
    until_counted_by(pool, Event::Kind::not_started, 1);
    never = pool.launch({}, [] { return 1; });
    pool.shutdown();
    EXPECT_EQ(never.state(), priority::JobState::cancelled);
  }
}

REGISTER_TYPED_TEST_SUITE_P(PoolLacksThreads, TheConstructorThrowsAndLeavesNothing,
                            WhatOnStartThrowsIsThrownAndNothingIsLeft, ItIsTriedAgainLaterAndLater,
                            WhatIsQueuedWaitsForOne, AtTheEndWhatIsQueuedIsDropped);

}  // namespace pool::testing
