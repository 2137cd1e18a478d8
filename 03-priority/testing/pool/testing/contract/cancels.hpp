// Contract of pools with jobs, part three: cancellation, deadlines, timeouts.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pool/bounded/overflow.hpp>
#include <pool/priority/cancellation.hpp>
#include <pool/priority/job.hpp>
#include <pool/testing/closures.hpp>
#include <pool/testing/contract/held.hpp>

namespace pool::testing {

using priority::Cancelled;
using priority::CancelSource;
using priority::CancelToken;
using priority::Job;
using priority::JobState;

template <class Pool>
class PoolCancels : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolCancels);

// S3.6 R12
TYPED_TEST_P(PoolCancels, AQueuedJobThatIsCancelledNeverRunsAndItsClosureIsGone) {
  Held<TypeParam> held({.capacity = 1});
  std::atomic<int> ran = 0;
  auto witness = std::make_shared<int>(0);
  auto job = held.pool.launch({}, [&ran, witness] { ++ran; });
  EXPECT_TRUE(job.cancel());
  EXPECT_EQ(job.state(), JobState::cancelled);
  EXPECT_EQ(witness.use_count(), 1);
  EXPECT_FALSE(job.cancel()) << "it has ended";
  try {
    job.get();
    ADD_FAILURE();
  } catch (const Cancelled& cancelled) {
    EXPECT_EQ(cancelled.reason(), "asked");
  }
  held.release();
  held.pool.wait_idle();
  EXPECT_EQ(ran, 0);
  EXPECT_FALSE(job.info().started);
}

// S3.6 R7
TYPED_TEST_P(PoolCancels, TheClosureOfACancelledJobIsGoneBeforeItHasEnded) {
  Held<TypeParam> held({});
  std::atomic<bool> gone = false;
  bool gone_before = false;
  auto job = held.pool.launch({}, [note = NotesDestruction(gone)] {});
  job.on_end([&](const priority::JobCore&) { gone_before = gone; });
  job.cancel();
  EXPECT_TRUE(gone_before);
}

// S3.6: its slot is free, for whoever comes, and for whoever waits already.
TYPED_TEST_P(PoolCancels, AQueueFullOfCancelledJobsHasRoom) {
  Held<TypeParam> held({.capacity = 3});
  std::vector<Job<void>> jobs;
  for (int i = 0; i < 3; ++i) jobs.push_back(held.pool.launch({}, [] {}));
  EXPECT_FALSE(held.pool.try_post([] {}));
  for (auto& job : jobs) job.cancel();
  for (int i = 0; i < 3; ++i) jobs[static_cast<std::size_t>(i)] = held.pool.launch({}, [] {});
  std::thread waits([&] { held.queue(1); });
  let_others_run();
  jobs[1].cancel();
  waits.join();  // while the worker is still held
}

// S3.6: what is cancelled before it is queued waits for no room, and takes none.
TYPED_TEST_P(PoolCancels, AJobThatIsCancelledFromTheBeginningIsNotQueued) {
  using bounded::Overflow;
  for (const Overflow overflow : {Overflow::block, Overflow::reject, Overflow::run_in_caller, Overflow::drop_oldest}) {
    Held<TypeParam> held({.capacity = 1, .overflow = overflow});
    held.queue(1);
    CancelSource all;
    all.cancel();
    const auto job = held.pool.launch({.priority = priority::Priority::critical, .token = all.token()}, [] {});
    EXPECT_EQ(job.state(), JobState::cancelled) << to_string(overflow);
    EXPECT_EQ(held.pool.pending(), 1U) << to_string(overflow);
    EXPECT_EQ(held.pool.totals().submitted, 3U) << to_string(overflow);
    EXPECT_EQ(held.pool.totals().cancelled, 1U) << to_string(overflow);
    held.release();
    held.pool.wait_idle();
    EXPECT_EQ(held.ran(), 1) << to_string(overflow);
  }
}

// S3.6
TYPED_TEST_P(PoolCancels, ARunningJobSeesItsToken) {
  TypeParam pool({.workers = 1});
  Gate running;
  auto job = pool.launch({}, [&](const CancelToken& token) {
    running.open();
    while (!token.wait(std::chrono::hours(1))) {
    }
    return token.reason();
  });
  running.wait();
  EXPECT_TRUE(job.cancel("bored"));
  EXPECT_EQ(job.get(), "bored");
  EXPECT_EQ(job.state(), JobState::completed) << "it chose to end in good order";
}

// S3.5 S3.6
TYPED_TEST_P(PoolCancels, AJobThatGivesUpIsCancelled) {
  TypeParam pool({.workers = 1});
  Gate running;
  auto job = pool.launch({}, [&](const CancelToken& token) {
    running.open();
    token.wait(std::chrono::hours(1));
    token.throw_if_cancelled();
  });
  running.wait();
  job.cancel();
  EXPECT_THROW(job.get(), Cancelled);
  EXPECT_EQ(job.state(), JobState::cancelled);
  EXPECT_EQ(job.info().reason, "asked");
}

// S3.6
TYPED_TEST_P(PoolCancels, AJobIsCancelledWithTheTokenItWasGiven) {
  Held<TypeParam> held({});
  CancelSource all;
  auto queued = held.pool.launch({.token = all.token()}, [] {});
  auto other = held.pool.launch({}, [] {});
  all.cancel("enough");
  EXPECT_EQ(queued.state(), JobState::cancelled);
  EXPECT_EQ(queued.info().reason, "enough");
  auto late = held.pool.launch({.token = all.token()}, [] {});
  EXPECT_EQ(late.state(), JobState::cancelled) << "cancelled from the beginning";
  held.release();
  other.get();
  held.pool.wait_idle();
}

