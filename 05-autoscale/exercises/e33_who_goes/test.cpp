// Workers that are sent home, under every interleaving. All work is waited for before anybody is told of the end: that
// wakes everybody, and would hide a worker that sleeps beside a job.
#include <e33_who_goes/crew.hpp>

#include <cstddef>
#include <functional>

#include <pool/testing/explorer/test.hpp>

using exercise::Crew;
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
  [[nodiscard]] int so_far() const { return count_.load(); }

 private:
  atomic<int> count_{0};
};

struct Works {
  explicit Works(std::size_t workers) : crew(workers) {}

  // The life of a worker.
  void run(
      std::size_t worker, const std::function<void()>& job = [] {}) {
    while (crew.next(worker)) {
      done[worker].add();
      all_done.add();
      job();
    }
    gone[worker].add();
  }

  Crew crew;
  Count done[2], gone[2];  // by each worker
  Count all_done;
};

// Returns when so many sleep, as seen from outside.
void until_asleep(const Crew& crew, std::size_t workers) {
  while (crew.parking().sleeping() < workers) pool::sync::this_thread::yield();
}

}  // namespace

// Asleep, or about to be, when it is sent home; what comes then is for the other one.
EXPLORE_WITH(Going, AgainstWhatComes, (Explore{.strategy = Strategy::pct, .executions = 5000})) {
  Works works(2);
  thread one([&] { works.run(0); });
  thread other([&] { works.run(1); });
  works.crew.hand_in();
  works.crew.retire(1);
  works.all_done.wait_for(1);
  works.gone[1].wait_for(1);
  works.crew.hand_in();
  works.done[0].wait_for(1);
  works.all_done.wait_for(2);
  works.crew.end();
  one.join();
  other.join();
}

// It is woken for a job, and sent home in the same moment, by two others.
EXPLORE_WITH(Going, WhoWasWokenForAJobPassesItOn, (Explore{.strategy = Strategy::pct, .executions = 5000})) {
  Works works(2);
  thread one([&] { works.run(0); });
  thread other([&] { works.run(1); });
  thread boss([&] { works.crew.retire(1); });
  works.crew.hand_in();
  works.crew.hand_in();
  works.all_done.wait_for(2);
  boss.join();
  works.gone[1].wait_for(1);
  works.crew.end();
  one.join();
  other.join();
}

// Nobody hands in anything any more: the one that sleeps goes all the same.
EXPLORE_WITH(Going, WhoSleepsIsWokenForIt, (Explore{.preemptions = 2})) {
  Works works(2);
  thread worker([&] { works.run(1); });
  works.crew.retire(1);
  works.gone[1].wait_for(1);
  EXPECT_EQ(works.crew.parking().sleeping(), 0U);
  EXPECT_EQ(works.crew.parking().searching(), 0U) << "nobody is counted on who is not there";
  worker.join();
}

EXPLORE_WITH(Going, WhoIsSentHomeTakesNothingMore, (Explore{.preemptions = 2})) {
  Works works(2);
  works.crew.hand_in();
  works.crew.hand_in();
  EXPLORE_CHECK(works.crew.next(1));
  works.crew.retire(1);
  EXPECT_FALSE(works.crew.next(1)) << "there is something, and it is for others";
  EXPECT_EQ(works.crew.parking().searching(), 0U);
  thread stays([&] { works.run(0); });
  works.done[0].wait_for(1);
  works.crew.end();
  stays.join();
}

// Busy, and sent home: it has nobody on its mind, and so wakes nobody.
EXPLORE_WITH(Going, WhoIsBusyGoesWithoutAWord, (Explore{.preemptions = 1})) {
  Works works(2);
  works.crew.hand_in();
  EXPLORE_CHECK(works.crew.next(1));
  thread stays([&] { works.run(0); });
  works.crew.retire(1);
  EXPECT_FALSE(works.crew.next(1));
  works.crew.hand_in();
  works.done[0].wait_for(1);
  works.crew.end();
  stays.join();
  EXPECT_EQ(works.crew.parking().searching(), 0U) << "whoever goes at the end searches no more either";
}

// It goes with nothing to do for anybody: the one that sleeps sleeps on.
EXPLORE_WITH(Going, WhoHasNothingToPassOnWakesNobody, (Explore{.preemptions = 1})) {
  Works works(2);
  int looks = 0;
  thread stays([&] {
    while (works.crew.next(0)) ++looks;
  });
  until_asleep(works.crew, 1);
  thread goes([&] { works.run(1); });
  until_asleep(works.crew, 2);
  works.crew.retire(1);
  works.gone[1].wait_for(1);
  EXPECT_EQ(works.crew.parking().sleeping(), 1U);
  works.crew.end();
  goes.join();
  stays.join();
  EXPECT_EQ(looks, 0);
}

// As in e25, with nobody sent home.
EXPLORE_WITH(Staying, WhatIsHandedInIsDone, (Explore{.preemptions = 2})) {
  Works works(1);
  thread worker([&] { works.run(0); });
  works.crew.hand_in();
  works.all_done.wait_for(1);
  works.crew.hand_in();
  works.all_done.wait_for(2);
  works.crew.end();
  worker.join();
}

// Each of the two jobs waits until the other one has begun.
EXPLORE_WITH(Staying, AJobThatWaitsForAnotherGetsIt, (Explore{.strategy = Strategy::pct, .executions = 5000})) {
  Works works(2);
  const auto both = [&] { works.all_done.wait_for(2); };
  thread one([&] { works.run(0, both); });
  thread other([&] { works.run(1, both); });
  works.crew.hand_in();
  works.crew.hand_in();
  works.all_done.wait_for(2);
  works.crew.end();
  one.join();
  other.join();
}
