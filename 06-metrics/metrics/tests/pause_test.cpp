// pause() and resume().
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

#include <pool/metrics/thread_pool.hpp>
#include <pool/testing/gate.hpp>

namespace pool::metrics {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Gate;

// S6.7 (With one worker, which is busy then: another one might be just about to look for something.)
TEST(Pause, NothingIsStartedAndWhatRunsGoesOn) {
  ThreadPool pool({.workers = 1});
  Gate begun;
  Gate go;
  const Job<int> running = pool.submit(TaskOptions{}, [&] {
    begun.open();
    go.wait();
    return 1;
  });
  begun.wait();
  EXPECT_FALSE(pool.paused());
  pool.pause();
  EXPECT_TRUE(pool.paused());
  EXPECT_TRUE(pool.stats().pool.paused);
  std::atomic<int> ran = 0;
  std::vector<Job<void>> jobs;
  for (int i = 0; i < 100; ++i) jobs.push_back(pool.submit(TaskOptions{}, [&] { ++ran; }));
  go.open();
  EXPECT_EQ(running.get(), 1);
  EXPECT_FALSE(pool.wait_idle_for(milliseconds(20)));
  EXPECT_EQ(ran, 0);
  EXPECT_EQ(pool.totals().pending, 100U);
  pool.resume();
  pool.wait_idle();
  EXPECT_EQ(ran, 100);
  EXPECT_FALSE(pool.paused());
}

// S6.7: what is queued may be cancelled meanwhile.
TEST(Pause, QueuedTasksCanBeCancelled) {
  ThreadPool pool({.workers = 1});
  Gate begun;
  Gate go;
  pool.post([&] {
    begun.open();
    go.wait();
  });
  begun.wait();
  pool.pause();
  go.open();
  std::atomic<int> ran = 0;
  std::vector<Job<void>> jobs;
  for (int i = 0; i < 64; ++i) jobs.push_back(pool.submit(TaskOptions{}, [&] { ++ran; }));
  for (std::size_t i = 0; i < 64; i += 2) EXPECT_TRUE(jobs[i].cancel());
  pool.resume();
  pool.wait_idle();
  EXPECT_EQ(ran, 32);
  EXPECT_EQ(pool.totals().cancelled, 32U);
}

// S6.7
TEST(Pause, ShutdownResumes) {
  for (const bool destructor : {false, true}) {
    std::atomic<int> ran = 0;
    {
      ThreadPool pool({.workers = 2});
      pool.pause();
      for (int i = 0; i < 50; ++i) pool.post([&] { ++ran; });
      if (!destructor) pool.shutdown();
    }
    EXPECT_EQ(ran, 50);
  }
}

// S6.7
TEST(Pause, ShutdownMayDropWhatWasQueued) {
  std::atomic<int> ran = 0;
  ThreadPool pool({.workers = 2});
  pool.pause();
  std::vector<std::future<void>> futures;
  for (int i = 0; i < 50; ++i) futures.push_back(pool.submit([&] { ++ran; }));
  pool.shutdown(Shutdown::discard);
  for (auto& future : futures) {
    if (future.wait_for(seconds(0)) == std::future_status::ready) continue;
    ADD_FAILURE() << "nobody waits for ever";
  }
  EXPECT_EQ(pool.totals().pending, 0U);
}

// S6.7: a job that runs may wait for one that it has handed in.
TEST(Pause, AJobThatWaitsForAnotherGoesOn) {
  ThreadPool pool({.workers = 1});
  Gate begun;
  Gate go;
  const Job<int> outer = pool.submit(TaskOptions{}, [&] {
    begun.open();
    go.wait();
    return pool.submit(TaskOptions{}, [] { return 2; }).get() + 1;
  });
  begun.wait();
  pool.pause();
  go.open();
  EXPECT_EQ(outer.get(), 3);
  pool.resume();
}

// S6.7: over and over, from several threads, and nothing is lost or done twice.
TEST(Pause, LosesNothingHoweverOften) {
  ThreadPool pool({.workers = 2});
  std::atomic<int> ran = 0;
  std::atomic<bool> over = false;
  std::vector<std::thread> switches;
  for (int t = 0; t < 2; ++t) {
    switches.emplace_back([&] {
      while (!over) {
        pool.pause();
        std::this_thread::yield();
        pool.resume();
      }
    });
  }
  for (int i = 0; i < 2'000; ++i) pool.post([&] { ++ran; });
  pool.wait_idle();
  over = true;
  for (std::thread& thread : switches) thread.join();
  EXPECT_EQ(ran, 2'000);
  EXPECT_FALSE(pool.paused());
}

}  // namespace
}  // namespace pool::metrics
