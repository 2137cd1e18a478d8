// Parts, and what a scheduler does for them: the parts of a group and who waits for them, under many interleavings. The
// body is worker 0, and waits outside of a job, which makes no difference to it. Worker 1 is a thief.
#include "small_pool.hpp"

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <utility>

#include <pool/stealing/part.hpp>

namespace pool::stealing {
namespace {

using sync::thread;

constexpr std::size_t kLevel = 2;

// A group of a small pool, for the worker that makes it.
struct Group {
  SmallPool& pool;
  std::size_t worker;
  Parts parts{};

  template <class F>
  void run(F f) {
    run_at(worker, std::move(f));
  }
  template <class F>
  void run_at(std::size_t where, F f) {
    if (where != worker) return EXPLORE_CHECK(pool.scheduler.fork(*new PartOutside<F>(parts, std::move(f)), where));
    const auto make = [&] { return Part<F>(parts, true, std::move(f)); };
    EXPLORE_CHECK(pool.scheduler.fork(kLevel, where, parts, make));
  }
  template <class F>
  void run_from_outside(F f) {
    EXPLORE_CHECK(pool.scheduler.fork(*new PartOutside<F>(parts, std::move(f)), std::nullopt));
  }
  void wait() { wait_at(worker); }
  void wait_at(std::size_t where) {
    while (Taken taken = pool.scheduler.next_until(parts, where, where != worker))
      pool.execute(std::move(taken), where);
  }
};

void end(SmallPool& pool, thread& thief) {
  pool.rest(0);
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  pool.check_nothing_is_left();
  pool.scheduler.close();
  thief.join();
}

void sleep_until_over(Parts& parts) {
  while (!parts.over()) parts.sleep([] { return false; });
}

// --- the counts ------------------------------------------------------------------------------------------------------

// U1, and what is visible to whom.
EXPLORE_WITH(Parts, WhoSeesThatItIsOverSeesWhatWasDone, (Explore{.preemptions = 2})) {
  Parts parts;
  sync::cell<int> here{0}, there{0};
  parts.begin(true);
  parts.begin(true);
  thread one([&] {
    here.write() = 1;
    parts.end();
  });
  thread other([&] {
    there.write() = 2;
    parts.end();
  });
  if (parts.over()) {
    EXPECT_EQ(here.read() + there.read(), 3);
  }
  one.join();
  other.join();
  EXPECT_TRUE(parts.over());
}

// U1: what a part adds is counted before the part has ended.
EXPLORE_WITH(Parts, WhatAPartAddsIsWaitedFor, (Explore{.preemptions = 2})) {
  Parts parts;
  sync::cell<int> added{0};
  parts.begin(true);
  std::optional<thread> next;
  thread one([&] {
    parts.begin(false);
    next.emplace([&] {
      added.write() = 1;
      parts.end();
    });
    parts.end();
  });
  sleep_until_over(parts);
  EXPECT_EQ(added.read(), 1);
  one.join();
  next->join();
}

// U2, U3: who has slept may destroy it at once.
EXPLORE_WITH(Parts, WhoWaitsMayDestroyThem, (Explore{.preemptions = 2})) {
  std::optional<Parts> parts(std::in_place);
  parts->begin(true);
  parts->begin(true);
  thread one([&at = *parts] { at.end(); });
  thread other([&at = *parts] { at.end(); });
  sleep_until_over(*parts);
  parts.reset();
  one.join();
  other.join();
}

// U2: one who has slept does not sleep any more, while a part is about to end under the lock.
EXPLORE_WITH(Parts, WhoIsCalledMayDestroyThem, (Explore{.preemptions = 3})) {
  std::optional<Parts> parts(std::in_place);
  parts->begin(true);
  thread part([&at = *parts] {
    at.call();
    at.end();
  });
  parts->sleep([] { return false; });
  while (!parts->over()) sync::this_thread::yield();
  parts.reset();
  part.join();
}

// U3: two sleep, and both are woken.
EXPLORE_WITH(Parts, AllWhoSleepAreWoken, (Explore{.strategy = Strategy::pct, .executions = 3000})) {
  Parts parts;
  parts.begin(false);
  thread part([&] { parts.end(); });
  thread other([&] { sleep_until_over(parts); });
  sleep_until_over(parts);
  other.join();
  part.join();
}

// U4
EXPLORE_WITH(Parts, TheFirstErrorIsGivenOutOnce, (Explore{.preemptions = 2})) {
  Parts parts;
  const auto part = [&] {
    static_cast<void>(parts.ended(std::make_exception_ptr(std::runtime_error("a part"))));
    parts.end();
  };
  parts.begin(true);
  parts.begin(true);
  thread one(part);
  thread other(part);
  sleep_until_over(parts);
  EXPECT_TRUE(parts.trouble());
  EXPECT_NE(parts.take_error(), nullptr);
  EXPECT_EQ(parts.take_error(), nullptr);
  EXPECT_EQ(parts.failed(), 2U);
  one.join();
  other.join();
}

// --- who waits in a job ----------------------------------------------------------------------------------------------

EXPLORE_WITH(PartsOfAPool, EachRunsOnceAndIsSeen, (Explore{.strategy = Strategy::pct, .executions = 800})) {
  SmallPool pool({.workers = 2});
  thread thief([&] { pool.work(1); });
  sync::cell<int> one{0}, other{0};
  {
    Group group{pool, 0};
    group.run([&] { ++one.write(); });
    group.run([&] { ++other.write(); });
    group.wait();
    EXPECT_EQ(one.read() + other.read(), 2);
  }
  end(pool, thief);
}

// A part that was stolen has parts, and nobody can do them but who waits for the whole: the thief only waits for them.
EXPLORE_WITH(PartsOfAPool, WhoWaitsIsCalledForAPartOfAPart, (Explore{.strategy = Strategy::pct, .executions = 800})) {
  SmallPool pool({.workers = 2});
  thread thief([&] { pool.work(1); });
  Tally stolen;
  Tally begun;
  Group group{pool, 0};
  group.run([&] {
    stolen.add();
    Group inner{pool, 1};
    for (int i = 1; i <= 2; ++i) {  // twice: after the first it sleeps again
      inner.run([&] { begun.add(); });
      begun.wait_for(i);
      inner.wait();
    }
  });
  stolen.wait_for(1);
  group.wait();
  end(pool, thief);
}

// The same, if it is a part of the same group.
EXPLORE_WITH(PartsOfAPool, WhoWaitsIsCalledForAPartThatAPartHasAdded,
             (Explore{.strategy = Strategy::pct, .executions = 800})) {
  SmallPool pool({.workers = 2});
  thread thief([&] { pool.work(1); });
  Tally stolen;
  Tally begun;
  Group group{pool, 0};
  group.run([&] {
    stolen.add();
    group.run_at(1, [&] { begun.add(); });
    begun.wait_for(1);
  });
  stolen.wait_for(1);
  group.wait();
  end(pool, thief);
}

// A part that comes from outside is done by who waits, if nobody else can.
EXPLORE_WITH(PartsOfAPool, WhoWaitsIsCalledForAPartFromOutside,
             (Explore{.strategy = Strategy::pct, .executions = 800})) {
  SmallPool pool({.workers = 2});
  thread thief([&] { pool.work(1); });
  Tally stolen;
  Tally begun;
  Group group{pool, 0};
  group.run([&] {
    stolen.add();
    begun.wait_for(1);
  });
  stolen.wait_for(1);
  thread outside([&] { group.run_from_outside([&] { begun.add(); }); });
  group.wait();
  outside.join();
  group.wait();
  end(pool, thief);
}

// T1: of two who want it, one gets it.
EXPLORE_WITH(PartsOfAPool, APartFromOutsideRunsOnce, (Explore{.strategy = Strategy::pct, .executions = 800})) {
  SmallPool pool({.workers = 2});
  thread thief([&] { pool.work(1); });
  sync::cell<int> ran{0};
  {
    Group group{pool, 0};
    group.run_from_outside([&] { ++ran.write(); });
    group.wait();
    EXPECT_EQ(ran.read(), 1);
  }
  end(pool, thief);
}

EXPLORE_WITH(PartsOfAPool, APartThatIsRefusedIsOver, (Explore{.strategy = Strategy::pct, .executions = 800})) {
  SmallPool pool({.workers = 2});
  thread thief([&] { pool.work(1); });
  thread closer([&] { pool.scheduler.close(); });
  sync::cell<int> ran{0};
  {
    Group group{pool, 0};
    const auto part = [&] { ++ran.write(); };
    const bool queued = pool.scheduler.fork(*new PartOutside<decltype(part)>(group.parts, part), std::nullopt);
    group.wait();
    EXPECT_EQ(ran.read(), queued ? 1 : 0);
    EXPECT_FALSE(group.parts.trouble());
  }
  closer.join();
  end(pool, thief);
}

}  // namespace
}  // namespace pool::stealing
