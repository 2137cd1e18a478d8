// Parking under every interleaving. All work is waited for before anybody is told of the end: that wakes everybody, and
// would hide a worker that sleeps beside a job.
#include <e25_parking/parking.hpp>

#include <cstddef>
#include <functional>

#include <pool/testing/explorer/test.hpp>

using exercise::Parking;
using pool::sync::atomic;
using pool::sync::thread;

namespace {

// Goes up; who waits for a number waits until it is that large.
class Count {
 public:
  void add() {
    ++count_;
    count_.notify_all();
  }
  void wait_for(int wanted) const {
    for (int now = count_.load(); now < wanted; now = count_.load()) count_.wait(now);
  }

 private:
  atomic<int> count_{0};
};

// A heap of jobs, and workers that come and take them.
class Works {
 public:
  explicit Works(std::size_t workers) : parking_(workers) {}

  void hand_in() {
    heap_.fetch_add(1, std::memory_order_seq_cst);
    parking_.announce();
  }

  // The life of a worker.
  void run(
      std::size_t worker, const std::function<void()>& job = [] {}) {
    const auto look = [this] { return heap_.load(std::memory_order_seq_cst) > 0; };
    bool searching = false;
    for (;;) {
      if (take()) {
        if (searching) parking_.found(look);
        searching = false;
        begun_.add();
        job();
      } else {
        if (!parking_.park(worker, searching, look)) return;
        searching = true;
      }
    }
  }

  void wait_for(int jobs) const { begun_.wait_for(jobs); }
  void end() { parking_.end(); }

 private:
  bool take() {
    int heap = heap_.load(std::memory_order_acquire);
    while (heap > 0) {
      if (heap_.compare_exchange_weak(heap, heap - 1, std::memory_order_acq_rel)) return true;
    }
    return false;
  }

  Parking parking_;
  atomic<int> heap_{0};
  Count begun_;
};

// A parking with one or two workers in it, who do nothing: the test says when they are woken.
class Sleepers {
 public:
  explicit Sleepers(std::size_t workers) : parking(workers) {}
  void sleep(std::size_t worker, bool searching = false) {
    const auto nothing = [this] {
      prepared.add();
      return false;
    };
    if (parking.park(worker, searching, nothing)) awake.add();
  }

  Parking parking;
  Count prepared;  // who looked for the last time,
  Count awake;     // and who was woken, but for those whom the end has
};

}  // namespace

EXPLORE(Parking, WhatIsHandedInIsDoneWithoutTheEnd) {
  Works works(1);
  thread worker([&] { works.run(0); });
  works.hand_in();
  works.wait_for(1);
  works.hand_in();
  works.wait_for(2);
  works.end();
  worker.join();
}

EXPLORE_WITH(Parking, TwoHandInAtOnce, (Explore{.preemptions = 1})) {
  Works works(1);
  thread worker([&] { works.run(0); });
  thread producer([&] { works.hand_in(); });
  works.hand_in();
  works.wait_for(2);
  producer.join();
  works.end();
  worker.join();
}

EXPLORE_WITH(Parking, TwoWorkersAndTwoJobs, (Explore{.strategy = Strategy::pct, .executions = 5000})) {
  Works works(2);
  thread one([&] { works.run(0); });
  thread other([&] { works.run(1); });
  works.hand_in();
  works.hand_in();
  works.wait_for(2);
  works.end();
  one.join();
  other.join();
}

// Each of the two jobs waits until the other one has begun: whoever finds the first has to see to it that somebody
// looks for the second.
EXPLORE_WITH(Parking, AJobThatWaitsForAnotherGetsIt, (Explore{.strategy = Strategy::pct, .executions = 5000})) {
  Works works(2);
  const auto both = [&] { works.wait_for(2); };
  thread one([&] { works.run(0, both); });
  thread other([&] { works.run(1, both); });
  works.hand_in();
  works.hand_in();
  works.wait_for(2);
  works.end();
  one.join();
  other.join();
}

EXPLORE_WITH(Parking, ABurstWakesOneWhoWakesTheNext, (Explore{.preemptions = 1})) {
  Sleepers all(2);
  thread one([&] { all.sleep(0); });
  thread other([&] { all.sleep(1); });
  all.prepared.wait_for(2);
  all.parking.announce();
  all.parking.announce();
  all.awake.wait_for(1);
  EXPECT_EQ(all.parking.sleeping(), 1U) << "the one who is awake searches for both";
  all.parking.found([] { return true; });
  all.awake.wait_for(2);
  EXPECT_EQ(all.parking.sleeping(), 0U);
  one.join();
  other.join();
}

EXPLORE_WITH(Parking, WhoFindsTheLastWakesNobody, (Explore{.preemptions = 1})) {
  Sleepers all(2);
  thread one([&] { all.sleep(0); });
  thread other([&] { all.sleep(1); });
  all.prepared.wait_for(2);
  all.parking.announce();
  all.awake.wait_for(1);
  all.parking.found([] { return false; });
  EXPECT_EQ(all.parking.sleeping(), 1U);
  all.parking.announce();
  all.awake.wait_for(2);
  one.join();
  other.join();
}

// While two search, the first to find something leaves the rest to the other.
EXPLORE_WITH(Parking, WhoIsNotTheLastToSearchWakesNobody, (Explore{.preemptions = 1})) {
  Sleepers all(2);
  EXPLORE_CHECK(all.parking.park(0, false, [] { return true; }));
  EXPLORE_CHECK(all.parking.park(0, false, [] { return true; }));
  thread sleeper([&] { all.sleep(1); });
  all.prepared.wait_for(1);
  all.parking.found([] { return true; });
  EXPECT_EQ(all.parking.sleeping(), 1U);
  all.parking.found([] { return true; });
  all.awake.wait_for(1);
  sleeper.join();
}

EXPLORE(Parking, WhoseLastLookFindsSomethingSearches) {
  Sleepers all(2);
  EXPLORE_CHECK(all.parking.park(0, false, [] { return true; }));
  EXPECT_EQ(all.parking.sleeping(), 0U);
  thread sleeper([&] { all.sleep(1); });
  all.prepared.wait_for(1);
  all.parking.announce();
  EXPECT_EQ(all.parking.sleeping(), 1U) << "somebody searches";
  all.parking.found([] { return true; });
  all.awake.wait_for(1);
  sleeper.join();
}

EXPLORE(Parking, WhoSleepsAgainIsWokenAgain) {
  Sleepers all(1);
  thread sleeper([&] {
    all.sleep(0);
    all.sleep(0, true);
  });
  for (int round = 1; round <= 2; ++round) {
    all.prepared.wait_for(round);
    all.parking.announce();
    all.awake.wait_for(round);
  }
  sleeper.join();
}

EXPLORE(Parking, TheEndWakesThoseWhoSleepAndThoseWhoComeLater) {
  Sleepers all(1);
  thread sleeper([&] {
    all.sleep(0);
    all.sleep(0, true);
  });
  all.parking.end();
  sleeper.join();
}
