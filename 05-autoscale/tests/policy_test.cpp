// The load-ratio rule, as a table and over many loads; what all rules keep to. No time passes here.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <pool/autoscale/policy.hpp>
#include <pool/testing/simulated_pool.hpp>

namespace pool::autoscale {
namespace {

using namespace std::chrono_literals;
using testing::flat_above;
using testing::SimulatedPool;

// As the specification has them: from 2 to 20 workers.
Load load(std::size_t workers, std::size_t active, std::size_t queued) {
  return {.workers = workers, .min_workers = 2, .max_workers = 20, .active = active, .queued = queued};
}

struct Case {
  std::string what;
  Load load;
  Decision expected;
};

// S5.2
TEST(LoadRatio, DecidesByTheTable) {
  constexpr std::size_t kHuge = std::numeric_limits<std::size_t>::max();
  const std::vector<Case> table = {
      {"all busy, nobody waits", load(4, 4, 0), +2},
      {"what is queued counts as much", load(4, 0, 4), +2},
      {"both are added up", load(10, 5, 4), +2},
      {"at the threshold", load(10, 8, 0), 0},
      {"at the threshold, by what is queued", load(5, 2, 2), 0},
      {"just above it", load(20 - 2, 15, 0), +2},
      {"between the marks", load(10, 5, 0), 0},
      {"at the low mark", load(10, 3, 0), 0},
      {"just below it", load(10, 2, 0), -1},
      {"idle", load(20, 0, 0), -1},
      {"idle, one above the minimum", load(3, 0, 0), -1},
      {"idle, at the minimum", load(2, 0, 0), 0},
      {"one below the maximum: what is left", load(19, 19, 5), +1},
      {"two below the maximum", load(18, 18, 5), +2},
      {"at the maximum", load(20, 20, 1000), 0},
      {"more queued than can be counted", load(4, kHuge, kHuge), +2},
      {"below the minimum, and idle", load(1, 0, 0), +1},
      {"no worker at all", load(0, 0, 0), +2},
      {"above the maximum, and busy", load(23, 23, 9), -3},
  };
  for (const Case& one : table) EXPECT_EQ(LoadRatio().decide(one.load), one.expected) << one.what;
}

TEST(LoadRatio, GoesByItsMarksAndSteps) {
  const LoadRatio rule{.threshold = 2, .low = 1, .step_up = 5, .step_down = 3};
  EXPECT_EQ(rule.decide(load(10, 10, 10)), 0);
  EXPECT_EQ(rule.decide(load(10, 10, 11)), 5);
  EXPECT_EQ(rule.decide(load(10, 9, 0)), -3);
  EXPECT_EQ(rule.decide(load(4, 1, 0)), -2) << "what is left to the minimum";
}

TEST(LoadRatio, RestsAfterAChange) {
  const LoadRatio rule{.cooldown = 30s};
  Load up = load(4, 4, 4), down = load(4, 0, 0);
  up.since_change = down.since_change = 30s - 1ns;
  EXPECT_EQ(rule.decide(up), 0);
  EXPECT_EQ(rule.decide(down), 0);
  up.since_change = down.since_change = 30s;
  EXPECT_EQ(rule.decide(up), 2);
  EXPECT_EQ(rule.decide(down), -1);
  Load dead = load(1, 0, 0);
  dead.since_change = 1s;
  EXPECT_EQ(rule.decide(dead), 1) << "the minimum does not wait";
}

// S5.11 (part): no growth above a share of the limit
TEST(LoadRatio, DoesNotGrowWhenMemoryIsShort) {
  Load busy = load(4, 4, 4);
  busy.memory_limit = 1000;
  busy.memory_used = 800;
  EXPECT_EQ(LoadRatio().decide(busy), 2) << "80 %, not above";
  busy.memory_used = 801;
  EXPECT_EQ(LoadRatio().decide(busy), 0);
  EXPECT_EQ(LoadRatio{.memory_share = 0.9}.decide(busy), 2);
  Load idle = load(4, 0, 0);
  idle.memory_limit = 1000;
  idle.memory_used = 999;
  EXPECT_EQ(LoadRatio().decide(idle), -1) << "and shrinks all the same";
  idle.workers = 1;
  EXPECT_EQ(LoadRatio().decide(idle), 1) << "the minimum is promised";
}

// S5.10 (part): what cannot be measured does not stop a pool
TEST(LoadRatio, ScalesWhereMemoryIsUnknown) {
  Load busy = load(4, 4, 4);
  busy.memory_used = 1000;
  EXPECT_EQ(LoadRatio().decide(busy), 2);
  busy.memory_used.reset();
  busy.memory_limit = 0;
  EXPECT_EQ(LoadRatio().decide(busy), 2);
}

// S5.3 (part): nine intervals from 2 to 20
TEST(LoadRatio, TakesNineIntervalsFromTwoToTwenty) {
  SimulatedPool pool(LoadRatio{}, {.arrivals = 1e6});
  pool.run(12);
  EXPECT_EQ(pool.history(), (std::vector<std::size_t>{4, 6, 8, 10, 12, 14, 16, 18, 20, 20, 20, 20}));
}

// S5.3 (part): it adds workers although nobody waits
TEST(LoadRatio, AddsWorkersThoughNobodyWaits) {
  SimulatedPool pool(LoadRatio{}, {.arrivals = 20});  // as much as two can do
  pool.run(1);
  EXPECT_EQ(pool.last().queued, 0U);
  EXPECT_EQ(pool.last().oldest_wait, 0ns);
  EXPECT_EQ(pool.workers(), 4U);
}

// S5.3 (part): to the maximum, even when more workers bring nothing
TEST(LoadRatio, GoesToTheMaximumForNothing) {
  SimulatedPool pool(LoadRatio{}, {.capacity = flat_above(4), .arrivals = 100});
  pool.run(2);
  const std::size_t completed = pool.last().completed;
  pool.run(20);
  EXPECT_EQ(pool.workers(), 20U);
  EXPECT_EQ(pool.last().completed, completed);
}

TEST(LoadRatio, ACooldownMakesItSlower) {
  SimulatedPool pool(LoadRatio{.cooldown = 30s}, {.arrivals = 1e6});
  pool.run(7);
  EXPECT_EQ(pool.history(), (std::vector<std::size_t>{4, 4, 4, 6, 6, 6, 8}));
}

// Random numbers that are the same everywhere, which those of the standard's distributions are not.
class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t end) { return engine_() % end; }
  double share() { return static_cast<double>(engine_()) / static_cast<double>(std::mt19937::max()); }

