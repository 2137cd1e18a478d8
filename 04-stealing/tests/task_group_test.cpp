// TaskGroup: parts of a job that are waited for together.
#include <gtest/gtest.h>

#include <pthread.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <pool/stealing/invoke.hpp>
#include <pool/stealing/task_group.hpp>
#include <pool/testing/allocations.hpp>
#include <pool/testing/contract/held.hpp>
#include <pool/testing/gate.hpp>
#include <pool/testing/large_frames.hpp>

namespace pool::stealing {
namespace {

using testing::Gate;
using testing::Held;

long fibonacci(ThreadPool& pool, int n) {
  if (n < 2) return n;
  long one = 0;
  long other = 0;
  TaskGroup group(pool);
  group.run([&] { one = fibonacci(pool, n - 1); });
  group.run([&] { other = fibonacci(pool, n - 2); });
  group.wait();
  return one + other;
}

// S4.5
TEST(TaskGroup, PartsMayHavePartsOnAnyNumberOfWorkers) {
  for (const std::size_t workers : {1U, 2U, 5U}) {
    ThreadPool pool({.workers = workers});
    EXPECT_EQ(pool.launch({}, [&] { return fibonacci(pool, 12); }).get(), 144) << workers;
    EXPECT_EQ(fibonacci(pool, 7), 13) << "from outside";
  }
}

TEST(TaskGroup, WaitReturnsWhenAllPartsHaveEnded) {
  ThreadPool pool({.workers = 2});
  TaskGroup group(pool);
  group.wait();  // there is nothing to wait for
  std::atomic<int> ran{0};
  for (int round = 1; round <= 3; ++round) {
    for (int i = 0; i < 200; ++i) group.run([&] { ++ran; });
    group.wait();
    EXPECT_EQ(ran.load(), 200 * round);
  }
}

TEST(TaskGroup, PartsMayAddParts) {
  ThreadPool pool({.workers = 2});
  std::atomic<int> ran{0};
  TaskGroup group(pool);
  const std::function<void(int)> add = [&](int depth) {
    ++ran;
    if (depth == 0) return;
    for (int i = 0; i < 2; ++i) group.run([&, depth] { add(depth - 1); });
  };
  group.run([&] { add(7); });
  group.wait();
  EXPECT_EQ(ran.load(), 255);
}

TEST(TaskGroup, TheDestructorWaits) {
  ThreadPool pool({.workers = 2});
  std::atomic<int> ran{0};
  {
    TaskGroup group(pool);
    for (int i = 0; i < 100; ++i) group.run([&] { ++ran; });
  }
  EXPECT_EQ(ran.load(), 100);
}

TEST(TaskGroup, TheFirstExceptionIsThrownOnceAndAllAreCounted) {
  ThreadPool pool({.workers = 1});
  Gate gate;
  TaskGroup group(pool);
  group.run([&] {
    gate.wait();
    throw std::runtime_error("the first");
  });
  group.run([] { throw std::logic_error("a later one"); });
  group.run([] {});
  gate.open();
  try {
    group.wait();
    FAIL() << "it throws nothing";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "the first");
  }
  EXPECT_EQ(group.failed(), 2U);
  EXPECT_NO_THROW(group.wait());
  EXPECT_EQ(pool.totals().failed, 2U);
}

// R16: the destructor of an exception is the user's code.
TEST(TaskGroup, AnExceptionIsNotDestroyedUnderTheLock) {
  struct Asks {
    TaskGroup* group;
    explicit Asks(TaskGroup& of) : group(&of) {}
    Asks(const Asks&) = default;
    Asks& operator=(const Asks&) = delete;
    ~Asks() { static_cast<void>(group->failed()); }
  };
  ThreadPool pool({.workers = 1});
  TaskGroup group(pool);
  std::atomic<bool> held{true};  // until all are there: they are waited for from the last to the first
  pool.post([&] { held.wait(true); });
  for (int i = 0; i < 200; ++i) group.run([&] { throw Asks(group); });
  held = false;
  held.notify_all();
  EXPECT_THROW(group.wait(), Asks);
  EXPECT_EQ(group.failed(), 200U);
}

// S4.5: of the parts, the one that is queued is run by whoever waits, even if a newer one runs already and waits for it.
TEST(TaskGroup, AQueuedPartIsRunByWhoeverWaits) {
  ThreadPool pool({.workers = 2});
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> done{0};
    TaskGroup group(pool);
    const auto meet = [&] {
      ++done;
      done.notify_all();
      for (int now = done.load(); now < 2; now = done.load()) done.wait(now);
    };
    pool.launch({},
                [&] {
                  group.run(meet);
                  group.run(meet);
                  group.wait();
                })
        .get();
  }
}

