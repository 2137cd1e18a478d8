// Contract of pools that know their tasks: ids, states, a bounded history, results, and a snapshot. For pools that call it
// submit_task(), task_info(), newest_tasks(), cancel_task(), task_result(), task_text() and task_snapshot(), as the pool
// of exercise e40 does; of tasks that have ended they keep kHistory.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pool/bounded/overflow.hpp>
#include <pool/metrics/errors.hpp>
#include <pool/metrics/histogram.hpp>
#include <pool/metrics/task.hpp>
#include <pool/priority/cancellation.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/job.hpp>
#include <pool/testing/gate.hpp>

namespace pool::testing {

using metrics::DuplicateTask;
using metrics::ResultTimeout;
using metrics::TaskInfo;
using metrics::TaskOptions;
using metrics::UnknownTask;
using metrics::WrongResultType;
using priority::Cancelled;
using priority::JobState;

inline constexpr std::chrono::minutes kPatience{1};  // for what will happen

template <class Pool>
class PoolRegisters : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolRegisters);

// The only worker is busy until the gate is opened.
template <class Pool>
void block(Pool& pool, Gate& gate) {
  Gate begun;
  pool.post([&] {
    begun.open();
    gate.wait();
  });
  begun.wait();
}

template <class Snapshot>
std::size_t beside_the_queue(const Snapshot& seen) {
  return seen.running + seen.completed + seen.failed + seen.cancelled;
}

// S6.1
TYPED_TEST_P(PoolRegisters, ATaskIsKnownWhileItWaitsWhileItRunsAndAfterwards) {
  priority::ManualClock clock;
  Gate first, running, go;
  TypeParam pool({.workers = 1, .clock = &clock});
  block(pool, first);
  const auto submitted = clock.now();
  const auto job = pool.submit_task({.name = "count", .metadata = {{"file", "a.txt"}}}, [&] {
    running.open();
    go.wait();
    return 42;
  });
  const std::string id = to_string(job.id());
  TaskInfo info = pool.task_info(id);
  EXPECT_EQ(info.id, id);
  EXPECT_EQ(info.name, "count");
  EXPECT_EQ(info.metadata.at("file"), "a.txt");
  EXPECT_EQ(info.state, JobState::queued);
  EXPECT_EQ(info.submitted, submitted);
  EXPECT_FALSE(info.started || info.finished || info.worker || info.exception);
  EXPECT_EQ(info.result, "");

  clock.advance(std::chrono::seconds(2));
  first.open();
  running.wait();
  info = pool.task_info(id);
  EXPECT_EQ(info.state, JobState::running);
  EXPECT_EQ(info.started, submitted + std::chrono::seconds(2));
  EXPECT_EQ(info.worker, 0U);

  clock.advance(std::chrono::seconds(3));
  go.open();
  pool.wait_idle();
  info = pool.task_info(id);
  EXPECT_EQ(info.state, JobState::completed);
  EXPECT_EQ(info.finished, submitted + std::chrono::seconds(5));
  EXPECT_EQ(info.result, "42");
}

// S6.1
TYPED_TEST_P(PoolRegisters, IdsAreTheTasksOwn) {
  TypeParam pool({.workers = 1});
  std::set<std::string> ids;
  for (int i = 0; i < 50; ++i) ids.insert(to_string(pool.submit_task({}, [] {}).id()));
  EXPECT_EQ(ids.size(), 50U);
  EXPECT_EQ(to_string(pool.submit_task({.id = "mine"}, [] {}).id()), "mine");
  pool.wait_idle();
  EXPECT_EQ(pool.task_info("mine").state, JobState::completed);
  EXPECT_THROW(static_cast<void>(pool.task_info("yours")), UnknownTask);
}

// S6.1
TYPED_TEST_P(PoolRegisters, ADuplicateIsRefusedAndTheFirstOneGoesOn) {
  Gate first;
  std::atomic<int> runs{0};
  TypeParam pool({.workers = 1});
  block(pool, first);
  const auto job = pool.submit_task({.id = "mine"}, [&] { return ++runs; });
  EXPECT_THROW(static_cast<void>(pool.submit_task({.id = "mine"}, [&] { return ++runs; })), DuplicateTask);
  EXPECT_EQ(pool.newest_tasks(10).size(), 1U);
  first.open();
  EXPECT_EQ(pool.template task_result<int>("mine", kPatience), 1);
  pool.wait_idle();
  EXPECT_EQ(runs.load(), 1);
  EXPECT_THROW(static_cast<void>(pool.submit_task({.id = "mine"}, [] {})), DuplicateTask) << "it can be asked for";
}

