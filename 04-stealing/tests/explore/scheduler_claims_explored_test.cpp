// Who has a unit: a worker that takes it, a job that waits for it, or somebody who cancels it; under every interleaving.
// Exactly one of them does, and the room and the counts are right afterwards.
#include "small_pool.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace pool::stealing {
namespace {

using sync::thread;

constexpr auto kAsked = priority::reason::asked;

EXPLORE_WITH(Claims, CancelAgainstAWorkerThatTakes, (Explore{.preemptions = 1})) {
  SmallPool pool;
  Watched watched(pool);
  EXPLORE_CHECK(pool.hand_in(watched.job));
  thread worker([&] { pool.work(0); });
  watched.job->cancel(kAsked);
  watched.job->wait(Deadline::never());
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  watched.check();
  EXPECT_EQ(pool.scheduler.stats().sent, 1U);
  pool.check_nothing_is_left();
  pool.scheduler.close();
  worker.join();
}

// When the worker has it already. Then the worker counts it, and nobody else.
EXPLORE(Claims, CancelAgainstAWorkerThatHasTakenIt) {
  SmallPool pool;
  Watched watched(pool);
  EXPLORE_CHECK(pool.hand_in(watched.job));
  Taken taken = pool.scheduler.next(0);
  thread canceller([&] { watched.job->cancel(kAsked); });
  pool.execute(std::move(taken), 0);
  pool.rest(0);
  canceller.join();
  watched.check();
  EXPECT_EQ(pool.scheduler.stats().sent, 1U);
  EXPECT_EQ(pool.scheduler.withdrawn(), 0U);
  pool.check_nothing_is_left();
}

// Before it is queued, while that happens, or afterwards; nobody takes it.
EXPLORE(Claims, CancelAgainstTheHandIn) {
  SmallPool pool;
  Watched watched(pool);
  thread canceller([&] { watched.job->cancel(kAsked); });
  EXPLORE_CHECK(pool.hand_in(watched.job));
  canceller.join();
  watched.check();
  EXPECT_EQ(pool.scheduler.stats().sent, 1U);
  EXPECT_EQ(pool.scheduler.withdrawn(), 1U);
  EXPECT_LE(pool.scheduler.stats().high_water, 1U) << "and 0 if nobody looked in between";
  pool.check_nothing_is_left();
  EXPECT_FALSE(pool.scheduler.take_up(*watched.job, 0)) << "it is not queued";
  EXPECT_FALSE(pool.scheduler.take_any()) << "a husk, if it was cancelled when it stood there and was not published";
  EXPECT_EQ(pool.scheduler.size(0), 0U);
}

// The same in a worker's own lane, where its husk stays.
EXPLORE(Claims, CancelAgainstAJobThatHandsItIn) {
  SmallPool pool({.capacity = 1});
  Watched watched(pool);
  EXPLORE_CHECK(pool.scheduler.reserve(Deadline::now()) == Send::ok);
  thread canceller([&] { watched.job->cancel(kAsked); });
  EXPLORE_CHECK(pool.hand_in(watched.job, 0));
  canceller.join();
  watched.check();
  EXPECT_EQ(pool.scheduler.stats().sent, 1U);
  EXPECT_EQ(pool.scheduler.withdrawn(), 1U);
  EXPECT_EQ(pool.scheduler.stats().high_water, 1U);
  pool.check_nothing_is_left();
  EXPECT_FALSE(pool.scheduler.take_up(*watched.job, 0)) << "it is not queued";
  EXPECT_FALSE(pool.scheduler.take_any()) << "a husk";
}

EXPLORE(Claims, ItsRoomIsFreeAndOnlyOnce) {
  SmallPool pool({.capacity = 1});
  Watched watched(pool);
  EXPLORE_CHECK(pool.scheduler.reserve(Deadline::now()) == Send::ok);
  thread canceller([&] { watched.job->cancel(kAsked); });
  EXPLORE_CHECK(pool.hand_in(watched.job));
  canceller.join();
  EXPECT_EQ(pool.scheduler.reserve(Deadline::now()), Send::ok);
  EXPECT_EQ(pool.scheduler.reserve(Deadline::now()), Send::full);
  pool.check_nothing_is_left();
}

EXPLORE(Claims, WhoWaitsForRoomGetsIt) {
  SmallPool pool({.capacity = 1});
  Watched watched(pool);
  EXPLORE_CHECK(pool.scheduler.reserve(Deadline::now()) == Send::ok);
  EXPLORE_CHECK(pool.hand_in(watched.job));
  thread canceller([&] { watched.job->cancel(kAsked); });
  EXPECT_EQ(pool.scheduler.reserve(Deadline::never()), Send::ok);
  pool.scheduler.give_back();
  canceller.join();
  watched.check();
  pool.check_nothing_is_left();
}

// A job waits for another that is queued, and takes it up, while somebody cancels it.
EXPLORE(Claims, CancelAgainstWhoWaitsForIt) {
  SmallPool pool({.capacity = 1});
  Watched watched(pool);
  EXPLORE_CHECK(pool.scheduler.reserve(Deadline::now()) == Send::ok);
  EXPLORE_CHECK(pool.hand_in(watched.job));
  thread canceller([&] { watched.job->cancel(kAsked); });
  if (pool.scheduler.take_up(*watched.job, 0)) pool.execute(Taken(SmallPool::share(watched.job)), 0);
  pool.rest(0);
  canceller.join();
  watched.check();
  EXPECT_FALSE(pool.scheduler.take_any());
  EXPECT_EQ(pool.scheduler.size(0), 0U);
  EXPECT_EQ(pool.scheduler.reserve(Deadline::now()), Send::ok);
  EXPECT_EQ(pool.scheduler.reserve(Deadline::now()), Send::full);
  pool.check_nothing_is_left();
}

// The one who waits is a job of worker 0, and it is queued there; another worker steals it.
EXPLORE_WITH(Claims, WhoWaitsForItAgainstAThief, (Explore{.preemptions = 1})) {
  SmallPool pool({.workers = 2});
  Watched watched(pool);
  EXPLORE_CHECK(pool.hand_in(watched.job, 0));
  thread thief([&] { pool.work(1); });
  if (pool.scheduler.take_up(*watched.job, 0)) pool.execute(Taken(SmallPool::share(watched.job)), 0);
  pool.rest(0);
  watched.job->wait(Deadline::never());
  watched.check();
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  pool.check_nothing_is_left();
  pool.scheduler.close();
  thief.join();
}

// Two are queued outside; a worker claims both, while a job of another waits for the second, and somebody cancels it.
EXPLORE_WITH(Claims, AClaimedUnitIsStillAnybodys, (Explore{.strategy = Strategy::pct, .executions = 3000})) {
  SmallPool pool({.workers = 2});
  pool.scheduler.set_active(1);  // so what is fair for worker 0 is all
  Watched first(pool);
  Watched second(pool);
  EXPLORE_CHECK(pool.hand_in(first.job));
  EXPLORE_CHECK(pool.hand_in(second.job));
  thread worker([&] { pool.work(0); });
  thread canceller([&] { second.job->cancel(kAsked); });
  if (pool.scheduler.take_up(*second.job, 1)) pool.execute(Taken(SmallPool::share(second.job)), 1);
  pool.rest(1);
  canceller.join();
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  first.check();
  second.check();
  EXPECT_EQ(pool.scheduler.stats().sent, 2U);
  pool.check_nothing_is_left();
  pool.scheduler.close();
  worker.join();
}

// Husks in a worker's own lanes: the owner comes to them, or a thief.
EXPLORE_WITH(Claims, NobodyRunsAHusk, (Explore{.preemptions = 1})) {
  SmallPool pool({.workers = 2});
  Watched watched(pool);
  EXPLORE_CHECK(pool.hand_in(watched.job, 0));
  watched.job->cancel(kAsked);
  Tally done;
  EXPLORE_CHECK(pool.post([&] { done.add(); }, 0));
  thread thief([&] { pool.work(1); });
  done.wait_for(1);
  watched.check();
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  pool.check_nothing_is_left();
  pool.scheduler.close();
  thief.join();
}

// A job lets go of the husk on top of what it has handed in, and looks at what is below that, as a thief does.
EXPLORE_WITH(Claims, WhatIsUnderAHuskIsNotLost, (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  SmallPool pool({.workers = 2});
  Watched watched(pool);
  Tally done;
  EXPLORE_CHECK(pool.post([&] { done.add(); }, 0));
  EXPLORE_CHECK(pool.hand_in(watched.job, 0));
  thread thief([&] { pool.work(1); });
  watched.job->cancel(kAsked);
  pool.scheduler.sweep(0, priority::level_of(Priority::normal));
  done.wait_for(1);
  watched.job->wait(Deadline::never());
  watched.check();
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  EXPECT_EQ(pool.scheduler.size(0), 0U);
  pool.check_nothing_is_left();
  pool.scheduler.close();
  thief.join();
}

}  // namespace
}  // namespace pool::stealing
