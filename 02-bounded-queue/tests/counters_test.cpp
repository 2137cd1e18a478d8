// The counters below the pool, where the pool of this stage does not use all that they offer.
#include <gtest/gtest.h>

#include <chrono>

#include <pool/bounded/in_flight.hpp>
#include <pool/bounded/worker_stats.hpp>

namespace pool::bounded {
namespace {

// A pool whose jobs run others while they wait.
TEST(WorkerCounters, AJobWithinAnotherCountsAndItsTimeIsTheOthers) {
  WorkerCounters counters;
  counters.begin();
  counters.ended_within(Ended::failed);
  const WorkerStats within = counters.read();
  EXPECT_EQ(within.completed, 1U);
  EXPECT_EQ(within.failed, 1U);
  EXPECT_EQ(within.busy, std::chrono::nanoseconds(0));
  counters.end();
  const WorkerStats after = counters.read();
  EXPECT_EQ(after.completed, 2U);
  EXPECT_EQ(after.failed, 1U);
  EXPECT_GT(after.busy, std::chrono::nanoseconds(0));
  EXPECT_EQ(after.running, std::chrono::nanoseconds(0));
}

TEST(InFlight, TheLastOneIsToldThatItWas) {
  InFlight in_flight;
  EXPECT_TRUE(in_flight.none());
  InFlight::Entry(in_flight).hand_over();
  InFlight::Entry(in_flight).hand_over();
  EXPECT_FALSE(in_flight.none());
  EXPECT_FALSE(in_flight.done());
  EXPECT_FALSE(in_flight.none());
  EXPECT_TRUE(in_flight.done());
  EXPECT_TRUE(in_flight.none());
}

}  // namespace
}  // namespace pool::bounded
