// Contract of pools with jobs, part two: what a job knows about itself, and how one gets at it.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pool/priority/job.hpp>
#include <pool/testing/closures.hpp>
#include <pool/testing/contract/held.hpp>

namespace pool::testing {

using priority::Job;
using priority::JobState;
using priority::Priority;

template <class Pool>
class PoolJobs : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolJobs);

// S3.4 S3.5
TYPED_TEST_P(PoolJobs, AJobIsQueuedThenRunsThenIsCompleted) {
  priority::ManualClock clock;
  Held<TypeParam> held({.clock = &clock});
  Gate running;
  Gate go;
  auto job = held.pool.launch({.name = "count", .priority = Priority::high, .metadata = {{"folder", "src"}}}, [&] {
    running.open();
    go.wait();
    return 42;
  });
  auto info = job.info();
  const auto submitted = clock.now();
  EXPECT_EQ(info.state, JobState::queued);
  EXPECT_EQ(info.name, "count");
  EXPECT_EQ(info.priority, Priority::high);
  EXPECT_EQ(info.metadata.at("folder"), "src");
  EXPECT_EQ(info.submitted, submitted);
  EXPECT_FALSE(info.started || info.finished || info.worker);

  clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(info.wait_time(clock.now()), std::chrono::seconds(2));
  held.release();
  running.wait();
  info = job.info();
  EXPECT_EQ(info.state, JobState::running);
  EXPECT_EQ(info.started, submitted + std::chrono::seconds(2));
  EXPECT_EQ(info.worker, 0U);

  clock.advance(std::chrono::seconds(3));
  EXPECT_EQ(info.execution_time(clock.now()), std::chrono::seconds(3));
  go.open();
  EXPECT_EQ(job.get(), 42);
  info = job.info();
  EXPECT_EQ(info.state, JobState::completed);
  EXPECT_EQ(info.wait_time(clock.now()), std::chrono::seconds(2));
  EXPECT_EQ(info.execution_time(clock.now() + std::chrono::hours(1)), std::chrono::seconds(3));
  EXPECT_EQ(info.error, nullptr);
}

// S3.4
TYPED_TEST_P(PoolJobs, ItsErrorIsKept) {
  TypeParam pool({.workers = 1});
  auto job = pool.launch({}, []() -> int { throw std::runtime_error("no such file"); });
  for (int i = 0; i < 2; ++i) EXPECT_THROW(static_cast<void>(job.get()), std::runtime_error);
  EXPECT_EQ(job.state(), JobState::failed);
  try {
    std::rethrow_exception(job.info().error);
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "no such file");
  }
}

// S3.4
TYPED_TEST_P(PoolJobs, NamesAndIdsAreMadeWhereNoneAreGiven) {
  TypeParam pool({.workers = 1});
  auto one = pool.launch({}, [] {});
  auto two = pool.launch({}, [] {});
  EXPECT_NE(one.id(), two.id());
  EXPECT_NE(one.name(), two.name());
  EXPECT_EQ(one.name(), "job-" + to_string(one.id()));
  auto own = pool.launch({.id = "nightly"}, [] {});
  EXPECT_EQ(own.id(), priority::JobId("nightly"));
}

// S3.4
TYPED_TEST_P(PoolJobs, ResultsOfEveryKind) {
  TypeParam pool({.workers = 2});
  pool.launch({}, [] {}).get();
  EXPECT_EQ(*pool.launch({}, [p = std::make_unique<int>(7)]() mutable { return std::move(p); }).get(), 7);
  int target = 1;
  int& reference = pool.launch({}, [&]() -> int& { return target; }).get();
  EXPECT_EQ(&reference, &target);
  auto text = pool.launch({}, [] { return std::string("kept"); });
  EXPECT_EQ(text.get(), "kept");
  EXPECT_EQ(text.get(), "kept") << "a handle that is not given up leaves the result where it is";
  auto copy = text;
  EXPECT_EQ(std::move(copy).get(), "kept");
}

// S3.4
TYPED_TEST_P(PoolJobs, WaitForSaysWhetherItHasEnded) {
  Held<TypeParam> held({});
  auto job = held.pool.launch({}, [] {});
  EXPECT_FALSE(job.wait_for(std::chrono::seconds(0)));
  EXPECT_FALSE(job.wait_for(std::chrono::milliseconds(1)));
  EXPECT_THROW(static_cast<void>(job.wait_for(std::chrono::milliseconds(-1))), std::invalid_argument);
  held.release();
  EXPECT_TRUE(job.wait_for(std::chrono::hours::max()));
}

// S3.4 R7
TYPED_TEST_P(PoolJobs, TheClosureIsGoneBeforeTheJobHasEnded) {
  TypeParam pool({.workers = 1});
  for (int i = 0; i < 50; ++i) {
    std::atomic<bool> gone = false;
    auto job = pool.launch({}, [note = NotesDestruction(gone)] {});
    job.wait();
    ASSERT_TRUE(gone);
  }
}

// A seam: callbacks, each called once, in their order, on the thread that ends the job.
TYPED_TEST_P(PoolJobs, TheCallbackIsCalledOnceWhenTheJobHasEnded) {
  Held<TypeParam> held({});
  std::atomic<int> calls = 0;
  auto job = held.pool.launch({}, [] { return 1; });
  job.on_end([&](const priority::JobCore& ended) {
    EXPECT_EQ(ended.state(), JobState::completed);
    ++calls;
  });
  job.on_end([&](const priority::JobCore&) { calls = calls * 10; });
  held.release();
  held.pool.wait_idle();
  EXPECT_EQ(calls, 10) << "one after the other";
  auto late = held.pool.launch({}, [] {});
  late.wait();
  late.on_end([&](const priority::JobCore&) { ++calls; });
  EXPECT_EQ(calls, 11) << "at once, if it has ended";
}

// S3.4
TYPED_TEST_P(PoolJobs, AHandleOutlivesItsPool) {
  Job<std::string> job;
  Job<void> dropped;
  {
    Held<TypeParam> held({});
    job = held.pool.launch({.name = "kept"}, [] { return std::string("still here"); });
    held.release();
  }
  EXPECT_EQ(job.get(), "still here");
  EXPECT_FALSE(job.cancel());
  EXPECT_EQ(job.name(), "kept");
}

REGISTER_TYPED_TEST_SUITE_P(PoolJobs, AJobIsQueuedThenRunsThenIsCompleted, ItsErrorIsKept,
                            NamesAndIdsAreMadeWhereNoneAreGiven, ResultsOfEveryKind, WaitForSaysWhetherItHasEnded,
                            TheClosureIsGoneBeforeTheJobHasEnded, TheCallbackIsCalledOnceWhenTheJobHasEnded,
                            AHandleOutlivesItsPool);

}  // namespace pool::testing
