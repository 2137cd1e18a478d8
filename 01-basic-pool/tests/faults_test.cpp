// What the pool does when the machine fails it: no thread to be had, no memory, a job that ends its own thread.
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <future>
#include <memory>
#include <new>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <pthread.h>

#include <pool/basic/thread_pool.hpp>
#include <pool/testing/allocations.hpp>
#include <pool/testing/every_allocation.hpp>
#include <pool/testing/failing_threads.hpp>
#include <pool/testing/gate.hpp>
#include <pool/testing/process.hpp>

namespace pool::basic {
namespace {

using testing::FailingThread;
using testing::Gate;
using testing::thread_count;
using testing::thread_count_becomes;

// R9
TEST(Faults, AThreadThatCannotBeCreatedFailsTheConstructorAndLeavesNone) {
  const std::size_t threads = thread_count();
  for (int k = 0; k < 5; ++k) {
    const FailingThread armed(k);
    try {
      ThreadPool pool({.workers = 5});
      ADD_FAILURE() << "the constructor returned, though thread " << k << " could not be created";
    } catch (const std::system_error& error) {
      EXPECT_EQ(error.code(), std::errc::resource_unavailable_try_again);
    }
    EXPECT_TRUE(thread_count_becomes(threads)) << "after failure at thread " << k;
  }
  ThreadPool pool({.workers = 5});
  EXPECT_EQ(pool.submit([] { return 1; }).get(), 1);
}

struct Outcome {
  std::atomic<int> ran = 0;
  int accepted = 0;
  int refused = 0;
};

// A pool that lives and works while one allocation fails: what was accepted runs, what was refused leaves no trace.
void live_through(Outcome& outcome) {
  try {
    ThreadPool pool({.workers = 2});
    std::vector<std::future<int>> futures;
    futures.reserve(16);
    for (int i = 0; i < 8; ++i) {
      try {
        futures.push_back(pool.submit([&outcome, i] { return ++outcome.ran, i; }));
        ++outcome.accepted;
      } catch (const std::bad_alloc&) {
        ++outcome.refused;
      }
      try {
        pool.post([&outcome] { ++outcome.ran; });
        ++outcome.accepted;
      } catch (const std::bad_alloc&) {
        ++outcome.refused;
      }
    }
    for (auto& future : futures) static_cast<void>(future.get());
  } catch (const std::bad_alloc&) {
    ++outcome.refused;
  }
}

// R1 R9
TEST(Faults, EveryAllocationMayFail) {
  int failures = 0;
  testing::every_allocation_fails<Outcome>(live_through, [&](const Outcome& outcome, bool failed) {
    EXPECT_EQ(outcome.ran, outcome.accepted);
    EXPECT_EQ(outcome.refused, failed ? 1 : 0) << "nobody was told";
    failures += failed ? 1 : 0;
  });
  EXPECT_GT(failures, 20);  // the constructor and the submissions do allocate
}

// R20
TEST(Faults, MemoryIsGivenBackWhenTheQueueIsEmpty) {
  ThreadPool pool({.workers = 2});
  pool.submit([] {}).get();
  const std::ptrdiff_t before = testing::bytes_in_use;
  Gate go;
  Gate running;
  pool.post([&] {
    running.open();
    go.wait();
  });
  running.wait();
  {
    Gate second;
    pool.post([&] {
      second.open();
      go.wait();
    });
    second.wait();
  }
  for (int i = 0; i < 100'000; ++i) pool.post([] {});
  EXPECT_GE(testing::bytes_in_use - before, 100'000 * 64);
  go.open();
  pool.shutdown();
  EXPECT_LE(testing::bytes_in_use - before, 0);
}

// R3: a job that ends its own thread. In this stage it costs a worker; the rest goes on.
TEST(Faults, AJobThatEndsItsThreadBreaksItsPromiseAndCostsOneWorker) {
  std::atomic<int> stopped = 0;
  ThreadPool pool({.workers = 2, .on_stop = [&](std::size_t) { ++stopped; }});
  auto witness = std::make_shared<int>(0);
  auto ended = pool.submit([witness] { pthread_exit(nullptr); });
  EXPECT_THROW(ended.get(), std::future_error);
  EXPECT_EQ(witness.use_count(), 1);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(pool.submit([i] { return i; }).get(), i);
  pool.shutdown();
  EXPECT_EQ(stopped, 2);
}

// R6: when no worker is left, nobody waits for ever.
TEST(Faults, WhenTheLastWorkerHasEndedTheQueueIsDroppedAndThePoolIsClosed) {
  ThreadPool pool({.workers = 1});
  Gate go;
  auto ends = pool.submit([&] {
    go.wait();
    pthread_exit(nullptr);
  });
  auto behind = pool.submit([] { return 1; });
  go.open();
  EXPECT_THROW(ends.get(), std::future_error);
  EXPECT_THROW(behind.get(), std::future_error);
  EXPECT_THROW(pool.post([] {}), PoolStopped);
  pool.shutdown();
}

// R9
TEST(Faults, AStartCallbackThatEndsItsThreadFailsTheConstructor) {
  const std::size_t threads = thread_count();
  EXPECT_THROW(ThreadPool({.workers = 3,
                           .on_start =
                               [](std::size_t worker) {
                                 if (worker == 1) pthread_exit(nullptr);
                               }}),
               PoolError);
  EXPECT_TRUE(thread_count_becomes(threads));
}

// S1.2: signals go to the program's own threads. A storm of them loses no job.
TEST(Faults, AStormOfSignalsLosesNoJob) {
  static std::atomic<int> on_worker = 0;
  static thread_local bool is_worker = false;
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) {
    if (is_worker) ++on_worker;
  };
  ASSERT_EQ(::sigaction(SIGUSR1, &action, &before), 0);
  {
    ThreadPool pool({.workers = 2, .on_start = [](std::size_t) { is_worker = true; }});
    std::atomic<bool> done = false;
    std::thread storm([&] {
      while (!done) ::kill(::getpid(), SIGUSR1);
    });
    std::atomic<int> ran = 0;
    for (int i = 0; i < 2000; ++i) {
      auto job = pool.submit([&] { ++ran; });
      if (i % 10 == 0) job.get();
    }
    pool.shutdown();
    done = true;
    storm.join();
    EXPECT_EQ(ran, 2000);
  }
  EXPECT_EQ(on_worker, 0);
  ::sigaction(SIGUSR1, &before, nullptr);
}

}  // namespace
}  // namespace pool::basic
