// What one worker has claimed, or what its jobs have handed in, is done by another if it cannot: under many interleavings.
// All work is waited for before anybody is told of the end.
#include "small_pool.hpp"

#include <cstddef>
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

UnitPtr errand(Closure closure, Priority priority = Priority::normal) {
  UnitPtr unit(new Errand(std::move(closure)));
  unit->priority = priority;
  return unit;
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

// The same with the jobs there first, and with the end.
EXPLORE_WITH(HandOver, TheFirstWaitsForTheOthersAtTheEnd, (Explore{.preemptions = 1})) {
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
  struct Forks : Errand {  // a job that knows its worker
    explicit Forks(std::function<void(std::size_t)> f) : f_(std::move(f)) {}
    Ending run(std::optional<std::size_t> worker) override { return f_(*worker), Ending::completed; }
    std::function<void(std::size_t)> f_;
  };
  EXPLORE_CHECK(pool.hand_in(UnitPtr(new Forks(forks))));
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
  thread goes([&] { pool.work_once(0); });
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
  UnitPtr stolen;
  thread thief([&] { stolen = pool.scheduler.next(1); });
  const UnitPtr taken = pool.scheduler.next(0);
  thief.join();
  EXPLORE_CHECK(pool.work_once(0));
  EXPECT_EQ(last, 3);
  for (int i = 0; i < 2; ++i) pool.scheduler.ended(nullptr);
  pool.check_nothing_is_left();
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