  // Anything that a pool may look like, and some things that it must not.
  Load load() {
    Load load;
    load.min_workers = 1 + below(10);
    load.max_workers = load.min_workers + below(30);
    load.workers = below(50);
    load.active = below(load.workers + 1);
    load.queued = below(3) == 0 ? 0 : below(1000);
    load.oldest_wait = load.queued == 0 ? 0ms : std::chrono::milliseconds(below(2000));
    load.completed = below(2) == 0 ? below(5) : below(5000);
    load.elapsed = below(10) == 0 ? 0s : 10s;
    if (below(2) == 0) load.memory_limit = 1000;
    if (below(2) == 0) load.memory_used = below(1200);
    load.since_change = std::chrono::seconds(below(60));
    return load;
  }

 private:
  std::mt19937 engine_;
};

// S5.4 (part)
TEST(LoadRatio, KeepsItsPromisesUnderAnyLoad) {
  Random random(7);
  for (int i = 0; i < 100'000; ++i) {
    const Load load = random.load();
    const Decision step = LoadRatio().decide(load);
    const auto after = static_cast<std::ptrdiff_t>(load.workers) + step;
    ASSERT_GE(after, static_cast<std::ptrdiff_t>(load.min_workers)) << i;
    ASSERT_LE(after, static_cast<std::ptrdiff_t>(load.max_workers)) << i;
    if (load.workers < load.min_workers || load.workers > load.max_workers) continue;
    ASSERT_LE(step, 2) << i;
    ASSERT_GE(step, -1) << i;
    if (memory_is_short(load, kMemoryShare)) {
      ASSERT_LE(step, 0) << i;
    }
    ASSERT_EQ(LoadRatio().decide(load), step) << "it remembers nothing";
  }
}

TEST(LoadRatio, DoesNotOscillateUnderConstantLoad) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    const double arrivals = 300 * random.share();
    SimulatedPool pool(LoadRatio{}, {.capacity = flat_above(1 + random.below(40)), .arrivals = arrivals});
    pool.set_workers(2 + random.below(19));
    pool.run(1000);  // what is queued at first has been done by then, or never will be
    EXPECT_EQ(pool.changes(500), 0) << "seed " << seed << ", " << arrivals << " jobs/s";
  }
}

// S5.1 (part): the minimum and the maximum
TEST(LoadRatio, ReachesTheMaximumUnderOverloadAndTheMinimumWhenIdle) {
  for (std::size_t from = 2; from <= 20; ++from) {
    SimulatedPool pool(LoadRatio{}, {.arrivals = 1000});
    pool.set_workers(from);
    pool.run(9);
    EXPECT_EQ(pool.workers(), 20U) << from;
    SimulatedPool idle(LoadRatio{}, {});
    idle.set_workers(from);
    idle.run(18);
    EXPECT_EQ(idle.workers(), 2U) << from;
  }
}

TEST(Policy, IsMadeOfARuleOrOfAnyFunction) {
  Policy policy = LoadRatio{.step_up = 3};
  EXPECT_EQ(policy(load(4, 4, 4)), 3);
  policy = [](const Load& seen) { return within_limits(seen, 100); };
  EXPECT_EQ(policy(load(4, 4, 4)), 16);
}

TEST(Policy, RefusesRulesThatMakeNoSense) {
  const std::vector<LoadRatio> wrong = {{.threshold = 0.3, .low = 0.3},
                                        {.low = -0.1},
                                        {.step_up = 0},
                                        {.step_down = 0},
                                        {.cooldown = -1ns},
                                        {.memory_share = 0},
                                        {.memory_share = 1.1}};
  for (const LoadRatio& rule : wrong) EXPECT_THROW(static_cast<void>(Policy(rule)), std::invalid_argument);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(static_cast<void>(Policy(LoadRatio{.threshold = nan})), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(Policy(LoadRatio{.low = nan})), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(Policy(LoadRatio{.memory_share = nan})), std::invalid_argument);
}

}  // namespace
}  // namespace pool::autoscale