// S4.5: a newer part that runs may wait for an older one; whoever waits for the group sees to that.
TEST(TaskGroup, WhatRunsMayWaitForAnOlderPart) {
  ThreadPool pool({.workers = 2});
  TaskGroup group(pool);
  Gate both_run;
  Gate older_is_queued;
  Gate newer_runs;
  Gate older_ran;
  auto waiter = pool.launch({}, [&] {
    both_run.wait();
    newer_runs.wait();
    group.wait();
  });
  pool.post([&] {
    both_run.open();
    older_is_queued.wait();
    group.run([&] {  // in this worker's own lane: it is what it does next
      newer_runs.open();
      older_ran.wait();
    });
  });
  both_run.wait();
  group.run([&] { older_ran.open(); });
  older_is_queued.open();
  waiter.wait();
}

// What is dropped at the end leaves a hole in the result, and whoever waits is told.
TEST(TaskGroup, APartThatIsDroppedByShutdownIsAnError) {
  Held<ThreadPool> held({});
  TaskGroup group(held.pool);
  group.run([] {});
  std::thread closer([&] { held.pool.shutdown(basic::Shutdown::discard); });
  EXPECT_THROW(group.wait(), priority::Cancelled);
  held.release();
  closer.join();
  EXPECT_EQ(group.failed(), 0U);
}

TEST(TaskGroup, TwoThreadsMayWait) {
  ThreadPool pool({.workers = 2});
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> ran{0};
    TaskGroup group(pool);
    for (int i = 0; i < 4; ++i) group.run([&] { ++ran; });
    std::thread other([&] {
      group.wait();
      EXPECT_EQ(ran.load(), 4);
    });
    group.wait();
    EXPECT_EQ(ran.load(), 4);
    other.join();
  }
}

TEST(TaskGroup, CancelStopsWhatHasNotStartedAndAsksTheRest) {
  ThreadPool pool({.workers = 1});
  Gate running;
  std::atomic<int> ran{0};
  TaskGroup group(pool);
  group.run([&](const CancelToken& token) {
    running.open();
    while (!token.is_cancelled()) std::this_thread::yield();
    ++ran;
  });
  for (int i = 0; i < 5; ++i) group.run([&] { ran += 100; });
  running.wait();
  group.cancel();
  group.wait();
  EXPECT_EQ(ran.load(), 1);
  group.run([&] { ran += 100; });  // cancelled from the beginning: it is not even handed in
  group.wait();
  EXPECT_EQ(ran.load(), 1);
  EXPECT_EQ(pool.totals().submitted, 6U);
  EXPECT_EQ(group.failed(), 0U);
}

// S4.6 (part): capacity limits submissions from outside; forks never block on it.
TEST(TaskGroup, PartsTakeNoRoomInALimitedPool) {
  for (const Overflow overflow : {Overflow::block, Overflow::reject, Overflow::drop_oldest, Overflow::run_in_caller}) {
    ThreadPool pool({.workers = 1, .capacity = 1, .overflow = overflow});
    EXPECT_EQ(pool.launch({}, [&] { return fibonacci(pool, 10); }).get(), 55);
    EXPECT_EQ(pool.worker_stats().dropped, 0U);
  }
}

TEST(TaskGroup, AJobOfAPoolThatIsShutDownMayStillFork) {
  std::atomic<int> ran{0};
  Gate closed;
  {
    ThreadPool pool({.workers = 2});
    pool.post([&] {
      closed.wait();
      TaskGroup group(pool);
      for (int i = 0; i < 10; ++i) group.run([&] { ++ran; });
      group.wait();
    });
    std::thread closer([&] { pool.shutdown(); });
    while (true) {  // until it takes no more work
      try {
        pool.post([] {});
      } catch (const PoolStopped&) {
        break;
      }
    }
    closed.open();
    closer.join();
    EXPECT_EQ(ran.load(), 10);
    TaskGroup outside(pool);
    EXPECT_THROW(outside.run([] {}), PoolStopped);
  }
}

