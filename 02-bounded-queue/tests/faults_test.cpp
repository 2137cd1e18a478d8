// What the bounded pool does when the machine fails it: no thread to be had, no memory, a job that ends its own thread.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <future>
#include <memory>
#include <new>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

#include <pthread.h>

#include <pool/bounded/thread_pool.hpp>
#include <pool/testing/allocations.hpp>
#include <pool/testing/contract/held.hpp>
#include <pool/testing/every_allocation.hpp>
#include <pool/testing/failing_threads.hpp>
#include <pool/testing/gate.hpp>
#include <pool/testing/process.hpp>

namespace pool::bounded {
namespace {

using testing::FailingThread;
using testing::Gate;
using testing::Held;
using testing::thread_count;
using testing::thread_count_becomes;

// R9
TEST(Faults, AThreadThatCannotBeCreatedFailsTheConstructorAndLeavesNone) {
  const std::size_t threads = thread_count();
  for (int k = 0; k < 3; ++k) {
    const FailingThread armed(k);
    EXPECT_THROW(ThreadPool({.workers = 3, .capacity = 1}), std::system_error);
    EXPECT_TRUE(thread_count_becomes(threads)) << "after failure at thread " << k;
  }
}

struct Outcome {
  std::atomic<int> ran = 0;
  int taken = 0;
  int not_taken = 0;
  int failed = 0;
};

// A pool that lives and works while one allocation fails.
void live_through(Overflow overflow, Outcome& outcome) {
  const auto attempt = [&](auto&& submit) {
    try {
      ++(submit() ? outcome.taken : outcome.not_taken);
    } catch (const std::bad_alloc&) {
      ++outcome.failed;
    } catch (const QueueFull&) {
      ++outcome.not_taken;
    }
  };
  attempt([&] {
    ThreadPool pool({.workers = 1, .capacity = 2, .overflow = overflow});
    const auto job = [&outcome] { ++outcome.ran; };
    for (int i = 0; i < 3; ++i) {
      attempt([&] { return pool.post(job), true; });
      attempt([&] { return pool.try_post(job); });
      attempt([&] { return pool.try_submit(job).has_value(); });
    }
    pool.wait_idle();
    std::optional<PoolStats> stats;
    while (!stats) attempt([&] { return stats = pool.worker_stats(), false; });
    outcome.taken -= static_cast<int>(stats->dropped);
    return false;
  });
}

// R1 R2 R9: what was taken runs, what was not does not, and nothing leaks, whichever allocation fails.
TEST(Faults, EveryAllocationMayFail) {
  for (const Overflow overflow : {Overflow::block, Overflow::reject, Overflow::run_in_caller, Overflow::drop_oldest}) {
    SCOPED_TRACE(to_string(overflow));
    const auto live = [=](Outcome& outcome) { live_through(overflow, outcome); };
    testing::every_allocation_fails<Outcome>(live, [](const Outcome& outcome, bool failed) {
      EXPECT_EQ(outcome.ran, outcome.taken);
      EXPECT_LE(outcome.failed, 1);
      EXPECT_TRUE(outcome.failed == 1 || !failed || outcome.not_taken > 0) << "nobody was told";
    });
  }
}

// R20 S2.1: the memory of a bounded pool is that of its queue, however much is handed in.
TEST(Faults, MemoryIsBoundedByTheCapacity) {
  using Megabyte = std::array<char, 1'000'000>;
  Held<ThreadPool> held({.capacity = 8});
  const std::ptrdiff_t before = testing::bytes_in_use;
  int taken = 0;
  for (int i = 0; i < 100; ++i) {
    taken += held.pool.try_post([big = std::make_unique<Megabyte>()] {}) ? 1 : 0;
    ASSERT_LE(testing::bytes_in_use - before, 9'100'000);
  }
  EXPECT_EQ(taken, 8);
  held.release();
  held.pool.wait_idle();
  EXPECT_LE(testing::bytes_in_use - before, 0);
}

// S2.3: a try that finds no room allocates nothing.
TEST(Faults, ATryWithoutRoomAllocatesNothing) {
  Held<ThreadPool> held({.capacity = 1});
  held.queue(1);
  const testing::Allocations allocations;
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(held.pool.try_post([] {}));
    EXPECT_FALSE(held.pool.try_submit([] { return 1; }).has_value());
  }
  EXPECT_EQ(allocations.since(), 0U);
}

// S2.6 R3: a job that ends its own thread is done, too.
TEST(Faults, AJobThatEndsItsThreadIsCountedAndNotWaitedFor) {
  ThreadPool pool({.workers = 2, .capacity = 4});
  auto ended = pool.submit([] { pthread_exit(nullptr); });
  EXPECT_THROW(ended.get(), std::future_error);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(pool.submit([i] { return i; }).get(), i);
  pool.wait_idle();
  const PoolStats stats = pool.worker_stats();
  EXPECT_EQ(stats.completed(), 101U);
  EXPECT_EQ(stats.accepted, 101U);
}

// S2.4 R6: when no worker is left, those who wait for room, and those who wait for the pool, do not wait for ever.
TEST(Faults, WhenTheLastWorkerHasEndedNobodyIsLeftWaiting) {
  ThreadPool pool({.workers = 1, .capacity = 1});
  Gate go;
  Gate running;
  pool.post([&] {
    running.open();
    go.wait();
    pthread_exit(nullptr);
  });
  running.wait();
  auto queued = pool.submit([] {});
  std::thread producer([&] { EXPECT_THROW(pool.post([] {}), PoolStopped); });
  std::thread waiter([&] { pool.wait_idle(); });
  testing::let_others_run();
  go.open();
  producer.join();
  waiter.join();
  EXPECT_THROW(queued.get(), std::future_error);
  const PoolStats stats = pool.worker_stats();
  EXPECT_EQ(stats.accepted, stats.completed() + stats.dropped);
}

// R5: the destructor of dropped work may throw; the error handler hears of it, and the counts stay right.
TEST(Faults, ADroppedClosureWhoseDestructorThrowsHarmsNothing) {
  struct ThrowsWhenDestroyed {
    bool armed = true;
    ThrowsWhenDestroyed() = default;
    ThrowsWhenDestroyed(ThrowsWhenDestroyed&& other) noexcept : armed(std::exchange(other.armed, false)) {}
    ~ThrowsWhenDestroyed() noexcept(false) {
      if (armed) throw std::runtime_error("on the way out");
    }
    void operator()() const {}
  };
  std::atomic<int> errors = 0;
  Held<ThreadPool> held(
      {.on_error = [&](const std::exception_ptr&) { ++errors; }, .capacity = 1, .overflow = Overflow::drop_oldest});
  held.pool.post(ThrowsWhenDestroyed());
  held.queue(1);
  EXPECT_EQ(errors, 1);
  held.release();
  held.pool.wait_idle();
  EXPECT_EQ(held.pool.worker_stats().dropped, 1U);
}

}  // namespace
}  // namespace pool::bounded