// S6.1
TYPED_TEST_P(PoolRegisters, WhatIsRefusedHasLeftNothing) {
  Gate first;
  TypeParam pool({.workers = 1, .capacity = 1, .overflow = bounded::Overflow::reject});
  block(pool, first);
  const auto queued = pool.submit_task({.id = "one"}, [] {});
  const std::size_t kept = pool.task_snapshot().kept, submitted = pool.task_snapshot().submitted;
  EXPECT_ANY_THROW(static_cast<void>(pool.submit_task({.id = "two"}, [] {}))) << "the queue is full";
  EXPECT_THROW(static_cast<void>(pool.task_info("two")), UnknownTask);
  EXPECT_EQ(pool.task_snapshot().kept, kept);
  EXPECT_EQ(pool.task_snapshot().submitted, submitted);
  EXPECT_EQ(pool.task_snapshot().cancelled, 0U);
  first.open();
  pool.wait_idle();
  EXPECT_EQ(pool.submit_task({.id = "two"}, [] { return 2; }).get(), 2) << "the id is free";
}

// S6.1
TYPED_TEST_P(PoolRegisters, AJobFindsItself) {
  TypeParam pool({.workers = 1});
  const auto job = pool.submit_task({.id = "me"}, [&] { return pool.task_info("me").state; });
  EXPECT_EQ(job.get(), JobState::running);
}

// S6.3
TYPED_TEST_P(PoolRegisters, OfThoseThatHaveEndedTheLastAreKept) {
  constexpr std::size_t kAll = TypeParam::kHistory + 30;
  Gate go, running;
  TypeParam pool({.workers = 2});
  const auto slow = pool.submit_task({.id = "slow"}, [&] {
    running.open();
    go.wait();
  });
  running.wait();
  for (std::size_t i = 0; i < kAll; ++i) {
    pool.submit_task({.id = std::to_string(i)}, [i] { return i; }).wait();
  }
  EXPECT_EQ(pool.task_info("slow").state, JobState::running) << "who has not ended is never forgotten";
  go.open();
  pool.wait_idle();
  EXPECT_EQ(pool.task_snapshot().kept, TypeParam::kHistory);
  EXPECT_THROW(static_cast<void>(pool.task_info("0")), UnknownTask);
  EXPECT_THROW(static_cast<void>(pool.task_info(std::to_string(kAll - TypeParam::kHistory))), UnknownTask);
  for (std::size_t i = kAll - TypeParam::kHistory + 1; i < kAll; ++i) {
    EXPECT_EQ(pool.task_info(std::to_string(i)).result, std::to_string(i));
  }
  EXPECT_EQ(pool.submit_task({.id = "0"}, [] { return 1; }).get(), 1) << "an id that was forgotten is free";
}

// S6.1
TYPED_TEST_P(PoolRegisters, TheNewestComeFirst) {
  TypeParam pool({.workers = 1});
  for (const char* const name : {"a", "b", "c", "d"}) static_cast<void>(pool.submit_task({.name = name}, [] {}));
  pool.wait_idle();
  std::string names;
  for (const TaskInfo& each : pool.newest_tasks(3)) names += each.name;
  EXPECT_EQ(names, "dcb");
}

