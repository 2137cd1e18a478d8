// Workers come and go under full load, and nothing is lost or done twice, whatever way it was handed in.
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <numeric>
#include <thread>
#include <vector>

#include <pool/autoscale/thread_pool.hpp>
#include <pool/stealing/invoke.hpp>
#include <pool/stealing/parallel_for.hpp>
#include <pool/stealing/parallel_reduce.hpp>
#include <pool/stealing/task_group.hpp>

#include "watched.hpp"

namespace pool::autoscale {
namespace {

using stealing::TaskGroup;
using testing::by_hand;
using Counters = std::vector<std::atomic<int>>;

// While it lives, the pool has another size all the time.
class Scaler {
 public:
  explicit Scaler(ThreadPool& pool, std::size_t max) : thread_([this, &pool, max] { run(pool, max); }) {}
  ~Scaler() {
    stop_ = true;
    thread_.join();
  }
  Scaler(const Scaler&) = delete;
  Scaler& operator=(const Scaler&) = delete;

 private:
  void run(ThreadPool& pool, std::size_t max) {
    for (std::size_t size = 1; !stop_; size = size % max + 1) {
      pool.scale_to(size);
      std::this_thread::yield();
    }
  }
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// Lives through the load again and again, until twenty workers have gone meanwhile. Each of so many counters is 1 then.
void while_workers_come_and_go(std::size_t counters, const std::function<void(ThreadPool&, Counters&)>& load) {
  ThreadPool pool(by_hand(1, 4));
  {
    const Scaler scaler(pool, 4);
    while (pool.events().count(Event::Kind::retired) < 20) {
      Counters ran(counters);
      load(pool, ran);
      pool.wait_idle();
      for (std::size_t i = 0; i < ran.size(); ++i) ASSERT_EQ(ran[i], 1) << i;
    }
  }
  const Totals totals = pool.totals();
  EXPECT_EQ(totals.submitted, totals.completed);
}

// S5.8: jobs from outside and from jobs, in groups, and one that waits for another.
TEST(UnderLoad, JobsAreDoneOnce) {
  constexpr std::size_t kJobs = 3000;
  while_workers_come_and_go(4 * kJobs, [](ThreadPool& pool, Counters& ran) {
    for (std::size_t i = 0; i < kJobs; ++i) {
      pool.post([&, i] {
        ++ran[4 * i];
        pool.post([&, i] { ++ran[4 * i + 1]; });
        TaskGroup group(pool);
        group.run([&, i] { ++ran[4 * i + 2]; });
        group.wait();
        pool.launch({}, [&, i] { ++ran[4 * i + 3]; }).get();
      });
    }
  });
}

// S5.8: many at once, at all levels, from several threads.
TEST(UnderLoad, BulksAreDoneOnce) {
  constexpr std::size_t kBulks = 60, kEach = 100, kThreads = 3;
  while_workers_come_and_go(kThreads * kBulks * kEach, [](ThreadPool& pool, Counters& ran) {
    std::vector<std::thread> threads;
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (std::size_t bulk = 0; bulk < kBulks; ++bulk) {
          std::vector<std::function<void()>> jobs;
          for (std::size_t k = 0; k < kEach; ++k) {
            jobs.emplace_back([&ran, i = (thread * kBulks + bulk) * kEach + k] { ++ran[i]; });
          }
          pool.post_bulk(priority::priority_from(static_cast<int>(bulk % 5)), std::move(jobs));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
}

// S5.8: forks, which live on the stacks of workers that come and go.
TEST(UnderLoad, HalvesAreDoneOnce) {
  constexpr std::size_t kTrees = 100, kLeaves = 256;
  while_workers_come_and_go(kTrees * kLeaves, [](ThreadPool& pool, Counters& ran) {
    const std::function<void(std::size_t, std::size_t)> tree = [&](std::size_t first, std::size_t last) {
      if (last - first == 1) return static_cast<void>(++ran[first]);
      const std::size_t middle = std::midpoint(first, last);
      stealing::invoke(
          pool, [&] { tree(first, middle); }, [&] { tree(middle, last); });
    };
    for (std::size_t i = 0; i < kTrees; ++i) {
      pool.post([&, i] { tree(i * kLeaves, (i + 1) * kLeaves); });
    }
    pool.wait_idle();
  });
}

// S5.8
TEST(UnderLoad, LoopsAreDoneOnce) {
  constexpr std::size_t kLoops = 100, kEach = 500;
  while_workers_come_and_go(kLoops * kEach, [](ThreadPool& pool, Counters& ran) {
    for (std::size_t i = 0; i < kLoops; ++i) {
      const std::size_t first = i * kEach, last = first + kEach;
      stealing::parallel_for(pool, first, last, [&](std::size_t k) { ++ran[k]; }, {.grain = 8});
      const auto sum = stealing::parallel_reduce(pool, first, last, std::size_t{0}, [](std::size_t k) { return k; },
                                                 std::plus<>(), {.grain = 8});
      ASSERT_EQ(sum, (first + last - 1) * kEach / 2);
    }
  });
}

// S5.8: groups that parts add to, and that threads outside wait for.
TEST(UnderLoad, PartsAreDoneOnce) {
  constexpr std::size_t kGroups = 200, kParts = 10;
  while_workers_come_and_go(3 * kGroups * kParts, [](ThreadPool& pool, Counters& ran) {
    for (std::size_t i = 0; i < kGroups; ++i) {
      TaskGroup group(pool);
      for (std::size_t k = 0; k < kParts; ++k) {
        group.run([&, first = 3 * (i * kParts + k)] {
          ++ran[first];
          group.run([&, first] { ++ran[first + 1]; });
          TaskGroup inner(pool);
          inner.run([&, first] { ++ran[first + 2]; });
          inner.wait();
        });
      }
      group.wait();
    }
  });
}

// S5.8 S5.9: and who blocks has another one beside it, for a moment.
TEST(UnderLoad, WhoBlocksMakesNoDifference) {
  constexpr std::size_t kJobs = 300;
  while_workers_come_and_go(2 * kJobs, [](ThreadPool& pool, Counters& ran) {
    for (std::size_t i = 0; i < kJobs; ++i) {
      pool.post([&, i] {
        pool.blocking([&] {
          ++ran[2 * i];
          std::this_thread::yield();
        });
        pool.post([&, i] { ++ran[2 * i + 1]; });
      });
    }
  });
}

// S5.8: jobs are cancelled while their workers go: each runs once, or is cancelled.
TEST(UnderLoad, WhatIsCancelledIsCountedOnce) {
  constexpr std::size_t kJobs = 3000;
  ThreadPool pool(by_hand(1, 4));
  std::size_t cancelled = 0;
  const Scaler scaler(pool, 4);
  while (pool.events().count(Event::Kind::retired) < 20) {
    Counters ran(kJobs);
    std::vector<Job<void>> jobs;
    for (std::size_t i = 0; i < kJobs; ++i) {
      jobs.push_back(pool.launch({}, [&, i] { ++ran[i]; }));
      if (i % 3 == 0) static_cast<void>(jobs[i - i / 50].cancel());
    }
    pool.wait_idle();
    for (std::size_t i = 0; i < kJobs; ++i) {
      const bool completed = jobs[i].state() == priority::JobState::completed;
      if (!completed) ++cancelled;
      ASSERT_EQ(ran[i], completed ? 1 : 0) << i;
    }
    const Totals totals = pool.totals();
    ASSERT_EQ(totals.cancelled, cancelled);
    ASSERT_EQ(totals.submitted, totals.completed + totals.cancelled);
  }
}

// S5.8: the end comes while workers come and go.
TEST(UnderLoad, AgainstShutdown) {
  for (int round = 0; round < 100; ++round) {
    std::atomic<int> ran = 0;
    {
      ThreadPool pool(by_hand(1, 3));
      std::thread scaler([&] {
        for (std::size_t size : {3U, 1U, 2U, 1U, 3U}) pool.scale_to(size);
      });
      for (int i = 0; i < 20; ++i) pool.post([&] { ++ran; });
      pool.shutdown();
      scaler.join();
    }
    ASSERT_EQ(ran, 20);
  }
}

}  // namespace
}  // namespace pool::autoscale
