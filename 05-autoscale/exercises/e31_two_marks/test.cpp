// The rule as a table, over all sizes, and in a pool that is only numbers. No time passes here.
#include <e31_two_marks/load_ratio.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <pool/testing/simulated_pool.hpp>

using exercise::Decision;
using exercise::Load;
using exercise::LoadRatio;
using namespace std::chrono_literals;
using pool::testing::flat_above;
using pool::testing::SimulatedPool;

namespace {

Load load(std::size_t workers, std::size_t active, std::size_t queued) {
  return {.workers = workers, .min_workers = 2, .max_workers = 20, .active = active, .queued = queued};
}

struct Case {
  std::string what;
  Load load;
  Decision expected;
};

void check(const LoadRatio& rule, const std::vector<Case>& table) {
  for (const Case& one : table) EXPECT_EQ(rule.decide(one.load), one.expected) << one.what;
}

SimulatedPool simulated(const LoadRatio& rule, SimulatedPool::Setup setup) {
  return {[rule](const Load& seen) { return rule.decide(seen); }, std::move(setup)};
}

}  // namespace

TEST(Marks, AboveTheThresholdItGrows) {
  check({}, {{"all busy", load(4, 4, 0), +2},
             {"what is queued counts as much", load(4, 0, 4), +2},
             {"both are added up", load(10, 5, 4), +2},
             {"just above", load(18, 15, 0), +2}});
}

TEST(Marks, BetweenThemItRests) {
  check({}, {{"at the threshold", load(10, 8, 0), 0},
             {"at the threshold, by what is queued", load(5, 2, 2), 0},
             {"in the middle", load(10, 5, 0), 0},
             {"at the low mark", load(10, 3, 0), 0}});
}

TEST(Marks, BelowTheLowOneItShrinks) {
  check({}, {{"just below", load(10, 2, 0), -1}, {"idle", load(20, 0, 0), -1}});
}

TEST(Marks, AreThoseThatWereSet) {
  check({.threshold = 2, .low = 1, .step_up = 5, .step_down = 3},
        {{"at two", load(10, 10, 10), 0}, {"above two", load(10, 10, 11), +5}, {"below one", load(10, 9, 0), -3}});
}

TEST(Range, AStepEndsAtTheLimits) {
  check({}, {{"one below the maximum", load(19, 19, 5), +1},
             {"at the maximum", load(20, 20, 1000), 0},
             {"at the minimum", load(2, 0, 0), 0}});
  check({.step_down = 3}, {{"two above the minimum", load(4, 0, 0), -2}});
}

TEST(Range, WhoIsOutsideIsBroughtIn) {
  check({}, {{"below the minimum, and idle", load(1, 0, 0), +1},
             {"no worker at all, and nothing to do", load(0, 0, 0), +2},
             {"no worker at all, and much to do", load(0, 0, 7), +2},
             {"above the maximum, and busy", load(23, 23, 9), -3}});
}

TEST(Range, MoreThanCanBeCountedIsMuch) {
  constexpr std::size_t kHuge = std::numeric_limits<std::size_t>::max();
  check({}, {{"queued and active", load(4, kHuge, kHuge), +2}, {"one more than all", load(4, 1, kHuge), +2}});
}

TEST(Memory, BarsGrowthAndNothingElse) {
  Load busy = load(4, 4, 4);
  Load idle = load(4, 0, 0);
  busy.memory_limit = idle.memory_limit = 1000;
  busy.memory_used = 800;
  EXPECT_EQ(LoadRatio().decide(busy), 2) << "80 %, not above";
  busy.memory_used = 801;
  EXPECT_EQ(LoadRatio().decide(busy), 0);
  idle.memory_used = 999;
  EXPECT_EQ(LoadRatio().decide(idle), -1);
  idle.workers = 1;
  EXPECT_EQ(LoadRatio().decide(idle), 1) << "the minimum is promised";
}

TEST(Memory, WhatIsNotKnownBarsNothing) {
  Load busy = load(4, 4, 4);
  busy.memory_used = 1000;
  EXPECT_EQ(LoadRatio().decide(busy), 2) << "no limit";
  busy.memory_used.reset();
  busy.memory_limit = 10;
  EXPECT_EQ(LoadRatio().decide(busy), 2) << "no use";
}

TEST(Rest, AfterAChangeNothingIsChanged) {
  const LoadRatio rule{.cooldown = 30s};
  Load up = load(4, 4, 4), down = load(4, 0, 0);
  up.since_change = down.since_change = 30s - 1ns;
  check(rule, {{"up", up, 0}, {"down", down, 0}});
  up.since_change = down.since_change = 30s;
  check(rule, {{"up, later", up, +2}, {"down, later", down, -1}});
}

TEST(Rest, TheLimitsDoNotWait) {
  const LoadRatio rule{.cooldown = 30s};
  Load dead = load(1, 0, 0), many = load(22, 22, 5);
  dead.since_change = many.since_change = 1s;
  check(rule, {{"to the minimum", dead, +1}, {"to the maximum", many, -2}});
}

// The same work, at the size that the step has led to: it does not lead back.
TEST(Swing, AStepIsNotFollowedByOneBack) {
  for (std::size_t workers = 1; workers <= 20; ++workers) {
    for (std::size_t work = 0; work <= 30; ++work) {
      Load before = load(workers, 0, work);
      before.min_workers = 1;
      const Decision step = LoadRatio().decide(before);
      Load after = before;
      after.workers = workers + static_cast<std::size_t>(static_cast<std::ptrdiff_t>(step));
      EXPECT_GE(step * LoadRatio().decide(after), 0) << workers << " workers, " << work << " jobs";
    }
  }
}

TEST(Swing, UnderAConstantLoadItComesToRest) {
  for (const double arrivals : {0.0, 10.0, 18.0, 35.0, 70.0, 150.0, 1000.0}) {
    SimulatedPool pool = simulated({}, {.capacity = flat_above(12), .arrivals = arrivals});
    pool.run(200);
    EXPECT_EQ(pool.changes(100), 0) << arrivals << " jobs a second";
  }
}

// Every 20 seconds much, then nothing.
TEST(Swing, ARestMakesChangesRare) {
  SimulatedPool pool = simulated({.cooldown = 60s}, {});
  for (int i = 0; i < 60; ++i) {
    pool.set_arrivals(i / 2 % 2 == 0 ? 180 : 0);
    pool.run(1);
  }
  EXPECT_LE(pool.changes(60 - 1), 10) << "of 60 intervals of 10 seconds";
}
