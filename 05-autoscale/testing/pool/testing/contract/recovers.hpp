// Contract of scaling pools, part two: a job that ends its thread costs that job, and nothing else.
#pragma once

#include <gtest/gtest.h>

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <exception>
#include <string>
#include <vector>

#include <pool/basic/executor.hpp>
#include <pool/priority/job.hpp>
#include <pool/testing/contract/by_hand.hpp>
#include <pool/testing/contract/crew.hpp>
#include <pool/testing/gate.hpp>
#include <pool/testing/process.hpp>

namespace pool::testing {

using priority::Job;
using priority::JobState;

template <class Pool>
class PoolRecovers : public ::testing::Test {
 protected:
  static void end_thread() { pthread_exit(nullptr); }
  // So many have died, and as many have come for them.
  static void until_replaced(Pool& pool, std::size_t many, std::size_t workers) {
    until_counted_by(pool, Event::Kind::died, many);
    until_counted_by(pool, Event::Kind::started, workers + many);
    EXPECT_EQ(pool.size(), workers);
    EXPECT_EQ(pool.submit([] { return 1; }).get(), 1);
  }
};
TYPED_TEST_SUITE_P(PoolRecovers);

// S5.6: noticed, reported, counted, replaced, in the same seat and under the same name.
TYPED_TEST_P(PoolRecovers, AWorkerThatDiesIsReplacedInItsSeat) {
  std::atomic<std::size_t> reported = 0;
  TypeParam pool({.workers = 2, .name = "Phoenix", .on_error = [&](std::exception_ptr error) {
                    EXPECT_THROW(std::rethrow_exception(error), basic::PoolError);
                    ++reported;
                  }});
  const std::size_t threads = thread_count();
  for (std::size_t i = 1; i <= 10; ++i) {
    auto job = pool.launch({}, [] { TestFixture::end_thread(); });
    EXPECT_THROW(job.get(), basic::PoolError);
    EXPECT_EQ(job.state(), JobState::failed);
    TestFixture::until_replaced(pool, i, 2);
  }
  EXPECT_EQ(reported, 10U);
  EXPECT_TRUE(thread_count_becomes(threads));
  for (const std::string& name : thread_names()) {
    if (name.starts_with("Phoenix")) {
      EXPECT_TRUE(name == "Phoenix-0" || name == "Phoenix-1") << name;
    }
  }
  pool.wait_idle();
  EXPECT_EQ(pool.totals().failed, 10U);
}

// S5.6: also with one worker only: what was queued there, by itself and from outside.
TYPED_TEST_P(PoolRecovers, TheQueueSurvives) {
  std::atomic<int> ran = 0;
  Gate go;
  TypeParam pool(fixed_size<TypeParam>(1));
  pool.post([&] {
    go.wait();
    for (int i = 0; i < 100; ++i) pool.post([&] { ++ran; });
    TestFixture::end_thread();
  });
  for (int i = 0; i < 100; ++i) pool.post([&] { ++ran; });
  go.open();
  pool.wait_idle();
  EXPECT_EQ(ran, 200);
}

// S5.6
TYPED_TEST_P(PoolRecovers, AFutureOfWhatHasEndedItsThreadSaysSo) {
  TypeParam pool(fixed_size<TypeParam>(1));
  EXPECT_THROW(pool.submit([] { TestFixture::end_thread(); }).get(), std::exception);
  TestFixture::until_replaced(pool, 1, 1);
}

// S5.6: the jobs on that thread's stack, all of them, and no other.
TYPED_TEST_P(PoolRecovers, AJobThatRunsWithinAnotherEndsBoth) {
  std::atomic<bool> before = false, after = false;
  Job<void> inner;
  TypeParam pool(fixed_size<TypeParam>(1));
  auto outer = pool.launch({}, [&] {
    pool.post([&] { before = true; });
    inner = pool.launch({}, [] { TestFixture::end_thread(); });
    inner.wait();
    after = true;
  });
  EXPECT_THROW(outer.get(), basic::PoolError);
  EXPECT_THROW(inner.get(), basic::PoolError);
  TestFixture::until_replaced(pool, 1, 1);
  pool.wait_idle();
  EXPECT_TRUE(before);
  EXPECT_FALSE(after);
  EXPECT_EQ(pool.totals().failed, 2U);
}

// S5.6: exactly once under load, while every tenth job takes its thread with it.
TYPED_TEST_P(PoolRecovers, NothingIsLostUnderLoad) {
  constexpr std::size_t kJobs = 300;
  std::vector<std::atomic<int>> ran(2 * kJobs);
  std::vector<Job<void>> jobs;
  TypeParam pool(fixed_size<TypeParam>(3));
  for (std::size_t i = 0; i < kJobs; ++i) {
    jobs.push_back(pool.launch({}, [&, i] {
      ++ran[2 * i];
      pool.post([&, i] { ++ran[2 * i + 1]; });
      if (i % 10 == 0) TestFixture::end_thread();
    }));
  }
  for (std::size_t i = 0; i < kJobs; ++i) {
    jobs[i].wait();
    ASSERT_EQ(jobs[i].state(), i % 10 == 0 ? JobState::failed : JobState::completed) << i;
  }
  pool.wait_idle();
  for (const auto& times : ran) ASSERT_EQ(times, 1);
  TestFixture::until_replaced(pool, kJobs / 10, 3);
  pool.wait_idle();
  const auto totals = pool.totals();
  EXPECT_EQ(totals.failed, kJobs / 10);
  EXPECT_EQ(totals.submitted, totals.completed + totals.failed);
}

// S5.6 S5.9: who dies does not block any more.
TYPED_TEST_P(PoolRecovers, WhoDiesWhileItBlocksIsNotWaitedFor) {
  TypeParam pool(sized_by_hand<TypeParam>(1, 2));
  for (std::size_t i = 1; i <= 5; ++i) {
    EXPECT_THROW(pool.launch({}, [&] { pool.blocking([] { TestFixture::end_thread(); }); }).get(), basic::PoolError);
    until_counted_by(pool, Event::Kind::died, i);
  }
  pool.scale_to(2);
  pool.scale_to(1);
  EXPECT_EQ(pool.size(), 1U);
  EXPECT_EQ(pool.submit([] { return 1; }).get(), 1);
}

// S5.6: at the end, too, all that is queued is done.
TYPED_TEST_P(PoolRecovers, AtTheEnd) {
  std::atomic<int> ran = 0;
  {
    TypeParam pool(fixed_size<TypeParam>(1));
    for (int i = 0; i < 20; ++i) {
      pool.post([&] {
        ++ran;
        TestFixture::end_thread();
      });
    }
  }
  EXPECT_EQ(ran, 20);
}

// S5.6: it dies when it is about to go: then nobody takes its place.
TYPED_TEST_P(PoolRecovers, WhoIsToGoIsNotReplaced) {
  std::atomic<int> here = 0;
  Gate go;
  TypeParam pool(sized_by_hand<TypeParam>(1, 2));
  pool.scale_to(2);
  for (int i = 0; i < 2; ++i) {
    pool.post([&] {
      ++here;
      go.wait();
      TestFixture::end_thread();
    });
  }
  until_true([&] { return here == 2; });
  pool.scale_to(1);
  go.open();
  until_counted_by(pool, Event::Kind::died, 2);
  until_counted_by(pool, Event::Kind::started, 3);  // one of the two is replaced
  EXPECT_EQ(pool.submit([] { return 1; }).get(), 1);
  EXPECT_EQ(pool.size(), 1U);
  EXPECT_EQ(pool.events().count(Event::Kind::started), 3U);
}

REGISTER_TYPED_TEST_SUITE_P(PoolRecovers, AWorkerThatDiesIsReplacedInItsSeat, TheQueueSurvives,
                            AFutureOfWhatHasEndedItsThreadSaysSo, AJobThatRunsWithinAnotherEndsBoth,
                            NothingIsLostUnderLoad, WhoDiesWhileItBlocksIsNotWaitedFor, AtTheEnd,
                            WhoIsToGoIsNotReplaced);

}  // namespace pool::testing
