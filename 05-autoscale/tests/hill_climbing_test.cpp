// The policy that climbs: where it goes in a simulated pool, and that it rests there. No time passes here.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

#include <pool/autoscale/hill_climbing.hpp>
#include <pool/testing/simulated_pool.hpp>

namespace pool::autoscale {
namespace {

using namespace std::chrono_literals;
using testing::Capacity;
using testing::falling;
using testing::flat_above;
using testing::SimulatedPool;

using Sizes = std::vector<std::size_t>;

constexpr double kOverload = 1e6;  // jobs a second: more than any of these pools can do
const HillClimbing kNeverLooksAgain{.patience = std::numeric_limits<int>::max()};

// So many of the last sizes.
Sizes last(const SimulatedPool& pool, std::ptrdiff_t count) {
  return {pool.history().end() - count, pool.history().end()};
}

// S5.3 (part): a policy driven by queue wait and measured throughput
TEST(HillClimbing, FindsWhereMoreWorkersBringNothingAndStays) {
  for (std::size_t top = 2; top <= 20; ++top) {
    SimulatedPool pool(HillClimbing{}, {.capacity = flat_above(top), .arrivals = kOverload});
    pool.run(25);
    EXPECT_EQ(pool.workers(), top);
    pool.run(30);
    EXPECT_EQ(pool.changes(30), 0) << top;

    SimulatedPool other(LoadRatio{}, {.capacity = flat_above(top), .arrivals = kOverload});
    other.run(25);
    EXPECT_EQ(other.workers(), 20U) << "the load ratio sees only that all are busy";
  }
}

TEST(HillClimbing, FindsItFromAnySize) {
  for (std::size_t top = 2; top <= 20; ++top) {
    for (std::size_t from = 2; from <= 20; ++from) {
      SimulatedPool pool(HillClimbing{}, {.capacity = flat_above(top), .arrivals = kOverload});
      pool.set_workers(from);
      pool.run(40);
      EXPECT_EQ(pool.workers(), top) << "from " << from;
      EXPECT_EQ(pool.changes(10), 0) << "from " << from;
    }
  }
}

TEST(HillClimbing, TakesFourStepsFromTwoToTwenty) {
  SimulatedPool pool(HillClimbing{}, {.arrivals = kOverload});
  pool.run(10);
  EXPECT_EQ(pool.history(), (Sizes{4, 8, 16, 20, 15, 17, 19, 20, 20, 20})) << "and looks whether fewer would do";
}

// #region turns
// One step after the other: it doubles, turns round with half the step, and rests one below the step too far.
TEST(HillClimbing, TurnsRoundWithHalfTheStep) {
  SimulatedPool pool(HillClimbing{}, {.capacity = flat_above(10), .arrivals = kOverload});
  pool.run(12);
  EXPECT_EQ(pool.history(), (Sizes{4, 8, 16, 12, 8, 10, 12, 11, 10, 9, 10, 10}));
}
// #endregion turns

TEST(HillClimbing, DoesNotGoWhereMoreWorkersMakeItWorse) {
  for (const double contention : {0.0, 0.02, 0.1}) {
    for (const double crosstalk : {0.001, 0.005, 0.02}) {
      const Capacity capacity = falling(contention, crosstalk);
      std::size_t best = 2;
      for (std::size_t n = 2; n <= 60; ++n) best = capacity(n) > capacity(best) ? n : best;
      SimulatedPool pool(HillClimbing{}, {.max_workers = 60, .capacity = capacity, .arrivals = kOverload});
      pool.run(40);
      EXPECT_LE(pool.workers(), best) << contention << ' ' << crosstalk;
      EXPECT_GE(capacity(pool.workers()), 0.8 * capacity(best)) << contention << ' ' << crosstalk;
      EXPECT_EQ(pool.changes(10), 0) << contention << ' ' << crosstalk;
    }
  }
}

// What a size can do differs from one interval to the next, and more than a worker more would bring.
TEST(HillClimbing, StaysNearItInNoise) {
  for (const double noise : {0.02, 0.1}) {
    constexpr int kSeeds = 100, kIntervals = 500;
    double done = 0, size = 0;  // as shares of what can be done, and of what that takes
    for (unsigned seed = 1; seed <= kSeeds; ++seed) {
      const std::size_t top = 3 + seed % 15;
      SimulatedPool pool(HillClimbing{},
                         {.capacity = flat_above(top), .arrivals = kOverload, .noise = noise, .seed = seed});
      pool.run(40 + kIntervals);
      EXPECT_LE(pool.changes(kIntervals), kIntervals / 10) << "seed " << seed << ": a look for each patience, mostly";
      for (const std::size_t workers : last(pool, kIntervals)) {
        done += static_cast<double>(std::min(workers, top)) / static_cast<double>(top) / kIntervals / kSeeds;
        size += static_cast<double>(workers) / static_cast<double>(top) / kIntervals / kSeeds;
      }
    }
    EXPECT_GE(done, 0.98) << noise;
    EXPECT_LE(size, 1.2) << noise;
  }
}

TEST(HillClimbing, AddsNobodyWhileNobodyWaits) {
  SimulatedPool pool(HillClimbing{}, {.arrivals = 20});  // as much as two can do: all are busy, always
  pool.run(100);
  EXPECT_EQ(pool.last().active, 2U);
  EXPECT_EQ(pool.changes(99), 0);
  EXPECT_EQ(pool.workers(), 2U);
}

TEST(HillClimbing, AShortWaitIsNone) {
  HillClimbing rule{.wait = 50ms};
  HillClimbing::State state;
  Load load{
      .workers = 4, .min_workers = 2, .max_workers = 20, .active = 4, .queued = 9, .completed = 400, .elapsed = 10s};
  load.oldest_wait = 50ms - 1ns;
  EXPECT_EQ(rule.decide(load, state), 0);
  load.oldest_wait = 50ms;
  EXPECT_EQ(rule.decide(load, state), 4);
}

TEST(HillClimbing, HoldsWhatIsEnough) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    const double arrivals = 3 + seed % 190;  // of the 200 that 20 workers can do
    SimulatedPool pool(HillClimbing{}, {.arrivals = arrivals});
    pool.run(1000);
    EXPECT_EQ(pool.last().queued, 0U) << arrivals;
    EXPECT_LE(pool.workers(), std::max<std::size_t>(2, 2 * pool.last().active)) << arrivals;
    EXPECT_EQ(pool.changes(500), 0) << arrivals;
  }
}

