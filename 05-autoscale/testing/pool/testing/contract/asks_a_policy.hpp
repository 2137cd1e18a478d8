// Contract of scaling pools, part three: when the policy is asked, what it sees, and that it is obeyed. The time is the
// test's.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <vector>

#include <pool/basic/executor.hpp>
#include <pool/priority/clock.hpp>
#include <pool/testing/contract/by_hand.hpp>
#include <pool/testing/contract/crew.hpp>
#include <pool/testing/gate.hpp>
#include <pool/testing/process.hpp>

namespace pool::testing {

// A pool on a clock that the test sets, whose policy keeps what it was asked and answers what it is told to.
template <class Pool>
class Asked {
 public:
  explicit Asked(std::size_t min = 1, std::size_t max = 4, priority::Duration idle_timeout = priority::Duration::zero())
      : pool({.clock = &clock,
              .min_workers = min,
              .max_workers = max,
              .policy =
                  [this](const Load& load) {
                    const std::lock_guard lock(mutex_);
                    asked_.push_back(load);
                    if (throws) throw std::runtime_error("no idea");
                    return answer.load();
                  },
              .idle_timeout = idle_timeout}) {}

  [[nodiscard]] std::vector<Load> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  // Lets an interval pass, and gives what the policy was asked then.
  Load tick() {
    const std::size_t before = asked().size();
    clock.advance(std::chrono::seconds(10));
    until_true([&] { return asked().size() > before; });
    return asked().at(before);
  }

  std::atomic<int> answer{0};
  std::atomic<bool> throws{false};
  priority::ManualClock clock;

 private:
  mutable std::mutex mutex_;
  std::vector<Load> asked_;

 public:
  Pool pool;  // the last member: it uses the others
};

template <class Pool>
class PoolAsksAPolicy : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolAsksAPolicy);

// S5.1 S5.4
TYPED_TEST_P(PoolAsksAPolicy, AtEachIntervalOfTenSeconds) {
  Asked<TypeParam> asked;
  for (std::size_t i = 1; i <= 3; ++i) {
    asked.clock.advance(std::chrono::seconds(10) - priority::Duration(1));
    EXPECT_EQ(asked.pool.submit([] { return 1; }).get(), 1);
    EXPECT_EQ(asked.asked().size(), i - 1);
    asked.clock.advance(priority::Duration(1));
    until_true([&] { return asked.asked().size() == i; });
    asked.pool.scale_to(i % 2 + 1);
  }
}

// S5.11
TYPED_TEST_P(PoolAsksAPolicy, WhatItSees) {
  Gate go;
  std::atomic<int> begun = 0;
  Asked<TypeParam> asked(2, 4);
  for (int i = 0; i < 5; ++i) {
    asked.pool.post([&] {
      ++begun;
      go.wait();
    });
  }
  until_true([&] { return begun == 2; });
  const Load busy = asked.tick();
  EXPECT_EQ(busy.workers, 2U);
  EXPECT_EQ(busy.min_workers, 2U);
  EXPECT_EQ(busy.max_workers, 4U);
  EXPECT_EQ(busy.active, 2U);
  EXPECT_EQ(busy.queued, 3U);
  EXPECT_EQ(busy.oldest_wait, std::chrono::seconds(10));
  EXPECT_EQ(busy.elapsed, priority::Duration::zero());
  EXPECT_EQ(busy.since_change, priority::Duration::max());
  go.open();
  asked.pool.wait_idle();
  const Load idle = asked.tick();
  EXPECT_EQ(idle.active, 0U);
  EXPECT_EQ(idle.queued, 0U);
  EXPECT_EQ(idle.completed, 5U);
  EXPECT_EQ(idle.elapsed, std::chrono::seconds(10));
  EXPECT_EQ(idle.oldest_wait, priority::Duration::zero());
}

// S5.9 S5.11
TYPED_TEST_P(PoolAsksAPolicy, WhoBlocksIsSeenAndHisSubstituteGoesAfterwards) {
  Gate go;
  std::atomic<int> begun = 0;
  Asked<TypeParam> asked(1, 4);
  for (int i = 0; i < 2; ++i) {
    asked.pool.post([&] {
      asked.pool.blocking([&] {
        ++begun;
        go.wait();
      });
    });
  }
  until_true([&] { return begun == 2; });
  const Load load = asked.tick();
  EXPECT_EQ(load.blocked, 2U);
  EXPECT_EQ(load.workers, 3U);
  go.open();
  asked.pool.wait_idle();
  EXPECT_EQ(asked.tick().blocked, 0U);
  until_true([&] { return asked.pool.size() == 1; });
}

