// Who waits until nothing is in flight, and the sums by which he knows: under every interleaving nobody sleeps when all is
// out, and nobody believes that it is when it is not.
#include "small_pool.hpp"

#include <cstddef>
#include <utility>

namespace pool::stealing {
namespace {

using sync::thread;

constexpr auto kAsked = priority::reason::asked;

EXPLORE(Idle, TheLastToFinishTellsWhoWaits) {
  SmallPool pool;
  int done = 0;
  EXPLORE_CHECK(pool.post([&] { ++done; }));
  Taken taken = pool.scheduler.next(0);
  thread worker([&] {
    pool.execute(std::move(taken), 0);
    pool.rest(0);
  });
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  EXPECT_EQ(done, 1);
  worker.join();
}

// Each may see the other as not finished, but not both.
EXPLORE_WITH(Idle, OfTwoThatFinishAtOnceOneTells, (Explore{.preemptions = 1})) {
  SmallPool pool({.workers = 2});
  for (int i = 0; i < 2; ++i) EXPLORE_CHECK(pool.post([] {}));
  Taken first = pool.scheduler.next(0);
  Taken second = pool.scheduler.next(1);
  const auto finish = [&](Taken& taken, std::size_t worker) {
    pool.execute(std::move(taken), worker);
    pool.rest(worker);
  };
  thread one([&] { finish(first, 0); });
  thread other([&] { finish(second, 1); });
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  one.join();
  other.join();
}

EXPLORE(Idle, SoDoesWhoeverTakesTheLastAway) {
  SmallPool pool;
  EXPLORE_CHECK(pool.post([] {}));
  thread other([&] { EXPLORE_CHECK(pool.drop_one()); });
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  other.join();
}

EXPLORE(Idle, SoDoesWhoeverCancelsIt) {
  SmallPool pool;
  Watched watched(pool);
  EXPLORE_CHECK(pool.hand_in(watched.job));
  thread other([&] { watched.job->cancel(kAsked); });
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  EXPECT_TRUE(has_ended(watched.job->state()));
  other.join();
}

#ifndef __clang_analyzer__  // which takes the release of a share for the end of the job
// A worker that comes upon a husk says first what it has done: with the husk goes a result, whose destructor may take its
// time.
EXPLORE_WITH(Idle, AHuskKeepsNobodyWaiting, (Explore{.preemptions = 1})) {
  SmallPool pool;
  Tally idle;
  struct Slow {
    Tally* until;
    explicit Slow(Tally* tally) : until(tally) {}
    Slow(Slow&& other) noexcept : until(std::exchange(other.until, nullptr)) {}
    ~Slow() {
      if (until != nullptr) until->wait_for(1);
    }
  };
  using SlowTask = JobTask<Slow, std::function<Slow()>>;
  {
    const JobRef<SlowTask> job(new SlowTask({}, {std::shared_ptr<void>(), &pool}, [&] { return Slow(&idle); }));
    for (int shares = 0; shares < 2; ++shares) job->retain();
    EXPLORE_CHECK(pool.hand_in(UnitPtr(&*job), 0));
    EXPLORE_CHECK(pool.scheduler.take_up(*job, 0));  // as a job does that waits for it; what is queued is a husk now
    pool.execute(Taken(UnitPtr(&*job)), 0);
  }
  thread worker([&] { pool.work(0); });
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  idle.add();
  pool.scheduler.close();
  worker.join();
}
#endif

// What a job hands in is in before the job is out.
EXPLORE_WITH(Idle, NotWhileAJobHandsOn, (Explore{.strategy = Strategy::pct, .executions = 3000})) {
  SmallPool pool({.workers = 2});
  sync::atomic<bool> done{false};
  EXPLORE_CHECK(pool.post([&] { EXPLORE_CHECK(pool.post([&] { done = true; }, 0)); }));
  Taken first = pool.scheduler.next(0);
  thread one([&] {
    pool.execute(std::move(first), 0);
    pool.rest(0);
  });
  thread other([&] {
    EXPLORE_CHECK(pool.work_once(1));
    pool.rest(1);
  });
  const bool idle = pool.idle();
  EXPECT_TRUE(done.load() || !idle);
  one.join();
  other.join();
  pool.check_nothing_is_left();
}

// One is queued all the time. Another comes and goes meanwhile: seen as out, and not as in, it would make up for the first.
void never_idle(SmallPool& pool, const Closure& hand_in, const Closure& take_away) {
  EXPLORE_CHECK(pool.post([] {}));
  thread comes(hand_in);
  thread goes(take_away);
  EXPECT_FALSE(pool.idle());
  comes.join();
  goes.join();
  EXPECT_FALSE(pool.idle());
  EXPECT_EQ(pool.scheduler.stats().queued, 1U);
}

EXPLORE_WITH(Idle, NotByWhatIsCancelledOnItsWay, (Explore{.preemptions = 1})) {
  SmallPool pool;
  const Task job = pool.job([] {});
  never_idle(
      pool, [&] { EXPLORE_CHECK(pool.hand_in(job)); }, [&] { job->cancel(kAsked); });
}

EXPLORE_WITH(Idle, NotByWhatIsCancelledInALane, (Explore{.preemptions = 1})) {
  SmallPool pool;
  const Task job = pool.job([] {});
  never_idle(
      pool, [&] { EXPLORE_CHECK(pool.hand_in(job, 0)); }, [&] { job->cancel(kAsked); });
}

EXPLORE_WITH(Idle, NotByWhatIsTakenUp, (Explore{.preemptions = 1})) {
  SmallPool pool;
  const Task job = pool.job([] {});
  never_idle(
      pool, [&] { EXPLORE_CHECK(pool.hand_in(job)); },
      [&] {
        if (pool.scheduler.take_up(*job, 0)) {
          pool.execute(Taken(SmallPool::share(job)), 0);
        } else {
          job->cancel(kAsked);
        }
        pool.rest(0);
      });
}

// Refused, and cancelled meanwhile: it was in, and moves from one count to another.
EXPLORE_WITH(Idle, NotByWhatIsTakenBack, (Explore{.strategy = Strategy::pct, .executions = 5000})) {
  SmallPool pool;
  const Task job = pool.job([] {});
  never_idle(
      pool,
      [&] {
        if (!pool.hand_in(job)) job->cancel(kAsked);
      },
      [&] {
        pool.scheduler.close();
        job->cancel(kAsked);
      });
}

// Who waits has counted what is refused then. (The body hands in, and does what was accepted: so there is one segment,
// and nobody takes so many steps in a row that the explorer lets others go on.)
void told_when_less_is_in(SmallPool& pool, const Closure& hand_in) {
  thread closes([&] {
    pool.scheduler.close();
    EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  });
  hand_in();
  pool.work(0);
  closes.join();
}

EXPLORE_WITH(Idle, WhoWaitsIsToldWhenLessIsIn, (Explore{.preemptions = 1})) {
  SmallPool pool;
  told_when_less_is_in(pool, [&] { static_cast<void>(pool.hand_in(errand())); });
}

EXPLORE_WITH(Idle, AlsoWhenThatIsAClosure, (Explore{.preemptions = 1})) {
  SmallPool pool;
  told_when_less_is_in(pool, [&] { static_cast<void>(pool.post([] {})); });
}

EXPLORE_WITH(Idle, AlsoWithACapacity, (Explore{.preemptions = 1})) {
  SmallPool pool({.capacity = 2});
  for (int i = 0; i < 2; ++i) EXPLORE_CHECK(pool.scheduler.reserve(Deadline::now()) == Send::ok);
  told_when_less_is_in(pool, [&] { static_cast<void>(pool.post([] {}) && pool.hand_in(errand())); });
}

// What is appended and not published is nobody's yet.
EXPLORE(Idle, WhatIsNotPublishedIsNotWaitedFor) {
  SmallPool pool;
  const std::size_t level = priority::level_of(Priority::normal);
  Scheduler::Segment& own = *pool.scheduler.own_segment();
  EXPLORE_CHECK(pool.scheduler.append(own, level, {}, [] { return [] {}; }));
  EXPECT_TRUE(pool.idle());
  EXPECT_EQ(pool.scheduler.stats().queued, 0U);
  EXPLORE_CHECK(pool.scheduler.publish(own, level));
  EXPECT_FALSE(pool.idle());
  EXPLORE_CHECK(pool.drop_one());
}

}  // namespace
}  // namespace pool::stealing
