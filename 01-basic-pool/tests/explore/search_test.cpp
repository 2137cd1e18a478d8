// How the explorer searches, what bounds the search, and how a schedule is played again.
#include <pool/testing/explorer/test.hpp>

#include <cstdlib>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "programs.hpp"

namespace pool {
namespace {

using explorer::explore;
using explorer::Result;
using explorer::Strategy;
using explorer::Verdict;

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
