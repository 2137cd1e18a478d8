// What the scheduler offers beyond what the pool of this stage uses: an observer, a gate for pausing, sizes.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pool/stealing/scheduler.hpp>
#include <pool/testing/errand.hpp>
#include <pool/testing/gate.hpp>

namespace pool::stealing {
namespace {

using priority::UnitList;
using testing::errand;
using testing::Gate;

UnitList one(std::function<void()> f, Priority level = Priority::normal) {
  UnitList list;
  list.push_back(errand(std::move(f), level));
  return list;
}

void hand_in(Scheduler& scheduler, UnitList units, std::optional<std::size_t> worker = std::nullopt) {
  ASSERT_TRUE(scheduler.hand_in(units, worker));
}

void run(Scheduler& scheduler, std::size_t worker, Taken taken) {
  Ending ending{};
  {
    const Scheduler::Running running(scheduler, worker, taken);
    ending = taken.run(worker);
  }
  if (ending != Ending::skipped) taken.release();
  scheduler.ended(taken, worker, ending);
}

void work(Scheduler& scheduler, std::size_t worker) {
  while (Taken taken = scheduler.next(worker)) run(scheduler, worker, std::move(taken));
}

// The next one, run at once on this thread.
void run_next(Scheduler& scheduler, std::size_t worker) {
  Taken taken = scheduler.next(worker);
  ASSERT_TRUE(taken);
  static_cast<void>(taken.run(worker));
  scheduler.ended(taken, worker, Ending::completed);
}

class Diary : public Observer {
 public:
  void begin(std::size_t worker, Priority priority, const Unit* unit) noexcept override {
    note("begin " + std::to_string(worker) + " " + std::string(priority::to_string(priority)) +
         (unit != nullptr ? "" : " closure"));
  }
  void end(std::size_t worker) noexcept override { note("end " + std::to_string(worker)); }
  void steal(std::size_t thief, std::size_t victim) noexcept override {
    note("steal " + std::to_string(thief) + " " + std::to_string(victim));
  }
  void park(std::size_t worker) noexcept override {
    note("park " + std::to_string(worker));
    parked.open();
  }
  void unpark(std::size_t worker) noexcept override { note("unpark " + std::to_string(worker)); }

  std::vector<std::string> entries;
  Gate parked;