// S5.2: what is decided is done, as far as the limits let it.
TYPED_TEST_P(PoolAsksAPolicy, WhatIsDecidedIsDone) {
  Asked<TypeParam> asked;
  const auto decide = [&](int answer, std::size_t becomes) {
    asked.answer = answer;
    static_cast<void>(asked.tick());
    until_true([&] { return asked.pool.size() == becomes; });
  };
  decide(+2, 3);
  decide(+2, 4);
  decide(-1, 3);
  decide(-100, 1);
  decide(-1, 1);
  decide(0, 1);  // it is asked again, so what it answered before has been done
  asked.pool.scale_to(4);
  decide(-1, 3);
}

// S5.1 S5.2: nothing is said, so it is the documented rule: from two to twenty and back.
TYPED_TEST_P(PoolAsksAPolicy, TheDefaultGrowsUnderLoadAndShrinksWithoutIt) {
  priority::ManualClock clock;
  Gate go;
  TypeParam pool({.clock = &clock, .min_workers = 2, .idle_timeout = priority::Duration::zero()});
  for (int i = 0; i < 100; ++i) pool.post([&] { go.wait(); });
  for (std::size_t size = 4; size <= 20; size += 2) {
    clock.advance(std::chrono::seconds(10));
    until_true([&] { return pool.size() == size; });
  }
  go.open();
  pool.wait_idle();
  for (std::size_t size = 19; size >= 2; --size) {
    clock.advance(std::chrono::seconds(10));
    until_true([&] { return pool.size() == size; });
  }
}

// S5.10
TYPED_TEST_P(PoolAsksAPolicy, OneThatThrowsIsCountedAndAskedAgain) {
  Asked<TypeParam> asked;
  asked.throws = true;
  asked.clock.advance(std::chrono::seconds(10));
  until_counted_by(asked.pool, Event::Kind::no_sample, 1);
  asked.throws = false;
  asked.answer = 1;
  static_cast<void>(asked.tick());
  until_true([&] { return asked.pool.size() == 2; });
}

// S1.7: who would wait for itself is told so.
TYPED_TEST_P(PoolAsksAPolicy, APolicyCannotShutItsPoolDown) {
  priority::ManualClock clock;
  std::atomic<TypeParam*> self{nullptr};
  std::atomic<bool> refused{false};
  TypeParam pool({.clock = &clock, .min_workers = 1, .max_workers = 2, .policy = [&](const Load&) {
                    try {
                      self.load()->shutdown();
                    } catch (const basic::PoolError&) {
                      refused = true;
                    }
                    return 0;
                  }});
  self = &pool;
  clock.advance(std::chrono::seconds(10));
  until_true([&] { return refused.load(); });
}

// S5.1: between two samples, and no more than there are above the minimum.
TYPED_TEST_P(PoolAsksAPolicy, WhoSleepsForLongGoes) {
  Asked<TypeParam> asked(2, 4, std::chrono::seconds(4));
  asked.pool.scale_to(4);
  until_parked(asked.pool, 4);
  until_true([&] {
    asked.clock.advance(std::chrono::seconds(1));
    return asked.pool.events().count(Event::Kind::retired) == 2;
  });
  for (int i = 0; i < 10; ++i) asked.clock.advance(std::chrono::seconds(4));
  EXPECT_EQ(asked.pool.submit([] { return 1; }).get(), 1);
  EXPECT_EQ(asked.pool.size(), 2U);
}

REGISTER_TYPED_TEST_SUITE_P(PoolAsksAPolicy, AtEachIntervalOfTenSeconds, WhatItSees,
                            WhoBlocksIsSeenAndHisSubstituteGoesAfterwards, WhatIsDecidedIsDone,
                            TheDefaultGrowsUnderLoadAndShrinksWithoutIt, OneThatThrowsIsCountedAndAskedAgain,
                            APolicyCannotShutItsPoolDown, WhoSleepsForLongGoes);

}  // namespace pool::testing
