// Parking under every interleaving. All work is waited for before anybody is told of the end: the broadcast there would
// hide a lost wake-up.
#include <pool/stealing/parking.hpp>
#include <pool/testing/explorer/test.hpp>

#include <cstddef>
#include <functional>

namespace pool::stealing {
namespace {

using sync::thread;

// A heap of work, and workers that come and take it.
class Works {
 public:
  explicit Works(std::size_t workers) : parking(workers) {}

  void hand_in() {
    heap_.fetch_add(1, std::memory_order_seq_cst);
    parking.announce();
  }

  // The life of a worker.
  void run(
      std::size_t worker, const std::function<void(int)>& job = [](int) {}) {
    bool searching = false;
    for (;;) {
      if (take()) {
        if (searching) parking.found([this] { return look(); });
        searching = false;
        job(done());
        continue;
      }
      if (ended_.load()) return;
      if (!searching && parking.begin_search()) {
        searching = true;
        continue;  // it may look around for a while: here, once
      }
      parking.prepare(worker, searching);
      if (look() || ended_.load()) {
        parking.cancel(worker);
      } else {
        parking.sleep(worker);
      }
      searching = true;
    }
  }

  void wait_for(int jobs) {
    for (int now = done_.load(); now < jobs; now = done_.load()) done_.wait(now);
  }

  void end() {
    ended_ = true;
    parking.wake_all();
  }

  Parking parking;

 private:
  [[nodiscard]] bool look() const { return heap_.load(std::memory_order_seq_cst) > 0; }
  bool take() {
    int heap = heap_.load(std::memory_order_acquire);
    while (heap > 0) {
      if (heap_.compare_exchange_weak(heap, heap - 1, std::memory_order_acq_rel)) return true;
    }
    return false;
  }
  int done() {
    const int before = done_.fetch_add(1);
    done_.notify_all();
    return before;
  }

  sync::atomic<int> heap_{0};
  sync::atomic<int> done_{0};
  sync::atomic<bool> ended_{false};
};

EXPLORE(Parking, WorkThatIsHandedInIsDoneWithoutTheEnd) {
  Works works(1);
  thread worker([&] { works.run(0); });
  works.hand_in();
  works.wait_for(1);
  works.hand_in();
  works.wait_for(2);
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

// Two jobs, the first of which waits for the second: whoever finds the first has to see to it that somebody looks for the
// second.
EXPLORE_WITH(Parking, AJobThatWaitsForAnotherGetsIt, (Explore{.strategy = Strategy::pct, .executions = 5000})) {
  Works works(2);
  const auto both = [&](int) { works.wait_for(2); };
  thread one([&] { works.run(0, both); });
  thread other([&] { works.run(1, both); });
  works.hand_in();
  works.hand_in();
  works.wait_for(2);
  works.end();
  one.join();
  other.join();
}

EXPLORE(Parking, WhoGetsUpByItselfLeavesTheOthersOnTheList) {
  Parking parking(3);
  for (const std::size_t worker : {0U, 1U, 2U}) parking.prepare(worker, false);
  parking.cancel(1);                   // it has seen something, …
  parking.found([] { return true; });  // … and there is more: the last to come is woken, …
  EXPECT_EQ(parking.sleeping(), 1U);
  parking.found([] { return true; });  // … and then the first
  ASSERT_EQ(parking.sleeping(), 0U);
  parking.sleep(2);
  parking.sleep(0);
}

EXPLORE(Parking, WhoIsWokenBeforeItSleepsSleepsTheNextTime) {
  Parking parking(1);
  parking.prepare(0, false);
  parking.announce();
  parking.sleep(0);
  parking.found([] { return false; });
  sync::atomic<bool> work{false};
  thread producer([&] {
    work = true;
    parking.announce();
  });
  parking.prepare(0, false);
  if (work) {
    parking.cancel(0);
  } else {
    parking.sleep(0);
    EXPECT_TRUE(work);
  }
  producer.join();
}

EXPLORE(Parking, WhoSleepsAfterTheEndIsWoken) {
  Parking parking(1);
  thread worker([&] {
    parking.prepare(0, false);
    parking.sleep(0);
  });
  parking.wake_all();
  worker.join();
  EXPECT_EQ(parking.sleeping(), 0U);
}

}  // namespace
}  // namespace pool::stealing
