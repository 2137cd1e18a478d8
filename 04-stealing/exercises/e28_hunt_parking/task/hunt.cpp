// Tests of how workers sleep and are woken. Yours to write: they pass on the stage as it is, and fail on each of its
// mutants.
//
// The four mutants, as their authors would describe them in a review:
//   parking.hpp, found(): "First the look, then the count: so I need not look at all if there was nothing."
//   parking.cpp, wake_one(): "First I wake him, then I take him off the list: so he is up the sooner."
//   scheduler_worker.cpp, park(): "The last look comes before prepare(): so it is asleep for a shorter time."
//   scheduler.cpp, resume(): "First I say that there is something, then I end the pause: they are up in time."
//
// All work is waited for before anybody is told of the end: wake_all() and close() would wake whoever was forgotten.
#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

#include <pool/stealing/parking.hpp>
#include <pool/stealing/scheduler.hpp>
#include <pool/testing/errand.hpp>
#include <pool/testing/explorer/test.hpp>
#include <pool/testing/todo.hpp>

using pool::stealing::Parking;
using pool::stealing::Scheduler;
using pool::stealing::Taken;
using pool::sync::atomic;
using pool::sync::thread;

namespace {

// A heap of work beside a Parking. There is nothing in it but a number.
struct Heap {
  atomic<int> jobs{0};

  void hand_in(Parking& parking) {
    jobs.fetch_add(1);
    parking.announce();
  }
  [[nodiscard]] bool look() const { return jobs.load() > 0; }
};

// A worker that has found nothing, and sleeps; it returns when it is awake, and counted as searching.
void go_to_sleep(Parking& parking, std::size_t worker, const Heap& heap) {
  parking.prepare(worker, false);
  if (heap.look()) {
    parking.cancel(worker);  // the last look
  } else {
    parking.sleep(worker);
  }
}

// A Scheduler with one worker, and what was done.
class Shop {
 public:
  Shop() : scheduler({.patience = 0, .cells = 4, .segments = 4}) {}

  void hand_in() {
    pool::stealing::UnitList units;
    units.push_back(pool::testing::errand([this] {
      done_.fetch_add(1);
      done_.notify_all();
    }));
    EXPLORE_CHECK(scheduler.hand_in(units, std::nullopt));
  }

  // The life of the worker: until the scheduler is closed and all is done.
  void work() {
    while (Taken taken = scheduler.next(0)) {
      const auto ending = taken.run(0);
      taken.release();
      scheduler.ended(taken, 0, ending);
    }
  }

  void wait_for(int jobs) {
    for (int now = done_.load(); now < jobs; now = done_.load()) done_.wait(now);
  }

  Scheduler scheduler;

 private:
  atomic<int> done_{0};
};

}  // namespace

// An example: nobody sleeps after the end.
EXPLORE(Hunt, WhoSleepsAfterTheEndIsWoken) {
  Parking parking(1);
  const Heap heap;
  thread worker([&] { go_to_sleep(parking, 0, heap); });
  parking.wake_all();
  worker.join();
  EXPLORE_CHECK(parking.sleeping() == 0);
}

EXPLORE(Hunt, TheFinderPassesItOn) {
  POOL_TODO("somebody sleeps, somebody has found something, and somebody hands in: who wakes whom?");
}

EXPLORE(Hunt, WhoIsWokenGetsUp) {
  POOL_TODO("one goes to sleep, and one hands in: what does he who is woken look at?");
}

EXPLORE_WITH(Hunt, WorkThatComesInTheLastMomentIsDone, (Explore{.preemptions = 1})) {
  POOL_TODO("a Shop, its worker, and work that comes while the worker is on its way to sleep");
}

EXPLORE_WITH(Hunt, WorkOfAPauseIsDoneAfterIt, (Explore{.preemptions = 1})) {
  POOL_TODO("pause() and resume(), work between them, and who does it?");
}
