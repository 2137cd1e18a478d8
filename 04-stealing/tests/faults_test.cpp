// What the pool of stage 04 does when the machine fails it: no memory, no threads, a job that ends its own thread while
// others run on it, a callback that goes too far.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>

#include <pool/stealing/task_group.hpp>
#include <pool/stealing/thread_pool.hpp>
#include <pool/testing/allocations.hpp>
#include <pool/testing/contract/crew.hpp>
#include <pool/testing/contract/held.hpp>
#include <pool/testing/every_allocation.hpp>
#include <pool/testing/failing_threads.hpp>
#include <pool/testing/gate.hpp>
#include <pool/testing/process.hpp>

namespace pool::stealing {
namespace {

using priority::JobState;
using testing::FailingAllocation;
using testing::FailingThread;
using testing::Gate;
using testing::Held;
using testing::thread_count;
using testing::thread_count_becomes;

struct Outcome {
  std::atomic<int> ran = 0;
  std::atomic<int> taken = 0;
  std::atomic<int> failed = 0;
};

// A pool that lives, and its jobs, while one allocation fails. What was taken runs.
void live_through(Outcome& outcome) {
  const auto attempt = [&](auto&& act) {
    try {
      act();
    } catch (const std::bad_alloc&) {
      ++outcome.failed;
    }
  };
  const auto job = [&] { ++outcome.ran; };
  attempt([&] {
    ThreadPool pool({.workers = 1, .capacity = 200});
    attempt([&] {
      std::vector<std::function<void()>> jobs(3, job);
      pool.post_bulk(jobs);
      outcome.taken += 3;
    });
    // Those before the one that failed have been taken.
    outcome.taken += static_cast<int>(pool.totals().submitted) - outcome.taken;
    pool.wait_idle();
    attempt([&] {
      pool.launch({},
                  [&] {
                    attempt([&] {
                      pool.post(priority::Priority::low, job);
                      ++outcome.taken;
                    });
                    attempt([&] {
                      auto inner = pool.launch({}, job);
                      ++outcome.taken;
                      inner.wait();
                    });
                    attempt([&] {
                      TaskGroup group(pool);
                      attempt([&] {
                        group.run(job);
                        ++outcome.taken;
                      });
                      attempt([&] {
                        group.run(job);
                        ++outcome.taken;
                      });
                      group.wait();
                    });
                  })
          .wait();
    });
    pool.wait_idle();
  });
}

// R1 R2 R9: what was taken runs, what was not does not, and nothing leaks, whichever allocation fails.
TEST(Faults, EveryAllocationMayFail) {
  static_cast<void>(sync::thread_number());  // who has which is kept for ever
  testing::every_allocation_fails<Outcome>(live_through, [](const Outcome& outcome, bool failed) {
    EXPECT_EQ(outcome.ran, outcome.taken);
    EXPECT_LE(outcome.failed, failed ? 1 : 0);
  });
}

// R9: the constructor throws, and what it has started is gone.
TEST(Faults, AThreadThatCannotBeStartedFailsTheConstructor) {
  const std::size_t threads = thread_count();
  for (const int k : {0, 1, 3}) {
    const FailingThread armed(k);
    EXPECT_THROW(ThreadPool({.workers = 4}), std::system_error);
  }
  EXPECT_TRUE(thread_count_becomes(threads));
}

// R3: a job that ends its thread while others wait on it ends them, too, and nothing else: what is queued at that worker
// is done by others.
TEST(Faults, AJobThatEndsItsThreadFailsAllOnItsStackAndLosesNothing) {
  Gate held;
  Gate go;
  std::atomic<int> ran = 0;
  Job<void> inner;
  ThreadPool pool({.workers = 2});
  pool.post([&] {  // so that the other worker does what follows
    held.open();
    go.wait();
  });
  held.wait();
  auto outer = pool.launch({}, [&] {
    for (int i = 0; i < 10; ++i) pool.post([&] { ++ran; });
    inner = pool.launch({}, [] { pthread_exit(nullptr); });
    inner.wait();
  });
  EXPECT_THROW(outer.get(), basic::PoolError);
  go.open();
  pool.wait_idle();
  EXPECT_EQ(ran, 10);
  EXPECT_EQ(inner.state(), JobState::failed);
  EXPECT_EQ(pool.totals().active, 0U);
  EXPECT_EQ(pool.launch({}, [] { return 1; }).get(), 1);
}

// S4.2: a job that asks for the end of its thread, which comes where the worker next waits: asleep. Nobody wakes it, then.
TEST(Faults, AWorkerThatEndsInItsSleepIsNotWoken) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer does not see what a thread locks that is ended in sem_wait()";
#endif
  ThreadPool pool({.workers = 2});
  const std::size_t threads = thread_count();
  pool.post([] { pthread_cancel(pthread_self()); });
  ASSERT_TRUE(thread_count_becomes(threads - 1));
  for (int i = 0; i < 10; ++i) {
    Gate go;
    pool.post([&] { go.wait(); });
    pool.post([] {});  // would wake it
    go.open();
    pool.wait_idle();
    testing::until_parked(pool, 2);
  }
}

TEST(Faults, WhenAllThreadsAreGoneWhatIsQueuedSaysSo) {
  ThreadPool pool({.workers = 1});
  Gate gate;
  pool.post([&] {
    gate.wait();
    pthread_exit(nullptr);
  });
  auto queued = pool.launch({}, [] {});
  gate.open();
  queued.wait();
  EXPECT_EQ(queued.state(), JobState::cancelled);
  EXPECT_THROW(pool.post([] {}), basic::PoolStopped);
}

// R8: a job that runs in its caller, and a callback on the thread that cancels, are no jobs of the workers: they may
// shut the pool down.
TEST(Faults, WhoeverIsNotAWorkerMayShutThePoolDown) {
  {
    Held<ThreadPool> held({.capacity = 1, .overflow = Overflow::run_in_caller});
    held.pool.post([] {});
    held.pool.post([&] {
      held.release();
      held.pool.shutdown();
    });
    EXPECT_EQ(held.pool.totals().completed, 3U);
  }
  Held<ThreadPool> held({});
  auto job = held.pool.launch({}, [] {});
  job.on_end([&](const JobCore&) {
    held.release();
    held.pool.shutdown();
  });
  EXPECT_TRUE(job.cancel());
  EXPECT_EQ(held.pool.totals().cancelled, 1U);
}

// R20: what is cancelled before it is reached leaves nothing behind, whoever hands it in.
TEST(Faults, HandingInAndTakingBackOverAndOverNeedsNoMoreMemory) {
  ThreadPool pool({.workers = 1});
  const auto over_and_over = [&] {
    std::ptrdiff_t most = 0;
    for (int i = 0; i < 1000; ++i) {
      auto job = pool.launch({}, [] {});
      auto other = pool.launch({}, [] {});
      EXPECT_TRUE(job.cancel());
      EXPECT_TRUE(other.cancel());
      if (i == 10) most = testing::bytes_in_use + 50'000;  // a chunk or two; two thousand cells would be nine
      EXPECT_TRUE(i <= 10 || testing::bytes_in_use < most) << i;
    }
  };
  pool.launch({}, over_and_over).get();
  Gate gate;
  pool.post([&] { gate.wait(); });
  over_and_over();
  gate.open();
  pool.wait_idle();
}

// R20: nor does it matter who takes it back.
TEST(Faults, WhatOthersCancelNeedsNoMoreMemoryEither) {
  ThreadPool pool({.workers = 1});
  const auto rounds = [&](int many) {
    for (int round = 0; round < many; ++round) {
      std::vector<Job<void>> jobs;
      for (int i = 0; i < 100; ++i) jobs.push_back(pool.launch({}, [] {}));
      std::thread([&] {
        for (const Job<void>& job : jobs) EXPECT_TRUE(job.cancel());
      }).join();
    }
    return testing::bytes_in_use.load();
  };
  const auto [before, after] = pool.launch({}, [&] { return std::pair(rounds(5), rounds(100)); }).get();
  EXPECT_LT(after, before + 200'000) << "ten thousand jobs have come and gone";
}

// What is left of cancelled jobs goes with the pool. They are cancelled while a job runs, which then ends in this
// way.
void husks_are_gone(const std::function<void(ThreadPool&)>& end) {
  static_cast<void>(sync::thread_number());  // who has which is kept for ever
  const std::ptrdiff_t before = testing::bytes_in_use;
  {
    Gate husks;
    ThreadPool pool({.workers = 1});
    pool.post([&] {
      std::vector<Job<void>> jobs;
      for (int i = 0; i < 10; ++i) jobs.push_back(pool.launch({}, [] {}));
      std::thread([&] {
        for (const Job<void>& job : jobs) EXPECT_TRUE(job.cancel());
      }).join();
      husks.open();
      end(pool);
    });
    husks.wait();
  }
  EXPECT_EQ(testing::bytes_in_use - before, 0);
}

// R20: when the job ends, the pool is closed.
TEST(Faults, HusksAreGoneWithThePool) {
  husks_are_gone([](ThreadPool& pool) {
    const auto closed = [&] {
      try {
        return !pool.try_post([] {});
      } catch (const PoolStopped&) {
        return true;
      }
    };
    while (!closed()) std::this_thread::yield();
  });
}

// R20: the job ends its thread, so no worker comes to them.
TEST(Faults, SoAreThoseThatNoWorkerComesTo) {
  husks_are_gone([](ThreadPool&) { pthread_exit(nullptr); });
}

// R20: the pool does not come into being, and what on_start has done to it leaves nothing.
TEST(Faults, SoAreThoseOfAPoolThatCannotStart) {
  static_cast<void>(sync::thread_number());
  const std::ptrdiff_t before = testing::bytes_in_use;
  alignas(ThreadPool) std::byte place[sizeof(ThreadPool)];
  ThreadPool::Options options{.workers = 1};
  options.on_start = [&](std::size_t) {
    auto& pool = *reinterpret_cast<ThreadPool*>(place);  // which is ready when its threads start
    const Job<void> job = pool.launch({}, [] {});
    std::thread([&] { EXPECT_TRUE(job.cancel()); }).join();
    throw 1;
  };
  EXPECT_THROW(::new (static_cast<void*>(place)) ThreadPool(options), int);
  options.on_start = nullptr;
  EXPECT_EQ(testing::bytes_in_use - before, 0);
}

// R2: a job that is cancelled ends, even if there is no memory for the reason.
TEST(Faults, AReasonThatFindsNoMemoryIsLeftOut) {
  Held<ThreadPool> held({});
  auto job = held.pool.launch({}, [] {});
  const std::string why(100, 'w');
  {
    const FailingAllocation armed(0);
    EXPECT_TRUE(job.cancel(why));
  }
  EXPECT_EQ(job.state(), JobState::cancelled);
  EXPECT_EQ(job.info().reason, "");
  held.release();
  held.pool.wait_idle();
}

// R2 S2.2: what was displaced for work that then came too late for the pool has ended, and nobody waits for it.
TEST(Faults, DroppingTheOldestAgainstShutdownLosesNothing) {
  for (int round = 0; round < 100; ++round) {
    ThreadPool pool({.workers = 1, .capacity = 1, .overflow = Overflow::drop_oldest});
    std::thread poster([&] {
      try {
        for (;;) pool.post([] {});
      } catch (const PoolStopped&) {
      }
    });
    for (int i = 0; i < round % 20; ++i) std::this_thread::yield();
    pool.shutdown();
    poster.join();
    const PoolStats stats = pool.worker_stats();
    ASSERT_EQ(stats.accepted, stats.completed() + stats.dropped) << "round " << round;
  }
}

// S3.9: once the patience of shutdown_for() has ended, no more work starts, wherever it was queued.
TEST(Faults, AfterShutdownForNoMoreWorkStarts) {
  for (int round = 0; round < 200; ++round) {
    std::atomic<bool> over{false};
    std::atomic<int> late{0};
    ThreadPool pool({.workers = 2});
    for (int i = 0; i < 500; ++i) {
      pool.post([&] {
        if (over) ++late;
      });
    }
    static_cast<void>(pool.shutdown_for(std::chrono::seconds(0)));
    over = true;
    pool.shutdown();
    EXPECT_LE(late.load(), 2) << "those that had begun";
  }
}

// S2.5: what was dropped instead of being queued was never queued.
TEST(Faults, TheHighWaterMarkIsNotAboveTheCapacity) {
  Held<ThreadPool> held({.capacity = 2, .overflow = Overflow::drop_oldest});
  for (int i = 0; i < 2; ++i) held.pool.post(priority::Priority::critical, [] {});
  held.pool.post([] {});
  EXPECT_EQ(held.pool.worker_stats().high_water, 2U);
  EXPECT_EQ(held.pool.worker_stats().dropped, 1U);
  held.release();
}

// R4: a pool that has found nothing, and one in which work has come and gone, sleep.
TEST(Faults, AnIdlePoolSleeps) {
  ThreadPool pool({.workers = 4, .name = "Sleeper"});
  for (int i = 0; i < 1000; ++i) pool.post([] {});
  pool.wait_idle();
  Gate never;
  EXPECT_FALSE(never.wait_for(std::chrono::milliseconds(20)));  // they go to sleep
  const auto before = testing::cpu_time_of_threads("Sleeper");
  EXPECT_FALSE(never.wait_for(std::chrono::milliseconds(500)));
  EXPECT_LT(testing::cpu_time_of_threads("Sleeper") - before, std::chrono::milliseconds(1));
}

}  // namespace
}  // namespace pool::stealing
