// Contract, part five: what holds for every job, however many there are.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <pool/basic/executor.hpp>
#include <pool/testing/closures.hpp>
#include <pool/testing/gate.hpp>

namespace pool::testing {

template <class Pool>
class PoolGuarantees : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolGuarantees);

// R1
TYPED_TEST_P(PoolGuarantees, EveryJobRunsExactlyOnce) {
  constexpr std::size_t kProducers = 4;
  constexpr std::size_t kJobs = 5000;
  std::vector<std::atomic<int>> runs(kProducers * kJobs);
  {
    TypeParam pool({.workers = 3});
    std::vector<std::jthread> producers;
    for (std::size_t p = 0; p < kProducers; ++p) {
      producers.emplace_back([&, p] {
        for (std::size_t i = 0; i < kJobs; ++i) pool.post([&runs, at = p * kJobs + i] { ++runs[at]; });
      });
    }
    producers.clear();  // joins: all is posted before the pool goes
  }
  for (const auto& count : runs) ASSERT_EQ(count, 1);
}

// R3: the results are awaited while the pool lives; a shutdown's broadcast would hide a lost wake-up.
TYPED_TEST_P(PoolGuarantees, EveryAcceptedJobRunsWithoutShutdownsHelp) {
  TypeParam pool({.workers = 2});
  for (int round = 0; round < 3000; ++round) {
    auto one = pool.submit([] { return 1; });  // the workers are asleep, or on their way to it
    auto two = pool.submit([] { return 2; });
    ASSERT_EQ(one.get() + two.get(), 3);
  }
}

// R3
TYPED_TEST_P(PoolGuarantees, AJobThatWaitsForALaterOneGetsIt) {
  TypeParam pool({.workers = 2});
  for (int round = 0; round < 500; ++round) {
    Gate second_ran;
    auto first = pool.submit([&] { second_ran.wait(); });
    auto second = pool.submit([&] { second_ran.open(); });
    first.get();
    second.get();
  }
}

// R7
TYPED_TEST_P(PoolGuarantees, TheClosureIsDestroyedBeforeItsFutureIsReady) {
  TypeParam pool({.workers = 1});
  for (int round = 0; round < 50; ++round) {
    std::atomic<bool> gone = false;
    auto value = pool.submit([note = NotesDestruction(gone)] { return 1; });
    value.wait();
    EXPECT_TRUE(gone) << "after a result";

    gone = false;
    auto error = pool.submit([note = NotesDestruction(gone)] { throw 1; });
    error.wait();
    EXPECT_TRUE(gone) << "after an exception";

    gone = false;
    auto argument = pool.submit([](const NotesDestruction&) {}, NotesDestruction(gone));
    argument.wait();
    EXPECT_TRUE(gone) << "an argument";
  }
  Gate running;
  Gate go;
  pool.post([&] {
    running.open();
    go.wait();
  });
  running.wait();
  std::atomic<bool> gone = false;
  auto dropped = pool.submit([note = NotesDestruction(gone)] {});
  std::thread closer([&] { pool.shutdown(basic::Shutdown::discard); });
  dropped.wait();
  EXPECT_TRUE(gone) << "after it was dropped";
  go.open();
  closer.join();
}

// R16: a lock that is held while such code runs is a deadlock here.
TYPED_TEST_P(PoolGuarantees, NoCodeOfTheUserRunsUnderALock) {
  TypeParam* self = nullptr;
  TypeParam pool({.workers = 2, .on_error = [&](std::exception_ptr) { self->post([] {}); }});
  self = &pool;
  for (int i = 0; i < 100; ++i) {
    pool.post(CallsThePool(pool));
    pool.submit(CallsThePool(pool)).get();
    pool.post([] { throw 1; });
  }
  Gate running;
  Gate go;
  pool.submit([] {}).get();
  std::vector<std::future<void>> busy;
  std::atomic<int> started = 0;
  for (int i = 0; i < 2; ++i) {
    busy.push_back(pool.submit([&] {
      if (++started == 2) running.open();
      go.wait();
    }));
  }
  running.wait();
  pool.post(CallsThePool(pool));
  std::thread closer([&] { pool.shutdown(basic::Shutdown::discard); });
  while (pool.pending() != 0) std::this_thread::yield();
  go.open();
  closer.join();
  EXPECT_THROW(pool.post(CallsThePool(pool)), basic::PoolStopped);
}

REGISTER_TYPED_TEST_SUITE_P(PoolGuarantees, EveryJobRunsExactlyOnce, EveryAcceptedJobRunsWithoutShutdownsHelp,
                            AJobThatWaitsForALaterOneGetsIt, TheClosureIsDestroyedBeforeItsFutureIsReady,
                            NoCodeOfTheUserRunsUnderALock);

}  // namespace pool::testing