TEST(HillClimbing, GoesToTheMinimumWhenIdle) {
  SimulatedPool pool(HillClimbing{}, {});
  pool.set_workers(20);
  pool.run(2);
  EXPECT_EQ(pool.workers(), 20U) << "it may be over in a moment";
  pool.run(1);
  EXPECT_EQ(pool.workers(), 19U);
  pool.run(17);
  EXPECT_EQ(pool.workers(), 2U) << "one at each sample";
}

TEST(HillClimbing, IsNotCalmBetweenTwoBursts) {
  HillClimbing::State state;
  Load idle{.workers = 4, .min_workers = 2, .max_workers = 20, .elapsed = 10s};
  Load busy = idle;
  busy.active = 4;
  for (const Load& load : {idle, idle, busy, idle, idle}) EXPECT_EQ(HillClimbing().decide(load, state), 0);
  EXPECT_EQ(HillClimbing().decide(idle, state), -1);
}

TEST(HillClimbing, ClimbsAnewWhenTheLoadIsAnother) {
  SimulatedPool pool(kNeverLooksAgain, {.capacity = flat_above(5), .arrivals = kOverload});
  pool.run(40);
  ASSERT_EQ(pool.workers(), 5U);
  pool.set_capacity(flat_above(12, 20));  // the jobs are half as long, and wait for something else
  pool.run(1);
  EXPECT_EQ(pool.workers(), 5U) << "one sample proves nothing";
  pool.run(40);
  EXPECT_EQ(pool.workers(), 12U);
  pool.set_capacity(flat_above(3, 10));
  pool.run(40);
  EXPECT_EQ(pool.workers(), 3U);
}

TEST(HillClimbing, LooksAgainAfterAWhileInTheOtherDirection) {
  SimulatedPool pool(HillClimbing{.patience = 5}, {.capacity = flat_above(4), .arrivals = kOverload});
  pool.run(30);
  const Sizes sizes = last(pool, 14);
  EXPECT_EQ(std::count(sizes.begin(), sizes.end(), 4U), 12) << "the others are single looks";
  EXPECT_EQ(*std::max_element(sizes.begin(), sizes.end()), 5U);
  EXPECT_EQ(*std::min_element(sizes.begin(), sizes.end()), 3U);

  pool.set_capacity(
      [](std::size_t n) { return 4.0 * static_cast<double>(n) + 24; });  // 40 a second as before, but a slope
  pool.run(80);
  EXPECT_GT(pool.workers(), 4U) << "which shows by looking only";
}

TEST(HillClimbing, AddsOneAtATimeWhenNoJobEnds) {
  SimulatedPool pool(HillClimbing{}, {.capacity = flat_above(0), .arrivals = 1});
  pool.run(9);
  EXPECT_EQ(pool.history(), (Sizes{2, 2, 3, 3, 3, 4, 4, 4, 5}));
  pool.run(100);
  EXPECT_EQ(pool.workers(), 20U);
}

TEST(HillClimbing, MeasuresUntilThereAreEnoughJobs) {
  SimulatedPool pool(HillClimbing{},
                     {.capacity = flat_above(1000, 0.35), .arrivals = 1000});  // 7 for each in 20 seconds
  pool.run(4);
  EXPECT_EQ(pool.history(), (Sizes{2, 4, 4, 8}));
}

