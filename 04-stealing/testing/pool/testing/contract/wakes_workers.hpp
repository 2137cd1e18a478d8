// Contract of work-stealing pools, part two: no work waits while a worker sleeps. All results are awaited while the
// pool lives: a shutdown's broadcast would hide a lost wake-up.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include <pool/priority/priority.hpp>
#include <pool/testing/contract/crew.hpp>
#include <pool/testing/gate.hpp>

namespace pool::testing {

using priority::Priority;

template <class Pool>
class PoolWakesWorkers : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolWakesWorkers);

// S4.2 S4.3 R3
TYPED_TEST_P(PoolWakesWorkers, WorkFromOutsideIsStartedByAParkedWorker) {
  TypeParam pool({.workers = 2});
  for (int round = 0; round < 300; ++round) {
    until_parked(pool, 2);
    ASSERT_EQ(pool.submit(static_cast<Priority>(round % 5), [round] { return round; }).get(), round);
  }
}

// S4.2 S4.3 R3
TYPED_TEST_P(PoolWakesWorkers, WorkOfAHeldJobIsStartedByAParkedWorker) {
  TypeParam pool({.workers = 2});
  for (int round = 0; round < 300; ++round) {
    pool.submit([&] {
          until_parked(pool, 1);
          Gate ran;
          pool.post(static_cast<Priority>(round % 5), [&] { ran.open(); });
          ran.wait();
        })
        .get();
  }
}

// S4.2 S4.3 R3: each job needs a worker of its own.
TYPED_TEST_P(PoolWakesWorkers, AsManyAreWokenAsThereIsWorkFor) {
  TypeParam pool({.workers = 4});
  for (int round = 0; round < 100; ++round) {
    std::latch from_outside(4);
    until_parked(pool, 4);
    for (int i = 0; i < 4; ++i) pool.post([&] { from_outside.arrive_and_wait(); });
    from_outside.wait();
    pool.wait_idle();

    std::latch from_a_job(4);
    pool.post([&] {
      until_parked(pool, 3);
      for (int i = 0; i < 3; ++i) pool.post([&] { from_a_job.arrive_and_wait(); });
      from_a_job.arrive_and_wait();
    });
    from_a_job.wait();
    pool.wait_idle();
  }
}

// S4.2 S4.3 R3: the work comes while the workers are on their way to sleep.
TYPED_TEST_P(PoolWakesWorkers, NoWakeUpIsLostOnTheWayToSleep) {
  TypeParam pool({.workers = 2});
  for (int round = 0; round < 5000; ++round) {
    Gate ran;
    pool.submit([&] {
          pool.post([&] { ran.open(); });
          if (round % 2 == 0) ran.wait();  // the other worker runs it; in odd rounds, whoever comes first
        })
        .get();
    ran.wait();
    if (round % 3 == 0) std::this_thread::yield();
    if (round % 5 == 0) pool.wait_idle();
  }
}

// S4.3 S3.6: a worker that was woken for a job that is cancelled meanwhile looks for other work.
TYPED_TEST_P(PoolWakesWorkers, NorOneThatWasMeantForACancelledJob) {
  TypeParam pool({.workers = 2});
  for (int round = 0; round < 300; ++round) {
    if (round % 2 == 0) until_parked(pool, 2);
    const auto job = pool.launch({}, [] {});
    auto next = pool.submit([round] { return round; });
    job.cancel();
    ASSERT_EQ(next.get(), round);
  }
}

// S4.2 S2.6: hand in, wait until all is done, and again: each round wakes workers that have hardly begun to sleep.
TYPED_TEST_P(PoolWakesWorkers, RoundsOfSubmitAndIdle) {
  TypeParam pool({.workers = 3});
  for (int round = 0; round < 10'000; ++round) {
    std::atomic<int> ran = 0;
    pool.post([&] {
      pool.post([&] { ++ran; });
      ++ran;
    });
    pool.post([&] { ++ran; });
    pool.wait_idle();
    ASSERT_EQ(ran, 3);
  }
}

REGISTER_TYPED_TEST_SUITE_P(PoolWakesWorkers, WorkFromOutsideIsStartedByAParkedWorker,
                            WorkOfAHeldJobIsStartedByAParkedWorker, AsManyAreWokenAsThereIsWorkFor,
                            NoWakeUpIsLostOnTheWayToSleep, NorOneThatWasMeantForACancelledJob, RoundsOfSubmitAndIdle);

}  // namespace pool::testing
