// Jobs that say that they block: another worker comes for each, as far as there may be one.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include <pool/autoscale/thread_pool.hpp>
#include <pool/testing/gate.hpp>

#include "watched.hpp"

namespace pool::autoscale {
namespace {

using testing::Gate;
using testing::until;
using testing::Watched;

// S5.9: what f gives comes through as it is, and what it throws; and then nobody blocks any more.
TEST(Blocking, GivesAndThrowsWhatItCalls) {
  Watched watched(1, 2);
  ThreadPool& pool = watched.pool;
  pool.submit([&] {
        int here = 0;
        int& same = pool.blocking([&]() -> int& { return here; });
        EXPECT_EQ(&same, &here);
        EXPECT_EQ(*pool.blocking([] { return std::make_unique<int>(3); }), 3);
        pool.blocking([] {});
      })
      .get();
  for (int i = 0; i < 10; ++i) {
    auto throws = pool.submit([&] { pool.blocking([]() -> int { throw std::string("no"); }); });
    EXPECT_THROW(throws.get(), std::string);
    auto within = pool.submit([&] { pool.blocking([&] { pool.blocking([] { throw 3; }); }); });
    EXPECT_THROW(within.get(), int);
  }
  pool.wait_idle();
  EXPECT_EQ(watched.tick().blocked, 0U);
  until([&] { return pool.size() == 1; });
}

// S5.9: one that blocks twice over counts as one.
TEST(Blocking, WithinAnotherCountsOnce) {
  Watched watched(1, 4);
  Gate begun, go;
  watched.pool.post([&] {
    watched.pool.blocking([&] {
      watched.pool.blocking([&] {
        begun.open();
        go.wait();
      });
    });
  });
  begun.wait();
  EXPECT_EQ(watched.pool.size(), 2U);
  EXPECT_EQ(watched.tick().blocked, 1U);
  go.open();
}

// S5.9: on a thread that is no worker of this pool, be it one of another, it only calls.
TEST(Blocking, ElsewhereOnlyCalls) {
  Watched watched(1, 4);
  ThreadPool other(testing::by_hand(1, 2));
  EXPECT_EQ(watched.pool.blocking([] { return 5; }), 5);
  EXPECT_EQ(other.submit([&] { return watched.pool.blocking([] { return 6; }); }).get(), 6);
  // A worker that blocks in its own pool, and calls another one's.
  EXPECT_EQ(other.submit([&] { return other.blocking([&] { return watched.pool.blocking([] { return 7; }); }); }).get(),
            7);
  EXPECT_EQ(watched.pool.size(), 1U);
  EXPECT_EQ(other.size(), 2U);
}

// S5.9: short waits do not cost a thread each: who has come stays until the next sample.
TEST(Blocking, WhoComesStaysForAWhile) {
  Watched watched(1, 2);
  for (int i = 0; i < 100; ++i) {
    watched.pool.submit([&] { watched.pool.blocking([] {}); }).get();
    EXPECT_EQ(watched.pool.size(), 2U) << "it stays";
  }
  testing::until_counted(watched.pool, Event::Kind::started, 2);  // all jobs may be done before it has begun
  EXPECT_EQ(watched.pool.events().count(Event::Kind::started), 2U) << "it came once";
  static_cast<void>(watched.tick());
  until([&] { return watched.pool.size() == 1; });
}

// S5.9: a pool of a fixed size has no room for another one, and says nothing.
TEST(Blocking, InAPoolOfAFixedSizeNobodyComes) {
  ThreadPool pool({.workers = 2});
  EXPECT_EQ(pool.submit([&] { return pool.blocking([&] { return pool.size(); }); }).get(), 2U);
  EXPECT_EQ(pool.events().count(Event::Kind::started), 2U);
}

}  // namespace
}  // namespace pool::autoscale
