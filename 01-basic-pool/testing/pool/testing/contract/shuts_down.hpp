// Contract, part four: the end. Nothing is lost, nobody waits for ever, no thread is left.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <pool/basic/executor.hpp>
#include <pool/testing/gate.hpp>
#include <pool/testing/process.hpp>

namespace pool::testing {

template <class Pool>
class PoolShutsDown : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolShutsDown);

// S1.5
TYPED_TEST_P(PoolShutsDown, TheDestructorRunsEverythingQueuedAndJoinsTheThreads) {
  const std::size_t threads = thread_count();
  std::atomic<int> ran = 0;
  std::future<int> last;
  Gate go;
  std::thread opener;
  {
    TypeParam pool({.workers = 1});
    pool.post([&] { go.wait(); });
    for (int i = 0; i < 1000; ++i) pool.post([&] { ++ran; });
    last = pool.submit([] { return 1; });
    opener = std::thread([&] {
      for (int i = 0; i < 2000; ++i) std::this_thread::yield();  // time for the destructor to come to the full queue
      go.open();
    });
  }
  opener.join();
  EXPECT_EQ(ran, 1000);
  EXPECT_EQ(last.get(), 1);
  EXPECT_TRUE(thread_count_becomes(threads)) << thread_count() << " threads, " << threads << " before";
}

// S1.5
TYPED_TEST_P(PoolShutsDown, ShutdownWaitsForTheJobThatRuns) {
  TypeParam pool({.workers = 1});
  Gate running;
  Gate go;
  bool done = false;  // plain: shutdown() makes it visible
  pool.post([&] {
    running.open();
    go.wait();
    done = true;
  });
  running.wait();
  std::thread closer([&] { go.open(); });
  pool.shutdown(basic::Shutdown::discard);
  EXPECT_TRUE(done);
  closer.join();
}

// S1.5 R6
TYPED_TEST_P(PoolShutsDown, DiscardDropsWhatIsQueuedAndItsFuturesSaySo) {
  TypeParam pool({.workers = 1});
  Gate running;
  Gate go;
  auto first = pool.submit([&] {
    running.open();
    go.wait();
    return 1;
  });
  running.wait();
  std::atomic<int> ran = 0;
  auto witness = std::make_shared<int>(0);
  std::vector<std::future<void>> queued;
  for (int i = 0; i < 100; ++i) queued.push_back(pool.submit([&ran, witness] { ++ran; }));
  pool.post([witness] { *witness = 1; });

  std::thread closer([&] { pool.shutdown(basic::Shutdown::discard); });
  for (auto& job : queued) {
    try {
      job.get();
      ADD_FAILURE() << "a queued job ran";
    } catch (const std::future_error& error) {
      EXPECT_EQ(error.code(), std::future_errc::broken_promise);
    }
  }
  go.open();
  closer.join();
  EXPECT_EQ(first.get(), 1);
  EXPECT_EQ(ran, 0);
  EXPECT_EQ(witness.use_count(), 1);  // the closures are gone
  EXPECT_EQ(pool.pending(), 0U);
}

// S1.5 R8
TYPED_TEST_P(PoolShutsDown, ShutdownMayBeCalledAgainAndFromSeveralThreads) {
  const std::size_t threads = thread_count();
  TypeParam pool({.workers = 2});
  std::atomic<int> callers = 0;
  std::atomic<bool> done = false;
  pool.post([&] {
    while (callers < 4) std::this_thread::yield();
    for (int i = 0; i < 2000; ++i) std::this_thread::yield();  // time for a caller that does not wait to come back
    done = true;
  });
  {
    std::vector<std::jthread> closers;
    for (int i = 0; i < 4; ++i) {
      closers.emplace_back([&] {
        ++callers;
        pool.shutdown();
        EXPECT_TRUE(done) << "shutdown() returned while a job ran";
      });
    }
  }
  pool.shutdown();
  pool.shutdown(basic::Shutdown::discard);
  EXPECT_TRUE(thread_count_becomes(threads));
}

