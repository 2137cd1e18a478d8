// Contract of work-stealing pools, part four: a job that waits for another. The three rules: what it waits for is run
// here if it is still queued; otherwise, what it has handed in itself; otherwise the worker blocks, and others go on.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <pool/priority/cancellation.hpp>
#include <pool/priority/job.hpp>
#include <pool/priority/priority.hpp>
#include <pool/testing/contract/crew.hpp>
#include <pool/testing/contract/held.hpp>
#include <pool/testing/gate.hpp>

namespace pool::testing {

using priority::Job;
using priority::Priority;

template <class Pool>
class PoolWaitsInside : public ::testing::Test {};
TYPED_TEST_SUITE_P(PoolWaitsInside);

// S4.5 R15: the first rule, whatever else is queued, and however urgent.
TYPED_TEST_P(PoolWaitsInside, AQueuedTargetIsRunByWhoeverWaitsForIt) {
  TypeParam pool({.workers = 1});
  std::string started;
  Gate running;
  Gate go;
  const auto note = [&](Priority priority, char name) {
    pool.post(priority, [&, name] {
      const OnStack job;
      started += OnStack::depth() == 1 ? name : '!';  // never on top of the one that waits
    });
  };
  pool.post([&] {
    const OnStack waits;
    running.open();
    go.wait();
    note(Priority::normal, 'e');
    const auto target = pool.launch({.priority = Priority::lowest}, [&] {
      const OnStack job;
      started += 'a';
      return OnStack::depth();
    });
    note(Priority::critical, 'c');
    EXPECT_EQ(target.get(), 2);
    EXPECT_EQ(target.info().worker, 0U);
    started += 'b';
  });
  running.wait();
  note(Priority::high, 'd');
  go.open();
  pool.wait_idle();
  EXPECT_EQ(started, "abcde");
}

// S4.5 R15: the first rule, in the injector, and claimed by its worker.
TYPED_TEST_P(PoolWaitsInside, SoIsOneThatWasHandedInFromOutside) {
  for (const bool claimed : {false, true}) {
    Gate running;
    Gate go;
    Job<int> target;
    std::atomic<int> on_top = 0;
    Held<TypeParam> held({});
    const auto launch_it = [&] {
      held.pool.post([&] { on_top += OnStack::depth(); });
      target = held.pool.launch({.priority = Priority::low}, [] { return OnStack::depth(); });
    };
    auto waits = held.pool.submit([&] {
      const OnStack job;
      running.open();
      go.wait();
      return target.get();
    });
    if (claimed) launch_it();
    held.release();
    running.wait();
    if (!claimed) launch_it();
    go.open();
    EXPECT_EQ(waits.get(), 1) << "run on top of the job that waits";
    held.pool.wait_idle();
    EXPECT_EQ(on_top, 0) << "and nothing else";
  }
}

// S4.5 R15: the first rule, when it is queued at another worker, who is held.
TYPED_TEST_P(PoolWaitsInside, SoIsOneThatIsQueuedAtAnotherWorker) {
  Gate launched;
  Gate go;
  Job<int> target;
  HeldCrew<TypeParam> crew(2);
  crew.pool.post([&] {
    target = crew.pool.launch({}, [] { return OnStack::depth(); });
    launched.open();
    go.wait();
  });
  auto waits = crew.pool.submit([&] {
    const OnStack job;
    launched.wait();
    const int depth = target.get();
    go.open();
    return depth;
  });
  crew.release();
  EXPECT_EQ(waits.get(), 1);
}

// S4.5 R15: the second rule. The target runs on the other worker, held by a gate that the last of them opens.
TYPED_TEST_P(PoolWaitsInside, MeanwhileItRunsWhatItHasHandedInNewestFirst) {
  Gate running;
  Gate go;
  std::string started;
  std::atomic<int> on_top = 0;
  TypeParam pool({.workers = 2});
  const auto target = pool.launch({}, [&] {
    running.open();
    go.wait();
  });
  running.wait();  // from now on there is one worker
  pool.post([&] {
    for (const Priority older : {Priority::critical, Priority::normal, Priority::low}) {
      pool.post(older, [&] { on_top += OnStack::depth(); });
    }
    pool.post(Priority::critical, [&] {  // starts next: the newest of the highest
      const OnStack waits;
      pool.post([&] {
        started += 'c';
        go.open();
      });
      pool.post([&] { started += 'b'; });
      pool.post([&] { started += 'a'; });
      target.get();
      started += 'd';
    });
  });
  pool.wait_idle();
  EXPECT_EQ(started, "abcd");
  EXPECT_EQ(on_top, 0) << "what was handed in before it began is not run on top of it";
}

// S4.5 R15: the second rule, once more inside. Each that waits runs its own, not those of the one below it.
TYPED_TEST_P(PoolWaitsInside, AJobThatIsRunMeanwhileMayWaitAsWell) {
  Gate running;
  Gate go;
  std::atomic<int> deepest = 0;
  std::atomic<int> too_deep = 0;
  TypeParam pool({.workers = 2});
  const auto target = pool.launch({}, [&] {
    running.open();
    go.wait();
  });
  running.wait();
  pool.post([&] {
    const OnStack waits;
    for (int i = 0; i < 3; ++i) {
      pool.post([&] {
        const OnStack job;
        too_deep += OnStack::depth() > 2 ? 1 : 0;
      });
    }
    pool.post([&] {
      const OnStack also_waits;
      pool.post([&] {
        const OnStack job;
        deepest = OnStack::depth();
        go.open();
      });
      target.get();
    });
    target.get();
  });
  pool.wait_idle();
  EXPECT_EQ(deepest, 3);
  EXPECT_EQ(too_deep, 0);
}

// S4.5 R15: the third rule. What is queued at the worker that blocks runs elsewhere, and the target with it.
TYPED_TEST_P(PoolWaitsInside, WithNothingToDoItBlocksAndThePoolGoesOn) {
  for (int round = 0; round < 10; ++round) {
    Gate running;
    Gate go;
    Gate about_to_wait;
    std::atomic<int> left = 20;
    std::atomic<int> on_top = 0;
    HeldCrew<TypeParam> crew(3);
    auto& pool = crew.pool;
    const auto behind_it = [&] {
      on_top += OnStack::depth();
      if (--left == 0) go.open();
    };
    const auto target = pool.launch({.priority = Priority::critical}, [&] {
      running.open();
      go.wait();
    });
    crew.release(0);
    running.wait();
    pool.post(Priority::high, [&] {
      for (int i = 0; i < 10; ++i) pool.post(behind_it);
      pool.post(Priority::critical, [&] {
        const OnStack waits;
        about_to_wait.open();
        target.get();
      });
    });
    for (int i = 0; i < 10; ++i) pool.post(behind_it);
    crew.release(1);
    about_to_wait.wait();
    if (round % 5 == 0) let_others_run();
    crew.release(2);
    pool.wait_idle();
    EXPECT_EQ(on_top, 0);
  }
}

// S4.5 R15: the third rule. And so does what comes later.
TYPED_TEST_P(PoolWaitsInside, WorkThatComesWhileItIsBlockedRunsElsewhere) {
  TypeParam pool({.workers = 3});
  for (int round = 0; round < 50; ++round) {
    Gate running;
    Gate go;
    Gate about_to_wait;
    std::atomic<int> left = 40;
    const auto target = pool.launch({}, [&] {
      running.open();
      go.wait();
    });
    pool.post([&] {
      running.wait();
      about_to_wait.open();
      target.get();
    });
    about_to_wait.wait();
    if (round % 2 == 0) until_parked(pool, 1);
    std::vector<std::jthread> producers;
    for (int p = 0; p < 4; ++p) {
      producers.emplace_back([&] {
        for (int i = 0; i < 10; ++i) {
          pool.post([&] {
            if (--left == 0) go.open();
          });
        }
      });
    }
    producers.clear();
    pool.wait_idle();
  }
}

REGISTER_TYPED_TEST_SUITE_P(PoolWaitsInside, AQueuedTargetIsRunByWhoeverWaitsForIt, SoIsOneThatWasHandedInFromOutside,
                            SoIsOneThatIsQueuedAtAnotherWorker, MeanwhileItRunsWhatItHasHandedInNewestFirst,
                            AJobThatIsRunMeanwhileMayWaitAsWell, WithNothingToDoItBlocksAndThePoolGoesOn,
                            WorkThatComesWhileItIsBlockedRunsElsewhere);

}  // namespace pool::testing
