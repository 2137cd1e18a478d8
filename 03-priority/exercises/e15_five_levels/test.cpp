// The rule as a table, the queue by what it hands out, and the promise (L2) while a thousand entries come and go.
#include <e15_five_levels/queue.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using exercise::Duration;
using exercise::Heads;
using exercise::kLevels;
using exercise::next_level;
using exercise::Priority;
using exercise::Queue;
using exercise::Time;

namespace {

constexpr Time kNow = Time{} + 1h;

constexpr int kNone = -1;

struct Case {
  const char* what;
  std::vector<std::optional<Duration>> waited;  // for each level from the highest on, how long its oldest has waited
  int level;
};

void expect(const std::vector<Case>& cases, Duration ageing) {
  for (const Case& each : cases) {
    Heads heads;
    for (std::size_t level = 0; level < each.waited.size(); ++level) {
      if (each.waited[level]) heads[level] = kNow - *each.waited[level];
    }
    const auto level = next_level(heads, kNow, ageing);
    EXPECT_EQ(level ? static_cast<int>(*level) : kNone, each.level) << each.what;
  }
}

constexpr std::nullopt_t no = std::nullopt;

}  // namespace

TEST(NextLevel, IsTheHighestOnWhichSomebodyWaits) {
  expect(
      {
          {"nobody", {}, kNone},
          {"one", {no, no, no, 1s}, 3},
          {"the highest", {1s, 1s, 1s, 1s, 1s}, 0},
          {"the highest that is not empty", {no, no, 1s, no, 2s}, 2},
          {"the highest, though others have waited longer", {no, 1s, 4s, 9s, 5s}, 1},
      },
      10s);
}

TEST(NextLevel, WhoeverHasWaitedTooLongGoesFirst) {
  expect(
      {
          {"one second over age", {1s, no, no, no, 11s}, 4},
          {"a nanosecond over age", {1s, no, no, 10s + 1ns, no}, 3},
          {"not longer than the limit", {1s, no, no, no, 10s}, 0},
          {"the highest itself", {11s, 1s, no, no, no}, 0},
      },
      10s);
}

TEST(NextLevel, OfThoseOverAgeItIsTheOldest) {
  expect(
      {
          {"the lowest is the oldest", {no, 11s, 12s, no, 13s}, 4},
          {"the lowest is over age, and not the oldest", {1s, no, 13s, no, 12s}, 2},
          {"all are, the highest longest", {15s, 14s, 13s, 12s, 11s}, 0},
          {"as old as each other: the higher", {no, 11s, no, no, 11s}, 1},
      },
      10s);
}

TEST(NextLevel, AnAgeingOfZeroIsNone) {
  expect({{"a day", {1s, no, no, no, 24h}, 0}, {"nobody", {}, kNone}}, 0s);
}

TEST(Queue, ServesTheHighestFirstAndEachLevelInItsOrder) {
  Queue<char> queue(10s);
  queue.push(Priority::lowest, 'g', kNow);
  queue.push(Priority::normal, 'd', kNow);
  queue.push(Priority::critical, 'a', kNow);
  queue.push(Priority::normal, 'e', kNow);
  queue.push(Priority::high, 'b', kNow);
  queue.push(Priority::low, 'f', kNow);
  queue.push(Priority::high, 'c', kNow);
  EXPECT_EQ(queue.size(), 7U);
  std::string served;
  while (auto one = queue.pop(kNow + 1s)) served += *one;
  EXPECT_EQ(served, "abcdefg");
  EXPECT_EQ(queue.size(), 0U);
}

TEST(Queue, AgesWhatWaits) {
  Queue<char> queue(10s);
  queue.push(Priority::lowest, 'a', kNow);
  queue.push(Priority::low, 'c', kNow + 5s);
  queue.push(Priority::critical, 'b', kNow + 10s);
  std::string served;
  while (auto one = queue.pop(kNow + 11s)) served += *one;
  EXPECT_EQ(served, "abc");
}

TEST(Queue, OnceOverAgeNothingThatCameLaterGoesBefore) {
  std::mt19937 random(1);
  Queue<int> queue(20ms);
  std::vector<Time> came;
  std::vector<int> waiting;
  Time now = kNow;
  for (int step = 0; step < 1000; ++step) {
    now += 1ms;
    for (auto more = random() % 3; more > 0; --more) {  // one and a half on average: it falls behind
      const auto priority = static_cast<Priority>(std::min<std::size_t>(random() % 8, kLevels - 1) % kLevels);
      waiting.push_back(static_cast<int>(came.size()));
      queue.push(priority, static_cast<int>(came.size()), now);
      came.push_back(now);
    }
    const auto served = queue.pop(now);
    ASSERT_EQ(served.has_value(), !waiting.empty());
    if (!served) continue;
    for (const int other : waiting) {
      const auto index = static_cast<std::size_t>(other);
      ASSERT_FALSE(now - came[index] > 20ms && came[index] < came[static_cast<std::size_t>(*served)])
          << "step " << step << ": " << *served << " was served before " << other << ", which is over age and older";
    }
    waiting.erase(std::find(waiting.begin(), waiting.end(), *served));
  }
}
