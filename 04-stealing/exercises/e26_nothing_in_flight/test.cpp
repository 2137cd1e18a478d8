// What is in flight, under every interleaving. Who is told that nothing is, reads what the jobs wrote: it lies in
// cells, and the explorer reports a race if nothing orders the two.
#include <e26_nothing_in_flight/in_flight.hpp>

#include <atomic>
#include <cstddef>

#include <pool/testing/explorer/test.hpp>

using InFlight = exercise::InFlight<pool::sync::atomic>;
using pool::sync::atomic;
using pool::sync::cell;
using pool::sync::thread;

EXPLORE(InFlight, AJobIsInFlightUntilItEnds) {
  InFlight in_flight(2);
  EXPECT_TRUE(in_flight.none());
  for (int round = 0; round < 2; ++round) {
    in_flight.begin(0);
    EXPECT_FALSE(in_flight.none());
    in_flight.begin(1);
    in_flight.end(1);
    EXPECT_FALSE(in_flight.none());
    in_flight.end(1);
    EXPECT_TRUE(in_flight.none());
  }
}

EXPLORE(InFlight, WhoSeesNoneSeesWhatTheJobDid) {
  InFlight in_flight(2);
  cell<int> result{0};
  in_flight.begin(0);
  thread worker([&] {
    result.write() = 42;
    in_flight.end(1);
  });
  if (in_flight.none()) EXPLORE_CHECK(result.read() == 42);
  worker.join();
  EXPLORE_CHECK(in_flight.none());
}

EXPLORE(InFlight, EachThreadCountsForItself) {
  InFlight in_flight(2);
  const auto jobs = [&](std::size_t number) {
    in_flight.begin(number);
    in_flight.begin(number);
    in_flight.end(number);
  };
  thread other([&] { jobs(1); });
  jobs(0);
  other.join();
  EXPLORE_CHECK(!in_flight.none());
  in_flight.end(0);
  EXPLORE_CHECK(!in_flight.none());
  in_flight.end(0);
  EXPLORE_CHECK(in_flight.none());
}

// The job A is in flight all the time. While somebody adds up, B comes and goes.
EXPLORE(InFlight, AJobThatComesAndGoesDoesNotHideOneThatIsThere) {
  InFlight in_flight(2);
  cell<bool> ended{false};
  in_flight.begin(0);  // A
  thread observer([&] {
    if (in_flight.none()) EXPLORE_CHECK(ended.read());
  });
  in_flight.begin(0);  // B
  thread worker([&] { in_flight.end(1); });
  worker.join();
  ended.write() = true;
  in_flight.end(0);  // A
  observer.join();
}

// The same, and it is A's own thread that runs B.
EXPLORE(InFlight, NorIfItsOwnThreadRunsIt) {
  InFlight in_flight(2);
  cell<bool> ended{false};
  in_flight.begin(0);  // A
  thread observer([&] {
    if (in_flight.none()) EXPLORE_CHECK(ended.read());
  });
  thread worker([&] {
    in_flight.begin(1);  // B
    in_flight.end(1);
    ended.write() = true;
    in_flight.end(1);  // A
  });
  worker.join();
  observer.join();
}

EXPLORE(InFlight, WhatAJobHasHandedInIsInFlightToo) {
  InFlight in_flight(3);
  atomic<bool> handed_in{false};
  cell<bool> ended{false};
  in_flight.begin(0);
  thread worker([&] {
    in_flight.begin(1);
    handed_in = true;
    handed_in.notify_one();
    in_flight.end(1);
  });
  thread another([&] {
    handed_in.wait(false);
    ended.write() = true;
    in_flight.end(2);
  });
  if (in_flight.none()) EXPLORE_CHECK(ended.read());
  worker.join();
  another.join();
  EXPLORE_CHECK(in_flight.none());
}

// --- what it costs ---------------------------------------------------------------------------------------------------

namespace {

int exchanges = 0;  // operations that read and write in one step

template <class T>
class Counted {
  using Order = std::memory_order;
  static constexpr Order kDefault = std::memory_order_seq_cst;

 public:
  Counted() = default;
  Counted(T value) : value_(value) {}  // NOLINT(google-explicit-constructor): as the standard's
  T load(Order order = kDefault) const { return value_.load(order); }
  void store(T value, Order order = kDefault) { value_.store(value, order); }
  T exchange(T value, Order order = kDefault) { return ++exchanges, value_.exchange(value, order); }
  T fetch_add(T by, Order order = kDefault) { return ++exchanges, value_.fetch_add(by, order); }
  T fetch_sub(T by, Order order = kDefault) { return ++exchanges, value_.fetch_sub(by, order); }
  T operator++() { return fetch_add(1) + 1; }
  T operator--() { return fetch_sub(1) - 1; }
  T operator++(int) { return fetch_add(1); }
  T operator--(int) { return fetch_sub(1); }
  T operator+=(T by) { return fetch_add(by) + by; }
  T operator-=(T by) { return fetch_sub(by) - by; }
  operator T() const { return load(); }  // NOLINT(google-explicit-constructor)
  T operator=(T value) {                 // NOLINT(misc-unconventional-assign-operator)
    store(value);
    return value;
  }

 private:
  std::atomic<T> value_{};
};

}  // namespace

TEST(Costs, CountingTakesNoOperationThatReadsAndWritesInOneStep) {
  exercise::InFlight<Counted> in_flight(2);
  in_flight.begin(0);
  in_flight.end(1);
  EXPECT_TRUE(in_flight.none());
  EXPECT_EQ(exchanges, 0);
}
