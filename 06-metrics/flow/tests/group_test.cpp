// Groups, batches, and graphs.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pool/autoscale/thread_pool.hpp>
#include <pool/flow/group.hpp>
#include <pool/testing/gate.hpp>

namespace pool::flow {
namespace {

using namespace std::chrono_literals;
using autoscale::ThreadPool;
using priority::Cancelled;
using testing::Gate;

autoscale::Options one() {
  autoscale::Options options;
  options.workers = 1;
  return options;
}

// S6.4: groups waited for as a unit.
TEST(Group, IsWaitedForAndCountedAsOne) {
  ThreadPool pool(one());
  Gate gate;
  const Group group;
  EXPECT_TRUE(group.progress().done());
  EXPECT_EQ(group.progress().percent(), 100.0);
  group.add(pool.launch({}, [&] { gate.wait(); }));
  group.add(pool.launch({}, [] { return 1; }));
  group.add(pool.launch({}, [] { throw std::runtime_error("boom"); }));
  const auto never = pool.launch({}, [] {});
  never.cancel("not needed");
  group.add(never);
  EXPECT_FALSE(group.wait_for(0s));
  EXPECT_EQ(group.progress().total(), 4U);
  EXPECT_EQ(group.progress().percent(), 25.0);
  gate.open();
  group.wait();
  EXPECT_TRUE(group.wait_for(0s));
  const Progress progress = group.progress();
  EXPECT_EQ(progress.completed, 2U);
  EXPECT_EQ(progress.failed, 1U);
  EXPECT_EQ(progress.cancelled, 1U);
  EXPECT_TRUE(progress.done());
  EXPECT_EQ(progress.percent(), 100.0);
  EXPECT_THROW(group.get(), std::runtime_error) << "the first in their order";
}

TEST(Group, ACancelReachesAllAndThoseThatCome) {
  ThreadPool pool(one());
  Gate started, go;
  const Group group;
  group.add(pool.launch({}, [&](const CancelToken& token) {
    started.open();
    token.wait(1h);
    go.wait();  // the only worker is busy until the late one is in the group
  }));
  const auto queued = pool.launch({}, [] { ADD_FAILURE(); });
  group.add(queued);
  started.wait();
  EXPECT_EQ(group.cancel("enough"), 2U);
  const auto late = pool.launch({}, [] { ADD_FAILURE(); });
  group.add(late);
  go.open();
  group.wait();
  EXPECT_EQ(queued.info().reason, "enough");
  EXPECT_EQ(late.info().reason, "enough");
  EXPECT_EQ(group.cancel(), 0U);
  EXPECT_THROW(group.get(), Cancelled);
}

TEST(Group, WaitsForThoseThatAreAddedMeanwhile) {
  ThreadPool pool(one());
  const Group group;
  std::atomic<int> ran = 0;
  group.add(pool.launch({}, [&] { group.add(pool.launch({}, [&] { ++ran; })); }));
  group.wait();
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(group.size(), 2U);
}

TEST(Group, WaitingInAJobHelps) {
  ThreadPool pool(one());
  const auto outer = pool.launch({}, [&] {
    const Group group;
    for (int i = 0; i < 10; ++i) group.add(pool.launch({}, [] {}));
    group.wait();
    return group.progress().completed;
  });
  EXPECT_EQ(outer.get(), 10U);
}

TEST(Group, RefusesANegativeTimeoutAndTakesTheLongest) {
  ThreadPool pool(one());
  const Group group;
  group.add(pool.launch({}, [] {}));
  EXPECT_THROW(static_cast<void>(group.wait_for(-1s)), std::invalid_argument);
  EXPECT_TRUE(group.wait_for(Duration::max()));
}

// S6.4: batch submission.
TEST(Batch, GivesTheResultsInOrder) {
  ThreadPool pool({.workers = 2});
  std::vector<int> numbers(1000);
  std::iota(numbers.begin(), numbers.end(), 0);
  const Batch<int> squares = submit_batch(pool, numbers, {.name = "square"}, [](int n) { return n * n; });
  const std::vector<int> results = squares.results();
  ASSERT_EQ(results.size(), 1000U);
  for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i], static_cast<int>(i * i));
  EXPECT_EQ(squares.jobs()[7].name(), "square 7");
  EXPECT_EQ(squares.progress().completed, 1000U);
}

TEST(Batch, MovesWhatIsGivenUpAndTakesFunctions) {
  ThreadPool pool(one());
  std::vector<std::unique_ptr<int>> items;
  items.push_back(std::make_unique<int>(7));
  const auto batch = submit_batch(pool, std::move(items), [](std::unique_ptr<int> item) { return *item; });
  EXPECT_THAT(batch.results(), ::testing::ElementsAre(7));
  const std::vector<std::function<int()>> functions{[] { return 1; }, [] { return 2; }};
  EXPECT_THAT(submit_batch(pool, functions).results(), ::testing::ElementsAre(1, 2));
  EXPECT_TRUE(submit_batch(pool, std::vector<int>(), [](int n) { return n; }).results().empty());
}

TEST(Batch, ThrowsWhatTheFirstOneHasThrown) {
  ThreadPool pool({.workers = 2});
  const auto batch = submit_batch(pool, std::vector{1, 2, 3}, [](int n) {
    if (n > 1) throw std::out_of_range(std::to_string(n));
    return n;
  });
  EXPECT_THROW(static_cast<void>(batch.results()), std::out_of_range);
  EXPECT_EQ(batch.progress().failed, 2U);
}

TEST(Batch, WhatWasLaunchedBeforeARefusalIsCancelled) {
  Gate gate;
  autoscale::Options options = one();
  options.capacity = 2;
  options.overflow = bounded::Overflow::reject;
  ThreadPool pool(std::move(options));
  const auto first = pool.launch({}, [&] { gate.wait(); });
  while (first.state() == JobState::queued) std::this_thread::yield();
  EXPECT_THROW(static_cast<void>(submit_batch(pool, std::vector{1, 2, 3}, [](int) { ADD_FAILURE(); })),
               bounded::QueueFull);
  EXPECT_EQ(pool.pending(), 0U);
  gate.open();
}

}  // namespace
}  // namespace pool::flow
