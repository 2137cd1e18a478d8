// Contract of pools with priorities, part one: which work starts next.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

#include <pool/bounded/overflow.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/priority.hpp>
#include <pool/testing/contract/held.hpp>

namespace pool::testing {

using priority::Priority;

template <class Pool>
class PoolPriorities : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolPriorities);

// S3.1 S3.2
TYPED_TEST_P(PoolPriorities, TheHighestStartsFirstAndEachLevelInItsOrder) {
  Held<TypeParam> held({});
  std::string started;
  const auto note = [&](Priority priority, char name) { held.pool.post(priority, [&, name] { started += name; }); };
  note(Priority::lowest, 'h');
  note(Priority::normal, 'e');
  note(Priority::critical, 'a');
  note(Priority::low, 'g');
  note(Priority::high, 'c');
  note(Priority::normal, 'f');
  note(Priority::highest, 'b');
  note(Priority::high, 'd');
  held.release();
  held.pool.wait_idle();
  EXPECT_EQ(started, "abcdefgh");
}

// S3.1
TYPED_TEST_P(PoolPriorities, WithoutAPriorityWorkIsNormal) {
  Held<TypeParam> held({});
  std::string started;
  held.pool.post(Priority::low, [&] { started += 'd'; });
  held.pool.post([&] { started += 'b'; });
  auto third = held.pool.submit([&] { started += 'c'; });
  held.pool.post(Priority::high, [&] { started += 'a'; });
  held.release();
  third.get();
  held.pool.wait_idle();
  EXPECT_EQ(started, "abcd");
}

// S3.1
TYPED_TEST_P(PoolPriorities, AnImpossiblePriorityIsRefused) {
  TypeParam pool({.workers = 1});
  EXPECT_THROW(pool.post(static_cast<Priority>(5), [] {}), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(pool.submit(static_cast<Priority>(-1), [] {})), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(pool.launch({.priority = static_cast<Priority>(7)}, [] {})), std::invalid_argument);
  EXPECT_EQ(pool.submit(
                    Priority::lowest, [](int x) { return x; }, 3)
                .get(),
            3);
}

// S3.3
TYPED_TEST_P(PoolPriorities, WorkThatHasWaitedForTooLongGoesFirst) {
  priority::ManualClock clock;
  Held<TypeParam> held({.ageing = std::chrono::seconds(5), .clock = &clock});
  std::string started;
  held.pool.post(Priority::lowest, [&] { started += 'l'; });
  clock.advance(std::chrono::seconds(3));
  held.pool.post(Priority::low, [&] { started += 'k'; });
  clock.advance(std::chrono::seconds(3));  // 6 s and 3 s
  held.pool.post(Priority::critical, [&] { started += 'a'; });
  held.pool.post(Priority::high, [&] { started += 'b'; });
  held.release();
  held.pool.wait_idle();
  EXPECT_EQ(started, "labk");
}

// S3.3: the bound. Once it is over-age, nothing that came later goes before it, however urgent and however much.
TYPED_TEST_P(PoolPriorities, NothingStarves) {
  priority::ManualClock clock;
  Held<TypeParam> held({.ageing = std::chrono::seconds(1), .clock = &clock});
  std::size_t before = 0;
  bool ran = false;
  held.pool.post(Priority::lowest, [&] { ran = true; });
  clock.advance(std::chrono::milliseconds(1001));
  for (int i = 0; i < 100; ++i) held.pool.post(Priority::critical, [&] { before += ran ? 0 : 1; });
  held.release();
  held.pool.wait_idle();
  EXPECT_EQ(before, 0U);
}

// S3.3
TYPED_TEST_P(PoolPriorities, WithoutAgeingTheHighestAlwaysGoesFirst) {
  priority::ManualClock clock;
  Held<TypeParam> held({.ageing = {}, .clock = &clock});
  std::string started;
  held.pool.post(Priority::lowest, [&] { started += 'b'; });
  clock.advance(std::chrono::hours(24));
  held.pool.post(Priority::critical, [&] { started += 'a'; });
  held.release();
  held.pool.wait_idle();
  EXPECT_EQ(started, "ab");
}

// S3.2 S2.2: in a full queue, low work never pushes out high work.
TYPED_TEST_P(PoolPriorities, TheOldestOfTheLowestPriorityIsDropped) {
  Held<TypeParam> held({.capacity = 3, .overflow = bounded::Overflow::drop_oldest});
  std::vector<std::future<void>> jobs;
  const auto submit = [&](Priority priority) { jobs.push_back(held.pool.submit(priority, [] {})); };
  submit(Priority::high);      // 0
  submit(Priority::low);       // 1: goes first, though it is not the oldest
  submit(Priority::low);       // 2: then this one
  submit(Priority::normal);    // 3
  submit(Priority::critical);  // 4: pushes out 2
  submit(Priority::lowest);    // 5: nobody is as low; it is dropped itself
  held.release();
  held.pool.wait_idle();
  std::string dropped;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    try {
      jobs[i].get();
    } catch (const std::future_error&) {
      dropped += std::to_string(i);
    }
  }
  EXPECT_EQ(dropped, "125");
}

REGISTER_TYPED_TEST_SUITE_P(PoolPriorities, TheHighestStartsFirstAndEachLevelInItsOrder, WithoutAPriorityWorkIsNormal,
                            AnImpossiblePriorityIsRefused, WorkThatHasWaitedForTooLongGoesFirst, NothingStarves,
                            WithoutAgeingTheHighestAlwaysGoesFirst, TheOldestOfTheLowestPriorityIsDropped);

}  // namespace pool::testing
