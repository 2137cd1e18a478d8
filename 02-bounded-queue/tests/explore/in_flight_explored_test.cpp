// Waiting until nothing is in flight, and the counters of a worker, under every interleaving.
#include <pool/bounded/in_flight.hpp>
#include <pool/bounded/worker_stats.hpp>
#include <pool/testing/explorer/test.hpp>

#include <chrono>

namespace pool::bounded {
namespace {

using sync::thread;

EXPLORE(InFlight, WhoeverWaitsIsWokenByTheLastToFinish) {
  InFlight in_flight;
  sync::cell<int> first{0};
  sync::cell<int> second{0};
  InFlight::Entry one(in_flight);
  InFlight::Entry two(in_flight);
  one.hand_over();
  two.hand_over();
  thread worker([&] {
    first.write() = 1;
    in_flight.done();
  });
  thread another([&] {
    second.write() = 2;
    in_flight.done();
  });
  EXPECT_TRUE(in_flight.wait(Deadline::never()));
  EXPECT_EQ(first.read() + second.read(), 3) << "what they did is visible";
  worker.join();
  another.join();
}

EXPLORE(InFlight, TwoMayWait) {
  InFlight in_flight;
  InFlight::Entry entry(in_flight);
  entry.hand_over();
  thread one([&] { EXPECT_TRUE(in_flight.wait(Deadline::never())); });
  thread other([&] { EXPECT_TRUE(in_flight.wait(Deadline::never())); });
  in_flight.done();
  one.join();
  other.join();
}

EXPLORE(InFlight, ATimedWaitSaysWhetherItIsTrue) {
  InFlight in_flight;
  sync::cell<int> done{0};
  InFlight::Entry entry(in_flight);
  entry.hand_over();
  thread worker([&] {
    done.write() = 1;
    in_flight.done();
  });
  if (in_flight.wait(Deadline::after(std::chrono::milliseconds(5)))) EXPLORE_CHECK(done.read() == 1);
  worker.join();
  EXPECT_TRUE(in_flight.wait(Deadline::now()));
}

EXPLORE(InFlight, WhatIsTakenBackDoesNotCount) {
  InFlight in_flight;
  thread other([&] { const InFlight::Entry refused(in_flight); });
  EXPECT_TRUE(in_flight.wait(Deadline::never()));
  other.join();
}

// A job and its time come together, whatever the reader sees of the two.
EXPLORE(WorkerCounters, TheEndOfAJobIsSeenAsAWhole) {
  WorkerCounters counters;
  counters.begin();
  const WorkerStats before = counters.read();
  thread worker([&] { counters.end(); });
  const WorkerStats stats = counters.read();
  EXPECT_EQ(stats.completed == 0, stats.busy.count() == 0);
  EXPECT_EQ(stats.completed == 0, stats.running.count() > 0);
  EXPECT_TRUE(stats.completed != 0 || stats.idle == before.idle);
  worker.join();
  EXPECT_EQ(counters.read().completed, 1U);
}

// A seam: a pool that asks how its jobs have ended says so.
EXPLORE(WorkerCounters, AFailureIsSeenWithItsEnd) {
  WorkerCounters counters;
  counters.begin();
  thread worker([&] { counters.end(Ended::failed); });
  const WorkerStats stats = counters.read();
  EXPECT_EQ(stats.failed, stats.completed);
  worker.join();
  counters.begin();
  counters.end(Ended::cancelled);
  const WorkerStats last = counters.read();
  EXPECT_EQ(last.completed, 2U);
  EXPECT_EQ(last.failed, 1U);
  EXPECT_EQ(last.cancelled, 1U);
}

EXPLORE(WorkerCounters, TheEndsOfJobsWithinAnotherAreSeenOneByOne) {
  WorkerCounters counters;
  counters.begin();
  thread worker([&] {
    counters.ended_within(Ended::completed);
    counters.ended_within(Ended::failed);
  });
  const WorkerStats stats = counters.read();
  EXPECT_LE(stats.completed, 2U);
  EXPECT_EQ(stats.completed == 2, stats.failed == 1);
  worker.join();
  EXPECT_EQ(counters.read().completed, 2U);
}

EXPLORE(WorkerCounters, TheBeginningOfAJobIsSeenAsAWhole) {
  WorkerCounters counters;
  thread worker([&] { counters.begin(); });
  const WorkerStats stats = counters.read();
  worker.join();
  const WorkerStats last = counters.read();
  EXPECT_TRUE(stats.running.count() == 0 || stats.idle == last.idle);
  EXPECT_LE(stats.running, last.running);
}

EXPLORE(WorkerCounters, TheEndOfAWorkerIsSeenAsAWhole) {
  WorkerCounters counters;
  thread worker([&] { counters.stop(); });
  const WorkerStats stats = counters.read();
  worker.join();
  EXPECT_LE(stats.idle, counters.read().idle);
  EXPECT_EQ(counters.read().idle, counters.read().idle) << "a worker that has stopped is not idle";
}

}  // namespace
}  // namespace pool::bounded
