// Forks: the deque of forks at one worker, and what a scheduler makes of it. One thread plays all workers.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <deque>
#include <optional>

#include <pool/stealing/fork.hpp>
#include <pool/stealing/scheduler.hpp>

namespace pool::stealing {
namespace {

class CountedFork : public Fork {
 public:
  CountedFork() : Fork([](Fork& self) { ++static_cast<CountedFork&>(self).runs; }) {}
  int runs = 0;
};

class ForksOfAScheduler : public ::testing::Test {
 protected:
  // The worker runs what it takes; which fork that is, if it is one.
  Fork* find(std::size_t worker) {
    Taken taken = scheduler.next(worker);
    run(taken, worker);
    return taken.fork();
  }
  void run(Taken& taken, std::size_t worker) {
    Ending ending{};
    {
      const Scheduler::Running running(scheduler, worker, taken);
      ending = taken.run(worker);
    }
    scheduler.ended(taken, worker, ending);
  }

  Scheduler scheduler{{.workers = 2, .clock = &priority::steady_clock()}};
  Forks& forks = scheduler.forks(0);
  Forks& thief = scheduler.forks(1);
  std::array<CountedFork, 4> fork;
};

TEST_F(ForksOfAScheduler, TheParentTakesBackTheNewest) {
  ASSERT_TRUE(forks.push(fork[0]));
  ASSERT_TRUE(forks.push(fork[1]));
  EXPECT_TRUE(forks.take(fork[1]));
  EXPECT_TRUE(forks.take(fork[0]));
  EXPECT_TRUE(forks.empty());
  EXPECT_FALSE(fork[0].done()) << "nobody has run it but its parent, who need not say so";
}

// F3
TEST_F(ForksOfAScheduler, AThiefTakesTheOldest) {
  ASSERT_TRUE(forks.push(fork[0]));
  ASSERT_TRUE(forks.push(fork[1]));
  EXPECT_EQ(forks.steal(0, thief), &fork[0]);
  EXPECT_EQ(Forks::thief_of(fork[0]), 1U);
  EXPECT_TRUE(forks.take(fork[1]));
  EXPECT_FALSE(forks.take(fork[0]));
  EXPECT_FALSE(fork[0].done());
  fork[0].run();
  EXPECT_TRUE(fork[0].done());
  EXPECT_FALSE(fork[0].lost());
  EXPECT_EQ(Forks::thief_of(fork[0]), std::nullopt);
}

// What is there already is enough for everybody.
TEST_F(ForksOfAScheduler, MoreThanEnoughAreRefused) {
  std::deque<CountedFork> many(100);
  std::size_t pushed = 0;
  while (forks.push(many[pushed])) ++pushed;
  EXPECT_EQ(pushed, 32U);
  EXPECT_NE(forks.steal(0, thief), nullptr);
  EXPECT_TRUE(forks.push(many[pushed]));
  for (; pushed > 0; --pushed) EXPECT_TRUE(forks.take(many[pushed]));
}

TEST_F(ForksOfAScheduler, WhoHelpsTakesPartsOfWhatHeWaitsFor) {
  forks.begin(&fork[0], 2);  // this worker has stolen it
  ASSERT_TRUE(forks.push(fork[1]));
  EXPECT_EQ(forks.steal_part_of(fork[3], thief), nullptr);
  EXPECT_EQ(forks.steal_part_of(fork[0], thief), &fork[1]);
  EXPECT_EQ(forks.steal_part_of(fork[0], thief), nullptr);
  forks.end();
  ASSERT_TRUE(forks.push(fork[2]));
  EXPECT_EQ(forks.steal_part_of(fork[0], thief), nullptr) << "it is part of a job";
  EXPECT_TRUE(forks.take(fork[2]));
}

TEST_F(ForksOfAScheduler, OfAnInnerJobTheNewestIsWhatItHasForked) {
  ASSERT_TRUE(forks.push(fork[0]));
  const Forks::Within outer = forks.within();
  forks.begin_inside(nullptr, 2);
  EXPECT_EQ(forks.take_newest(), nullptr) << "that one is below it on the stack";
  ASSERT_TRUE(forks.push(fork[1]));
  EXPECT_EQ(forks.take_newest(), &fork[1]);
  EXPECT_EQ(forks.take_newest(), nullptr);
  forks.back_to(outer);
  EXPECT_EQ(forks.take_newest(), &fork[0]);
  fork[0].run();
  fork[1].run();
  EXPECT_FALSE(forks.take(fork[1])) << "it was taken by a job that ran meanwhile, on this very thread";
  EXPECT_FALSE(forks.take(fork[0]));
}

// A fork has the level of its job, and comes before what is queued at that level.
TEST_F(ForksOfAScheduler, AThiefGoesByLevels) {
  const auto post = [&](Priority priority) {
    EXPECT_EQ(scheduler.hand_in(priority::level_of(priority), 0, [] { return [] {}; }), Scheduler::Handed::in);
  };
  forks.begin(nullptr, priority::level_of(Priority::low));
  ASSERT_TRUE(forks.push(fork[0]));
  EXPECT_EQ(forks.level_of_oldest(), priority::level_of(Priority::low));
  post(Priority::normal);
  post(Priority::low);
  EXPECT_EQ(find(1), nullptr);
  EXPECT_EQ(find(1), &fork[0]);
  EXPECT_EQ(fork[0].runs, 1);
  EXPECT_TRUE(fork[0].done());
  EXPECT_EQ(scheduler.stats().queued, 1U);
  EXPECT_EQ(find(1), nullptr);
}

// Forks are parts of jobs: nobody counts them but as steals, drops them, or waits for them.
TEST_F(ForksOfAScheduler, AForkIsNoJob) {
  ASSERT_TRUE(forks.push(fork[0]));
  EXPECT_EQ(scheduler.stats().queued, 0U);
  EXPECT_EQ(scheduler.stats().sent, 0U);
  EXPECT_EQ(scheduler.size(0), 0U);
  EXPECT_FALSE(scheduler.take_any());
  EXPECT_FALSE(scheduler.take_oldest_not_above(Priority::critical));
  EXPECT_TRUE(scheduler.wait_idle(Deadline::now()));
  EXPECT_EQ(find(1), &fork[0]);
  EXPECT_EQ(scheduler.worker_stats(1).completed, 0U);
  EXPECT_EQ(scheduler.scheduling()[1].steals, 1U);
  EXPECT_EQ(scheduler.stats().high_water, 0U);
  EXPECT_TRUE(scheduler.wait_idle(Deadline::now()));
}

TEST_F(ForksOfAScheduler, InAPauseTheParentGoesOn) {
  scheduler.pause();
  ASSERT_TRUE(forks.push(fork[0]));
  EXPECT_TRUE(forks.take(fork[0]));
  scheduler.resume();
}

}  // namespace
}  // namespace pool::stealing
