// The scheduler is closed while somebody hands in: what he hands in is refused or done, never both and never neither; and
// no worker leaves that may still be needed.
#include "small_pool.hpp"

#include <cstddef>
#include <optional>
#include <utility>

namespace pool::stealing {
namespace {

using sync::thread;

constexpr auto kAsked = priority::reason::asked;
const std::size_t kNormal = priority::level_of(Priority::normal);

// `hand_in` says whether it was accepted, and what it hands in calls the closure that it is given.
template <class HandIn>
void refused_or_done(const Scheduler::Options& options, HandIn hand_in) {
  SmallPool pool(options);
  if (options.capacity != 0) EXPLORE_CHECK(pool.scheduler.reserve(Deadline::now()) == Send::ok);
  int done = 0;
  thread worker([&] { pool.work(0); });
  thread closes([&] { pool.scheduler.close(); });
  const bool accepted = hand_in(pool, [&] { ++done; });
  closes.join();
  worker.join();
  EXPECT_EQ(done, accepted ? 1 : 0);
  EXPECT_EQ(pool.scheduler.stats().sent, accepted ? 1U : 0U);
  pool.check_nothing_is_left();
}

const auto kClosure = [](SmallPool& pool, const Closure& closure) { return pool.post(closure); };
const auto kUnit = [](SmallPool& pool, const Closure& closure) { return pool.hand_in(errand(closure)); };

EXPLORE_WITH(Close, AgainstAClosure, (Explore{.preemptions = 1})) {
  refused_or_done({}, kClosure);
}
EXPLORE_WITH(Close, AgainstAUnit, (Explore{.preemptions = 1})) {
  refused_or_done({}, kUnit);
}
EXPLORE_WITH(Close, AgainstAClosureWithACapacity, (Explore{.preemptions = 1})) {
  refused_or_done({.capacity = 1}, kClosure);
}
EXPLORE_WITH(Close, AgainstAUnitWithACapacity, (Explore{.preemptions = 1})) {
  refused_or_done({.capacity = 1}, kUnit);
}
EXPLORE_WITH(Close, AgainstWhoHasNoSegment, (Explore{.strategy = Strategy::pct, .executions = 3000})) {
  refused_or_done({.segments = 1}, [](SmallPool& pool, const Closure& closure) {
    bool accepted = false;
    thread([&] { accepted = pool.post(closure); }).join();
    return accepted;
  });
}

// Only what came too late is taken back.
EXPLORE(Close, WhatWasThereBeforeStays) {
  SmallPool pool;
  int done = 0;
  EXPLORE_CHECK(pool.post([&] { ++done; }));
  thread closes([&] { pool.scheduler.close(); });
  const bool accepted = pool.post([&] { ++done; });
  closes.join();
  pool.work(0);
  EXPECT_EQ(done, accepted ? 2 : 1);
  pool.check_nothing_is_left();
}

// A unit that is refused can be handed in elsewhere.
EXPLORE_WITH(Close, WhatIsRefusedIsAsItWas, (Explore{.preemptions = 1})) {
  SmallPool pool;
  SmallPool second;
  thread closes([&] { pool.scheduler.close(); });
  UnitList units;
  int done = 0;
  units.push_back(errand([&] { ++done; }));
  const bool accepted = pool.scheduler.hand_in(units, std::nullopt);
  closes.join();
  EXPECT_EQ(units.empty(), accepted);
  if (!accepted) EXPLORE_CHECK(second.scheduler.hand_in(units, std::nullopt));
  EXPLORE_CHECK((accepted ? pool : second).work_once(0));
  EXPECT_EQ(done, 1);
}

// The one that comes at the last moment forks, and blocks until another worker has done that.
EXPLORE_WITH(Close, NoWorkerLeavesThatIsNeeded, (Explore{.strategy = Strategy::pct, .executions = 5000})) {
  SmallPool pool({.workers = 2});
  Tally ran;
  const auto forks = [&](std::optional<std::size_t> worker) {
    UnitPtr fork = errand([&] { ran.add(); });
    fork->takes_room = false;
    EXPLORE_CHECK(pool.hand_in(std::move(fork), worker));
    ran.wait_for(1);
  };
  thread one([&] { pool.work(0); });
  thread other([&] { pool.work(1); });
  thread producer([&] { static_cast<void>(pool.hand_in(errand(Errand::Closure(forks)))); });
  pool.scheduler.close();
  for (thread* each : {&one, &other, &producer}) each->join();
  pool.check_nothing_is_left();
}

// In small: nothing comes in when nobody is there any more. What is appended already finds out when it is published.
// (What is published in a new stream: Injector.WhatBeginsAfterTheCloseWasCounted.)
EXPLORE_WITH(Close, NothingComesInWhenAWorkerHasLeft, (Explore{.preemptions = 1})) {
  SmallPool pool;
  Scheduler::Segment& own = *pool.scheduler.own_segment();
  EXPLORE_CHECK(pool.scheduler.append(own, kNormal, {}, [] { return [] {}; }));
  thread closes([&] { pool.scheduler.close(); });
  thread worker([&] { pool.work(0); });
  worker.join();
  EXPECT_FALSE(pool.scheduler.publish(own, kNormal));
  closes.join();
  pool.check_nothing_is_left();
}

// A part of a group, say: somebody waits for it, and takes it up while it is refused. Then it was in.
EXPLORE_WITH(Close, WhatIsTakenUpIsNotRefused, (Explore{.preemptions = 1})) {
  SmallPool pool;
  Watched watched(pool);
  thread closes([&] { pool.scheduler.close(); });
  thread waits([&] {
    if (pool.scheduler.take_up(*watched.job, 0)) pool.execute(Taken(SmallPool::share(watched.job)), 0);
    pool.rest(0);
  });
  const bool accepted = pool.hand_in(watched.job);
  closes.join();
  waits.join();
  EXPECT_TRUE(accepted || watched.calls == 0);
  if (watched.calls == 0) watched.job->cancel(kAsked);
  watched.check();
  pool.check_nothing_is_left();
}

EXPLORE_WITH(Close, NorIsWhatIsCancelled, (Explore{.preemptions = 2})) {
  SmallPool pool;
  Watched watched(pool);
  thread closes([&] {
    pool.scheduler.close();
    watched.job->cancel(kAsked);
  });
  const bool accepted = pool.hand_in(watched.job);
  closes.join();
  watched.check();
  EXPECT_EQ(pool.scheduler.stats().sent, accepted ? 1U : 0U);
  EXPECT_EQ(pool.scheduler.withdrawn(), accepted ? 1U : 0U);
  pool.check_nothing_is_left();
}

// What stands in the stream unpublished is published with what the same thread hands in between. If that was too late, both
// hear of it.
EXPLORE_WITH(Close, WhoPublishesLaterHearsOfIt, (Explore{.preemptions = 1})) {
  SmallPool pool;
  int done = 0;
  thread closes([&] { pool.scheduler.close(); });
  Scheduler::Segment& own = *pool.scheduler.own_segment();
  const bool appended = pool.scheduler.append(own, kNormal, {}, [&] { return [&] { ++done; }; });
  static_cast<void>(pool.hand_in(errand()));
  const bool accepted = appended && pool.scheduler.publish(own, kNormal);
  closes.join();
  pool.work(0);
  EXPECT_EQ(done, accepted ? 1 : 0);
  pool.check_nothing_is_left();
}

// Code of the user may hand in, while it is let go of.
EXPLORE_WITH(Close, ARefusedClosureMayHandIn, (Explore{.preemptions = 1})) {
  SmallPool pool;
  int done = 0;
  bool second = false;
  struct Last {
    std::function<void()> last;
    explicit Last(std::function<void()> f) : last(std::move(f)) {}
    Last(Last&& other) noexcept : last(std::exchange(other.last, nullptr)) {}
    ~Last() {
      if (last) last();
    }
    void operator()() { last = nullptr; }
  };
  thread closes([&] { pool.scheduler.close(); });
  const auto hands_in = [&] { return Last([&] { second = pool.post([&] { ++done; }); }); };
  const bool first = pool.scheduler.hand_in(kNormal, std::nullopt, hands_in) == Scheduler::Handed::in;
  closes.join();
  pool.work(0);
  EXPECT_FALSE(first && second);
  EXPECT_EQ(done, second ? 1 : 0);
  pool.check_nothing_is_left();
}

// Several workers finish at once: one of them sees that it is the end, and the one that sleeps hears of it.
EXPLORE_WITH(Close, NobodySleepsWhenTwoFinishAtOnce, (Explore{.strategy = Strategy::pct, .executions = 3000})) {
  SmallPool pool({.workers = 3});
  for (int i = 0; i < 2; ++i) EXPLORE_CHECK(pool.post([] {}));
  Taken first = pool.scheduler.next(0);
  Taken second = pool.scheduler.next(1);
  pool.scheduler.close();
  const auto go_on = [&](Taken& taken, std::size_t worker) {
    pool.execute(std::move(taken), worker);
    pool.work(worker);
  };
  thread one([&] { go_on(first, 0); });
  thread two([&] { go_on(second, 1); });
  thread three([&] { pool.work(2); });
  for (thread* each : {&one, &two, &three}) each->join();
  pool.check_nothing_is_left();
}

EXPLORE_WITH(Close, NorWhenTwoLeave, (Explore{.preemptions = 1})) {
  SmallPool pool({.workers = 3});
  for (int i = 0; i < 2; ++i) EXPLORE_CHECK(pool.post([] {}));
  Taken first = pool.scheduler.next(0);
  Taken second = pool.scheduler.next(1);
  const auto ends_its_thread = [&](Taken& taken, std::size_t worker) {
    pool.execute(std::move(taken), worker);
    pool.rest(worker);
  };
  pool.scheduler.close();
  thread one([&] { ends_its_thread(first, 0); });
  thread three([&] { pool.work(2); });
  ends_its_thread(second, 1);
  one.join();
  three.join();
  pool.check_nothing_is_left();
}

// Nor when work was counted and then refused. (The body hands in: see Idle.WhoWaitsIsToldWhenLessIsIn.)
void nor_when_less_is_in(SmallPool& pool, const Closure& hand_in) {
  thread worker([&] { pool.work(0); });
  thread closes([&] { pool.scheduler.close(); });
  hand_in();
  closes.join();
  worker.join();
}

EXPLORE_WITH(Close, NorWhenLessIsIn, (Explore{.preemptions = 1})) {
  SmallPool pool;
  nor_when_less_is_in(pool, [&] { static_cast<void>(pool.hand_in(errand())); });
}

EXPLORE_WITH(Close, NorWhenThatHadItsRoom, (Explore{.preemptions = 1})) {
  SmallPool pool({.capacity = 1});
  EXPLORE_CHECK(pool.scheduler.reserve(Deadline::now()) == Send::ok);
  nor_when_less_is_in(pool, [&] { static_cast<void>(pool.hand_in(errand())); });
}

}  // namespace
}  // namespace pool::stealing
