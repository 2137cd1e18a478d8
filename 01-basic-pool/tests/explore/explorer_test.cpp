// The explorer finds what it says it finds: for each verdict a small program with that mistake, and its cure.
#include <pool/testing/explorer/test.hpp>

#include <array>
#include <stdexcept>
#include <vector>

#include <gmock/gmock.h>

#include "programs.hpp"

namespace pool {
namespace {

using explorer::explore;
using explorer::Result;
using explorer::Verdict;
using testing::HasSubstr;

// ---- deadlock

TEST(Deadlock, OfTwoLocksIsFoundAndExplained) {
  const Result result = explore([] { two_locks(false); });
  EXPECT_EQ(result.verdict, Verdict::deadlock);
  EXPECT_THAT(result.report, HasSubstr("the body waits for A, held by thread 1"));
  EXPECT_THAT(result.report, HasSubstr("thread 1 waits for B, held by the body"));
  EXPECT_THAT(result.report, HasSubstr("| lock A"));
  expect_passed(explore([] { two_locks(true); }));
}

TEST(Deadlock, OfOneThreadWithItself) {
  const Result result = explore([] {
    sync::mutex mutex;
    lock_both(mutex, mutex);
  });
  EXPECT_EQ(result.verdict, Verdict::deadlock);
  EXPECT_THAT(result.report, HasSubstr("the body waits for first, held by the body"));
}

TEST(Deadlock, OfDiningPhilosophersUnlessOneIsLeftHanded) {
  EXPECT_EQ(explore([] { dine(false); }).verdict, Verdict::deadlock);
  expect_passed(explore([] { dine(true); }));
}

// ---- lost wake-up

TEST(LostWakeup, IsFoundWhenTheFlagIsSetOutsideTheLock) {
  const Result result = explore([] { wait_for_flag(false); });
  EXPECT_EQ(result.verdict, Verdict::lost_wakeup);
  EXPECT_THAT(result.report, HasSubstr("thread 1 waits for changed, which was notified at step"));
  EXPECT_THAT(result.report, HasSubstr("when nobody waited"));
  expect_passed(explore([] { wait_for_flag(true); }));
}

// ---- data race

void publish(std::memory_order store, std::memory_order load) {
  sync::cell<int> data{0};
  sync::atomic<bool> ready{false};
  sync::thread reader([&] {
    if (ready.load(load)) EXPLORE_CHECK(data.read() == 1);
  });
  data.write() = 1;
  ready.store(true, store);
  reader.join();
}

TEST(DataRace, IsFoundWhenThePublicationIsRelaxed) {
  const Result result = explore([] { publish(std::memory_order_relaxed, std::memory_order_acquire); });
  EXPECT_EQ(result.verdict, Verdict::data_race);
  EXPECT_THAT(result.report, testing::ContainsRegex("data is written by the body at explorer_test.cpp:[0-9]+ and "
                                                    "read by thread 1 at explorer_test.cpp:[0-9]+"));
  EXPECT_EQ(explore([] { publish(std::memory_order_release, std::memory_order_relaxed); }).verdict, Verdict::data_race);
  expect_passed(explore([] { publish(std::memory_order_release, std::memory_order_acquire); }));
}

TEST(DataRace, IsFoundInEveryOrderOfReadAndWrite) {
  const auto race = [](bool first_writes, bool second_writes) {
    return explore([=] {
      sync::cell<int> cell;
      const auto use = [&](bool writes) { static_cast<void>(writes ? cell.write() : cell.read()); };
      sync::thread other([&] { use(second_writes); });
      use(first_writes);
      other.join();
    });
  };
  EXPECT_EQ(race(true, true).verdict, Verdict::data_race);
  EXPECT_EQ(race(true, false).verdict, Verdict::data_race);
  EXPECT_EQ(race(false, true).verdict, Verdict::data_race);
  expect_passed(race(false, false));
}

// ---- failed check: a bank whose transfer looks, lets go of the lock, and acts on what it saw

void transfer_twice(bool keep_lock) {
  sync::mutex mutex;
  sync::cell<int> account{100};
  const auto withdraw = [&] {
    std::unique_lock lock(mutex);
    const bool enough = account.read() >= 100;
    if (!keep_lock) {
      lock.unlock();
      lock.lock();
    }
    if (enough) account.write() -= 100;
  };
  sync::thread other(withdraw);
  withdraw();
  other.join();
  EXPECT_GE(account.read(), 0) << "overdrawn";
}

TEST(FailedCheck, OfGoogleTestFailsTheExploration) {
  const Result result = explore([] { transfer_twice(false); });
  EXPECT_EQ(result.verdict, Verdict::failed_check);
  EXPECT_THAT(result.report, HasSubstr("check failed at explorer_test.cpp:"));
  EXPECT_THAT(result.report, HasSubstr("overdrawn"));
  expect_passed(explore([] { transfer_twice(true); }));
}

TEST(FailedCheck, InAThreadIsFoundAsWell) {
  const Result result = explore([] {
    sync::thread other([] { EXPLORE_CHECK(1 > 2); });
    other.join();
  });
  EXPECT_EQ(result.verdict, Verdict::failed_check);
  EXPECT_THAT(result.report, HasSubstr(": 1 > 2"));
}

// ---- escaped exception

TEST(EscapedException, NamesItsThreadAndItsText) {
  const Result result = explore([] {
    sync::thread other([] { throw std::runtime_error("no more paper"); });
    other.join();
  });
  EXPECT_EQ(result.verdict, Verdict::escaped_exception);
  EXPECT_THAT(result.report, HasSubstr("an exception left thread 1: no more paper"));
  EXPECT_EQ(explore([] { throw 1; }).verdict, Verdict::escaped_exception);
}

// ---- livelock

TEST(Livelock, IsFoundAtTheStepLimit) {
  const Result result = explore({.steps = 200}, [] {
    sync::atomic<bool> never{false};
    sync::thread other([&] {
      while (!never.load()) {
      }
    });
    other.join();
  });
  EXPECT_EQ(result.verdict, Verdict::livelock);
  EXPECT_THAT(result.report, HasSubstr("no end after 200 steps"));
}

TEST(Livelock, IsReportedForALoopThatOnlyLooksAtPlainValues) {
  const auto result = explore([] {
    pool::sync::cell<bool> done{false};
    while (!done.read()) {
    }
  });
  EXPECT_EQ(result.verdict, Verdict::livelock);
}

TEST(Livelock, IsNotALoopThatSpinsForAWhile) {
  expect_passed(explore({.executions = 50'000}, [] {
    sync::atomic<int> turn{0};
    const auto take_turn = [&](int mine) {
      while (turn.load(std::memory_order_acquire) != mine) {
      }
      turn.store(mine + 1, std::memory_order_release);
    };
    sync::thread last(take_turn, 2);
    sync::thread middle(take_turn, 1);
    take_turn(0);
    last.join();
    middle.join();
  }));
}

TEST(Livelock, IsNotALockThatSpins) {
  expect_passed(explore([] {
    sync::atomic<bool> locked{false};
    sync::cell<int> count{0};
    const auto increment = [&] {
      while (locked.exchange(true, std::memory_order_acquire)) {
      }
      ++count.write();
      locked.store(false, std::memory_order_release);
    };
    sync::thread one(increment);
    sync::thread two(increment);
    increment();
    one.join();
    two.join();
    EXPECT_EQ(count.read(), 3);
  }));
}

void poll(bool yields) {
  sync::mutex mutex;
  sync::cell<bool> done{false};
  sync::thread poller([&] {
    for (bool seen = false; !seen;) {
      if (yields) sync::this_thread::yield();
      std::lock_guard lock(mutex);
      seen = done.read();
    }
  });
  sync::thread setter([&] {
    std::lock_guard lock(mutex);
    done.write() = true;
  });
  poller.join();
  setter.join();
}

// A thread that looks at several things, once each, does not wait for anybody: it must be possible that all of it happens
// between two steps of another thread.
TEST(Livelock, IsNotWhatManyLooksAreTakenFor) {
  const Result result = explore([] {
    sync::atomic<int> first{0}, second{0};
    std::array<sync::atomic<int>, 7> others{};
    sync::thread looks([&] {
      const int before = first.load();
      EXPLORE_CHECK(before == 1 || second.load() == 0);
    });
    for (const auto& other : others) EXPECT_EQ(other.load(), 0);
    first = 1;
    second = 1;
    looks.join();
  });
  EXPECT_EQ(result.verdict, Verdict::failed_check) << result.executions << " executions";
}

// A function that looks is a place for each of its callers: who calls it again does not wait.
TEST(Livelock, IsNotWhatTwoCallsOfAFunctionAreTakenFor) {
  const Result result = explore({.preemptions = 2}, [] {
    sync::atomic<int> looked_at{0}, another{0}, first{0}, second{0};
    sync::thread looks([&] {
      const auto look = [&] { return looked_at.load(); };
      EXPECT_EQ(look(), 0);  // which is news
      EXPECT_EQ(look(), 0);
      EXPECT_EQ(look(), 0);
      EXPECT_EQ(another.load(), 0);
      const int before = first.load();
      EXPLORE_CHECK(before == 1 || second.load() == 0);
    });
    first = 1;
    second = 1;
    looks.join();
  });
  EXPECT_EQ(result.verdict, Verdict::failed_check) << result.executions << " executions";
}

// It has looked at the same thing again, but then it does something: so what comes next costs nothing.
TEST(Livelock, IsNotWhereAThreadGoesOnToChangeSomething) {
  const Result result = explore({.preemptions = 2}, [] {
    sync::atomic<int> looked_at{0}, changed{0};
    sync::thread looks([&] {
      for (int i = 0; i < 3; ++i) EXPECT_EQ(looked_at.load(), 0);  // the first of which is news
      for (int i = 0; i < 3; ++i) changed.store(i + 1);
    });
    EXPLORE_CHECK(changed.load() != 3);
    looks.join();
  });
  EXPECT_EQ(result.verdict, Verdict::failed_check) << result.executions << " executions";
}

TEST(Livelock, IsNotAPollUnderALock) {
  expect_passed(explore([] { poll(true); }));
  expect_passed(explore({.preemptions = 0}, [] { poll(false); }));
}

// ---- threads and misuse

TEST(LeakedThread, IsOneThatNobodyJoins) {
  EXPECT_EQ(explore([] { sync::thread([] {}); }).verdict, Verdict::leaked_thread);
  EXPECT_EQ(explore([] { sync::thread([] {}).detach(); }).verdict, Verdict::leaked_thread);
  EXPECT_EQ(explore([] { static_cast<void>(new sync::thread([] {})); }).verdict, Verdict::leaked_thread);
}

TEST(Misuse, IsReported) {
  EXPECT_EQ(explore([] { sync::mutex().unlock(); }).verdict, Verdict::misuse);
  EXPECT_EQ(explore([] { sync::mutex().lock(); }).verdict, Verdict::misuse) << "destroyed while locked";
  EXPECT_EQ(explore([] { sync::thread().join(); }).verdict, Verdict::misuse);
  const Result crowd = explore([] {
    std::vector<sync::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([] {});
  });
  EXPECT_EQ(crowd.verdict, Verdict::misuse);
  EXPECT_THAT(crowd.report, HasSubstr("seven more"));
}

TEST(Misuse, IsABodyThatIsNotDeterministic) {
  int runs = 0;
  const Result result = explore([&] {
    std::vector<sync::thread> threads(2 + static_cast<std::size_t>(++runs % 2));
    for (auto& thread : threads) thread = sync::thread([] {});
    for (auto& thread : threads) thread.join();
  });
  EXPECT_EQ(result.verdict, Verdict::misuse);
  EXPECT_THAT(result.report, HasSubstr("something else than before"));
}

TEST(MisuseDeathTest, IsAPrimitiveOutsideOfAnExploration) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(sync::mutex().lock(), "outside of an exploration");
}

}  // namespace
}  // namespace pool
