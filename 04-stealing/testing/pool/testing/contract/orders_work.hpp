// Contract of work-stealing pools, part three: which work starts next.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <pool/priority/clock.hpp>
#include <pool/priority/priority.hpp>
#include <pool/testing/contract/crew.hpp>
#include <pool/testing/contract/held.hpp>
#include <pool/testing/gate.hpp>

namespace pool::testing {

using priority::Priority;

// Several threads hand in numbered work at five levels; written by the one worker that runs it.
class Arrivals {
 public:
  static constexpr std::size_t kProducers = 4;
  static constexpr int kEach = 300;

  template <class Pool>
  void hand_in(Pool& pool, std::size_t producer) {
    std::array<int, 5> next{};
    for (int i = 0; i < kEach; ++i) {
      const auto level = (static_cast<std::size_t>(i) * (producer + 1) / 3) % 5;
      pool.post(static_cast<Priority>(level), [this, producer, level, number = next[level]++] {
        in_order_ += last_[producer][level]++ == number ? 1 : 0;
      });
    }
  }
  template <class Pool>
  void hand_in_at_once(Pool& pool) {
    std::vector<std::jthread> producers;
    for (std::size_t p = 0; p < kProducers; ++p) producers.emplace_back([&, p] { hand_in(pool, p); });
  }
  [[nodiscard]] bool all_in_order() const { return in_order_ == static_cast<int>(kProducers) * kEach; }

 private:
  std::array<std::array<int, 5>, kProducers> last_{};
  int in_order_ = 0;
};

template <class Pool>
class PoolOrdersWork : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolOrdersWork);

// S4.4
TYPED_TEST_P(PoolOrdersWork, EachSubmittingThreadsWorkStartsInItsOrderWithinItsLevel) {
  Arrivals queued;
  Held<TypeParam> held({});
  queued.hand_in_at_once(held.pool);
  held.release();
  held.pool.wait_idle();
  EXPECT_TRUE(queued.all_in_order()) << "all was queued before the first started";

  Arrivals meanwhile;
  meanwhile.hand_in_at_once(held.pool);
  held.pool.wait_idle();
  EXPECT_TRUE(meanwhile.all_in_order()) << "handed in while the worker works";
}

// S4.4: however many workers have a home for it, and whichever of them works.
TYPED_TEST_P(PoolOrdersWork, SoItIsWhicheverWorkerIsFree) {
  for (std::size_t worker = 0; worker < 3; ++worker) {
    Arrivals work;
    HeldCrew<TypeParam> crew(3);
    work.hand_in_at_once(crew.pool);
    crew.release(worker);
    while (crew.pool.totals().active + crew.pool.pending() > 2) std::this_thread::yield();  // the two that are held
    crew.release();
    crew.pool.wait_idle();
    EXPECT_TRUE(work.all_in_order()) << "worker " << worker;
  }
}

// S4.4
TYPED_TEST_P(PoolOrdersWork, WhatAJobHandsInStartsLastInFirstOut) {
  TypeParam pool({.workers = 1});
  std::vector<int> started;
  pool.post([&] {
    for (int i = 0; i < 200; ++i) pool.post([&, i] { started.push_back(i); });
  });
  pool.wait_idle();
  ASSERT_EQ(started.size(), 200U);
  for (int i = 0; i < 200; ++i) ASSERT_EQ(started[static_cast<std::size_t>(i)], 199 - i);
}

// S4.4: a worker looks at its own and at what came from outside, and the higher level goes first.
TYPED_TEST_P(PoolOrdersWork, AHigherLevelGoesFirstWhereverItIsQueued) {
  Held<TypeParam> held({});
  auto& pool = held.pool;
  std::string started;
  Gate running;
  Gate go;
  const auto note = [&](Priority priority, char name) { pool.post(priority, [&, name] { started += name; }); };
  pool.post([&] {
    note(Priority::lowest, 'h');
    note(Priority::normal, 'e');
    note(Priority::normal, 'd');
    note(Priority::high, 'b');
    running.open();
    go.wait();
  });
  held.release();
  running.wait();
  note(Priority::low, 'f');
  note(Priority::critical, 'a');
  note(Priority::high, 'c');
  note(Priority::low, 'g');
  go.open();
  pool.wait_idle();
  EXPECT_TRUE(started == "abcdefgh" || started == "acbdefgh") << started << ": which of two highs is left open";
}

// S4.4: a critical one, from outside or from a job, overtakes the low ones that are queued at the worker.
TYPED_TEST_P(PoolOrdersWork, ACriticalOneStartsNext) {
  TypeParam pool({.workers = 1});
  std::string started;
  Gate running;
  Gate go;
  pool.post([&] {
    pool.post(Priority::low, [&] { started += 'e'; });
    pool.post(Priority::low, [&] {
      started += 'c';
      pool.post(Priority::critical, [&] { started += 'd'; });
    });
    pool.post(Priority::low, [&] {
      started += 'a';
      running.open();
      go.wait();
    });
  });
  running.wait();
  pool.post(Priority::critical, [&] { started += 'b'; });
  go.open();
  pool.wait_idle();
  EXPECT_EQ(started, "abcde");
}

