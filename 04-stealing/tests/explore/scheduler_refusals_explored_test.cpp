// What is not handed in after all, because making it throws or because it was too late: nobody waits for it. Whoever
// looked while it was counted is told.
#include <pool/stealing/scheduler.hpp>
#include <pool/testing/explorer/test.hpp>

#include <optional>
#include <stdexcept>
#include <utility>

#include "errands.hpp"

namespace pool::stealing {
namespace {

using sync::thread;
using Handed = Scheduler::Handed;

constexpr std::size_t kNormal = 2;

Scheduler::Options small(std::size_t capacity = 0) {
  Scheduler::Options options;
  options.capacity = capacity;
  options.patience = 0;
  options.cells = 2;
  options.segments = 4;
  return options;
}

// A worker's life.
void work(Scheduler& scheduler) {
  while (Taken taken = scheduler.next(0)) {
    const Scheduler::Running running(scheduler, 0, taken);
    const Ending ending = taken.run(0);
    scheduler.ended(taken, 0, ending);
  }
}

void throw_in_fill(Scheduler& scheduler) {
  const auto make = []() -> void (*)() { throw std::runtime_error("no closure"); };
  try {
    EXPECT_EQ(scheduler.hand_in(kNormal, std::nullopt, make), Handed::closed);
  } catch (const std::runtime_error&) {
  }
}

bool hand_in_unit(Scheduler& scheduler) {
  UnitList units;
  units.push_back(UnitPtr(new Errand(0)));
  return scheduler.hand_in(units, std::nullopt);
}

EXPLORE_WITH(Refusals, AClosureThatCannotBeMadeWhileItEnds, (Explore{.preemptions = 1})) {
  Scheduler scheduler(small());
  thread worker([&] { work(scheduler); });
  thread closes([&] { scheduler.close(); });
  throw_in_fill(scheduler);
  closes.join();
  worker.join();
}

EXPLORE(Refusals, AClosureThatCannotBeMadeWhileSomebodyWaits) {
  Scheduler scheduler(small());
  thread waits([&] { EXPECT_TRUE(scheduler.wait_idle(Deadline::never())); });
  throw_in_fill(scheduler);
  waits.join();
}

// The room is there until the end: reserve() gives it, and fill() refuses it.
EXPLORE_WITH(Refusals, AUnitThatFindsItClosed, (Explore{.preemptions = 1})) {
  Scheduler scheduler(small(1));
  EXPECT_EQ(scheduler.reserve(Deadline::now()), Send::ok);
  thread worker([&] { work(scheduler); });
  thread closes([&] { scheduler.close(); });
  static_cast<void>(hand_in_unit(scheduler));
  closes.join();
  worker.join();
}

// It is counted before it has its room; whoever waits has seen that, or sees it go.
EXPLORE(Refusals, AUnitThatFindsItClosedWhileSomebodyWaits) {
  Scheduler scheduler(small(1));
  EXPECT_EQ(scheduler.reserve(Deadline::now()), Send::ok);
  thread waits([&] {
    scheduler.close();
    EXPECT_TRUE(scheduler.wait_idle(Deadline::never()));
  });
  if (hand_in_unit(scheduler)) {
    Taken taken = scheduler.take_any();
    EXPECT_TRUE(taken.drop(priority::reason::dropped));
    scheduler.dropped(taken, false);
  }
  waits.join();
}

EXPLORE_WITH(Refusals, AClosureThatFindsItClosed, (Explore{.preemptions = 1})) {
  Scheduler scheduler(small(1));
  EXPECT_EQ(scheduler.reserve(Deadline::now()), Send::ok);
  thread worker([&] { work(scheduler); });
  thread closes([&] { scheduler.close(); });
  int runs = 0;
  const Handed handed = scheduler.hand_in(kNormal, std::nullopt, [&] { return [&runs] { ++runs; }; });
  closes.join();
  worker.join();
  EXPECT_EQ(runs, handed == Handed::in ? 1 : 0);
}

// A closure that hands in another when it is destroyed, and is whole until then.
struct Parting {
  explicit Parting(Scheduler& last) : scheduler(&last) {}
  Parting(Parting&& other) noexcept : scheduler(std::exchange(other.scheduler, nullptr)) {}
  Parting& operator=(Parting&&) = delete;
  ~Parting() {
    if (Scheduler* const last = std::exchange(scheduler, nullptr)) {
      const int number = 77;
      static_cast<void>(last->hand_in(kNormal, std::nullopt, [&] { return [number] { EXPECT_EQ(number, 77); }; }));
      EXPLORE_CHECK(whole == 42);
    }
  }
  void operator()() { scheduler = nullptr; }

  int whole = 42;  // first: where the other would lie
  Scheduler* scheduler;
};

EXPLORE(Refusals, AClosureThatHandsInAnotherWhenItIsTakenBack) {
  Scheduler scheduler(small(2));
  EXPECT_EQ(scheduler.reserve(Deadline::now()), Send::ok);
  EXPECT_EQ(scheduler.reserve(Deadline::now()), Send::ok);
  thread closes([&] { scheduler.close(); });
  static_cast<void>(scheduler.hand_in(kNormal, std::nullopt, [&] { return Parting(scheduler); }));
  closes.join();
  work(scheduler);
  EXPECT_EQ(scheduler.stats().queued, 0U);
}

EXPLORE_WITH(Refusals, AClosureThatIsTakenBackWhileSomebodyWaits, (Explore{.preemptions = 1})) {
  Scheduler scheduler(small());
  thread waits([&] {
    scheduler.close();
    EXPECT_TRUE(scheduler.wait_idle(Deadline::never()));
  });
  int runs = 0;
  const Handed handed = scheduler.hand_in(kNormal, std::nullopt, [&] { return [&runs] { ++runs; }; });
  thread worker([&] { work(scheduler); });
  waits.join();
  worker.join();
  EXPECT_EQ(runs, handed == Handed::in ? 1 : 0);
}

}  // namespace
}  // namespace pool::stealing
