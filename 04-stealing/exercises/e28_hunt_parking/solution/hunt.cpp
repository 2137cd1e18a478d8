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
  // #todo somebody sleeps, somebody has found something, and somebody hands in: who wakes whom?
  Parking parking(2);
  Heap heap;
  EXPLORE_CHECK(parking.begin_search());
  thread sleeper([&] { go_to_sleep(parking, 1, heap); });
  thread producer([&] { heap.hand_in(parking); });
  parking.found([&] { return heap.look(); });
  producer.join();
  sleeper.join();
  // #end
}

EXPLORE(Hunt, WhoIsWokenGetsUp) {
  // #todo one goes to sleep, and one hands in: what does he who is woken look at?
  Parking parking(1);
  Heap heap;
  thread worker([&] { go_to_sleep(parking, 0, heap); });
  heap.hand_in(parking);
  worker.join();
  // #end
}

EXPLORE_WITH(Hunt, WorkThatComesInTheLastMomentIsDone, (Explore{.preemptions = 1})) {
  // #todo a Shop, its worker, and work that comes while the worker is on its way to sleep
  Shop shop;
  thread worker([&] { shop.work(); });
  thread producer([&] { shop.hand_in(); });
  shop.wait_for(1);
  producer.join();
  shop.scheduler.close();
  worker.join();
  // #end
}

EXPLORE_WITH(Hunt, WorkOfAPauseIsDoneAfterIt, (Explore{.preemptions = 1})) {
  // #todo pause() and resume(), work between them, and who does it?
  Shop shop;
  shop.scheduler.pause();
  thread worker([&] { shop.work(); });
  shop.hand_in();
  shop.scheduler.resume();
  shop.wait_for(1);
  shop.scheduler.close();
  worker.join();
  // #end
}

// #todo
// Why this. All four are the same mistake: of two steps, each of which is right, the first and the second have changed
// places, and between them there is room for somebody who then sleeps beside work. So each test is the smallest in
// which this somebody takes part: who looks, who hands in, who sleeps. The first needs all three of them. Nothing else
// is in it, and so the explorer goes through all interleavings in a moment.
//
// None of the tests sleeps, and none has a time limit of its own. What a lost wake-up does is that nobody can go on,
// and the explorer sees that as it happens. A test that slept would say "it was not done within a second", sometimes.
//
// Why wait_for() comes before close(): the end wakes somebody, who looks once more and does what was forgotten. With
// close() first, the fourth mutant survives. A test that only destroys its pool and counts what was done proves nothing
// about waking.
// #end