// S4.4: the same with work that the worker has claimed in a batch.
TYPED_TEST_P(PoolOrdersWork, ItOvertakesWhatIsClaimedToo) {
  Held<TypeParam> held({});
  std::string started;
  Gate running;
  Gate go;
  held.pool.post(Priority::low, [&] {
    started += 'a';
    running.open();
    go.wait();
  });
  held.pool.post(Priority::low, [&] {
    started += 'c';
    held.pool.post(Priority::high, [&] { started += 'd'; });
  });
  held.pool.post(Priority::low, [&] { started += 'e'; });
  held.release();
  running.wait();
  held.pool.post(Priority::critical, [&] { started += 'b'; });
  go.open();
  held.pool.wait_idle();
  EXPECT_EQ(started, "abcde");
}

// A job that hands itself in again and again, and lets some time pass, until it is told to stop.
template <class Pool>
class Again {
 public:
  Again(Pool& pool, Priority priority, std::function<void()> each_time)
      : pool_(pool), priority_(priority), each_time_(std::move(each_time)) {}
  void hand_in() {
    pool_.post(priority_, [this] {
      ++runs_;
      each_time_();
      if (!stopped_ && runs_ < 1000) hand_in();
    });
  }
  void stop() { stopped_ = true; }
  [[nodiscard]] int runs() const { return runs_; }

 private:
  Pool& pool_;
  const Priority priority_;
  const std::function<void()> each_time_;
  int runs_ = 0;  // these two belong to the pool's only worker
  bool stopped_ = false;
};

// S4.4 S3.3: what waits below it is next once it has waited for too long; what waits beside it, soon after that; and
// work from outside that waits beside it need not wait for too long.
TYPED_TEST_P(PoolOrdersWork, AJobThatHandsItselfInAgainDoesNotStarveWorkFromOutside) {
  for (const auto& [priority, step, most] :
       {std::tuple(Priority::critical, 1, 12), std::tuple(Priority::normal, 1, 100),
        std::tuple(Priority::normal, 0, 100)}) {
    priority::ManualClock clock;
    Held<TypeParam> held({.clock = &clock});  // ageing as it is: ten seconds
    Again<TypeParam> again(held.pool, priority, [&, step = step] { clock.advance(std::chrono::seconds(step)); });
    again.hand_in();
    held.pool.post([&] { again.stop(); });
    held.release();
    held.pool.wait_idle();
    EXPECT_LE(again.runs(), most) << to_string(priority) << ", " << step << " s each time";
  }
}

// S4.4 S3.3
TYPED_TEST_P(PoolOrdersWork, NorOldWorkInItsOwnQueue) {
  for (const auto& [priority, most] : {std::pair(Priority::critical, 12), std::pair(Priority::normal, 100)}) {
    priority::ManualClock clock;
    TypeParam pool({.workers = 1, .clock = &clock});
    Again<TypeParam> again(pool, priority, [&] { clock.advance(std::chrono::seconds(1)); });
    pool.post([&] {
      pool.post([&] { again.stop(); });
      again.hand_in();
    });
    pool.wait_idle();
    EXPECT_LE(again.runs(), most) << to_string(priority);
  }
}

// S4.4 S3.3
TYPED_TEST_P(PoolOrdersWork, OwnWorkThatHasWaitedForTooLongGoesFirst) {
  priority::ManualClock clock;
  TypeParam pool({.workers = 1, .ageing = std::chrono::seconds(5), .clock = &clock});
  std::string started;
  const auto note = [&](Priority priority, char name) { pool.post(priority, [&, name] { started += name; }); };
  pool.post([&] {
    note(Priority::lowest, 'a');
    clock.advance(std::chrono::seconds(1));
    note(Priority::normal, 'b');
    clock.advance(std::chrono::seconds(5));  // 6 s and 5 s: too long is more than 5
    note(Priority::normal, 'e');
    note(Priority::normal, 'd');
    note(Priority::high, 'c');
  });
  pool.wait_idle();
  EXPECT_EQ(started, "acdeb");
}

REGISTER_TYPED_TEST_SUITE_P(PoolOrdersWork, EachSubmittingThreadsWorkStartsInItsOrderWithinItsLevel,
                            SoItIsWhicheverWorkerIsFree, WhatAJobHandsInStartsLastInFirstOut,
                            AHigherLevelGoesFirstWhereverItIsQueued, ACriticalOneStartsNext,
                            ItOvertakesWhatIsClaimedToo, AJobThatHandsItselfInAgainDoesNotStarveWorkFromOutside,
                            NorOldWorkInItsOwnQueue, OwnWorkThatHasWaitedForTooLongGoesFirst);

}  // namespace pool::testing
