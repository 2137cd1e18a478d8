// What a crew's wake-ups cost: how many there are for a job, and how long a job waits until it starts.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <latch>
#include <string>
#include <thread>
#include <vector>

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
