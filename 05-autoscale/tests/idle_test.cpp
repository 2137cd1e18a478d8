// Who may go for want of work, and when it is looked for: on a supervisor that the test tends.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <stdexcept>
#include <vector>

#include <pool/autoscale/supervisor.hpp>
#include <pool/autoscale/thread_pool.hpp>
#include <pool/testing/contract/crew.hpp>
#include <pool/testing/gate.hpp>

#include "watched.hpp"

namespace pool::autoscale {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Gate;
using testing::until;
using Kind = Event::Kind;

// Workers that have nothing to do. The first ones begin at once, all others when they may.
class Crew {
 public:
  Crew(std::size_t min, std::size_t max, Duration idle_timeout)
      : scheduler_({.workers = min, .slots = max, .clock = &clock, .patience = 0}),
        supervisor(scheduler_, clock, events,
                   {.min = min,
                    .max = max,
                    .idle_timeout = idle_timeout,
                    .life = [this](std::size_t worker) { live(worker); },
                    .call = [this] { ++calls; }}) {
    supervisor.start();
  }
  ~Crew() {
    may_begin.open();
    scheduler_.close();
    supervisor.replace_no_more();
    supervisor.join();
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  void until_asleep(std::size_t workers) const { testing::until_parked(scheduler_, workers); }
  [[nodiscard]] std::size_t counted(Kind kind) const { return events.seen().count(kind); }
  // Time passes, and it is looked as often as that takes for one that sleeps all the while.
  void sleep(Duration idle_timeout) {
    for (int i = 0; i < 3; ++i) {
      static_cast<void>(supervisor.tend());
      clock.advance(idle_timeout / 2);
    }
    static_cast<void>(supervisor.tend());
  }

  priority::ManualClock clock;
  Events events;
  std::atomic<int> calls = 0;
  std::atomic<bool> fails = false;
  Gate may_begin;

 private:
  Scheduler scheduler_;

 public:
  Supervisor supervisor;

 private:
  void live(std::size_t worker) {
    if (worker >= supervisor.min()) may_begin.wait();
    if (fails) {
      supervisor.started(worker, false, std::make_exception_ptr(std::runtime_error("no")));
    } else {
      supervisor.started(worker, true, nullptr);
      while (stealing::Taken taken = scheduler_.next(worker)) ADD_FAILURE() << "there is nothing to do";
    }
    scheduler_.leave(worker);
    supervisor.left(worker, false);
  }
};

// S5.1 S5.9: four are wanted, and two more as long as two block. Who goes stays away.
TEST(Idle, WhoIsASubstituteIsNotWantedAgain) {
  Crew crew(1, 8, seconds(30));
  crew.may_begin.open();
  crew.supervisor.scale_to(4);
  for (int i = 0; i < 2; ++i) crew.supervisor.blocks();
  EXPECT_EQ(crew.supervisor.size(), 6U);
  crew.until_asleep(6);
  crew.sleep(seconds(30));
  EXPECT_EQ(crew.supervisor.size(), 3U) << "the least, and two who block";
  until([&] { return crew.counted(Kind::retired) >= 3; });  // their seats are free
  static_cast<void>(crew.supervisor.tend());
  EXPECT_EQ(crew.supervisor.size(), 3U);
  for (int i = 0; i < 2; ++i) crew.supervisor.goes_on();
  static_cast<void>(crew.supervisor.tend());
  EXPECT_EQ(crew.counted(Kind::started), 6U) << "nobody came twice";
}

// S5.9: those who block no longer leave substitutes behind; who asks for more gets more.
TEST(Idle, MoreIsNotLessThoughSubstitutesAreThere) {
  Crew crew(1, 8, Duration::zero());
  crew.may_begin.open();
  for (int i = 0; i < 4; ++i) crew.supervisor.blocks();
  for (int i = 0; i < 4; ++i) crew.supervisor.goes_on();
  EXPECT_EQ(crew.supervisor.size(), 5U);
  crew.supervisor.scale_by(+2, {1, 1});
  EXPECT_EQ(crew.supervisor.size(), 5U) << "three are wanted, and two stay for a while";
  crew.supervisor.scale_by(0, {5, 5});
  crew.supervisor.trim();
  EXPECT_EQ(crew.supervisor.size(), 3U);
}

// S5.1 S5.2: not one size lower, as long as there is as much to do; when there was less for long enough, to the minimum.
TEST(Idle, NobodyGoesWhomThePolicyWouldAskForAgain) {
  Crew crew(2, 8, seconds(30));
  crew.may_begin.open();
  crew.supervisor.scale_to(4);
  crew.supervisor.scale_by(+2, {4, 4});
  crew.until_asleep(6);
  crew.sleep(seconds(30));
  EXPECT_EQ(crew.supervisor.size(), 5U);
  for (int i = 0; i < 20; ++i) {
    crew.supervisor.scale_by(0, {5, i % 2 == 0 ? 3U : 4U});  // for a moment it is less
    crew.clock.advance(seconds(15));
    static_cast<void>(crew.supervisor.tend());
    EXPECT_EQ(crew.supervisor.size(), 5U);
  }
  crew.supervisor.scale_by(0, {5, 3});
  crew.clock.advance(seconds(30) - Duration(1));
  static_cast<void>(crew.supervisor.tend());
  EXPECT_EQ(crew.supervisor.size(), 5U);
  crew.sleep(seconds(30));
  EXPECT_EQ(crew.supervisor.size(), 2U);
}

// S5.1: when it is looked again: not all the time, and not beyond what a clock can say.
TEST(Idle, HowOftenItIsLooked) {
  for (const Duration timeout : {Duration(1), Duration(seconds(30)), Duration::max()}) {
    Crew crew(1, 2, timeout);
    crew.may_begin.open();
    crew.supervisor.scale_to(2);
    const Time next = crew.supervisor.tend();
    EXPECT_GE(next, crew.clock.now() + milliseconds(1));
    EXPECT_LE(next, crew.clock.now() + std::chrono::hours(24));
    EXPECT_EQ(crew.supervisor.tend(), next);
  }
}

// S5.9: there was nobody who might go, and so nobody was looked for; now there is.
TEST(Idle, WhenNobodyBlocksAnyMoreItIsLooked) {
  Crew crew(1, 2, seconds(30));
  crew.may_begin.open();
  crew.supervisor.blocks();
  crew.until_asleep(2);
  EXPECT_EQ(crew.supervisor.tend(), Time::max());
  const int before = crew.calls;
  crew.supervisor.goes_on();
  EXPECT_EQ(crew.calls, before + 1);
  EXPECT_EQ(crew.supervisor.tend(), crew.clock.now() + seconds(15));
  crew.sleep(seconds(30));
  EXPECT_EQ(crew.supervisor.size(), 1U);
}

// V3: the other one has not begun, and may never.
TEST(Idle, TheOnlyOneThatWorksStays) {
  Crew crew(1, 2, seconds(30));
  crew.supervisor.scale_to(2);
  crew.until_asleep(1);
  crew.sleep(seconds(30));
  crew.sleep(seconds(30));
  ASSERT_EQ(crew.supervisor.size(), 2U);
  crew.may_begin.open();
  until([&] { return crew.counted(Kind::started) == 2; });
  crew.until_asleep(2);
  crew.sleep(seconds(30));
  EXPECT_EQ(crew.supervisor.size(), 1U);
}

// S5.7: three threads were to begin at the same time, and none could: that is one failure to draw a lesson from.
TEST(Pauses, AreTwiceAsLongAfterEachRoundAndNotAfterEachSeat) {
  Crew crew(1, 4, Duration::zero());
  crew.fails = true;
  crew.supervisor.scale_to(4);
  crew.may_begin.open();
  for (int round = 1; round <= 4; ++round) {
    until([&] { return crew.counted(Kind::not_started) == 3U * static_cast<unsigned>(round); });
    const Duration pause = milliseconds(10) * (1 << (round - 1));
    ASSERT_EQ(crew.supervisor.tend(), crew.clock.now() + pause);
    crew.clock.advance(pause);
    static_cast<void>(crew.supervisor.tend());
  }
}

}  // namespace
}  // namespace pool::autoscale