// scale_to(), a worker that died, a thread that could not be made: what was measured was another size.
TEST(HillClimbing, BeginsAnewWhenSomebodyElseChangesTheSize) {
  SimulatedPool pool(kNeverLooksAgain, {.capacity = flat_above(6), .arrivals = kOverload});
  pool.run(40);
  ASSERT_EQ(pool.workers(), 6U);
  pool.set_workers(17);
  pool.run(40);
  EXPECT_EQ(pool.workers(), 6U);
}

TEST(HillClimbing, SubstitutesOfBlockedWorkersAreNoOtherSize) {
  HillClimbing::State state;
  Load load{.workers = 4, .min_workers = 2, .max_workers = 20, .active = 4, .queued = 99, .oldest_wait = 1s};
  load.completed = 400;
  load.elapsed = 10s;
  EXPECT_EQ(HillClimbing().decide(load, state), 4);
  load.workers = 11;
  load.blocked = 3;  // of the 8
  EXPECT_EQ(HillClimbing().decide(load, state), -2) << "the same is done by 8 as by 4";
}

// S5.11 (part)
TEST(HillClimbing, DoesNotGrowWhenMemoryIsShort) {
  HillClimbing::State state;
  Load load{.workers = 4, .min_workers = 2, .max_workers = 20, .active = 4, .queued = 99, .oldest_wait = 1s};
  load.completed = 400;
  load.elapsed = 10s;
  load.memory_limit = 1000;
  load.memory_used = 801;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(HillClimbing().decide(load, state), 0) << "and does not try fewer, either";
  load.memory_used = 800;
  EXPECT_EQ(HillClimbing().decide(load, state), 4);
}

// S5.4 (part)
TEST(HillClimbing, KeepsItsPromisesUnderAnyLoad) {
  std::mt19937 random(11);
  const auto below = [&](std::size_t end) { return random() % end; };
  HillClimbing::State state;
  Load load;
  for (int i = 0; i < 200'000; ++i) {
    if (i % 50 == 0) {
      load.min_workers = 1 + below(10);
      load.max_workers = load.min_workers + below(60);
      load.workers = below(80);
    }
    load.active = below(load.workers + 1);
    load.queued = below(4) == 0 ? 0 : 1 + below(1000);
    load.oldest_wait = load.queued == 0 ? 0ms : std::chrono::milliseconds(below(2000));
    load.completed = below(5) == 0 ? below(3) : below(5000);
    load.elapsed = below(20) == 0 ? 0s : 10s;
    load.memory_limit.reset();
    if (below(5) == 0) load.memory_limit = 1000;
    load.memory_used = below(1200);

    const HillClimbing::State before = state;
    HillClimbing::State again = state;
    const Decision step = HillClimbing().decide(load, state);
    const auto after = static_cast<std::ptrdiff_t>(load.workers) + step;
    ASSERT_GE(after, static_cast<std::ptrdiff_t>(load.min_workers)) << i;
    ASSERT_LE(after, static_cast<std::ptrdiff_t>(load.max_workers)) << i;
    ASSERT_EQ(HillClimbing().decide(load, again), step) << "the same load and the same state: the same decision";
    if (load.workers >= load.min_workers && load.workers <= load.max_workers) {
      ASSERT_LE(step, static_cast<std::ptrdiff_t>(load.workers)) << "it doubles at the most";
      if (load.oldest_wait < 100ms || memory_is_short(load, kMemoryShare)) {
        ASSERT_LE(step, 0) << i << ", phase " << static_cast<int>(before.phase);
      }
    }
    load.workers = static_cast<std::size_t>(after);
  }
}

TEST(HillClimbing, IsAPolicyWithAMemoryOfItsOwn) {
  const Load calm{.workers = 4, .min_workers = 2, .max_workers = 20, .elapsed = 10s};
  Policy one = HillClimbing{};
  EXPECT_EQ(one(calm), 0);
  EXPECT_EQ(one(calm), 0);
  Policy other = HillClimbing{};
  EXPECT_EQ(one(calm), -1);
  EXPECT_EQ(other(calm), 0);
}

TEST(HillClimbing, RefusesFiguresThatMakeNoSense) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<HillClimbing> wrong = {
      {.wait = -1ns},      {.worth = 0},        {.worth = 1.1},       {.worth = nan},  {.idle = -0.1},
      {.idle = 1.1},       {.idle = nan},       {.change = -1},       {.change = nan}, {.patience = 0},
      {.memory_share = 0}, {.memory_share = 2}, {.memory_share = nan}};
  for (const HillClimbing& rule : wrong) EXPECT_THROW(static_cast<void>(Policy(rule)), std::invalid_argument);
}

}  // namespace
}  // namespace pool::autoscale
