// The awaitable queue: S6.16.
#include <pool/process/job_queue.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <pool/testing/gate.hpp>

namespace pool::process {
namespace {

using namespace std::chrono_literals;
using pool::testing::Gate;
using priority::Cancelled;
using priority::CancelSource;
using priority::JobState;

// S6.16: first in, first out; count; clear.
TEST(JobQueue, HoldsWhatIsPushed) {
  JobQueue<int> queue;
  for (int i = 0; i < 5; ++i) queue.push(i);
  EXPECT_EQ(queue.count(), 5U);
  EXPECT_EQ(queue.pop(), 0);
  EXPECT_EQ(queue.pop(0s), 1);
  EXPECT_EQ(queue.clear(), 3U);
  EXPECT_EQ(queue.count(), 0U);
}

// S6.16: 0 is at once or nothing; a second if nothing else is said.
TEST(JobQueue, APopWaitsNoLongerThanItShould) {
  JobQueue<int> queue;
  EXPECT_EQ(queue.pop(0s), std::nullopt);
  EXPECT_EQ(queue.pop(1ms), std::nullopt);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(queue.pop(), std::nullopt);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 1s);
  EXPECT_THROW(static_cast<void>(queue.pop(-1s)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(queue.pop_async(-1s)), std::invalid_argument);
}

TEST(JobQueue, AWaitingPopGetsWhatIsPushed) {
  JobQueue<std::unique_ptr<int>> queue;
  std::optional<std::unique_ptr<int>> got;
  std::thread pops([&] { got = queue.pop(1h); });
  queue.push(std::make_unique<int>(7));
  pops.join();
  ASSERT_TRUE(got);
  EXPECT_EQ(**got, 7);
}

// S6.16: awaitable.
TEST(JobQueue, APopCanBeAwaited) {
  JobQueue<int> queue;
  const auto first = queue.pop_async(1h);
  const auto second = queue.pop_async(1h);
  EXPECT_EQ(first.state(), JobState::queued);
  int seen = 0;
  first.on_end([&](const auto&) { seen = queue.count() == 0 ? 1 : 2; });  // not under the lock
  queue.push(1);
  EXPECT_EQ(seen, 1);
  EXPECT_EQ(first.get(), 1);
  second.cancel();
  queue.push(2);
  EXPECT_EQ(queue.count(), 1U) << "who was cancelled gets nothing, and nothing is lost";
  EXPECT_EQ(queue.pop_async().get(), 2);
  EXPECT_THROW(queue.pop_async(0s).get(), Cancelled);
  try {
    queue.pop_async(1ms).get();
    FAIL();
  } catch (const Cancelled& cancelled) {
    EXPECT_EQ(cancelled.reason(), "deadline");
  }
  queue.push(3);
  EXPECT_EQ(queue.pop_async(0s).get(), 3) << "at once";
}

// S6.16: work() returns when all is done, that which is pushed meanwhile as well.
TEST(JobQueue, WorkReturnsWhenItIsDrained) {
  JobQueue<int> queue;
  EXPECT_EQ(queue.work([](int) {}), 0U);
  queue.push(6);
  std::atomic<int> done = 0;
  const auto halve = [&](int item) {
    ++done;
    if (item > 1) {
      queue.push(item / 2);
      queue.push(item - item / 2);
    }
  };
  std::size_t others = 0;
  std::thread other([&] { others = queue.work(halve); });
  const std::size_t mine = queue.work(halve);
  other.join();
  EXPECT_EQ(done, 11);
  EXPECT_EQ(mine + others, 11U);
}

// Who has nothing to do waits for who may push more.
TEST(JobQueue, WorkWaitsForThoseWhoMayPushMore) {
  JobQueue<int> queue;
  queue.push(1);
  Gate begun;
  Gate go;
  std::atomic<int> done = 0;
  std::thread first([&] {
    queue.work([&](int item) {
      if (item == 1) {
        begun.open();
        go.wait();
        for (int i = 2; i < 10; ++i) queue.push(i);
      }
      ++done;
    });
  });
  begun.wait();
  std::thread second([&] { queue.work([&](int) { ++done; }); });
  go.open();
  first.join();
  second.join();
  EXPECT_EQ(done, 9);
}

// S6.16: or when the pool is shut down.
TEST(JobQueue, WorkReturnsWhenThePoolIsShutDown) {
  const CancelSource pool;
  JobQueue<int> queue(pool.token());
  for (int i = 0; i < 3; ++i) queue.push(i);
  EXPECT_EQ(queue.work([&](int) { pool.cancel(); }), 1U);
  EXPECT_EQ(queue.count(), 2U);
  EXPECT_THROW(queue.push(9), basic::PoolStopped);
  EXPECT_EQ(queue.pop(1h), 1);
  queue.clear();
  EXPECT_EQ(queue.pop(1h), std::nullopt);
  EXPECT_THROW(queue.pop_async(1h).get(), Cancelled);
}

TEST(JobQueue, StopWakesEverybody) {
  JobQueue<int> queue;
  std::thread pops([&] { EXPECT_EQ(queue.pop(1h), std::nullopt); });
  const auto awaited = queue.pop_async(1h);
  queue.stop();
  pops.join();
  EXPECT_EQ(awaited.info().reason, "shutdown");
}

TEST(JobQueue, WhatAnItemThrowsComesOutAndTheOthersGoOn) {
  JobQueue<int> queue;
  for (int i = 0; i < 3; ++i) queue.push(i);
  EXPECT_THROW(queue.work([](int) { throw std::runtime_error("bad item"); }), std::runtime_error);
  EXPECT_EQ(queue.work([](int) {}), 2U) << "and the one that threw is not in work any more";
}

}  // namespace
}  // namespace pool::process
