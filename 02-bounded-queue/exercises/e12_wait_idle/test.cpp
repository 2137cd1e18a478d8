// Waiting until a pool is idle, under every interleaving. What jobs write lies in cells: the explorer reports a race if
// nothing orders their writes before the end of wait_idle().
#include <e12_wait_idle/pool.hpp>

#include <memory>

#include <pool/testing/explorer/test.hpp>

using exercise::Pool;
using pool::sync::cell;
using pool::sync::thread;

EXPLORE(WaitIdle, ReturnsWhenTheJobHasEndedAndShowsWhatItDid) {
  cell<int> result{0};
  Pool pool(1);
  pool.post([&] { result.write() = 1; });
  pool.wait_idle();
  EXPLORE_CHECK(result.read() == 1);
}

EXPLORE(WaitIdle, WaitsForWhatIsQueuedToo) {
  cell<int> ran{0};
  Pool pool(1);
  pool.post([&] { ++ran.write(); });
  pool.post([&] { ++ran.write(); });
  pool.wait_idle();
  EXPLORE_CHECK(ran.read() == 2);
}

EXPLORE_WITH(WaitIdle, WaitsForAllWorkers, (Explore{.preemptions = 1})) {
  cell<int> first{0};
  cell<int> second{0};
  Pool pool(2);
  pool.post([&] { first.write() = 1; });
  pool.post([&] { second.write() = 2; });
  pool.wait_idle();
  EXPLORE_CHECK(first.read() + second.read() == 3);
}

EXPLORE(WaitIdle, WaitsForWhatJobsPost) {
  cell<int> ran{0};
  Pool pool(1);
  pool.post([&] {
    ++ran.write();
    pool.post([&] { ++ran.write(); });
  });
  pool.wait_idle();
  EXPLORE_CHECK(ran.read() == 2);
}

// A worker may be done with a job before the one who posted it goes on.
EXPLORE_WITH(WaitIdle, WaitsForAJobWhoseOwnJobIsFaster, (Explore{.preemptions = 1})) {
  cell<bool> ended{false};
  Pool pool(2);
  pool.post([&] {
    pool.post([] {});
    ended.write() = true;
  });
  pool.wait_idle();
  EXPLORE_CHECK(ended.read());
}

// Writes when it is destroyed.
struct Leaves {
  explicit Leaves(cell<bool>& there) : gone(&there) {}
  Leaves(const Leaves&) = delete;
  Leaves& operator=(const Leaves&) = delete;
  ~Leaves() { gone->write() = true; }
  cell<bool>* gone;
};

EXPLORE(WaitIdle, ReturnsWhenTheClosureIsGone) {
  cell<bool> gone{false};
  Pool pool(1);
  pool.post([held = std::make_shared<Leaves>(gone)] {});
  pool.wait_idle();
  EXPLORE_CHECK(gone.read());
}

EXPLORE(WaitIdle, TwoMayWait) {
  Pool pool(1);
  pool.post([] {});
  thread other([&] { pool.wait_idle(); });
  pool.wait_idle();
  other.join();
}

EXPLORE(WaitIdle, TheFirstTimeThereIsNothingToWaitForAndThePoolGoesOn) {
  cell<int> ran{0};
  Pool pool(1);
  pool.wait_idle();
  for (int round = 1; round <= 2; ++round) {
    pool.post([&] { ++ran.write(); });
    pool.wait_idle();
    EXPLORE_CHECK(ran.read() == round);
  }
}