// S1.6
TYPED_TEST_P(PoolShutsDown, SubmittingAfterShutdownIsAClearErrorAndLeavesNoTrace) {
  TypeParam pool({.workers = 1});
  pool.shutdown();
  auto witness = std::make_shared<int>(0);
  EXPECT_THROW(pool.post([witness] {}), basic::PoolStopped);
  EXPECT_THROW(static_cast<void>(pool.submit([witness] {})), basic::PoolStopped);
  EXPECT_EQ(witness.use_count(), 1);
  EXPECT_EQ(pool.pending(), 0U);
  try {
    pool.post([] {});
  } catch (const basic::PoolError& error) {
    EXPECT_STREQ(error.what(), "pool: it has been shut down and takes no more work");
  }
}

// Producers submit until they are refused, while shutdown comes. Returns {accepted, ran, dropped}.
struct RaceCounts {
  int accepted = 0;
  int ran = 0;
  int dropped = 0;
};
template <class Pool>
RaceCounts race_submit_against(basic::Shutdown how) {
  Pool pool({.workers = 2});
  std::atomic<int> ran = 0;
  std::vector<std::vector<std::future<void>>> futures(3);
  {
    Gate warm;  // outlives the producers, who open it
    std::vector<std::jthread> producers;
    for (auto& mine : futures) {
      producers.emplace_back([&] {
        try {
          for (int i = 0; i < 100'000; ++i) {
            mine.push_back(pool.submit([&] { ++ran; }));
            if (mine.size() == 10) warm.open();
          }
        } catch (const basic::PoolStopped&) {
        }
      });
    }
    warm.wait();
    pool.shutdown(how);
  }
  RaceCounts counts;
  counts.ran = ran;
  for (auto& mine : futures) {
    for (auto& job : mine) {
      ++counts.accepted;
      try {
        job.get();  // ready: the pool is gone
      } catch (const std::future_error&) {
        ++counts.dropped;
      }
    }
  }
  return counts;
}

// S1.6 R1 R2
TYPED_TEST_P(PoolShutsDown, SubmitRacingWithShutdownRunsOrIsRefused) {
  for (int round = 0; round < 20; ++round) {
    const auto counts = race_submit_against<TypeParam>(basic::Shutdown::drain);
    EXPECT_EQ(counts.accepted, counts.ran);
    EXPECT_EQ(counts.dropped, 0);
  }
}

// S1.6 R1 R2
TYPED_TEST_P(PoolShutsDown, SubmitRacingWithDiscardRunsIsDroppedOrIsRefused) {
  for (int round = 0; round < 20; ++round) {
    const auto counts = race_submit_against<TypeParam>(basic::Shutdown::discard);
    EXPECT_EQ(counts.accepted, counts.ran + counts.dropped);
  }
}

// R8
TYPED_TEST_P(PoolShutsDown, PoolsThatComeAndGoLeaveNothingBehind) {
  const std::size_t threads = thread_count();
  const std::size_t descriptors = descriptor_count();
  for (int i = 0; i < 100; ++i) {
    TypeParam pool({.workers = 1 + static_cast<std::size_t>(i % 4)});
    pool.post([] {});
    if (i % 3 == 0) pool.shutdown(i % 2 == 0 ? basic::Shutdown::drain : basic::Shutdown::discard);
  }
  EXPECT_TRUE(thread_count_becomes(threads));
  EXPECT_EQ(descriptor_count(), descriptors);
}

REGISTER_TYPED_TEST_SUITE_P(PoolShutsDown, TheDestructorRunsEverythingQueuedAndJoinsTheThreads,
                            ShutdownWaitsForTheJobThatRuns, DiscardDropsWhatIsQueuedAndItsFuturesSaySo,
                            ShutdownMayBeCalledAgainAndFromSeveralThreads,
                            SubmittingAfterShutdownIsAClearErrorAndLeavesNoTrace,
                            SubmitRacingWithShutdownRunsOrIsRefused, SubmitRacingWithDiscardRunsIsDroppedOrIsRefused,
                            PoolsThatComeAndGoLeaveNothingBehind);

}  // namespace pool::testing