// S6.1
TYPED_TEST_P(PoolRegisters, ResultsAreGivenAsTextAndTyped) {
  TypeParam pool({.workers = 1});
  static_cast<void>(pool.submit_task({.id = "int"}, [] { return 42; }));
  static_cast<void>(pool.submit_task({.id = "list"}, [] { return std::vector<int>{1, 2}; }));
  static_cast<void>(pool.submit_task({.id = "none"}, [] {}));
  static_cast<void>(pool.submit_task({.id = "only"}, [] { return std::make_unique<int>(1); }));
  static_cast<void>(pool.submit_task({.id = "token"}, [](const priority::CancelToken&) { return std::string("x"); }));
  EXPECT_EQ(pool.template task_result<int>("int", kPatience), 42);
  EXPECT_EQ(pool.task_text("int", kPatience), "42");
  EXPECT_EQ(pool.template task_result<std::vector<int>>("list", kPatience), (std::vector<int>{1, 2}));
  EXPECT_EQ(pool.task_text("list", kPatience), "[1, 2]");
  pool.template task_result<void>("none", kPatience);
  EXPECT_EQ(pool.task_text("none", kPatience), "");
  EXPECT_NE(pool.task_text("only", kPatience), "") << "it cannot be copied, but shown";
  EXPECT_EQ(pool.task_text("token", kPatience), "x");
}

// S6.1
TYPED_TEST_P(PoolRegisters, AResultThatWasTakenIsStillKnown) {
  TypeParam pool({.workers = 1});
  auto job =
      pool.submit_task({.id = "words"}, [] { return std::string("a text that is not kept in the string itself"); });
  const std::string taken = std::move(job).get();
  EXPECT_EQ(pool.template task_result<std::string>("words", kPatience), taken);
  EXPECT_EQ(pool.task_info("words").result, taken);
}

// S6.1
TYPED_TEST_P(PoolRegisters, AskingForAnotherTypeIsAnErrorAtOnce) {
  Gate go;
  TypeParam pool({.workers = 1});
  static_cast<void>(pool.submit_task({.id = "int"}, [&] {
    go.wait();
    return 42;
  }));
  EXPECT_THROW(static_cast<void>(pool.template task_result<long>("int", kPatience)), WrongResultType);
  EXPECT_THROW(static_cast<void>(pool.template task_result<int>("int", std::chrono::milliseconds(1))), ResultTimeout);
  EXPECT_THROW(static_cast<void>(pool.task_text("int", std::chrono::milliseconds(1))), ResultTimeout);
  EXPECT_THROW(static_cast<void>(pool.task_text("long", kPatience)), UnknownTask);
  go.open();
  EXPECT_EQ(pool.template task_result<int>("int", kPatience), 42) << "it goes on all the same";
}

// S6.1
TYPED_TEST_P(PoolRegisters, WhatFailsSaysWhy) {
  Gate first;
  TypeParam pool({.workers = 1});
  block(pool, first);
  static_cast<void>(pool.submit_task({.id = "fails"}, []() -> int { throw std::runtime_error("no such file"); }));
  static_cast<void>(pool.submit_task({.id = "queued"}, [] { return 1; }));
  EXPECT_TRUE(pool.cancel_task("queued", "no longer needed"));
  EXPECT_FALSE(pool.cancel_task("queued", "once more"));
  EXPECT_THROW(pool.cancel_task("nobody", "asked"), UnknownTask);
  first.open();
  pool.wait_idle();
  EXPECT_EQ(pool.task_info("fails").state, JobState::failed);
  EXPECT_EQ(pool.task_info("fails").exception, "no such file");
  EXPECT_THROW(static_cast<void>(pool.template task_result<int>("fails", kPatience)), std::runtime_error);
  EXPECT_THROW(static_cast<void>(pool.task_text("fails", kPatience)), std::runtime_error);
  EXPECT_EQ(pool.task_info("queued").state, JobState::cancelled);
  EXPECT_EQ(pool.task_info("queued").reason, "no longer needed");
  EXPECT_THROW(static_cast<void>(pool.task_text("queued", kPatience)), Cancelled);
}

