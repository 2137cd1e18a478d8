// The final pool: what this room adds, as tasks that the registry knows.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pool/testing/gate.hpp>
#include <poolcraft/pool.hpp>

namespace poolcraft {
namespace {

using namespace std::chrono_literals;
using pool::testing::Gate;

struct Pool : ::testing::Test {
  Pool()
      : pool([this] {
          Options options;
          options.workers = 2;
          options.clock = &clock;
          return options;
        }()) {}
  ManualClock clock;
  ThreadPool pool;
};

// S6.4: by id as well as by handle.
TEST_F(Pool, ATaskComesAfterOthersByIdOrByHandle) {
  Gate gate;
  const Job<int> first = pool.submit(TaskOptions{.id = "first"}, [&] {
    gate.wait();
    return 1;
  });
  const Job<int> second = pool.after({"first"}, {.id = "second"}, [&] { return first.get() + 1; });
  const Job<int> third = pool.after({first, second, "second"}, {.id = "third"}, [&] { return second.get() + 1; });
  EXPECT_EQ(pool.task("third").state, JobState::queued);
  gate.open();
  EXPECT_EQ(pool.get_task_result<int>("third", 1min), 3);
  EXPECT_EQ(third.get(), 3);
  EXPECT_THROW(static_cast<void>(pool.after({"nobody"}, {}, [] {})), UnknownTask);
  EXPECT_THROW(static_cast<void>(pool.after({"first"}, {.id = "second"}, [] {})), DuplicateTask);
}

TEST_F(Pool, AFailureIsNamedInTheTask) {
  const auto fails =
      pool.submit(TaskOptions{.id = "a", .name = "parse"}, [] { throw std::runtime_error("no such file"); });
  const auto never = pool.after({"a"}, {.id = "b"}, [] {});
  never.wait();
  EXPECT_EQ(pool.task("b").state, JobState::cancelled);
  EXPECT_EQ(pool.task("b").reason, "dependency 'parse' failed: no such file");
}

TEST_F(Pool, ATaskThatWaitsCanBeCancelledById) {
  const auto late = pool.after(1h, {.id = "late"}, [] { ADD_FAILURE(); });
  EXPECT_EQ(pool.task("late").state, JobState::queued);
  EXPECT_TRUE(pool.cancel("late", "not needed"));
  EXPECT_EQ(late.info().reason, "not needed");
  const auto soon = pool.at(clock.now() + 1s, {.id = "soon"}, [] { return 7; });
  clock.advance(1s);
  EXPECT_EQ(pool.get_task_result<int>("soon", 1min), 7);
}

TEST_F(Pool, APeriodicTaskIsATask) {
  std::atomic<int> ticks = 0;
  const Periodic periodic = pool.every(10s, {.id = "tick", .name = "tick"}, [&] { ++ticks; });
  EXPECT_EQ(pool.task("tick").state, JobState::running);
  clock.advance(10s);
  while (ticks == 0) std::this_thread::yield();
  EXPECT_TRUE(pool.cancel("tick"));
  periodic.wait();
  EXPECT_EQ(pool.task("tick").state, JobState::cancelled);
  EXPECT_FALSE(to_string(pool.every(1s, {}, [] {}).job().id()).empty());
}

pool::flow::Coroutine<std::string> greets(ThreadPool& pool, std::string whom) {
  co_await pool.delay(1s);
  co_await pool.schedule();
  co_return "hello " + whom;
}
// S6.5
TEST_F(Pool, ACoroutineIsATask) {
  const Job<std::string> job = pool.submit(TaskOptions{.id = "greets"}, greets(pool, "you"));
  while (pool.job_host()->timer().pending() == 0) std::this_thread::yield();
  EXPECT_EQ(pool.task("greets").state, JobState::running);
  clock.advance(1s);
  EXPECT_EQ(pool.get_task_result<std::string>("greets", 1min), "hello you");
  EXPECT_EQ(job.get(), "hello you");
  EXPECT_THROW(static_cast<void>(pool.submit(TaskOptions{.id = "greets"}, greets(pool, "me"))), DuplicateTask);
}

TEST_F(Pool, ABatchIsTasks) {
  const Batch<int> batch =
      pool.submit_batch(std::vector{1, 2, 3}, {.id = "b", .name = "square"}, [](int n) { return n * n; });
  EXPECT_THAT(batch.results(), ::testing::ElementsAre(1, 4, 9));
  EXPECT_EQ(pool.task("b 2").name, "square 2");
  EXPECT_EQ(pool.get_task_result<int>("b 2", 1min), 9);
}

TEST_F(Pool, TheNodesOfAGraphAreTasks) {
  TaskGraph graph;
  JobOptions options;
  options.id = "node b";
  graph.add("a", [] {}).add("b", {"a"}, options, [] {});
  pool.run(graph).get();
  EXPECT_EQ(pool.task("node b").name, "b");
  EXPECT_EQ(pool.tasks(10).size(), 2U);
}

TEST_F(Pool, WhatWaitsEndsWithThePool) {
  const auto late = pool.after(1h, {.id = "late"}, [] {});
  const auto follows = pool.after({"late"}, {.id = "follows"}, [] {});
  const auto waits = pool.submit(TaskOptions{.id = "waits"}, greets(pool, "you"));
  while (pool.job_host()->timer().pending() < 3) std::this_thread::yield();
  pool.shutdown();
  EXPECT_EQ(pool.task("late").reason, "shutdown");
  EXPECT_EQ(pool.task("follows").state, JobState::cancelled);
  EXPECT_THROW(static_cast<void>(waits.get()), PoolStopped);
  const Stats stats = pool.stats();
  static_cast<void>(stats);
}

}  // namespace
}  // namespace poolcraft
