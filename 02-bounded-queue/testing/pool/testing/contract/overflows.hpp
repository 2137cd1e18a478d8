// Contract of bounded pools, part one: a queue that is full, and what becomes of more work.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pool/basic/executor.hpp>
#include <pool/bounded/overflow.hpp>
#include <pool/testing/closures.hpp>
#include <pool/testing/contract/held.hpp>
#include <pool/testing/gate.hpp>

namespace pool::testing {

using bounded::Overflow;

template <class Pool>
class PoolOverflows : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolOverflows);

template <class T>
bool is_broken(std::future<T>& future) {
  try {
    future.get();
  } catch (const std::future_error& error) {
    return error.code() == std::future_errc::broken_promise;
  }
  return false;
}

// S2.1
TYPED_TEST_P(PoolOverflows, TheCapacityIsUnlimitedUnlessGiven) {
  Held<TypeParam> held({});
  held.queue(10'000);  // returns, though nobody takes any
  EXPECT_EQ(held.pool.pending(), 10'000U);
}

// S2.1
TYPED_TEST_P(PoolOverflows, AnImpossibleCapacityIsRefused) {
  try {
    TypeParam pool({.capacity = static_cast<std::size_t>(-1)});
    FAIL() << "the constructor returned";
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("capacity"), std::string::npos) << error.what();
  }
}

// S2.1 R11
TYPED_TEST_P(PoolOverflows, NeverMoreThanTheCapacityIsQueued) {
  for (const std::size_t capacity : {1U, 2U, 3U, 16U}) {
    std::atomic<int> ran = 0;
    TypeParam pool({.workers = 2, .capacity = capacity});
    {
      std::vector<std::jthread> producers;
      for (int p = 0; p < 3; ++p) {
        producers.emplace_back([&] {
          for (int i = 0; i < 500; ++i) {
            pool.post([&] { ++ran; });
            ASSERT_LE(pool.pending(), capacity);
          }
        });
      }
    }
    pool.wait_idle();
    EXPECT_EQ(ran, 1500);
    EXPECT_LE(pool.worker_stats().high_water, capacity);
  }
}

// S2.2
TYPED_TEST_P(PoolOverflows, BlockWaitsUntilThereIsRoom) {
  for (const std::size_t capacity : {1U, 2U, 5U}) {
    Held<TypeParam> held({.capacity = capacity});
    held.queue(capacity);
    std::atomic<bool> returned = false;
    std::thread producer([&] {
      held.queue(1);
      returned = true;
    });
    let_others_run();
    EXPECT_FALSE(returned) << "capacity " << capacity;
    EXPECT_EQ(held.pool.pending(), capacity);
    held.release();
    producer.join();
    held.pool.wait_idle();
    EXPECT_EQ(held.ran(), static_cast<int>(capacity) + 1);
  }
}

// S2.2: a slot that gets free is enough, however large the queue is.
TYPED_TEST_P(PoolOverflows, BlockNeedsOneFreeSlotAndNoMore) {
  Held<TypeParam> held({.capacity = 8});
  Gate second;
  Gate entered;
  held.pool.post([&] {
    entered.open();
    second.wait();  // the job that follows the first is one that waits for the producer to get on
  });
  held.queue(7);
  std::thread producer([&] {
    held.queue(1);
    second.open();
  });
  let_others_run();  // so that the producer sleeps when the slot gets free
  held.release();
  entered.wait();
  producer.join();
  held.pool.wait_idle();
  EXPECT_EQ(held.ran(), 8);
}

// S2.2
TYPED_TEST_P(PoolOverflows, RejectThrowsQueueFullAndLeavesNoTrace) {
  Held<TypeParam> held({.capacity = 2, .overflow = Overflow::reject});
  held.queue(2);
  auto witness = std::make_shared<int>(0);
  EXPECT_THROW(held.pool.post([witness] {}), bounded::QueueFull);
  EXPECT_THROW(static_cast<void>(held.pool.submit([witness] {})), bounded::QueueFull);
  EXPECT_EQ(witness.use_count(), 1);
  EXPECT_EQ(held.pool.pending(), 2U);
  held.release();
  held.pool.wait_idle();
  EXPECT_EQ(held.ran(), 2);
  EXPECT_EQ(held.pool.submit([] { return 1; }).get(), 1) << "there is room again";
}

// S2.2
TYPED_TEST_P(PoolOverflows, RunInCallerRunsItBeforeSubmitReturns) {
  std::vector<std::string> errors;
  Held<TypeParam> held({.on_error =
                            [&](const std::exception_ptr& error) {
                              try {
                                std::rethrow_exception(error);
                              } catch (const std::exception& e) {
                                errors.emplace_back(e.what());
                              }
                            },
                        .capacity = 1,
                        .overflow = Overflow::run_in_caller});
  held.queue(1);
  const auto here = std::this_thread::get_id();
  auto thread = held.pool.submit([] { return std::this_thread::get_id(); });
  EXPECT_EQ(thread.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  EXPECT_EQ(thread.get(), here);
  auto error = held.pool.submit([] { throw std::runtime_error("a job's"); });
  EXPECT_THROW(error.get(), std::runtime_error);
  held.pool.post([] { throw std::runtime_error("a posted job's"); });
  EXPECT_EQ(errors, std::vector<std::string>{"a posted job's"});
  EXPECT_EQ(held.pool.pending(), 1U);
}

// S2.2 R6
TYPED_TEST_P(PoolOverflows, DropOldestMakesRoomForTheNewest) {
  Held<TypeParam> held({.capacity = 2, .overflow = Overflow::drop_oldest});
  std::vector<std::future<int>> futures;
  for (int i = 0; i < 5; ++i) futures.push_back(held.pool.submit([i] { return i; }));
  EXPECT_EQ(held.pool.pending(), 2U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(is_broken(futures[i])) << i;  // and says so at once
  held.release();
  for (std::size_t i = 3; i < 5; ++i) EXPECT_EQ(futures[i].get(), static_cast<int>(i));
}

// S2.2 R7
TYPED_TEST_P(PoolOverflows, DroppedWorkIsDestroyedBeforeItsFutureIsReady) {
  Held<TypeParam> held({.capacity = 1, .overflow = Overflow::drop_oldest});
  std::atomic<bool> gone = false;
  auto dropped = held.pool.submit([note = NotesDestruction(gone)] {});
  std::thread next([&] { held.queue(1); });
  dropped.wait();
  EXPECT_TRUE(gone);
  next.join();
}

// S2.2 R1
TYPED_TEST_P(PoolOverflows, DropOldestRunsOrDropsEveryJobOnce) {
  constexpr std::size_t kProducers = 3;
  constexpr std::size_t kJobs = 2000;
  std::vector<std::atomic<int>> runs(kProducers * kJobs);
  std::vector<std::vector<std::future<void>>> futures(kProducers);
  TypeParam pool({.workers = 2, .capacity = 2, .overflow = Overflow::drop_oldest});
  {
    std::vector<std::jthread> producers;
    for (std::size_t p = 0; p < kProducers; ++p) {
      producers.emplace_back([&, p] {
        for (std::size_t i = 0; i < kJobs; ++i) {
          futures[p].push_back(pool.submit([&runs, at = p * kJobs + i] { ++runs[at]; }));
        }
      });
    }
  }
  pool.wait_idle();
  for (std::size_t p = 0; p < kProducers; ++p) {
    for (std::size_t i = 0; i < kJobs; ++i) {
      ASSERT_EQ(runs[p * kJobs + i] + (is_broken(futures[p][i]) ? 1 : 0), 1);
    }
  }
}

// S2.4 R11
TYPED_TEST_P(PoolOverflows, ShutdownWakesBlockedSubmittersWithAnError) {
  Held<TypeParam> held({.capacity = 2});
  held.queue(2);
  std::atomic<int> blocked = 0;
  std::atomic<int> refused = 0;
  std::vector<std::jthread> producers;
  for (int i = 0; i < 3; ++i) {
    producers.emplace_back([&, i] {
      auto witness = std::make_shared<int>(0);
      ++blocked;
      try {
        if (i == 0) {
          held.pool.post([witness] {});
        } else if (i == 1) {
          static_cast<void>(held.pool.submit([witness] {}));
        } else {
          static_cast<void>(held.pool.try_submit_for(std::chrono::hours(1), [witness] {}));
        }
      } catch (const basic::PoolStopped&) {
        ++refused;
      }
      EXPECT_EQ(witness.use_count(), 1);
    });
  }
  while (blocked < 3) std::this_thread::yield();
  let_others_run();
  std::thread closer([&] { held.pool.shutdown(); });
  producers.clear();  // they come back while the worker is still held
  EXPECT_EQ(refused, 3);
  held.release();
  closer.join();
  EXPECT_EQ(held.ran(), 2) << "what was queued runs";
}

// S2.2: what a job hands in to its own full pool runs, or is dropped or refused with an error; nobody waits for ever.
TYPED_TEST_P(PoolOverflows, AJobThatSubmitsToItsOwnFullPoolDoesNotDeadlock) {
  for (const Overflow overflow : {Overflow::block, Overflow::reject, Overflow::run_in_caller, Overflow::drop_oldest}) {
    for (const std::size_t workers : {1U, 2U}) {
      std::atomic<std::size_t> ran = 0;
      std::atomic<std::size_t> refused = 0;
      TypeParam pool({.workers = workers, .capacity = 1, .overflow = overflow});
      for (std::size_t w = 0; w < workers; ++w) {
        pool.submit([&] {
              for (int i = 0; i < 5; ++i) {
                try {
                  pool.post([&] { ++ran; });
                } catch (const basic::PoolError&) {
                  ++refused;
                }
              }
            })
            .get();
        pool.wait_idle();
      }
      EXPECT_EQ(ran + refused + pool.worker_stats().dropped, 5 * workers) << to_string(overflow);
    }
  }
}

// S2.2: the same from all workers at once, which is where a pool without an answer to it stands still.
TYPED_TEST_P(PoolOverflows, NorDoAllWorkersAtOnce) {
  for (const Overflow overflow : {Overflow::block, Overflow::reject, Overflow::run_in_caller, Overflow::drop_oldest}) {
    std::atomic<std::size_t> here = 0;
    std::atomic<std::size_t> ran = 0;
    std::atomic<std::size_t> refused = 0;
    TypeParam pool({.workers = 2, .capacity = 2, .overflow = overflow});
    const auto breed = [&] {
      ++here;
      while (here < 2) std::this_thread::yield();
      for (int i = 0; i < 5; ++i) {
        try {
          pool.post([&] { ++ran; });
        } catch (const basic::PoolError&) {
          ++refused;
        }
      }
    };
    pool.post(breed);
    pool.post(breed);
    pool.wait_idle();
    EXPECT_EQ(ran + refused + pool.worker_stats().dropped, 10U) << to_string(overflow);
  }
}

// R16: a lock that is held while such code runs is a deadlock here.
TYPED_TEST_P(PoolOverflows, NoCodeOfTheUserRunsUnderALockWhenTheQueueIsFull) {
  for (const Overflow overflow : {Overflow::reject, Overflow::run_in_caller, Overflow::drop_oldest}) {
    Held<TypeParam> held({.capacity = 1, .overflow = overflow});
    for (int i = 0; i < 10; ++i) {
      try {
        held.pool.post(CallsThePool(held.pool));
      } catch (const bounded::QueueFull&) {
      }
      static_cast<void>(held.pool.try_post(CallsThePool(held.pool)));
    }
  }
}

REGISTER_TYPED_TEST_SUITE_P(PoolOverflows, TheCapacityIsUnlimitedUnlessGiven, AnImpossibleCapacityIsRefused,
                            NeverMoreThanTheCapacityIsQueued, BlockWaitsUntilThereIsRoom,
                            BlockNeedsOneFreeSlotAndNoMore, RejectThrowsQueueFullAndLeavesNoTrace,
                            RunInCallerRunsItBeforeSubmitReturns, DropOldestMakesRoomForTheNewest,
                            DroppedWorkIsDestroyedBeforeItsFutureIsReady, DropOldestRunsOrDropsEveryJobOnce,
                            ShutdownWakesBlockedSubmittersWithAnError, AJobThatSubmitsToItsOwnFullPoolDoesNotDeadlock,
                            NorDoAllWorkersAtOnce, NoCodeOfTheUserRunsUnderALockWhenTheQueueIsFull);

}  // namespace pool::testing