// S6.11
TYPED_TEST_P(PoolRegisters, SnapshotsDoNotContradictThemselves) {
  constexpr std::size_t kEach = 300;
  TypeParam pool({.workers = 2});
  std::atomic<bool> over{false};
  std::thread reader([&] {
    while (!over.load()) {
      const auto seen = pool.task_snapshot();
      EXPECT_LE(seen.submitted, 2 * kEach);
      EXPECT_LE(seen.queued, seen.submitted);
      EXPECT_EQ(seen.queued + beside_the_queue(seen), seen.submitted);
    }
  });
  std::thread producer([&] {
    for (std::size_t i = 0; i < kEach; ++i) static_cast<void>(pool.submit_task({}, [] {}));
  });
  for (std::size_t i = 0; i < kEach; ++i) {
    const auto job = pool.submit_task({}, [] { throw std::runtime_error("this one fails"); });
    if (i % 3 == 0) job.cancel();
  }
  producer.join();
  pool.wait_idle();
  over = true;
  reader.join();
  const auto seen = pool.task_snapshot();
  EXPECT_EQ(seen.submitted, 2 * kEach);
  EXPECT_EQ(seen.completed, kEach);
  EXPECT_EQ(seen.failed + seen.cancelled, kEach);
  EXPECT_EQ(seen.queued, 0U);
  EXPECT_EQ(seen.running, 0U);
  EXPECT_EQ(seen.kept, TypeParam::kHistory);
}

// S6.8
TYPED_TEST_P(PoolRegisters, WhatItTookIsWithinASixteenth) {
  priority::ManualClock clock;
  Gate first;
  TypeParam pool({.workers = 1, .clock = &clock});
  block(pool, first);
  for (int i = 1; i <= 10; ++i) {
    static_cast<void>(pool.submit_task({}, [&clock, i] { clock.advance(std::chrono::seconds(i)); }));
  }
  const auto never = pool.submit_task({.id = "never"}, [] {});
  EXPECT_TRUE(pool.cancel_task("never", "asked"));
  clock.advance(std::chrono::seconds(100));
  first.open();
  pool.wait_idle();
  const auto seen = pool.task_snapshot();
  const auto expect_about = [](priority::Duration said, double wanted) {
    EXPECT_NEAR(std::chrono::duration<double>(said).count(), wanted, wanted * metrics::kRelativeError);
  };
  EXPECT_EQ(seen.queued, 0U);
  EXPECT_EQ(seen.running, 0U) << "nor is it running";
  EXPECT_EQ(seen.cancelled, 1U);
  EXPECT_EQ(seen.execution.count(), 10U) << "who was cancelled in the queue has not run";
  expect_about(seen.execution.quantile(0.5), 5);
  expect_about(seen.execution.quantile(0.99), 10);
  expect_about(seen.wait.quantile(0), 100);
  expect_about(seen.wait.quantile(1), 145);
}

// A result that asks the pool when it is destroyed.
struct AsksAtTheEnd {
  std::shared_ptr<const std::function<void()>> ask;
  explicit AsksAtTheEnd(std::shared_ptr<const std::function<void()>> f) : ask(std::move(f)) {}
  AsksAtTheEnd(const AsksAtTheEnd&) = default;
  AsksAtTheEnd& operator=(const AsksAtTheEnd&) = delete;
  ~AsksAtTheEnd() { (*ask)(); }
};

// S6.3
TYPED_TEST_P(PoolRegisters, ResultsAreDestroyedWithoutALock) {
  std::atomic<bool> asks{true};
  TypeParam pool({.workers = 1});
  const auto ask = std::make_shared<const std::function<void()>>([&] {
    if (asks.load()) static_cast<void>(pool.newest_tasks(1));
  });
  for (std::size_t i = 0; i < TypeParam::kHistory + 10; ++i) {
    static_cast<void>(pool.submit_task({}, [ask] { return AsksAtTheEnd(ask); }));
  }
  pool.wait_idle();
  EXPECT_EQ(pool.task_snapshot().kept, TypeParam::kHistory);
  asks = false;
}

REGISTER_TYPED_TEST_SUITE_P(PoolRegisters, ATaskIsKnownWhileItWaitsWhileItRunsAndAfterwards, IdsAreTheTasksOwn,
                            ADuplicateIsRefusedAndTheFirstOneGoesOn, WhatIsRefusedHasLeftNothing, AJobFindsItself,
                            OfThoseThatHaveEndedTheLastAreKept, TheNewestComeFirst, ResultsAreGivenAsTextAndTyped,
                            AResultThatWasTakenIsStillKnown, AskingForAnotherTypeIsAnErrorAtOnce, WhatFailsSaysWhy,
                            SnapshotsDoNotContradictThemselves, WhatItTookIsWithinASixteenth,
                            ResultsAreDestroyedWithoutALock);

}  // namespace pool::testing
