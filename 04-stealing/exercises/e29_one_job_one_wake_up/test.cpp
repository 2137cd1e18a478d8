// First that the crew is right, then how often it is woken. That is counted, and not timed.
#include <e29_one_job_one_wake_up/crew.hpp>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <latch>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <pool/testing/todo.hpp>

#include "measure.hpp"

using exercise::Crew;

namespace {

// Whoever wakes more than one worker for each job is right, but slow; fewer there cannot be.
void expect_one_for_each(const measure::Result& result) {
  EXPECT_GE(result.wakeups_a_job, 1.0);
  if (result.wakeups_a_job > 1.0) POOL_SLOW((result.text() + "; wanted: 1").c_str());
  std::printf("%s\n", result.text().c_str());
}

}  // namespace

TEST(Crew, EveryJobRunsOnce) {
  std::vector<std::atomic<int>> runs(3000);
  {
    Crew crew(3);
    std::vector<std::thread> producers;
    for (std::size_t first = 0; first < 3; ++first) {
      producers.emplace_back([&, first] {
        for (std::size_t i = first; i < runs.size(); i += 3) crew.hand_in([&runs, i] { ++runs[i]; });
      });
    }
    for (std::thread& producer : producers) producer.join();
  }
  for (const auto& count : runs) ASSERT_EQ(count, 1);
}

// The crew lives, so nobody is woken by its end.
TEST(Crew, AsManyAreWokenAsThereIsWorkFor) {
  Crew crew(4);
  for (int round = 0; round < 200; ++round) {
    measure::until_asleep(crew, 4);
    std::latch from_outside(5);
    for (int i = 0; i < 4; ++i) crew.hand_in([&] { from_outside.arrive_and_wait(); });
    from_outside.arrive_and_wait();
    measure::until_asleep(crew, 4);
    std::latch from_a_job(5);
    crew.hand_in([&] {
      for (int i = 0; i < 3; ++i) crew.hand_in([&] { from_a_job.arrive_and_wait(); });
      from_a_job.arrive_and_wait();
    });
    from_a_job.arrive_and_wait();
    measure::until_asleep(crew, 4);
  }
}

// Whoever was woken for the second job may find that the worker of the first was there before.
TEST(Crew, NoWakeUpIsLost) {
  Crew crew(2);
  for (int round = 0; round < 5000; ++round) {
    std::latch ran(2);
    crew.hand_in([&] {
      crew.hand_in([&] { ran.count_down(); });
      ran.count_down();
    });
    ran.wait();
    if (round % 2 == 0) measure::until_asleep(crew, 2);
  }
  measure::until_asleep(crew, 2);
}

TEST(WakeUps, OneForOneJob) {
  expect_one_for_each(measure::rounds<Crew>(4, 1, 200));
}

TEST(WakeUps, FourForFourThatComeAtOnce) {
  expect_one_for_each(measure::rounds<Crew>(8, 4, 200));
}
