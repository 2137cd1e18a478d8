// The explorer finds what it says it finds: for each verdict a small program with that mistake, and its cure.
#include <pool/testing/explorer/test.hpp>

#include <array>
#include <cstdlib>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace pool {
namespace {

using explorer::explore;
using explorer::Result;
using explorer::Strategy;
using explorer::Verdict;
using testing::HasSubstr;

void expect_passed(const Result& result) {
  EXPECT_EQ(result.verdict, Verdict::passed) << result.report;
}

// ---- deadlock

void lock_both(sync::mutex& first, sync::mutex& second) {
  std::lock_guard one(first);
  std::lock_guard two(second);
}

void two_locks(bool same_order) {
  sync::mutex a;
  sync::mutex b;
  a.name("A");
  b.name("B");
  sync::thread other([&] { lock_both(a, b); });
  same_order ? lock_both(a, b) : lock_both(b, a);
  other.join();
}

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

void dine(bool one_is_left_handed) {
  std::array<sync::mutex, 3> forks;
  std::vector<sync::thread> philosophers;
  for (std::size_t i = 0; i < 3; ++i) {
    philosophers.emplace_back([&, i] {
      sync::mutex& right = forks[i];
      sync::mutex& left = forks[(i + 1) % 3];
      i == 0 && one_is_left_handed ? lock_both(left, right) : lock_both(right, left);
    });
  }
  for (auto& philosopher : philosophers) philosopher.join();
}

TEST(Deadlock, OfDiningPhilosophersUnlessOneIsLeftHanded) {
  EXPECT_EQ(explore([] { dine(false); }).verdict, Verdict::deadlock);
  expect_passed(explore([] { dine(true); }));
}

// ---- lost wake-up

void wait_for_flag(bool flag_under_lock) {
  sync::mutex mutex;
  sync::condition_variable changed;
  sync::atomic<bool> flag{false};
  sync::thread waiter([&] {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return flag.load(); });
  });
  if (flag_under_lock) {
    std::lock_guard lock(mutex);
    flag = true;
  } else {
    flag = true;  // may fall between the waiter's look at the flag and its sleep
  }
  changed.notify_one();
  waiter.join();
}

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

// ---- search

void planted_bug() {  // a lost update that needs one preemption, among other threads' noise
  sync::atomic<int> count{0};
  sync::atomic<int> noise{0};
  const auto increment = [&] {
    noise.fetch_add(1);
    count.store(count.load() + 1);
  };
  sync::thread one(increment);
  sync::thread two(increment);
  one.join();
  two.join();
  EXPLORE_CHECK(count.load() == 2);
}

TEST(Search, EveryStrategyFindsAPlantedBug) {
  for (const Strategy strategy : {Strategy::exhaustive, Strategy::random, Strategy::pct}) {
    const Result result = explore({.strategy = strategy}, planted_bug);
    EXPECT_EQ(result.verdict, Verdict::failed_check) << static_cast<int>(strategy);
    EXPECT_LT(result.executions, 200U);
  }
}

TEST(Search, ASeedSaysWhatHappens) {
  for (const Strategy strategy : {Strategy::random, Strategy::pct}) {
    std::set<std::string> schedules;
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
      const Result first = explore({.strategy = strategy, .seed = seed}, planted_bug);
      const Result again = explore({.strategy = strategy, .seed = seed}, planted_bug);
      EXPECT_EQ(first.schedule, again.schedule);
      EXPECT_EQ(first.executions, again.executions);
      schedules.insert(first.schedule);
    }
    EXPECT_GT(schedules.size(), 1U) << "other seeds, other schedules";
  }
}

TEST(Search, RandomAndPctStopAtTheirNumber) {
  for (const Strategy strategy : {Strategy::random, Strategy::pct}) {
    const Result result = explore({.strategy = strategy, .executions = 50}, [] { two_locks(true); });
    expect_passed(result);
    EXPECT_EQ(result.executions, 50U);
    EXPECT_FALSE(result.complete);
  }
}

TEST(Search, TheBoundOnPreemptionsIsKept) {
  EXPECT_EQ(explore({.preemptions = 0}, planted_bug).verdict, Verdict::passed);
  EXPECT_EQ(explore({.preemptions = 1}, planted_bug).verdict, Verdict::failed_check);
}

TEST(Search, SeesEveryInterleaving) {
  const auto interleavings = [](int threads, int steps) {
    std::set<std::string> seen;
    const Result result = explore({.preemptions = 20}, [&] {
      std::string order;
      sync::atomic<int> anything{0};
      std::vector<sync::thread> running;
      for (int t = 0; t < threads; ++t) {
        running.emplace_back([&, t] {
          for (int i = 0; i < steps; ++i) {
            anything.fetch_add(1);
            order += static_cast<char>('a' + t);
          }
        });
      }
      for (auto& thread : running) thread.join();
      seen.insert(order);
    });
    EXPECT_TRUE(result.complete);
    return seen.size();
  };
  EXPECT_EQ(interleavings(2, 3), 20U);  // 6! / (3! 3!)
  EXPECT_EQ(interleavings(3, 2), 90U);  // 6! / (2! 2! 2!)
  EXPECT_EQ(interleavings(4, 2), 2520U);
}

TEST(Search, KnowsWhetherItSawEverything) {
  EXPECT_FALSE(explore({.preemptions = 1}, [] { two_locks(true); }).complete);
  EXPECT_TRUE(explore({.preemptions = 9}, [] { two_locks(true); }).complete);
}

TEST(Search, GivesUpLoudly) {
  const Result result = explore({.executions = 3}, [] { dine(true); });
  EXPECT_EQ(result.verdict, Verdict::gave_up);
  EXPECT_EQ(result.executions, 3U);
}

// ---- replay

class Replay {  // sets the variable for as long as it lives
 public:
  explicit Replay(const std::string& schedule) { setenv("POOL_EXPLORE_REPLAY", schedule.c_str(), 1); }
  ~Replay() { unsetenv("POOL_EXPLORE_REPLAY"); }
};

TEST(ReplayOfASchedule, GivesTheSameReportInOneExecution) {
  for (const Strategy strategy : {Strategy::exhaustive, Strategy::random, Strategy::pct}) {
    for (const auto& body : {+[] { two_locks(false); }, +[] { wait_for_flag(false); }, +[] { planted_bug(); }}) {
      const Result found = explore({.strategy = strategy}, body);
      ASSERT_NE(found.verdict, Verdict::passed);
      const Replay replay(found.schedule);
      const Result again = explore(body);
      EXPECT_EQ(again.verdict, found.verdict);
      EXPECT_EQ(again.report, found.report);
      EXPECT_EQ(again.schedule, found.schedule);
      EXPECT_EQ(again.executions, 1U);
    }
  }
}

TEST(ReplayOfASchedule, RefusesWhatIsNone) {
  for (const char* text : {"hello", "", "1:", "1", "1-2"}) {
    const Replay replay(text);
    EXPECT_THROW(static_cast<void>(explore(planted_bug)), std::invalid_argument) << text;
  }
  const Replay replay("0:63");
  EXPECT_EQ(explore(planted_bug).verdict, Verdict::misuse) << "of another test";
}

}  // namespace
}  // namespace pool
