// First that the crew is right, then how often it is woken. That is counted, and not timed; what it costs is printed.
#include <e29_one_job_one_wake_up/crew.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <pool/testing/todo.hpp>

namespace measure {

struct Result {
  double wakeups_a_job = 0;
  std::chrono::nanoseconds median{0};  // from hand_in() until the last job of a round starts

  [[nodiscard]] std::string text() const {
    char line[100];
    std::snprintf(line, sizeof line, "%.2f wake-ups a job, median until it starts: %.1f us", wakeups_a_job,
                  static_cast<double>(median.count()) / 1000);
    return line;
  }
};

template <class Crew>
void until_asleep(const Crew& crew, std::size_t workers) {
  while (crew.asleep() < workers) std::this_thread::yield();
}

// All sleep; then as many jobs are handed in, each of which needs a worker of its own. So many times.
template <class Crew>
Result rounds(std::size_t workers, std::size_t jobs, std::size_t times) {
  using Clock = std::chrono::steady_clock;
  Crew crew(workers);
  std::vector<std::chrono::nanoseconds> took;
  for (std::size_t i = 0; i < times; ++i) {
    until_asleep(crew, workers);
    std::latch all(static_cast<std::ptrdiff_t>(jobs) + 1);
    const auto begin = Clock::now();
    std::vector<Clock::time_point> starts(jobs);
    for (Clock::time_point& start : starts) {
      crew.hand_in([&start, &all] {
        start = Clock::now();
        all.arrive_and_wait();
      });
    }
    all.arrive_and_wait();
    until_asleep(crew, workers);  // the latch goes; and whoever was woken in vain is back
    took.push_back(*std::max_element(starts.begin(), starts.end()) - begin);
  }
  const auto middle = took.begin() + static_cast<std::ptrdiff_t>(times / 2);
  std::nth_element(took.begin(), middle, took.end());
  return {static_cast<double>(crew.wakeups()) / static_cast<double>(jobs * times), *middle};
}

}  // namespace measure

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
