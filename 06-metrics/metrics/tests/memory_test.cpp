// Memory: bounded by the history, whatever has run; and what happens when there is none.
//
// POOL_SOAK_TASKS sets how many tasks the first test runs (and POOL_TEST_LIMIT, in seconds, the watchdog's patience); it
// then says how much memory the process has after a tenth, a half, and all.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pool/metrics/health.hpp>
#include <pool/metrics/thread_pool.hpp>
#include <pool/testing/allocations.hpp>

namespace pool::metrics {
namespace {

using testing::bytes_in_use;
using testing::FailingAllocation;

// S6.3: ten times as many tasks take no more memory. (In turns of a hundred, so that no queue grows.)
TEST(Memory, IsBoundedHoweverManyTasksRun) {
  ThreadPool pool({.workers = 2, .history = 1'000, .trace = 64});
  const auto run = [&](std::size_t tasks) {
    for (std::size_t i = 0; i < tasks; i += 100) {
      std::vector<Job<std::string>> jobs;
      for (int k = 0; k < 100; ++k) {
        jobs.push_back(pool.submit(TaskOptions{.name = "a name of some length, as they have",
                                               .metadata = {{"key", "and a value of some length"}}},
                                   [] { return std::string(50, 'x'); }));
      }
      for (const auto& job : jobs) job.wait();
    }
    pool.wait_idle();
    return bytes_in_use.load();
  };
  const std::ptrdiff_t before = run(5'000);
  const char* given = std::getenv("POOL_SOAK_TASKS");  // NOLINT(concurrency-mt-unsafe): nobody sets it meanwhile
  const std::size_t all = given != nullptr ? std::stoul(given) : 50'000;
  std::size_t ran = 0;
  for (const std::size_t until : {all / 10, all / 2, all}) {
    const std::ptrdiff_t after = run(until - std::exchange(ran, until));
    EXPECT_LT(after - before, 300'000) << "of " << before << ", after " << until << " tasks";
    if (given == nullptr) continue;
    std::printf("[   soak   ] %zu tasks: %.1f MB resident\n", until, HealthMonitor().sample().memory_mb.value_or(0));
  }
  EXPECT_EQ(pool.stats().pool.kept, 1'000U);
  EXPECT_EQ(pool.clear_completed(), 1'000U);
  EXPECT_LT(bytes_in_use.load(), before - 1'000 * 200) << "and what is cleared is given back";
}

// S6.3: refused submits keep nothing.
TEST(Memory, OfRefusedTasksIsGivenBack) {
  ThreadPool pool({.workers = 1});
  pool.shutdown();
  const auto refuse = [&](int times) {
    for (int i = 0; i < times; ++i) {
      EXPECT_THROW(static_cast<void>(pool.submit(TaskOptions{.id = "mine"}, [] { return 1; })), PoolStopped);
    }
    return bytes_in_use.load();
  };
  const std::ptrdiff_t before = refuse(100);
  EXPECT_LT(refuse(1'000) - before, 10'000);
}

// S6.1: whichever allocation fails, there is no task then, and none was lost.
TEST(Memory, ThatIsMissingLeavesNothingBehind) {
  ThreadPool pool({.workers = 1, .on_error = [](std::exception_ptr) {}});
  pool.submit(TaskOptions{.id = "there"}, [] {}).get();
  pool.wait_idle();
  const std::size_t before = pool.totals().submitted;
  pool.pause();
  const std::string id = "an id that is longer than a short string";
  const std::string name = "and a name that is as long as that or longer";
  std::size_t failures = 0;
  for (std::size_t k = 0;; ++k, ++failures) {
    std::optional<Job<int>> job;
    bool threw = false, happened = false;
    {
      TaskOptions options{.id = id, .name = name, .metadata = {{"some key", "some value that is longer than short"}}};
      const FailingAllocation failing(k);
      try {
        job = pool.submit(std::move(options), [] { return 1; });
      } catch (const std::bad_alloc&) {
        threw = true;
      }
      happened = failing.happened();
    }
    if (!threw) {
      ASSERT_TRUE(job);
      EXPECT_EQ(pool.task(id).name, name);
      pool.resume();
      EXPECT_EQ(job->get(), 1);
      if (!happened) break;
      pool.clear_completed();
      pool.pause();
      continue;
    }
    EXPECT_THROW(static_cast<void>(pool.task(id)), UnknownTask);
    EXPECT_EQ(pool.totals().submitted, before);
  }
  EXPECT_GT(failures, 5U);
  EXPECT_EQ(pool.task("there").state, JobState::completed);
}

// S6.1: the same for work of somebody else.
TEST(Memory, ThatIsMissingEntersNothing) {
  ThreadPool pool({.workers = 1});
  const std::string id = "an id that is longer than a short string";
  for (std::size_t k = 0;; ++k) {
    bool threw = false;
    TaskOptions options{.id = id, .name = "and a name that is as long as that or longer"};
    {
      const FailingAllocation failing(k);
      try {
        auto [job, producer] = pool.make_task<int>(std::move(options));
        static_cast<void>(producer.start());
        producer.complete(1);
      } catch (const std::bad_alloc&) {
        threw = true;
      }
    }
    if (!threw) break;
    EXPECT_EQ(pool.stats().entered.unfinished(), 0U);
    static_cast<void>(pool.clear_completed());
  }
  EXPECT_EQ(pool.get_task_result<int>(id, Duration::zero()), 1);
}

}  // namespace
}  // namespace pool::metrics
