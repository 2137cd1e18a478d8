// Workers that come and go: how many, and in which seats.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <latch>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <pthread.h>

#include <pool/autoscale/cpu_budget.hpp>
#include <pool/autoscale/thread_pool.hpp>
#include <pool/testing/gate.hpp>
#include <pool/testing/process.hpp>

#include "watched.hpp"

namespace pool::autoscale {
namespace {

using testing::by_hand;
using testing::Gate;
using testing::thread_count;
using testing::thread_count_becomes;
using testing::until_counted;
using Kind = Event::Kind;

template <class F>
std::string refusal(F&& f) {
  try {
    f();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

// S5.5: twice as many as CPUs that it may use, at most 32.
TEST(Sizes, OfAPoolToWhichNothingIsSaid) {
  EXPECT_EQ(ThreadPool::default_workers(1), 2U);
  EXPECT_EQ(ThreadPool::default_workers(kUnknownCpus), 8U);
  EXPECT_EQ(ThreadPool::default_workers(16), 32U);
  EXPECT_EQ(ThreadPool::default_workers(64), 32U);
  EXPECT_EQ(ThreadPool::default_workers(), ThreadPool::default_workers(cpu_budget()));
  priority::ManualClock clock;
  ThreadPool pool({.clock = &clock});
  Gate go;
  for (int i = 0; i < 100; ++i) pool.post([&] { go.wait(); });
  for (int i = 0; i < 10; ++i) clock.advance(std::chrono::seconds(10));  // nobody asks how many there should be
  EXPECT_EQ(pool.size(), ThreadPool::default_workers());
  EXPECT_THROW(pool.scale_to(pool.size() + 1), std::invalid_argument);
  go.open();
  pool.wait_idle();
}

// S5.5: each of them works, since all of the jobs wait for each other.
TEST(Sizes, AThousandWorkersIfAskedFor) {
  const std::size_t threads = thread_count();
  {
    ThreadPool pool(by_hand(1, 1000));
    pool.scale_to(1000);
    EXPECT_EQ(pool.size(), 1000U);
    std::latch all(1000);
    for (int i = 0; i < 1000; ++i) pool.post([&] { all.arrive_and_wait(); });
    pool.wait_idle();
  }
  EXPECT_TRUE(thread_count_becomes(threads));
}

// S5.5
TEST(Sizes, AThousandAllTheTime) {
  ThreadPool pool({.workers = 1000});
  EXPECT_EQ(pool.size(), 1000U);
  EXPECT_EQ(pool.submit([] { return 1; }).get(), 1);
}

// S5.5: and not one more: the error says what was asked for, and what there can be.
TEST(Sizes, MoreThanAThousandAreRefused) {
  const std::size_t threads = thread_count();
  EXPECT_EQ(refusal([] { ThreadPool({.workers = 1001}); }),
            "pool: from 1001 to 1001 workers, but the first must not be more than the second, nor that more than 1000");
  EXPECT_EQ(refusal([] { ThreadPool({.min_workers = 1, .max_workers = 1001}); }),
            "pool: from 1 to 1001 workers, but the first must not be more than the second, nor that more than 1000");
  ThreadPool pool(by_hand(1, 4));
  EXPECT_EQ(refusal([&] { pool.scale_to(1001); }), "pool: scale_to(1001), but it has from 1 to 4 workers");
  EXPECT_EQ(thread_count(), threads + 2);
}

// S5.5: the lowest numbers come first, the highest go first; and a name belongs to a number.
TEST(Scaling, NumbersAndNamesAreUsedAgain) {
  Options options = by_hand(1, 4);
  options.name = "Seat";
  ThreadPool pool(options);
  const auto names = [] {
    std::set<std::string> seats;
    for (const std::string& name : testing::thread_names()) {
      if (name.starts_with("Seat")) seats.insert(name);
    }
    return seats;
  };
  using Names = std::set<std::string>;
  for (std::size_t round = 1; round <= 5; ++round) {
    pool.scale_to(4);
    until_counted(pool, Kind::started, 3 * round + 1);
    EXPECT_EQ(names(), (Names{"Seat-0", "Seat-1", "Seat-2", "Seat-3"}));
    pool.scale_to(2);
    until_counted(pool, Kind::retired, 3 * round - 1);
    testing::until([&] { return names() == Names{"Seat-0", "Seat-1"}; });
    pool.scale_to(1);
    until_counted(pool, Kind::retired, 3 * round);
  }
}

// S5.5: until the policy decides on another number; what it decides is counted from there.
TEST(Scaling, HoldsUntilTheNextDecision) {
  testing::Watched watched(1, 8);
  watched.pool.scale_to(6);
  static_cast<void>(watched.tick());
  static_cast<void>(watched.tick());
  EXPECT_EQ(watched.pool.size(), 6U) << "it has decided on nothing else";
  watched.oracle.answer = -2;
  EXPECT_EQ(watched.tick().workers, 6U);
  testing::until([&] { return watched.pool.size() == 4; });
}

// S5.8: one that goes while its job runs is no worker any more, and one that comes then has another seat.
TEST(Scaling, WhoIsAboutToGoKeepsHisSeat) {
  ThreadPool pool(by_hand(1, 3));
  Gate go;
  std::latch two(3);
  pool.scale_to(2);
  for (int i = 0; i < 2; ++i) {
    pool.post([&] {
      two.count_down();
      go.wait();
    });
  }
  two.arrive_and_wait();
  const std::size_t threads = thread_count();
  pool.scale_to(1);
  EXPECT_EQ(pool.size(), 1U);
  pool.scale_to(3);  // two are wanted, and there is a seat for one
  until_counted(pool, Kind::started, 3);
  EXPECT_EQ(thread_count(), threads + 1);
  EXPECT_EQ(pool.submit([&] { return *pool.current_worker(); }).get(), 2U);
  go.open();
  until_counted(pool, Kind::retired, 1);
  until_counted(pool, Kind::started, 4);
  EXPECT_EQ(pool.size(), 3U);
}

// S5.8: a decision is about those who are wanted, though some wait for the seats of others that are about to go.
TEST(Scaling, WhoWaitsForASeatIsNotMissing) {
  testing::Watched watched(1, 3);
  ThreadPool& pool = watched.pool;
  Gate go;
  std::latch all(4);
  pool.scale_to(3);
  for (int i = 0; i < 3; ++i) {
    pool.post([&] {
      all.count_down();
      go.wait();
    });
  }
  all.arrive_and_wait();
  pool.scale_to(1);
  pool.scale_to(3);
  watched.oracle.answer = -1;
  EXPECT_EQ(watched.tick().workers, 1U) << "the others wait for a seat";
  until_counted(pool, Kind::scaled, 4);
  go.open();
  testing::until([&] { return pool.size() == 2; });
}

// S5.8 (V3): nobody knows whether one that has not begun ever will. So it goes first, whatever the numbers are.
TEST(Scaling, WhoHasNotBegunGoesBeforeWhoWorks) {
  Options options = by_hand(1, 2);
  std::atomic<int> begun = 0;
  Gate again;
  options.on_start = [&](std::size_t worker) {
    if (worker == 0 && ++begun == 2) again.wait();
  };
  ThreadPool pool(options);
  pool.scale_to(2);
  std::latch both(2);
  for (int i = 0; i < 2; ++i) {
    pool.post([&] {
      both.arrive_and_wait();
      if (*pool.current_worker() == 0) pthread_exit(nullptr);
    });
  }
  testing::until([&] { return begun == 2; });
  pool.scale_to(1);
  EXPECT_EQ(pool.submit([&] { return *pool.current_worker(); }).get(), 1U);
  again.open();
  until_counted(pool, Kind::retired, 1);
  EXPECT_EQ(pool.size(), 1U);
}

// S5.5: from a job, and from a hook.
TEST(Scaling, MayBeAskedForInside) {
  ThreadPool pool(by_hand(1, 3));
  EXPECT_EQ(pool.submit([&] { return pool.scale_to(3), pool.size(); }).get(), 3U);
  EXPECT_EQ(pool.submit([&] { return pool.scale_to(1), pool.size(); }).get(), 1U);
  EXPECT_EQ(pool.submit([] { return 1; }).get(), 1);
}

// --- events ----------------------------------------------------------------------------------------------------------

// All of them, each once, in their order, whoever has caused them; the last ones when the pool is gone.
TEST(Events, AreToldInTheirOrder) {
  std::vector<Event> heard;
  Events::Seen seen;
  {
    Options options = by_hand(1, 3);
    options.on_event = [&](const Event& event) {
      heard.push_back(event);
      if (event.kind == Kind::scaled) throw 1;  // which harms nothing
    };
    ThreadPool pool(options);
    for (std::size_t round = 1; round <= 10; ++round) {
      pool.scale_to(3);
      until_counted(pool, Kind::started, 2 * round + 1);
      pool.scale_to(1);
      until_counted(pool, Kind::retired, 2 * round);
    }
    pool.shutdown();
    seen = pool.events();
  }
  ASSERT_EQ(heard.size(), seen.last.size());
  for (std::size_t i = 0; i < heard.size(); ++i) {
    EXPECT_EQ(heard[i].kind, seen.last[i].kind);
    EXPECT_EQ(heard[i].worker, seen.last[i].worker);
  }
  EXPECT_EQ(heard.size(), 21U + 20U + 20U);
  const auto counted = [&](Kind kind) {
    return static_cast<std::size_t>(std::count_if(heard.begin(), heard.end(), [&](auto& e) { return e.kind == kind; }));
  };
  for (const Kind kind : {Kind::started, Kind::retired, Kind::scaled}) EXPECT_EQ(counted(kind), seen.count(kind));
}

TEST(Events, TheLastOnesAreKeptAndAllAreCounted) {
  Events events;
  std::size_t told = 0;
  for (std::size_t i = 0; i < 3; ++i) events.note({Kind::started, Time{}, i, 0});
  EXPECT_EQ(events.next_after(told)->worker, 0U);
  for (std::size_t i = 3; i < 1000; ++i) events.note({i % 2 == 0 ? Kind::started : Kind::died, Time{}, i, 0});
  const Events::Seen seen = events.seen();
  ASSERT_EQ(seen.last.size(), Events::kLog);
  for (std::size_t i = 0; i < Events::kLog; ++i) EXPECT_EQ(seen.last[i].worker, 1000 - Events::kLog + i);
  EXPECT_EQ(seen.count(Kind::started), 501U);
  EXPECT_EQ(seen.count(Kind::died), 499U);
  for (std::size_t i = 1000 - Events::kLog; i < 1000; ++i) EXPECT_EQ(events.next_after(told)->worker, i);
  EXPECT_FALSE(events.next_after(told));
}

}  // namespace
}  // namespace pool::autoscale
