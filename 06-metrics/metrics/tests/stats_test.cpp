// Stats: snapshots that do not contradict themselves.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <pool/metrics/thread_pool.hpp>
#include <pool/priority/clock.hpp>
#include <pool/testing/gate.hpp>

namespace pool::metrics {
namespace {

using priority::ManualClock;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Gate;

void expect_no_contradiction(const Stats& stats) {
  const Stats::Pool& pool = stats.pool;
  const std::size_t ended = pool.completed + pool.failed + pool.cancelled;
  EXPECT_EQ(pool.pending + pool.active + ended, pool.submitted);
  EXPECT_LE(pool.pending, pool.submitted) << "none is negative";
  EXPECT_LE(pool.active, pool.submitted);
  EXPECT_GE(pool.success_rate, 0);
  EXPECT_LE(pool.success_rate, 100);
  std::size_t completed = 0, failed = 0;
  for (const Stats::Worker& worker : stats.workers) {
    completed += worker.completed;
    failed += worker.failed;
  }
  EXPECT_LE(completed, pool.completed);
  EXPECT_LE(failed, pool.failed);
  EXPECT_LE(stats.execution.count(), stats.wait.count());
}

// S6.8: exact at rest.
TEST(PoolStats, AreExactAtRest) {
  ManualClock clock;
  ThreadPool pool({.workers = 2, .name = "calc", .clock = &clock});
  EXPECT_EQ(pool.stats().pool.success_rate, 0) << "nothing was submitted";
  for (int i = 0; i < 6; ++i) static_cast<void>(pool.submit(TaskOptions{}, [] {}));
  static_cast<void>(pool.submit(TaskOptions{}, [] { throw std::runtime_error("no"); }));
  pool.post([] {});
  pool.wait_idle();
  pool.pause();
  static_cast<void>(pool.submit(TaskOptions{.id = "c"}, [](const CancelToken&) { throw priority::Cancelled("self"); }));
  static_cast<void>(pool.submit(TaskOptions{.id = "d"}, [] {}));
  const Stats waiting = pool.stats();
  expect_no_contradiction(waiting);
  pool.resume();
  pool.wait_idle();
  clock.advance(seconds(90));
  const Stats stats = pool.stats();
  EXPECT_EQ(stats.pool.name, "calc");
  EXPECT_EQ(stats.pool.workers, 2U);
  EXPECT_EQ(stats.pool.min_workers, 2U);
  EXPECT_EQ(stats.pool.max_workers, 2U);
  EXPECT_TRUE(stats.pool.metrics);
  EXPECT_EQ(stats.pool.submitted, 10U);
  EXPECT_EQ(stats.pool.completed, 8U);
  EXPECT_EQ(stats.pool.failed, 1U);
  EXPECT_EQ(stats.pool.cancelled, 1U);
  EXPECT_EQ(stats.pool.active, 0U);
  EXPECT_EQ(stats.pool.pending, 0U);
  EXPECT_EQ(stats.pool.kept, 9U);
  EXPECT_EQ(stats.pool.uptime, seconds(90));
  EXPECT_DOUBLE_EQ(stats.pool.success_rate, 80);
  EXPECT_EQ(stats.wait.count(), 9U);
  EXPECT_EQ(stats.execution.count(), 9U);
  ASSERT_EQ(stats.workers.size(), 2U);
  EXPECT_EQ(stats.workers[0].completed + stats.workers[1].completed, 8U);
  EXPECT_EQ(stats.workers[0].failed + stats.workers[1].failed, 1U);
  EXPECT_EQ(stats.workers[1].name, "calc-1");
}

// S6.8: on the pool's clock, to the nanosecond but for the buckets.
TEST(PoolStats, TimeTasks) {
  ManualClock clock;
  ThreadPool pool({.workers = 1, .clock = &clock});
  for (int i = 0; i < 100; ++i) {
    Gate begun;
    Gate go;
    const Job<void> first = pool.submit(TaskOptions{}, [&] {
      begun.open();
      go.wait();
    });
    begun.wait();
    const Job<void> second = pool.submit(TaskOptions{}, [&] { clock.advance(milliseconds(1)); });
    clock.advance(milliseconds(64));
    go.open();
    second.wait();
  }
  pool.wait_idle();
  const Stats stats = pool.stats();
  EXPECT_EQ(stats.wait.count(), 200U);
  EXPECT_EQ(stats.wait.sum, milliseconds(6'400));
  EXPECT_EQ(stats.execution.sum, milliseconds(6'500));
  EXPECT_EQ(stats.pool.mean_task_time, std::chrono::microseconds(32'500));
  EXPECT_EQ(stats.execution.shorter_than(milliseconds(32)), 100U);
  EXPECT_NEAR(static_cast<double>(stats.execution.quantile(0.99).count()), 64e6, 64e6 * kRelativeError);
  EXPECT_NEAR(static_cast<double>(stats.execution.quantile(0.5).count()), 1e6, 1e6 * kRelativeError);
}

// S6.8: on the caller's thread, too.
TEST(PoolStats, TimeTasksThatRunInTheCaller) {
  ThreadPool pool({.workers = 1, .capacity = 1, .overflow = Overflow::run_in_caller});
  Gate begun;
  Gate go;
  pool.post([&] {
    begun.open();
    go.wait();
  });
  begun.wait();
  pool.post([] {});
  EXPECT_EQ(pool.submit(TaskOptions{}, [] { return std::this_thread::get_id(); }).get(), std::this_thread::get_id());
  EXPECT_EQ(pool.stats().execution.count(), 1U);
  go.open();
  pool.wait_idle();
  EXPECT_EQ(pool.stats().pool.completed, 3U);
}

// S6.8: switched off, nothing is timed, and all is counted.
TEST(PoolStats, WithoutMetricsCountAllTheSame) {
  ThreadPool pool({.workers = 1, .metrics = false});
  pool.submit(TaskOptions{}, [] {}).get();
  pool.wait_idle();
  const Stats stats = pool.stats();
  EXPECT_FALSE(stats.pool.metrics);
  EXPECT_EQ(stats.pool.completed, 1U);
  EXPECT_EQ(stats.execution.count(), 0U);
}

// S6.9
TEST(WorkerStats, SayWhatEachWorkerDoes) {
  ThreadPool pool({.workers = 2, .name = "W"});
  Gate begun;
  Gate go;
  const Job<void> job = pool.submit(TaskOptions{.id = "long"}, [&] {
    for (int i = 0; i < 3; ++i) pool.post([&] { go.wait(); });  // queued here
    begun.open();
    go.wait();
  });
  begun.wait();
  const Stats stats = pool.stats();
  expect_no_contradiction(stats);
  const std::size_t worker = *job.info().worker;
  EXPECT_EQ(stats.workers[worker].id, worker);
  EXPECT_EQ(stats.workers[worker].current_task, "long");
  EXPECT_EQ(stats.workers[1 - worker].current_task, std::nullopt) << "what is posted is no task";
  EXPECT_TRUE(stats.workers[worker].alive);
  EXPECT_EQ(stats.workers[worker].name, "W-" + std::to_string(worker));
  EXPECT_GT(stats.workers[worker].queue_size + stats.workers[1 - worker].steals, 0U);
  go.open();
  pool.wait_idle();
  EXPECT_EQ(pool.stats().workers[worker].current_task, std::nullopt);
}

// S6.9: of tasks within others, the innermost.
TEST(WorkerStats, NameTheInnermostTask) {
  ThreadPool pool({.workers = 1});
  const Job<void> outer = pool.submit(TaskOptions{.id = "outer"}, [&] {
    EXPECT_EQ(pool.stats().workers[0].current_task, "outer");
    const Job<void> inner = pool.submit(
        TaskOptions{}, [&, id = std::string()] { EXPECT_EQ(pool.stats().workers[0].current_task->size(), 36U); });
    inner.get();
    EXPECT_EQ(pool.stats().workers[0].current_task, "outer");
  });
  outer.get();
}

// S6.9: between the sizes, and whoever came and went.
TEST(WorkerStats, SayWhoIsAlive) {
  ThreadPool pool(
      {.min_workers = 1, .max_workers = 3, .policy = [](const Load&) { return 0; }, .idle_timeout = Duration::zero()});
  pool.scale_to(2);
  const Stats stats = pool.stats();
  EXPECT_EQ(stats.pool.min_workers, 1U);
  EXPECT_EQ(stats.pool.max_workers, 3U);
  EXPECT_EQ(stats.pool.workers, 2U);
  ASSERT_GE(stats.workers.size(), 2U);
  EXPECT_TRUE(stats.workers[1].alive);
  EXPECT_EQ(ThreadPool({.min_workers = 3, .interval = std::chrono::hours(1)}).stats().pool.max_workers, 20U);
  EXPECT_EQ(ThreadPool({.max_workers = 1}).stats().pool.min_workers, 1U);
}

// S6.9: of three, the second has not begun when one is too many, so it goes: who is left has not the lowest numbers.
TEST(WorkerStats, SayWhoIsAliveAfterSomebodyInTheMiddleHasGone) {
  Gate third_works;
  Gate go;
  ThreadPool pool({.on_start =
                       [&](std::size_t worker) {
                         if (worker == 1) go.wait();
                       },
                   .min_workers = 1,
                   .max_workers = 3,
                   .policy = [](const Load&) { return 0; },
                   .idle_timeout = Duration::zero(),
                   .on_event =
                       [&](const Event& event) {
                         if (event.kind == Event::Kind::started && event.worker == 2) third_works.open();
                       }});
  pool.scale_to(3);
  third_works.wait();
  pool.scale_to(2);
  const Stats stats = pool.stats();
  go.open();
  EXPECT_EQ(stats.pool.workers, 2U);
  ASSERT_EQ(stats.workers.size(), 3U);
  EXPECT_TRUE(stats.workers[0].alive);
  EXPECT_FALSE(stats.workers[1].alive);
  EXPECT_TRUE(stats.workers[2].alive);
}

// S6.11: whatever happens meanwhile, no snapshot contradicts itself, and none goes back behind the one before.
TEST(PoolStats, DoNotContradictThemselvesWhileWorkIsDone) {
  ThreadPool pool({.workers = 2, .capacity = 64, .overflow = Overflow::run_in_caller, .history = 50});
  std::atomic<bool> over = false;
  std::vector<std::thread> readers;
  for (int r = 0; r < 2; ++r) {
    readers.emplace_back([&] {
      Stats before = pool.stats();
      while (!over) {
        const Stats now = pool.stats();
        expect_no_contradiction(now);
        EXPECT_GE(now.pool.submitted, before.pool.submitted);
        EXPECT_GE(now.pool.completed, before.pool.completed);
        EXPECT_GE(now.pool.cancelled, before.pool.cancelled);
        EXPECT_GE(now.execution.count(), before.execution.count());
        for (std::size_t i = 0; i < before.workers.size(); ++i) {
          EXPECT_GE(now.workers[i].completed, before.workers[i].completed);
          EXPECT_GE(now.workers[i].total_time, before.workers[i].total_time);
          EXPECT_GE(now.workers[i].idle_time, before.workers[i].idle_time);
        }
        before = now;
      }
    });
  }
  std::vector<std::thread> producers;
  for (int p = 0; p < 2; ++p) {
    producers.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        const Job<void> job = pool.submit(TaskOptions{}, [i] {
          if (i % 5 == 0) throw std::runtime_error("no");
        });
        if (i % 3 == 0) static_cast<void>(job.cancel());
        pool.post([] {});
      }
    });
  }
  for (std::thread& producer : producers) producer.join();
  pool.wait_idle();
  over = true;
  for (std::thread& reader : readers) reader.join();
  const Stats stats = pool.stats();
  expect_no_contradiction(stats);
  EXPECT_EQ(stats.pool.submitted, 2'000U);
  EXPECT_EQ(stats.pool.completed + stats.pool.failed + stats.pool.cancelled, 2'000U);
}

}  // namespace
}  // namespace pool::metrics