// S3.6 R12: cancel against start, a thousand times.
TYPED_TEST_P(PoolCancels, CancelAgainstStartHasOneWinner) {
  TypeParam pool({.workers = 2});
  for (int i = 0; i < 2000; ++i) {
    std::atomic<int> ran = 0;
    auto job = pool.launch({}, [&] { ++ran; });
    job.cancel();
    job.wait();
    ASSERT_EQ(ran, job.state() == JobState::completed ? 1 : 0);
  }
  pool.wait_idle();
}

// S3.7
TYPED_TEST_P(PoolCancels, AJobThatIsNotStartedByItsDeadlineExpires) {
  priority::ManualClock clock;
  Held<TypeParam> held({.clock = &clock});
  auto late = held.pool.launch({.deadline = clock.now() + std::chrono::seconds(5)}, [] {});
  auto in_time = held.pool.launch({.deadline = clock.now() + std::chrono::seconds(50)}, [] { return 1; });
  clock.advance(std::chrono::seconds(5));
  late.wait();  // while the worker is still held: it is the timer that ends it
  EXPECT_EQ(late.state(), JobState::cancelled);
  EXPECT_EQ(late.info().reason, "deadline");
  held.release();
  EXPECT_EQ(in_time.get(), 1);
  clock.advance(std::chrono::hours(1));
  EXPECT_EQ(in_time.state(), JobState::completed);
}

// S3.7: not even if the timer is late.
TYPED_TEST_P(PoolCancels, AJobWhoseDeadlineHasPassedIsNotStarted) {
  priority::ManualClock clock;
  TypeParam pool({.workers = 1, .clock = &clock});
  std::atomic<int> ran = 0;
  for (int i = 0; i < 100; ++i) {
    auto job = pool.launch({.deadline = clock.now()}, [&] { ++ran; });
    job.wait();
    ASSERT_EQ(job.info().reason, "deadline");
  }
  EXPECT_EQ(ran, 0);
}

// S3.7
TYPED_TEST_P(PoolCancels, AJobThatRunsTooLongHasItsTokenCancelledAndIsReported) {
  priority::ManualClock clock;
  TypeParam pool({.workers = 1, .clock = &clock});
  Gate running;
  ::testing::internal::CaptureStderr();
  auto job = pool.launch({.name = "slow", .timeout = std::chrono::seconds(2)}, [&](const CancelToken& token) {
    running.open();
    while (!token.wait(std::chrono::hours(1))) {
    }
    return token.reason();
  });
  running.wait();
  clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(job.get(), "timeout");
  pool.shutdown();
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("slow"), std::string::npos);
}

// S3.9
TYPED_TEST_P(PoolCancels, ShutdownCancelsWhatIsPending) {
  Held<TypeParam> held({});
  auto job = held.pool.launch({}, [] {});
  std::thread closer([&] { held.pool.shutdown(basic::Shutdown::discard); });
  job.wait();
  EXPECT_EQ(job.info().reason, "shutdown");
  held.release();
  closer.join();
}

// S3.9
TYPED_TEST_P(PoolCancels, ShutdownForStopsTheTokensWhenItsPatienceEnds) {
  TypeParam pool({.workers = 1});
  Gate running;
  auto stubborn = pool.launch({}, [&](const CancelToken& token) {
    running.open();
    while (!token.wait(std::chrono::hours(1))) {
    }
    return token.reason();
  });
  running.wait();
  auto pending = pool.launch({}, [] {});
  EXPECT_FALSE(pool.shutdown_for(std::chrono::milliseconds(1)));
  EXPECT_THROW(pool.post([] {}), basic::PoolStopped);
  EXPECT_EQ(pending.info().reason, "shutdown");
  EXPECT_EQ(stubborn.get(), "shutdown");
  EXPECT_TRUE(pool.shutdown_for(std::chrono::hours(1)));
  EXPECT_THROW(static_cast<void>(pool.shutdown_for(std::chrono::milliseconds(-1))), std::invalid_argument);
}

// S3.6 R16: the destructor of a closure that is cancelled, and its callback, may use the pool and the job.
TYPED_TEST_P(PoolCancels, NoCodeOfTheUserRunsUnderALock) {
  Held<TypeParam> held({});
  std::atomic<int> called = 0;
  auto job = held.pool.launch({}, CallsThePool(held.pool));
  job.on_end([&](const priority::JobCore& core) {
    called += core.info().reason == "asked" ? 1 : 0;
    static_cast<void>(held.pool.pending());
  });
  job.cancel();
  EXPECT_EQ(called, 1);
}

REGISTER_TYPED_TEST_SUITE_P(PoolCancels, AQueuedJobThatIsCancelledNeverRunsAndItsClosureIsGone,
                            TheClosureOfACancelledJobIsGoneBeforeItHasEnded, AQueueFullOfCancelledJobsHasRoom,
                            AJobThatIsCancelledFromTheBeginningIsNotQueued, ARunningJobSeesItsToken,
                            AJobThatGivesUpIsCancelled, AJobIsCancelledWithTheTokenItWasGiven,
                            CancelAgainstStartHasOneWinner, AJobThatIsNotStartedByItsDeadlineExpires,
                            AJobWhoseDeadlineHasPassedIsNotStarted,
                            AJobThatRunsTooLongHasItsTokenCancelledAndIsReported, ShutdownCancelsWhatIsPending,
                            ShutdownForStopsTheTokensWhenItsPatienceEnds, NoCodeOfTheUserRunsUnderALock);

}  // namespace pool::testing