 private:
  void note(std::string entry) { entries.push_back(std::move(entry)); }
};

TEST(Scheduler, AnObserverHearsWhatAWorkerDoes) {
  Diary diary;
  Scheduler scheduler({.workers = 2, .patience = 0, .observer = &diary});
  std::thread worker([&] { work(scheduler, 0); });
  diary.parked.wait();
  hand_in(scheduler, one([] {}, Priority::high));
  ASSERT_TRUE(scheduler.wait_idle(Deadline::never()));
  scheduler.close();
  worker.join();
  ASSERT_GE(diary.entries.size(), 4U);
  diary.entries.resize(4);
  EXPECT_EQ(diary.entries, (std::vector<std::string>{"park 0", "unpark 0", "begin 0 high", "end 0"}));
}

TEST(Scheduler, AnObserverHearsOfAClosureThatItIsNoUnit) {
  Diary diary;
  Scheduler scheduler({.workers = 1, .observer = &diary});
  ASSERT_EQ(scheduler.hand_in(0, std::nullopt, [] { return [] {}; }), Scheduler::Handed::in);
  run(scheduler, 0, scheduler.next(0));
  EXPECT_EQ(diary.entries, (std::vector<std::string>{"begin 0 critical closure", "end 0"}));
}

TEST(Scheduler, AnObserverHearsOfAStealAndSoDoTheCounters) {
  Diary diary;
  Scheduler scheduler({.workers = 2, .observer = &diary});
  hand_in(scheduler, one([] {}), 1);
  run_next(scheduler, 0);
  EXPECT_EQ(diary.entries, std::vector<std::string>{"steal 0 1"});
  EXPECT_EQ(scheduler.scheduling()[0].steals, 1U);
  EXPECT_EQ(scheduler.scheduling()[1].steals, 0U);
}

// A worker that has claimed a batch can be robbed of it, oldest first.
TEST(Scheduler, WhatIsClaimedCanBeStolen) {
  Scheduler scheduler({.workers = 2});
  std::vector<int> order;
  UnitList units;
  for (int i = 0; i < 8; ++i) units.push_back(errand([&order, i] { order.push_back(i); }));
  hand_in(scheduler, std::move(units));
  const Taken first = scheduler.next(0);  // a fair share for one of two: 0 to 3
  EXPECT_EQ(scheduler.scheduling()[0].injector_takes, 1U);
  EXPECT_EQ(scheduler.stats().queued, 7U);
  for (int i = 0; i < 7; ++i) run_next(scheduler, 1);
  EXPECT_EQ(order, (std::vector<int>{4, 5, 6, 7, 1, 2, 3})) << "what it claims, then what the other has claimed";
  EXPECT_EQ(scheduler.stats().queued, 0U);
}

TEST(Scheduler, SizesAreThoseOfTheWorkersQueues) {
  Scheduler scheduler({.workers = 2});
  UnitList units;
  for (int i = 0; i < 8; ++i) units.push_back(errand([] {}));
  hand_in(scheduler, std::move(units));
  EXPECT_EQ(scheduler.size(0) + scheduler.size(1), 8U);
  const Taken first = scheduler.next(0);
  hand_in(scheduler, one([] {}, Priority::low), 0);
  EXPECT_EQ(scheduler.size(0) + scheduler.size(1), 8U);
  EXPECT_EQ(scheduler.stats().queued, 8U);
}

// It goes between two jobs, and what it has claimed is for the others. Its slot can be used again.
TEST(Scheduler, AWorkerThatIsRetiredGetsNothingMore) {
  Scheduler scheduler({.workers = 2});
  UnitList units;
  for (int i = 0; i < 8; ++i) units.push_back(errand([] {}));
  hand_in(scheduler, std::move(units));
  run_next(scheduler, 1);
  scheduler.retire(1);
  for (int i = 0; i < 100; ++i) {  // it may go on with what it has claimed
    Taken taken = scheduler.next(1);
    if (!taken) break;
    run(scheduler, 1, std::move(taken));
  }
  EXPECT_FALSE(scheduler.next(1));
  scheduler.leave(1);
  hand_in(scheduler, one([] {}));
  while (scheduler.stats().queued > 0) run_next(scheduler, 0);
  scheduler.enlist(1);
  hand_in(scheduler, one([] {}));
  run_next(scheduler, 1);
  scheduler.leave(0);
  scheduler.leave(1);
  EXPECT_TRUE(scheduler.wait_idle(Deadline::now()));
}

TEST(Scheduler, AWorkerThatIsRetiredInItsSleepIsWoken) {
  Diary diary;
  Scheduler scheduler({.workers = 2, .patience = 0, .observer = &diary});
  std::thread worker([&] { work(scheduler, 1); });
  diary.parked.wait();
  scheduler.retire(1);
  worker.join();
  EXPECT_EQ(scheduler.scheduling()[1].wakeups, 1U);
}

// A slot that nobody has used is looked at from then on.
TEST(Scheduler, WhoIsEnlistedIsSeen) {
  Scheduler scheduler({.workers = 1, .slots = 3});
  EXPECT_EQ(scheduler.used(), 1U);
  scheduler.enlist(2);
  EXPECT_EQ(scheduler.used(), 3U);
  hand_in(scheduler, one([] {}), 2);
  run_next(scheduler, 0);
  EXPECT_EQ(scheduler.scheduling()[0].steals, 1U);
}

TEST(Scheduler, SaysSinceWhenTheOldestWaits) {
  priority::ManualClock clock;
  Scheduler scheduler({.workers = 2, .ageing = std::chrono::seconds(10), .clock = &clock});
  EXPECT_EQ(scheduler.waits_since(), Time::max());
  const Time first = clock.now();
  hand_in(scheduler, one([] {}, Priority::low));
  clock.advance(std::chrono::seconds(1));
  hand_in(scheduler, one([] {}, Priority::high), 1);
  EXPECT_EQ(scheduler.waits_since(), first);
}

// S2.5
TEST(Scheduler, TheMostThatEverWaitedIsThatOfJobsToo) {
  Scheduler scheduler({.workers = 1});
  const auto waits = [&](int many) {
    for (int i = 0; i < many; ++i) hand_in(scheduler, one([] {}), 0);
    for (int i = 0; i < many; ++i) run_next(scheduler, 0);
    return scheduler.stats().high_water;
  };
  EXPECT_EQ(waits(20), 20U);
  EXPECT_EQ(waits(10), 20U);
  EXPECT_EQ(waits(21), 21U);
}

// The worker whose home the calling thread's segment is, if there are two.
std::size_t home() {
  return sync::thread_number() % 2;
}

// S3.3: without ageing, too, work of one level is not kept waiting for ever by that of another thread.
TEST(Scheduler, WithoutAgeingAWorkerLooksBeyondItsHomes) {
  Scheduler scheduler({.workers = 2});
  bool ran = false;
  for (bool handed_in = false; !handed_in;) {
    std::thread([&, mine = home()] {
      if (home() == mine) return;
      hand_in(scheduler, one([&] { ran = true; }));
      handed_in = true;
    }).join();
  }
  for (int i = 0; i < 200 && !ran; ++i) {
    hand_in(scheduler, one([] {}));
    hand_in(scheduler, one([] {}));
    run_next(scheduler, home());
  }
  EXPECT_TRUE(ran);
}

// S3.3: and it is not always the same thread's turn.
TEST(Scheduler, BeyondItsHomesAWorkerTakesTurns) {
  Scheduler scheduler({.workers = 4});
  const std::size_t mine = sync::thread_number() % 4;
  std::vector<int> ran(4);
  std::vector<std::thread> others;
  std::vector<Gate> handed_in(3);
  Gate end;
  for (Gate& done : handed_in) {
    others.emplace_back([&] {
      const std::size_t home = sync::thread_number() % 4;
      UnitList units;
      for (int i = 0; i < 1000; ++i) units.push_back(errand([&ran, home] { ++ran[home]; }));
      hand_in(scheduler, std::move(units));
      done.open();
      end.wait();
    });
    done.wait();
  }
  for (int i = 0; i < 800; ++i) {
    hand_in(scheduler, one([&] { ++ran[mine]; }));
    hand_in(scheduler, one([&] { ++ran[mine]; }));
    run_next(scheduler, mine);
  }
  for (const int times : ran) EXPECT_GT(times, 0);
  end.open();
  for (std::thread& other : others) other.join();
}

// S3.3: nor is what another worker has claimed, and does not come to.
TEST(Scheduler, WithoutAgeingAWorkerLooksAtTheOthers) {
  Scheduler scheduler({.workers = 2});
  UnitList units;
  bool ran = false;
  for (int i = 0; i < 4; ++i) units.push_back(errand([&] { ran = true; }));
  hand_in(scheduler, std::move(units));
  const Taken held = scheduler.next(1);
  run_next(scheduler, 0);  // what is left in the injector
  run_next(scheduler, 0);
  ran = false;
  for (int i = 0; i < 200 && !ran; ++i) {
    hand_in(scheduler, one([] {}));
    hand_in(scheduler, one([] {}));
    run_next(scheduler, 0);
  }
  EXPECT_TRUE(ran);
}

// S3.3 S4.4: nor is what lies at a worker that has gone, if there is always something less urgent to do.
TEST(Scheduler, WhatLiesAtAnotherWorkerGoesBeforeLowerWork) {
  Scheduler scheduler({.workers = 2});
  bool ran = false;
  hand_in(scheduler, one([&] { ran = true; }, Priority::high), 1);
  scheduler.retire(1);
  for (int i = 0; i < 200 && !ran; ++i) {
    hand_in(scheduler, one([] {}, Priority::low), 0);
    hand_in(scheduler, one([] {}, Priority::low), 0);
    run_next(scheduler, 0);
  }
  EXPECT_TRUE(ran);
}

// S3.3: a worker that has nothing of its own, and lives on what it steals, sees what has waited too long.
TEST(Scheduler, WhoOnlyStealsSeesWhatIsAged) {
  priority::ManualClock clock;
  Scheduler scheduler({.workers = 2, .ageing = std::chrono::seconds(1), .clock = &clock});
  bool ran = false;
  hand_in(scheduler, one([&] { ran = true; }, Priority::low), 1);
  clock.advance(std::chrono::seconds(2));
  for (int i = 0; i < 200 && !ran; ++i) {
    hand_in(scheduler, one([] {}, Priority::high), 1);
    hand_in(scheduler, one([] {}, Priority::high), 1);
    run_next(scheduler, 0);
  }
  EXPECT_TRUE(ran);
}

// S3.3: of what has waited too long, a husk is none: the work behind it goes first.
TEST(Scheduler, AnAgedHuskDoesNotHideWhatIsBehindIt) {
  priority::ManualClock clock;
  Scheduler scheduler({.workers = 1, .ageing = std::chrono::milliseconds(10), .clock = &clock});
  std::vector<std::string> order;
  UnitList units = one([] {}, Priority::low);
  const Unit& husk = units.front();
  Unit& writable = const_cast<Unit&>(husk);
  hand_in(scheduler, std::move(units));
  hand_in(scheduler, one([&] { order.emplace_back("aged"); }, Priority::low));
  clock.advance(std::chrono::milliseconds(20));
  hand_in(scheduler, one([&] { order.emplace_back("high"); }, Priority::high));
  writable.mark = 4;  // over: cancelled by somebody who will say so in a moment
  run_next(scheduler, 0);
  run_next(scheduler, 0);
  EXPECT_EQ(order, (std::vector<std::string>{"aged", "high"}));
}

// S4.4: nor one in the worker's own lane, for what is below it.
TEST(Scheduler, AHuskDoesNotLetALowerLevelGoFirst) {
  Scheduler scheduler({.workers = 1});
  std::vector<std::string> order;
  hand_in(scheduler, one([&] { order.emplace_back("high"); }, Priority::high), 0);
  UnitList units = one([] {}, Priority::high);
  Unit& husk = const_cast<Unit&>(units.front());
  hand_in(scheduler, std::move(units), 0);
  hand_in(scheduler, one([&] { order.emplace_back("low"); }, Priority::low), 0);
  husk.mark = 4;  // over: cancelled by somebody who will say so in a moment
  run_next(scheduler, 0);
  run_next(scheduler, 0);
  EXPECT_EQ(order, (std::vector<std::string>{"high", "low"}));
}

// S3.3 S4.4: the age of what waits is its own. That the queue was never empty for hours makes nothing old.
TEST(Scheduler, AQueueThatIsNeverEmptyIsNotAged) {
  priority::ManualClock clock;
  Scheduler scheduler({.workers = 1, .ageing = std::chrono::hours(2), .clock = &clock, .cells = 16});
  std::vector<std::string> order;
  for (int i = 0; i < 400; ++i) {
    hand_in(scheduler, one([&] { order.emplace_back("normal"); }));
    clock.advance(std::chrono::minutes(1));
    if (i >= 60) run_next(scheduler, 0);  // more than a worker claims at once
  }
  order.clear();
  hand_in(scheduler, one([&] { order.emplace_back("high"); }, Priority::high));
  run_next(scheduler, 0);
  run_next(scheduler, 0);
  EXPECT_EQ(order, (std::vector<std::string>{"high", "normal"}));
}

// S4.8: what goes first for its age was taken from somewhere, too.
TEST(Scheduler, WhatIsAgedCountsWhereItWasTakenFrom) {
  priority::ManualClock clock;
  Diary diary;
  Scheduler scheduler({.workers = 2, .ageing = std::chrono::seconds(1), .clock = &clock, .observer = &diary});
  bool stolen = false;
  hand_in(scheduler, one([&] { stolen = true; }, Priority::low), 1);
  hand_in(scheduler, one([] {}, Priority::low));
  clock.advance(std::chrono::seconds(2));
  hand_in(scheduler, one([] {}, Priority::high), 0);
  run_next(scheduler, 0);  // the one from outside: it sees two levels
  EXPECT_EQ(scheduler.scheduling()[0].injector_takes, 1U);
  for (int i = 0; i < 100 && !stolen; ++i) {  // once in a round it looks at the others
    hand_in(scheduler, one([] {}, Priority::high), 0);
    run_next(scheduler, 0);
  }
  EXPECT_TRUE(stolen);
  EXPECT_EQ(scheduler.scheduling()[0].steals, 1U);
  EXPECT_EQ(scheduler.scheduling()[0].injector_takes, 1U);
  EXPECT_EQ(diary.entries, std::vector<std::string>{"steal 0 1"});
}

// S4.4: nor does what comes from outside keep a worker from what is queued at others, batch after batch.
TEST(Scheduler, ARoundGoesOnFromBatchToBatch) {
  Scheduler scheduler({.workers = 2});
  bool stolen = false;
  hand_in(scheduler, one([&] { stolen = true; }), 1);
  constexpr int kJobs = 200;
  for (int i = 0; i < kJobs; ++i) {
    hand_in(scheduler, one([long_enough = std::chrono::microseconds(2)] {  // they are not short
              const auto begin = std::chrono::steady_clock::now();
              while (std::chrono::steady_clock::now() - begin < long_enough) {
              }
            }));
  }
  int ran = 0;
  for (; ran < kJobs && !stolen; ++ran) run(scheduler, 0, scheduler.next(0));
  EXPECT_LE(ran, 100);
}

// S3.3: nor does anything, if that takes for ever. (As a sum it is more than there is.)
TEST(Scheduler, AgeingMayTakeForEver) {
  priority::ManualClock clock;
  Scheduler scheduler({.workers = 1, .ageing = Duration::max(), .clock = &clock});
  std::vector<std::string> order;
  hand_in(scheduler, one([&] { order.emplace_back("low"); }, Priority::low));
  clock.advance(std::chrono::hours(1000));
  for (int i = 0; i < 100; ++i) hand_in(scheduler, one([&] { order.emplace_back("high"); }, Priority::high));
  for (int i = 0; i < 101; ++i) run_next(scheduler, 0);
  EXPECT_EQ(order.back(), "low");
}

// A seam for pools that grow and shrink.
TEST(Scheduler, WorkersMayComeAndGoWithinTheSlots) {
  Scheduler scheduler({.workers = 1, .slots = 1000});
  std::atomic<int> ran{0};
  const auto many = [&](std::optional<std::size_t> worker) {
    UnitList units;
    for (int i = 0; i < 8; ++i) units.push_back(errand([&] { ++ran; }));
    hand_in(scheduler, std::move(units), worker);
  };
  EXPECT_EQ(scheduler.active(), 1U);
  EXPECT_EQ(scheduler.scheduling().size(), 1U);
  many(std::nullopt);
  const Taken first = scheduler.next(0);  // the fair share of the only one is all
  for (int i = 0; i < 7; ++i) run_next(scheduler, 0);
  EXPECT_EQ(scheduler.scheduling()[0].injector_takes, 1U);

  scheduler.set_active(5);
  EXPECT_EQ(scheduler.scheduling().size(), 5U);
  many(4);  // handed in by one of those that came
  many(std::nullopt);
  const Taken claimed = scheduler.next(3);  // which claims a fifth, and goes with it
  scheduler.set_active(2);
  for (int i = 0; i < 15; ++i) run_next(scheduler, static_cast<std::size_t>(i % 2));
  EXPECT_EQ(ran.load(), 22);
  EXPECT_EQ(scheduler.stats().queued, 0U);
  EXPECT_EQ(scheduler.scheduling().size(), 5U) << "what was counted stays";

  EXPECT_THROW(scheduler.set_active(0), std::invalid_argument);
  EXPECT_THROW(scheduler.set_active(1001), std::invalid_argument);
}

TEST(Scheduler, WhilePausedNothingStartsAndNothingIsLost) {
  Scheduler scheduler({.workers = 2});
  std::atomic<int> ran{0};
  std::thread zero([&] { work(scheduler, 0); });
  std::thread other([&] { work(scheduler, 1); });
  scheduler.pause();
  for (int i = 0; i < 100; ++i) hand_in(scheduler, one([&] { ++ran; }));
  EXPECT_FALSE(scheduler.wait_idle(Deadline::after(std::chrono::milliseconds(5))));
  EXPECT_LE(ran.load(), 0);
  scheduler.resume();
  EXPECT_TRUE(scheduler.wait_idle(Deadline::never()));
  EXPECT_EQ(ran.load(), 100);
  scheduler.pause();
  hand_in(scheduler, one([&] { ++ran; }));
  scheduler.close();  // opens the gate
  zero.join();
  other.join();
  EXPECT_EQ(ran.load(), 101);
}

TEST(Scheduler, CloseOpensTheGateForThoseWhoSleep) {
  Diary diary;
  Scheduler scheduler({.workers = 1, .observer = &diary});
  scheduler.pause();
  std::atomic<int> ran{0};
  hand_in(scheduler, one([&] { ++ran; }));
  std::thread worker([&] { work(scheduler, 0); });
  diary.parked.wait();
  scheduler.close();
  worker.join();
  EXPECT_EQ(ran.load(), 1);
}

TEST(Scheduler, OnePieceOfWorkWakesOneWorker) {
  constexpr std::size_t kWorkers = 4, kPieces = 50;
  Scheduler scheduler({.workers = kWorkers});
  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < kWorkers; ++i) workers.emplace_back([&, i] { work(scheduler, i); });
  const auto total = [&](std::size_t Scheduling::*count) {
    std::size_t sum = 0;
    for (const Scheduling& one : scheduler.scheduling()) sum += one.*count;
    return sum;
  };
  std::atomic<std::size_t> ran{0};
  for (std::size_t i = 0;; ++i) {
    while (ran < i || total(&Scheduling::parks) != total(&Scheduling::wakeups) + kWorkers) std::this_thread::yield();
    if (i == kPieces) break;
    hand_in(scheduler, one([&] { ++ran; }));
  }
  scheduler.close();
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(total(&Scheduling::wakeups), kPieces + kWorkers) << "the close wakes each of them once";
}

// Where launch() hands in at one of the workers, and what jobs need of a pool.
class Host : public priority::JobHost {
 public:
  explicit Host(Scheduler& scheduler) : scheduler_(scheduler) {}
  Clock& clock() override { return priority::steady_clock(); }
  priority::Timer& timer() override { return timer_; }
  void withdraw(JobCore& job) override { scheduler_.withdraw(job); }
  void overran(const JobCore&) override {}

