// The end of a scheduler, and its pauses, under many interleavings: what was accepted is done, and then every worker
// leaves, without being told of anything else.
#include "small_pool.hpp"

#include <cstddef>
#include <utility>

namespace pool::stealing {
namespace {

using sync::thread;

EXPLORE_WITH(End, WhatWasAcceptedIsDone, (Explore{.preemptions = 1})) {
  SmallPool pool;
  int done = 0;
  bool accepted = false;
  thread worker([&] { pool.work(0); });
  thread closes([&] { pool.scheduler.close(); });
  accepted = pool.post([&] { ++done; });
  closes.join();
  worker.join();
  EXPECT_EQ(done, accepted ? 1 : 0);
  pool.check_nothing_is_left();
}

// The first to see the end wakes the others, who may be asleep by then.
EXPLORE_WITH(End, ItWakesAllWhoSleep, (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  SmallPool pool({.workers = 2});
  thread one([&] { pool.work(0); });
  thread other([&] { pool.work(1); });
  pool.scheduler.close();
  one.join();
  other.join();
}

// A job that runs when the end is told forks another, and blocks until that has run.
EXPLORE_WITH(End, WhatRunsMayStillFork, (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  SmallPool pool({.workers = 2});
  Tally ran;
  EXPLORE_CHECK(pool.post([&] {
    UnitPtr fork = errand([&] { ran.add(); });
    fork->takes_room = false;
    EXPLORE_CHECK(pool.hand_in(std::move(fork), 0));
    ran.wait_for(1);
  }));
  Taken first = pool.scheduler.next(0);
  thread one([&] {
    pool.execute(std::move(first), 0);
    pool.work(0);
  });
  thread other([&] { pool.work(1); });
  pool.scheduler.close();
  one.join();
  other.join();
  EXPECT_EQ(ran.get(), 1);
  pool.check_nothing_is_left();
}

// …or forks one that was cancelled before: the end of that does not make up for the end of the one that runs.
EXPLORE_WITH(End, NobodyLeavesBeforeWhatRuns, (Explore{.preemptions = 1})) {
  SmallPool pool({.workers = 2});
  sync::atomic<bool> ended{false};
  EXPLORE_CHECK(pool.post([] {}));
  Taken runs = pool.scheduler.next(0);
  pool.scheduler.close();
  thread other([&] {
    pool.work(1);
    EXPECT_TRUE(ended.load());
  });
  const Task fork = pool.job([] {});
  fork->takes_room = false;
  fork->cancel(priority::reason::asked);
  thread forks([&] { EXPLORE_CHECK(pool.hand_in(fork, 0)); });  // as the one that runs does
  forks.join();
  ended = true;
  pool.execute(std::move(runs), 0);
  pool.rest(0);
  other.join();
  pool.check_nothing_is_left();
}

// A job hands in what takes room, while the end is told: it is refused, or done.
EXPLORE_WITH(End, WhatAJobHandsInThenIsRefusedOrDone, (Explore{.preemptions = 1})) {
  SmallPool pool;
  bool accepted = false;
  int done = 0;
  EXPLORE_CHECK(pool.post([&] { accepted = pool.post([&] { ++done; }, 0); }));
  thread worker([&] { pool.work(0); });
  pool.scheduler.close();
  worker.join();
  EXPECT_EQ(done, accepted ? 1 : 0);
  pool.check_nothing_is_left();
}

// The last that is in flight is ended by somebody who is no worker.
EXPLORE_WITH(End, TheLastIsEndedByAStranger, (Explore{.preemptions = 1})) {
  SmallPool pool;
  int done = 0;
  EXPLORE_CHECK(pool.post([&] { ++done; }, std::nullopt, Priority::critical));
  thread worker([&] { pool.work(0); });
  thread closes([&] { pool.scheduler.close(); });
  const bool dropped = pool.drop_one();
  closes.join();
  worker.join();
  EXPECT_EQ(done, dropped ? 0 : 1);
}

// …or cancelled.
EXPLORE_WITH(End, TheLastIsCancelled, (Explore{.preemptions = 1})) {
  SmallPool pool;
  const Task job = pool.job([] {});
  EXPLORE_CHECK(pool.hand_in(job));
  thread worker([&] { pool.work(0); });
  thread closes([&] { pool.scheduler.close(); });
  job->cancel(priority::reason::asked);
  closes.join();
  worker.join();
  EXPECT_TRUE(has_ended(job->state()));
  EXPECT_TRUE(pool.idle());
}

EXPLORE_WITH(End, WhoWaitsForRoomIsTold, (Explore{.preemptions = 1})) {
  SmallPool pool({.capacity = 1});
  EXPLORE_CHECK(pool.scheduler.reserve(Deadline::now()) == Send::ok);
  thread waits([&] { EXPECT_EQ(pool.scheduler.reserve(Deadline::never()), Send::closed); });
  pool.scheduler.close();
  waits.join();
}

EXPLORE_WITH(Pause, WhatComesThenIsDoneAfterwards, (Explore{.preemptions = 1})) {
  SmallPool pool;
  Tally done;
  thread worker([&] { pool.work(0); });
  pool.scheduler.pause();
  EXPLORE_CHECK(pool.post([&] { done.add(); }));
  pool.scheduler.resume();
  done.wait_for(1);
  pool.scheduler.close();
  worker.join();
}

EXPLORE_WITH(Pause, TheEndEndsIt, (Explore{.preemptions = 1})) {
  SmallPool pool;
  int done = 0;
  pool.scheduler.pause();
  EXPLORE_CHECK(pool.post([&] { ++done; }));
  thread worker([&] { pool.work(0); });
  pool.scheduler.close();
  worker.join();
  EXPECT_EQ(done, 1);
}

EXPLORE_WITH(Pause, AllWhoSleptWorkAfterwards, (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  SmallPool pool({.workers = 2});
  Tally both;
  pool.scheduler.pause();
  thread one([&] { pool.work(0); });
  thread other([&] { pool.work(1); });
  for (int i = 0; i < 2; ++i) EXPLORE_CHECK(pool.post([&] { both.add(), both.wait_for(2); }));
  pool.scheduler.resume();
  both.wait_for(2);
  pool.scheduler.close();
  one.join();
  other.join();
}

// The worker sleeps when the work comes, is woken by it, and has to sleep again.
EXPLORE_WITH(Pause, NothingStartsInIt, (Explore{.preemptions = 1})) {
  struct Parks : Observer {
    void park(std::size_t) noexcept override { times.add(); }
    Tally times;
  } parks;
  SmallPool pool({.observer = &parks});
  int done = 0;
  sync::atomic<bool> resumed{false};
  pool.scheduler.pause();
  thread worker([&] {
    EXPLORE_CHECK(pool.work_once(0));
    EXPECT_TRUE(resumed.load());
  });
  parks.times.wait_for(1);
  EXPLORE_CHECK(pool.post([&] { ++done; }));
  parks.times.wait_for(2);
  resumed = true;
  pool.scheduler.resume();
  worker.join();
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace pool::stealing
