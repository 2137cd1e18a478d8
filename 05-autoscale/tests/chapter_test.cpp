// What the chapter shows: the plots, made of the policies that ship and a simulated pool, and the numbers in its text.
//
// A plot that is not what the program draws fails the test. With POOL_RENEW=1 in its environment it writes them.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <pool/autoscale/hill_climbing.hpp>
#include <pool/autoscale/policy.hpp>
#include <pool/testing/simulated_pool.hpp>

#include "policy_plot.hpp"

namespace pool::autoscale {
namespace {

using namespace std::chrono_literals;
using testing::falling;
using testing::flat_above;
using testing::PolicyPlot;
using testing::SimulatedPool;
using testing::Watched;

void expect_in_the_book(const std::string& name, const PolicyPlot& plot) {
  const auto file = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path() / "docs/images" / name;
  if (std::getenv("POOL_RENEW") != nullptr) std::ofstream(file) << plot.svg();
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_TRUE(text.str() == plot.svg()) << file
                                        << " is stale: run this test with POOL_RENEW=1, and look at the picture";
}

std::size_t most_workers(const Watched& one) {
  std::size_t most = 0;
  for (const auto& interval : one.intervals) most = std::max(most, interval.workers);
  return most;
}

// How often the number of workers has changed.
std::size_t changes(const Watched& one) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < one.intervals.size(); ++i) {
    count += one.intervals[i].workers != one.intervals[i - 1].workers ? 1 : 0;
  }
  return count;
}

// The first interval from `from` on at whose end nothing waits.
std::size_t drained(const Watched& one, std::size_t from) {
  while (from < one.intervals.size() && one.intervals[from].queued > 0) ++from;
  return from;
}

// #region one_mark
Decision one_mark(const Load& load) {
  const double ratio = static_cast<double>(load.active + load.queued) / static_cast<double>(load.workers);
  return within_limits(load, ratio > 0.8 ? +2 : -1);
}
// #endregion one_mark

Watched watch(std::string name, std::string remark, Policy policy, SimulatedPool::Setup setup, int intervals,
              std::size_t enough = 0) {
  SimulatedPool pool(std::move(policy), std::move(setup));
  Watched watched{std::move(name), std::move(remark), enough};
  watched.run(pool, intervals);
  return watched;
}

// S5.3
TEST(Chapter, WithOneMarkAConstantLoadSwings) {
  const SimulatedPool::Setup load{.arrivals = 38};
  const Watched one = watch("one mark", "the number of workers changes at every interval", one_mark, load, 30);
  const Watched two = watch("two marks", "three changes, and then rest", LoadRatio{}, load, 30);
  EXPECT_EQ(changes(one), 29U);
  EXPECT_EQ(changes(two), 3U);
  expect_in_the_book("05-one-mark.svg", PolicyPlot("One mark and two, under the same constant load", {one, two}));
}

// S5.3: nobody waits, more bring nothing, and nine intervals.
TEST(Chapter, TheThreeFaultsOfTheLoadRatio) {
  const Watched idle = watch("1. Nobody waits, and it grows", "18 jobs a second, of which two workers do 20",
                             LoadRatio{}, {.arrivals = 18}, 15);
  const Watched flat = watch("2. More bring nothing, and it grows", "a disc that is busy with four", LoadRatio{},
                             {.capacity = flat_above(4), .arrivals = 60}, 15, 4);
  const Watched slow =
      watch("3. Much is to be done, and it creeps", "nine intervals from 2 to 20", LoadRatio{}, {.arrivals = 180}, 15);
  EXPECT_EQ(most_workers(idle), 4U);
  for (const auto& interval : idle.intervals) EXPECT_EQ(interval.queued, 0U);
  EXPECT_EQ(flat.intervals.back().workers, 20U);
  EXPECT_EQ(flat.intervals.back().completed, flat.intervals.at(2).completed);
  EXPECT_EQ(slow.intervals.at(9).workers, 20U);
  EXPECT_EQ(slow.intervals.at(8).workers, 18U);
  expect_in_the_book("05-three-faults.svg", PolicyPlot("Three faults of the load ratio", {idle, flat, slow}));
}

// #region same_load
// Eight workers do most, and twenty a third less: each two of them are in each other's way. There is little to do for a
// minute, then a burst, then nearly as much as eight can do; then little again.
Watched same_load(std::string name, Policy policy) {
  SimulatedPool pool(std::move(policy), {.capacity = falling(0, 1.0 / 64)});
  Watched watched{std::move(name), "", 8};
  const auto phase = [&](double jobs_a_second, int intervals) {
    pool.set_arrivals(jobs_a_second);
    watched.run(pool, intervals);
  };
  phase(12, 6);
  phase(60, 3);
  phase(36, 30);
  phase(3, 21);
  return watched;
}
// #endregion same_load

// S5.3: the same load for all.
TEST(Chapter, ThreePoliciesOnTheSameLoad) {
  Watched ratio = same_load("load ratio, the default", LoadRatio{});
  Watched rest = same_load("load ratio with a cooldown of 30 s", LoadRatio{.cooldown = 30s});
  Watched climb = same_load("hill climbing", HillClimbing{});
  for (Watched* one : {&ratio, &rest, &climb}) {
    const std::size_t empty = drained(*one, 7);
    one->remark = std::to_string(changes(*one)) + " changes of size; the queue is empty " +
                  (empty < one->intervals.size() ? "after " + std::to_string(10 * (empty + 1)) + " s" : "never");
  }
  EXPECT_EQ(ratio.intervals.at(38).workers, 20U);
  EXPECT_GT(ratio.intervals.at(38).queued, ratio.intervals.at(20).queued) << "more and more wait, as long as it lasts";
  EXPECT_LT(drained(climb, 7), 38U) << "and here all is done while it lasts";
  EXPECT_LT(changes(rest), changes(ratio));
  expect_in_the_book("05-same-load.svg", PolicyPlot("Three policies on the same load", {ratio, rest, climb}));
}

}  // namespace
}  // namespace pool::autoscale