 private:
  Scheduler& scheduler_;
  priority::Timer timer_{priority::steady_clock()};
};
struct AtWorker {
  Scheduler& scheduler;
  std::size_t worker;
  std::shared_ptr<priority::JobHost> host;
  JobCore* last = nullptr;
  void enqueue(UnitPtr unit) {
    last = static_cast<JobCore*>(unit.get());
    UnitList list;
    list.push_back(std::move(unit));
    ASSERT_TRUE(scheduler.hand_in(list, worker));
  }
  [[nodiscard]] std::shared_ptr<priority::JobHost> job_host() const { return host; }
};

#ifndef __clang_analyzer__  // which takes the release of a share for the end of the job
// S4.3 T4: a husk may hold the last share in a result, whose destructor is the user's, and may take its time. Whoever
// releases it is not taken for one that searches.
TEST(Scheduler, WhoeverReleasesAHuskKeepsNobodyFromWork) {
  Scheduler scheduler({.workers = 3});
  Gate ran;
  struct Result {
    std::function<void()> last;
    explicit Result(std::function<void()> f) : last(std::move(f)) {}
    Result(Result&& other) noexcept : last(std::exchange(other.last, nullptr)) {}
    Result(const Result&) = delete;
    ~Result() {
      if (last) last();
    }
  };
  scheduler.pause();
  std::thread zero([&] { work(scheduler, 0); });
  std::thread other([&] { work(scheduler, 1); });
  while (scheduler.scheduling()[0].parks + scheduler.scheduling()[1].parks < 2) std::this_thread::yield();
  {
    AtWorker pool{scheduler, 2, std::make_shared<Host>(scheduler)};
    const auto job = priority::launch(pool, {}, [&] {
      return Result([&] {
        hand_in(scheduler, one([&] { ran.open(); }));
        ran.wait();
      });
    });
    ASSERT_TRUE(scheduler.take_up(*pool.last, 2));  // as a job does that waits for it; what is queued is a husk now
    pool.last->retain();
    run(scheduler, 2, Taken(UnitPtr(pool.last)));
    scheduler.leave(2);
  }
  scheduler.resume();
  ran.wait();
  scheduler.close();
  zero.join();
  other.join();
}
#endif

TEST(Scheduler, WhatIsRefusedStaysWithTheCaller) {
  Scheduler scheduler({.workers = 1});
  scheduler.close();
  UnitList units = one([] {});
  EXPECT_FALSE(scheduler.hand_in(units, std::nullopt));
  EXPECT_EQ(units.size(), 1U);
  EXPECT_EQ(scheduler.stats().sent, 0U);
}

// Without a limit the sums count.
TEST(Scheduler, CountsAreTheSameWithoutALimit) {
  Scheduler scheduler({.workers = 2});
  hand_in(scheduler, one([] {}));
  ASSERT_EQ(scheduler.hand_in(2, 1, [] { return [] {}; }), Scheduler::Handed::in);
  EXPECT_EQ(scheduler.stats().queued, 2U);
  run_next(scheduler, 0);
  run_next(scheduler, 0);
  const auto stats = scheduler.stats();
  EXPECT_EQ(stats.sent, 2U);
  EXPECT_EQ(stats.queued, 0U);
  EXPECT_EQ(stats.high_water, 2U);
  EXPECT_FALSE(scheduler.wait_idle(Deadline::now())) << "the worker has not said so yet";
  scheduler.leave(0);
  EXPECT_TRUE(scheduler.wait_idle(Deadline::now()));
}

}  // namespace
}  // namespace pool::stealing
