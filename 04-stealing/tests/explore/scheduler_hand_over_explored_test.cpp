// What one worker has claimed, or what its jobs have handed in, is done by another if it cannot: under many interleavings.
// All work is waited for before anybody is told of the end.
#include "small_pool.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace pool::stealing {
namespace {

using sync::thread;

void end(SmallPool& pool, thread& one, thread& other) {
  pool.check_nothing_is_left();
  pool.scheduler.close();
  one.join();
  other.join();
}

// S4.3 in small: two workers and three jobs, the first of which waits until the others have run. Its worker has claimed
// one of them.
EXPLORE_WITH(HandOver, TheFirstWaitsForTheOthers, (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  SmallPool pool({.workers = 2});
  Tally others;
  Tally done;
  thread one([&] { pool.work(0); });
  thread other([&] { pool.work(1); });
  UnitList units;
  units.push_back(errand([&] { others.wait_for(2), done.add(); }));
  for (int i = 0; i < 2; ++i) units.push_back(errand([&] { others.add(), done.add(); }));
  EXPLORE_CHECK(pool.scheduler.hand_in(units, std::nullopt));
  done.wait_for(3);
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  end(pool, one, other);
}

// The other one is still outside: nobody has claimed it.
EXPLORE_WITH(HandOver, TheFirstWaitsForOneThatIsStillOutside,
             (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  SmallPool pool({.workers = 2});
  Tally other;
  Tally done;
  thread one([&] { pool.work(0); });
  thread two([&] { pool.work(1); });
  UnitList units;
  units.push_back(errand([&] { other.wait_for(1), done.add(); }));
  units.push_back(errand([&] { other.add(), done.add(); }));
  EXPLORE_CHECK(pool.scheduler.hand_in(units, std::nullopt));
  done.wait_for(2);
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  end(pool, one, two);
}

// The same with the jobs there first, and with the end.
EXPLORE_WITH(HandOver, TheFirstWaitsForTheOthersAtTheEnd, (Explore{.strategy = Strategy::pct, .executions = 500})) {
  SmallPool pool({.workers = 2});
  Tally others;
  UnitList units;
  units.push_back(errand([&] { others.wait_for(2); }));
  for (int i = 0; i < 2; ++i) units.push_back(errand([&] { others.add(); }));
  EXPLORE_CHECK(pool.scheduler.hand_in(units, std::nullopt));
  pool.scheduler.close();
  thread one([&] { pool.work(0); });
  pool.work(1);
  one.join();
  pool.check_nothing_is_left();
}

// The one that waits is not the first of its level.
EXPLORE_WITH(HandOver, OfTwoLevels, (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  SmallPool pool({.workers = 2});
  Tally last;
  Tally done;
  thread one([&] { pool.work(0); });
  thread other([&] { pool.work(1); });
  UnitList units;
  units.push_back(errand([&] { done.add(); }));
  units.push_back(errand([&] { last.add(), done.add(); }));
  units.push_back(errand([&] { last.wait_for(1), done.add(); }, Priority::high));
  EXPLORE_CHECK(pool.scheduler.hand_in(units, std::nullopt));
  done.wait_for(3);
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  end(pool, one, other);
}

// A job hands in two, and blocks until both have run: nobody helps it but the other worker.
EXPLORE_WITH(HandOver, WhatABlockedJobHasHandedIn, (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  SmallPool pool({.workers = 2});
  Tally forked;
  Tally done;
  thread one([&] { pool.work(0); });
  thread other([&] { pool.work(1); });
  const auto forks = [&](std::size_t worker) {
    EXPLORE_CHECK(pool.post([&] { forked.add(); }, worker));
    EXPLORE_CHECK(pool.post([&] { forked.add(); }, worker));
    forked.wait_for(2);
    done.add();
  };
  EXPLORE_CHECK(pool.hand_in(errand([&](std::optional<std::size_t> worker) { forks(*worker); })));
  done.wait_for(1);
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  end(pool, one, other);
}

// A worker whose thread ends with its first job has claimed two more; its own lanes have one.
EXPLORE_WITH(HandOver, AWorkerThatIsGoneLeavesItsWorkToTheOthers,
             (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  SmallPool pool({.workers = 2});
  Tally done;
  UnitList units;
  for (int i = 0; i < 4; ++i) units.push_back(errand([&] { done.add(); }));
  EXPLORE_CHECK(pool.scheduler.hand_in(units, std::nullopt));
  EXPLORE_CHECK(pool.post([&] { done.add(); }, 0));
  thread goes([&] {
    pool.work_once(0);
    pool.rest(0);
  });
  thread stays([&] { pool.work(1); });
  done.wait_for(5);
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  end(pool, goes, stays);
}

// A worker claims four, runs the first, and has three left. It and a thief take one each: the newest is left.
EXPLORE(HandOver, WhatIsClaimedKeepsItsOrder) {
  SmallPool pool({.workers = 2});
  int last = 0;
  UnitList units;
  for (int i = 0; i < 8; ++i) units.push_back(errand([&last, i] { last = i; }));
  EXPLORE_CHECK(pool.scheduler.hand_in(units, std::nullopt));
  EXPLORE_CHECK(pool.work_once(0));
  for (int i = 0; i < 4; ++i) EXPLORE_CHECK(pool.work_once(1));  // what is left in the injector
  EXPECT_EQ(last, 7);
  Taken stolen;
  thread thief([&] { stolen = pool.scheduler.next(1); });
  Taken taken = pool.scheduler.next(0);
  thief.join();
  EXPLORE_CHECK(pool.work_once(0));
  EXPECT_EQ(last, 3);
  pool.scheduler.ended(taken, 0, Ending::cancelled);
  pool.scheduler.ended(stolen, 1, Ending::cancelled);
  for (const std::size_t worker : {0U, 1U}) pool.rest(worker);
  pool.check_nothing_is_left();
}

// --- the last look: what becomes visible while a worker goes to sleep ------------------------------------------------

void wake_one(SmallPool& pool, std::size_t sleeper, const std::function<void(const Closure&)>& hand_in) {
  Tally done;
  thread worker([&] { pool.work(sleeper); });
  thread other([&] { hand_in([&] { done.add(); }); });
  done.wait_for(1);
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  other.join();
  pool.check_nothing_is_left();
  pool.scheduler.close();
  worker.join();
}

EXPLORE_WITH(LastLook, AgainstWhatComesFromOutside, (Explore{.preemptions = 1})) {
  SmallPool pool;
  wake_one(pool, 0, [&](const Closure& closure) { EXPLORE_CHECK(pool.post(closure)); });
}
EXPLORE_WITH(LastLook, AgainstWhatComesWithoutASegment, (Explore{.strategy = Strategy::pct, .executions = 2000})) {
  SmallPool pool({.segments = 1});
  wake_one(pool, 0, [&](const Closure& closure) { EXPLORE_CHECK(pool.post(closure)); });
}
EXPLORE_WITH(LastLook, AgainstWhatAJobHandsIn, (Explore{.preemptions = 1})) {
  SmallPool pool({.workers = 2});
  wake_one(pool, 1, [&](const Closure& closure) { EXPLORE_CHECK(pool.post(closure, 0)); });
}
// Its lane is new; here the whole worker is.
EXPLORE_WITH(LastLook, AgainstWhatANewWorkersJobHandsIn, (Explore{.preemptions = 1})) {
  SmallPool pool({.workers = 1, .slots = 2});
  wake_one(pool, 0, [&](const Closure& closure) {
    pool.scheduler.set_active(2);
    EXPLORE_CHECK(pool.post(closure, 1));
  });
}
EXPLORE_WITH(LastLook, AgainstTheRestOfABatch, (Explore{.strategy = Strategy::pct, .executions = 3000})) {
  SmallPool pool({.workers = 2});
  pool.scheduler.set_active(1);  // so it is all that is claimed
  Tally done;
  for (int i = 0; i < 3; ++i) EXPLORE_CHECK(pool.post([&] { done.add(); }));
  thread worker([&] {
    for (int i = 0; i < 2; ++i) EXPLORE_CHECK(pool.work_once(1));
    pool.rest(1);
  });
  Taken held = pool.scheduler.next(0);
  done.wait_for(2);
  pool.scheduler.ended(held, 0, Ending::cancelled);
  pool.rest(0);
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  pool.scheduler.close();
  worker.join();
}
EXPLORE_WITH(LastLook, AgainstWhatAMomentAgoWasOneBatch, (Explore{.strategy = Strategy::pct, .executions = 3000})) {
  SmallPool pool;  // the worker finds the stream empty and unlists it, when the next one comes
  Tally done;
  thread worker([&] { pool.work(0); });
  for (int i = 1; i <= 2; ++i) EXPLORE_CHECK(pool.post([&] { done.add(); }));
  done.wait_for(2);
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  pool.scheduler.close();
  worker.join();
}

// --- from where a thread hands in -------------------------------------------------------------------------------------

EXPLORE_WITH(Shared, TwoWithoutASegmentOfTheirOwn, (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  SmallPool pool({.segments = 1});
  Tally done;
  thread worker([&] { pool.work(0); });
  const auto hands_in = [&] { EXPLORE_CHECK(pool.post([&] { done.add(); })); };
  thread one(hands_in);
  thread other(hands_in);
  hands_in();  // which has one
  done.wait_for(3);
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  one.join();
  end(pool, worker, other);
}

// A closure whose copy constructor hands in, while it is copied into its cell.
struct Nested {
  SmallPool* pool;
  Tally* done;
  Nested(SmallPool& p, Tally& d) : pool(&p), done(&d) {}
  Nested(const Nested& other) : pool(other.pool), done(other.done) {
    EXPLORE_CHECK(pool->post([tally = done] { tally->add(); }));
  }
  void operator()() const { done->add(); }
};

EXPLORE_WITH(Shared, ACopyConstructorMayHandIn, (Explore{.strategy = Strategy::pct, .executions = 2000})) {
  SmallPool pool;
  Tally done;
  thread worker([&] { pool.work(0); });
  const Nested nested(pool, done);
  const std::size_t level = priority::level_of(Priority::normal);
  EXPLORE_CHECK(pool.scheduler.hand_in(level, std::nullopt, [&]() -> Nested { return nested; }) ==
                Scheduler::Handed::in);
  done.wait_for(2);
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  EXPECT_EQ(pool.scheduler.stats().sent, 2U);
  pool.scheduler.close();
  worker.join();
}

// --- what makes room --------------------------------------------------------------------------------------------------

// The oldest is displaced, or a worker takes it: one of the two.
EXPLORE_WITH(Displaced, TheOldestAgainstAWorker, (Explore{.preemptions = 1})) {
  SmallPool pool({.capacity = 1, .displaces = true});
  EXPLORE_CHECK(pool.scheduler.reserve(Deadline::now()) == Send::ok);
  int ran = 0;
  EXPLORE_CHECK(pool.post([&] { ++ran; }, std::nullopt, Priority::lowest));
  thread worker([&] { pool.work(0); });
  Taken displaced = pool.scheduler.take_oldest_not_above(Priority::lowest);
  const bool dropped = static_cast<bool>(displaced);
  if (dropped) {
    EXPECT_TRUE(displaced.drop(priority::reason::dropped));
    pool.scheduler.dropped(displaced, false);
  }
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  EXPECT_EQ(pool.scheduler.reserve(Deadline::now()), Send::ok);
  pool.scheduler.give_back();
  pool.scheduler.close();
  worker.join();
  EXPECT_EQ(ran, dropped ? 0 : 1);
}

// What a job hands in runs last in, first out.
EXPLORE(HandOver, WhatAJobHandsInRunsTheOtherWayRound) {
  SmallPool pool;
  std::vector<int> order;
  for (int i = 0; i < 3; ++i) EXPLORE_CHECK(pool.post([&order, i] { order.push_back(i); }, 0));
  for (int i = 0; i < 3; ++i) EXPLORE_CHECK(pool.work_once(0));
  EXPECT_EQ(order, (std::vector<int>{2, 1, 0}));
}

}  // namespace
}  // namespace pool::stealing