// S4.5: a wait costs the stack a constant.
TEST(TaskGroup, WaitsMayBeNestedFiveThousandTimes) {
#ifdef POOL_FRAMES_ARE_LARGE
  GTEST_SKIP() << "the stack of a thread is too small for that many unoptimised frames";
#endif
  ThreadPool pool({.workers = 1});
  const std::function<int(int)> below = [&](int depth) {
    if (depth == 0) return 0;
    int rest = 0;
    TaskGroup group(pool);
    group.run([&] { rest = below(depth - 1); });
    group.wait();
    return rest + 1;
  };
  EXPECT_EQ(pool.launch({}, [&] { return below(5'000); }).get(), 5'000);
}

// The same if it lies below other work, where a thief does not see it; and if the thread there has ended.
TEST(TaskGroup, WhoWaitsFindsAPartBelowOtherWork) {
  ThreadPool pool({.workers = 2});
  Gate stolen, added;
  pool.launch({},
              [&] {
                TaskGroup group(pool);
                group.run([&] {
                  stolen.open();
                  pool.post([] {});
                  group.run([&] { added.open(); });
                  added.wait();
                });
                stolen.wait();
                group.wait();
              })
      .get();
}

TEST(TaskGroup, WhoWaitsFindsThePartsOfAThreadThatHasEnded) {
  ThreadPool pool({.workers = 2});
  Gate stolen;
  std::atomic<bool> ran{false};
  pool.launch({},
              [&] {
                TaskGroup group(pool);
                group.run([&] {
                  stolen.open();
                  pool.post([] {});
                  group.run([&] { ran = true; });
                  pthread_exit(nullptr);
                });
                stolen.wait();
                EXPECT_THROW(group.wait(), PoolError);
              })
      .get();
  EXPECT_TRUE(ran);
}

// Nobody else can do it: the thief only waits.
TEST(TaskGroup, APartMayAddToAnotherGroup) {
  ThreadPool pool({.workers = 2});
  Gate added, begun;
  pool.launch({},
              [&] {
                TaskGroup group(pool), other(pool);
                group.run([&] {
                  other.run([&] { begun.open(); });
                  added.open();
                  begun.wait();
                });
                added.wait();
                other.wait();
                group.wait();
              })
      .get();
}

// What a part adds to a group that lasts may wait for the job that waits for the part: so it is not for that job.
TEST(TaskGroup, AWaitLeavesPartsOfOtherGroupsAlone) {
  ThreadPool pool({.workers = 2});
  TaskGroup lasting(pool);
  Gate named, added, end;
  Job<void> job;
  job = pool.launch({}, [&] {
    named.wait();
    {
      TaskGroup group(pool);
      group.run([&] {
        lasting.run([&] { job.wait(); });
        added.open();
        end.wait();
      });
      added.wait();
      pool.post(Priority::high, [&] { end.open(); });
      group.wait();
    }
  });
  named.open();
  job.get();
  lasting.wait();
}

// The part lies below the wait, at the only worker, with other work above.
TEST(TaskGroup, APartMayWaitForAnotherGroup) {
  ThreadPool pool({.workers = 1});
  pool.launch({},
              [&] {
                TaskGroup group(pool), other(pool);
                bool ran = false;
                group.run([&] { ran = true; });
                pool.post([] {});
                other.run([&] {
                  group.wait();
                  EXPECT_TRUE(ran);
                });
                other.wait();
              })
      .get();
}

// It runs nested in its own job, and finds what that has handed in.
TEST(TaskGroup, MayBeWaitedForInAHalfThatCameBack) {
  ThreadPool pool({.workers = 2});
  Gate busy, go, pushed, begun;
  pool.post([&] {
    busy.open();
    go.wait();
  });
  busy.wait();
  pool.launch({},
              [&] {
                TaskGroup group(pool);
                group.run([] {});
                const auto came_back = [&] {
                  begun.open();
                  group.wait();
                };
                const auto stolen = [&] {
                  const auto first = [&] {
                    pushed.open();
                    begun.wait();
                  };
                  invoke(first, came_back);
                };
                const auto first = [&] {
                  go.open();
                  pushed.wait();
                };
                invoke(first, stolen);
              })
      .get();
}

// What a part adds to its group at another worker is done by whoever waits, too.
TEST(TaskGroup, WhoWaitsDoesWhatAPartHasAdded) {
  ThreadPool pool({.workers = 2});
  for (int round = 0; round < 200; ++round) {
    Gate stolen;
    Gate added;
    std::optional<std::size_t> waiter, thief;
    pool.launch({},
                [&] {
                  waiter = pool.current_worker();
                  TaskGroup group(pool);
                  group.run([&] {
                    stolen.open();
                    group.run([&] {
                      thief = pool.current_worker();
                      added.open();
                    });
                    added.wait();  // which is not how one waits in a job: so that somebody else has to run it
                  });
                  stolen.wait();
                  group.wait();
                })
        .get();
    EXPECT_EQ(waiter, thief);
  }
}

TEST(TaskGroup, APartThatEndsItsThreadHasFailed) {
  ThreadPool pool({.workers = 3});
  TaskGroup group(pool);
  group.run([] { pthread_exit(nullptr); });
  EXPECT_THROW(group.wait(), PoolError);
  EXPECT_EQ(group.failed(), 1U);
  Gate stolen;
  EXPECT_THROW(pool.launch({},
                           [&] {
                             TaskGroup parts(pool);
                             parts.run([&] {
                               stolen.open();
                               pthread_exit(nullptr);
                             });
                             stolen.wait();  // on another thread
                             parts.wait();
                           })
                   .get(),
               PoolError);
  EXPECT_EQ(fibonacci(pool, 10), 55) << "with two threads less";
}

TEST(TaskGroup, ATokenHearsOfTheGroupAndOfTheEndOfThePool) {
  ThreadPool pool({.workers = 2});
  std::string reason;
  {
    TaskGroup group(pool);
    Gate running;
    group.run([&](const CancelToken& token) {
      running.open();
      while (!token.wait(std::chrono::seconds(1))) {
      }
      reason = token.reason();
    });
    running.wait();
    group.cancel("enough");
    group.wait();
    EXPECT_EQ(reason, "enough");
  }
  TaskGroup group(pool);
  Gate running;
  group.run([&](const CancelToken& token) {
    running.open();
    while (!token.wait(std::chrono::seconds(1))) {
    }
    token.throw_if_cancelled();
  });
  running.wait();
  EXPECT_FALSE(pool.shutdown_for(std::chrono::seconds(0)));
  EXPECT_THROW(group.wait(), priority::Cancelled);
  EXPECT_EQ(group.failed(), 0U);
}

TEST(TaskGroup, LargePartsAreAsGood) {
  ThreadPool pool({.workers = 2});
  std::array<int, 100> numbers{};
  numbers.fill(1);
  std::atomic<int> sum{0};
  const auto add = [&sum, numbers] { sum += std::accumulate(numbers.begin(), numbers.end(), 0); };
  pool.launch({},
              [&] {
                TaskGroup group(pool);
                for (int i = 0; i < 100; ++i) group.run(add);
                group.wait();
              })
      .get();
  TaskGroup group(pool);
  group.run(add);
  group.wait();
  EXPECT_EQ(sum.load(), 10'100);
}

// In a job of the pool a part takes no memory: it lies in a cell, and these are used again.
TEST(TaskGroup, PartsOfAJobAllocateNothing) {
  ThreadPool pool({.workers = 1});
  pool.launch({},
              [&] {
                static_cast<void>(fibonacci(pool, 12));  // there are chunks, and a lane
                const testing::Allocations allocations;
                static_cast<void>(fibonacci(pool, 12));
                EXPECT_LE(allocations.since(), 1U) << "a chunk at most";
              })
      .get();
}

TEST(TaskGroup, PartsMayBeMoveOnlyAndGiveResultsThatNobodyWants) {
  ThreadPool pool({.workers = 1});
  TaskGroup group(pool);
  int sum = 0;
  group.run([&sum, one = std::make_unique<int>(1)] { return sum += *one; });
  group.wait();
  EXPECT_EQ(sum, 1);
  EXPECT_THROW(group.run(std::function<void()>()), std::invalid_argument);
}

TEST(TaskGroup, AGroupOfManyPartsKeepsOnlyThoseThatRun) {
  ThreadPool pool({.workers = 1});
  TaskGroup group(pool);
  std::atomic<int> ran{0};
  std::ptrdiff_t after_some = 0;
  for (int i = 0; i <= 20'000; ++i) {
    group.run([&] { ++ran; });
    if (i % 100 == 0) pool.wait_idle();
    if (i == 1'000) after_some = testing::bytes_in_use;
  }
  EXPECT_LT(testing::bytes_in_use - after_some, 200'000) << "more than ten bytes for each that has ended";
  group.wait();
  EXPECT_EQ(ran.load(), 20'001);
}

}  // namespace
}  // namespace pool::stealing
