// Contract of work-stealing pools, part six: pool.wait(future), which in a job is what Job::get is, for work that the
// job has handed in itself.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <pool/priority/job.hpp>
#include <pool/testing/contract/crew.hpp>
#include <pool/testing/contract/held.hpp>
#include <pool/testing/gate.hpp>

namespace pool::testing {

template <class Pool>
class PoolWaitsForFutures : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolWaitsForFutures);

// S4.5
TYPED_TEST_P(PoolWaitsForFutures, AJobThatWaitsRunsWhatItHasHandedIn) {
  TypeParam pool({.workers = 1});
  const int depth = pool.submit([&] {
                          const OnStack waits;
                          std::future<int> inner = pool.submit([] { return OnStack::depth(); });
                          pool.wait(inner);
                          return inner.get();
                        })
                        .get();
  EXPECT_EQ(depth, 1);
}

// S4.5
TYPED_TEST_P(PoolWaitsForFutures, ASharedFutureWillDoAsWell) {
  TypeParam pool({.workers = 1});
  const auto answer = pool.submit([&] {
    const std::shared_future<std::string> inner = pool.submit([] { return std::string("shared"); }).share();
    pool.wait(inner);
    return inner.get();
  });
  EXPECT_EQ(answer.wait_for(std::chrono::hours(1)), std::future_status::ready);
}

// S4.5: in whatever order; and not what was handed in before the job began.
TYPED_TEST_P(PoolWaitsForFutures, ManyAreWaitedForInAnyOrder) {
  for (const std::size_t workers : {1U, 2U}) {
    int on_top = 0;
    TypeParam pool({.workers = workers});
    pool.submit([&] {
          if (workers == 1) pool.post([&] { on_top += OnStack::depth(); });
          const auto waits = pool.launch({}, [&] {
            const OnStack job;
            std::vector<std::future<int>> inner;
            for (int i = 0; i < 200; ++i) inner.push_back(pool.submit([i] { return i; }));
            int sum = 0;
            for (std::size_t i = 0; i < inner.size(); ++i) {
              auto& next = inner[i * 7 % inner.size()];
              pool.wait(next);
              sum += next.get();
            }
            return sum;
          });
          EXPECT_EQ(waits.get(), 199 * 200 / 2);
        })
        .get();
    pool.wait_idle();
    EXPECT_EQ(on_top, 0);
  }
}

// S4.5: what the work threw stays in the future.
TYPED_TEST_P(PoolWaitsForFutures, AnErrorIsLeftWhereItIs) {
  TypeParam pool({.workers = 1});
  pool.submit([&] {
        std::future<void> inner = pool.submit([] { throw std::runtime_error("a job's"); });
        pool.wait(inner);
        EXPECT_THROW(inner.get(), std::runtime_error);
      })
      .get();
}

// S4.5
TYPED_TEST_P(PoolWaitsForFutures, OutsideAPoolItWaitsAndNoMore) {
  Held<TypeParam> held({});
  std::future<int> answer = held.pool.submit([] { return OnStack::depth(); });
  std::thread opener([&] {
    let_others_run();
    held.release();
  });
  {
    const OnStack here;
    held.pool.wait(answer);
    EXPECT_EQ(answer.get(), 0);
  }
  opener.join();

  TypeParam other({.workers = 1});
  const int there = other
                        .submit([&] {
                          const OnStack in_another_pool;
                          std::future<int> inner = held.pool.submit([] { return OnStack::depth(); });
                          held.pool.wait(inner);
                          return inner.get();
                        })
                        .get();
  EXPECT_EQ(there, 0);
}

// S4.5: work of another's, of nobody's pool, and such that is done when somebody waits for it.
TYPED_TEST_P(PoolWaitsForFutures, AFutureOfSomethingElseIsWaitedFor) {
  std::promise<int> promise;
  Gate about_to_wait;
  TypeParam pool({.workers = 1});
  auto job = pool.submit([&] {
    std::future<int> deferred = std::async(std::launch::deferred, [] { return 1; });
    pool.wait(deferred);
    std::future<int> elsewhere = promise.get_future();
    about_to_wait.open();
    pool.wait(elsewhere);
    return deferred.get() + elsewhere.get();
  });
  about_to_wait.wait();
  let_others_run();
  promise.set_value(2);
  EXPECT_EQ(job.get(), 3);
}

// S4.5: what was queued before it began may have been cancelled, and be gone when it hands in its own.
TYPED_TEST_P(PoolWaitsForFutures, CancelledJobsBelowItHideNothing) {
  std::atomic<int> ran = 0;
  TypeParam pool({.workers = 1});
  pool.post([&] {
    std::vector<priority::Job<void>> below;
    for (int i = 0; i < 3; ++i) below.push_back(pool.launch({}, [] {}));
    pool.post([&] {
      pool.launch({}, [] {}).get();
      const auto cancelled = pool.launch({}, [] {});
      cancelled.cancel();
      const std::future<void> inner = pool.submit([&] { ++ran; });
      pool.wait(inner);
    });
    for (const auto& job : below) job.cancel();
  });
  pool.wait_idle();
  EXPECT_EQ(ran, 1);
}

// S4.5 R3: whoever runs it, the job or a thief, the one that waits goes on.
TYPED_TEST_P(PoolWaitsForFutures, WhoeverRunsItTheJobGoesOn) {
  TypeParam pool({.workers = 2});
  for (int round = 0; round < 1000; ++round) {
    pool.submit([&] {
          std::future<int> inner = pool.submit([round] { return round; });
          if (round % 2 == 0) std::this_thread::yield();
          pool.wait(inner);
          EXPECT_EQ(inner.get(), round);
        })
        .get();
  }
}

REGISTER_TYPED_TEST_SUITE_P(PoolWaitsForFutures, AJobThatWaitsRunsWhatItHasHandedIn, ASharedFutureWillDoAsWell,
                            ManyAreWaitedForInAnyOrder, AnErrorIsLeftWhereItIs, OutsideAPoolItWaitsAndNoMore,
                            AFutureOfSomethingElseIsWaitedFor, CancelledJobsBelowItHideNothing,
                            WhoeverRunsItTheJobGoesOn);

}  // namespace pool::testing
