// What the scheduler counts: what is in flight, in a worker's hands or elsewhere, and what was handed in and cancelled;
// under every interleaving.
#include "small_pool.hpp"

#include <cstddef>
#include <optional>
#include <utility>

namespace pool::stealing {
namespace {

using sync::thread;

constexpr auto kAsked = priority::reason::asked;

EXPLORE(Counts, CancelAgainstTheCallerWhoRunsItHimself) {
  SmallPool pool;
  Watched watched(pool);
  thread canceller([&] { watched.job->cancel(kAsked); });
  if (pool.scheduler.enter_in_caller(*watched.job)) {
    const Ending ending = watched.job->run(std::nullopt);
    pool.scheduler.ended_in_caller(ending == Ending::skipped ? &*watched.job : nullptr);
  }
  canceller.join();
  watched.check();
  pool.check_nothing_is_left();
}

EXPLORE(Counts, CancelAgainstWhatPassesThrough) {
  SmallPool pool({.capacity = 1});
  Watched watched(pool);
  thread canceller([&] { watched.job->cancel(kAsked); });
  if (pool.scheduler.pass_through(*watched.job)) {
    Taken taken(SmallPool::share(watched.job));
    const bool ours = taken.drop(kAsked);
    pool.scheduler.dropped(taken, !ours);
  }
  canceller.join();
  watched.check();
  EXPECT_EQ(watched.job->state(), JobState::cancelled);
  EXPECT_EQ(pool.scheduler.stats().sent, 1U);
  EXPECT_EQ(pool.scheduler.reserve(Deadline::now()), Send::ok);
  EXPECT_EQ(pool.scheduler.reserve(Deadline::now()), Send::full);
  pool.check_nothing_is_left();
}

// What was skipped has ended when whoever cancels it says so.
EXPLORE_WITH(Counts, ItIsNotIdleBeforeWhatWasSkippedHasEnded, (Explore{.preemptions = 1})) {
  SmallPool pool;
  Watched watched(pool);
  EXPLORE_CHECK(pool.hand_in(watched.job, 0));
  Taken taken = pool.scheduler.next(0);
  thread canceller([&] { watched.job->cancel(kAsked); });
  thread worker([&] {
    pool.execute(std::move(taken), 0);
    pool.rest(0);
  });
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  EXPECT_TRUE(has_ended(watched.job->state()));
  canceller.join();
  worker.join();
  watched.check();
  pool.check_nothing_is_left();
}

// What runs in a caller hands in another, which is cancelled in the hands of a worker: at no moment is there nothing.
// (Two steps are threads of their own: so whoever waits can go on when they are done.)
EXPLORE_WITH(Counts, ItIsNotIdleWhileTheOneHandsInTheOther, (Explore{.preemptions = 1})) {
  SmallPool pool;
  Errand first;
  const Task second = pool.job([] {}, Priority::lowest);
  EXPLORE_CHECK(pool.scheduler.enter_in_caller(first));
  thread waits([&] {
    EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
    EXPECT_TRUE(has_ended(second->state()));
  });
  thread runs([&] {
    EXPLORE_CHECK(pool.hand_in(second, 0));
    pool.scheduler.ended_in_caller(nullptr);
  });
  runs.join();
  thread takes([&] {
    Taken taken = pool.scheduler.take_oldest_not_above(Priority::lowest);
    EXPLORE_CHECK(second->claim());
    pool.scheduler.dropped(taken, true);
  });
  takes.join();
  second->end(JobState::cancelled);
  pool.withdraw(*second);
  waits.join();
}

// The same with one that runs in a caller, too.
EXPLORE_WITH(Counts, NorWhileItHandsOnToACaller, (Explore{.preemptions = 1})) {
  SmallPool pool;
  Errand first;
  Errand third;
  sync::atomic<bool> over{false};
  EXPLORE_CHECK(pool.scheduler.enter_in_caller(first));
  thread others([&] {
    EXPLORE_CHECK(pool.post([] {}));
    Taken second = pool.scheduler.take_any();
    EXPECT_TRUE(second.drop(kAsked));
    pool.scheduler.ended_in_caller(nullptr);
    EXPLORE_CHECK(pool.scheduler.enter_in_caller(third));
    pool.scheduler.dropped(second, false);
    for (int i = 0; i < 4; ++i) sync::this_thread::yield();  // to the one that waits, who gives way between two looks
    over = true;
    pool.scheduler.ended_in_caller(nullptr);
  });
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  EXPECT_TRUE(over.load());
  others.join();
}

EXPLORE(Counts, NoMoreIsCancelledThanWasHandedIn) {
  SmallPool pool;
  Watched watched(pool);
  thread other([&] {
    EXPLORE_CHECK(pool.hand_in(watched.job));
    watched.job->cancel(kAsked);
  });
  const std::size_t withdrawn = pool.scheduler.withdrawn();  // first, as the pool's totals do
  const auto stats = pool.scheduler.stats();
  EXPECT_LE(withdrawn + stats.queued, stats.sent);
  other.join();
}

}  // namespace
}  // namespace pool::stealing
