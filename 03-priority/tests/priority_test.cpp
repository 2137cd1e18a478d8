// Levels, their names and numbers, and the rule of ageing as a table.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <pool/priority/priority.hpp>

namespace pool::priority {
namespace {

using std::chrono::seconds;

// S3.1
TEST(Priority, HasFiveLevelsWithTheirNumbers) {
  EXPECT_EQ(static_cast<int>(Priority::critical), 0);
  EXPECT_EQ(static_cast<int>(Priority::highest), 0);
  EXPECT_EQ(static_cast<int>(Priority::high), 1);
  EXPECT_EQ(static_cast<int>(Priority::normal), 2);
  EXPECT_EQ(static_cast<int>(Priority::low), 3);
  EXPECT_EQ(static_cast<int>(Priority::lowest), 4);
}

// S3.1
TEST(Priority, IsReadFromNamesAndNumbers) {
  for (int number = 0; number < 5; ++number) {
    const Priority priority = priority_from(number);
    EXPECT_EQ(parse_priority(to_string(priority)), priority);
    EXPECT_EQ(parse_priority(std::to_string(number)), priority);
  }
  EXPECT_EQ(parse_priority("highest"), Priority::critical);
}

// S3.1
TEST(Priority, WhatIsNoneIsRefused) {
  for (const long long number : {-1LL, 5LL, 1LL << 40})
    EXPECT_THROW(static_cast<void>(priority_from(number)), std::invalid_argument);
  for (const char* word : {"", "urgent", "Critical", "5", "-1", "01", "2 "}) {
    EXPECT_THROW(static_cast<void>(parse_priority(word)), std::invalid_argument) << word;
  }
  try {
    static_cast<void>(priority_from(9));
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "pool: priority 9, but a priority is from 0 (critical) to 4 (lowest)");
  }
}

// How long the oldest job of each level has waited, in seconds; -1 where none waits.
struct Case {
  std::vector<int> waited;
  int ageing;
  std::optional<std::size_t> next;
};

// S3.3 R19
TEST(NextLevel, IsTheHighestUnlessAJobIsOverAge) {
  const Case cases[] = {
      {{-1, -1, -1, -1, -1}, 5, std::nullopt},
      {{-1, -1, -1, -1, 0}, 5, 4},
      {{0, 0, 0, 0, 0}, 5, 0},
      {{-1, 4, 5, -1, -1}, 5, 1},     // 5 s is not longer than 5 s
      {{-1, 4, 6, -1, -1}, 5, 2},     // over age: before the higher level
      {{-1, -1, 6, 7, 6}, 5, 3},      // the one that has waited longest
      {{8, -1, 6, 7, 6}, 5, 0},       // which may be the highest
      {{0, -1, -1, -1, 1000}, 0, 0},  // no ageing
      {{-1, -1, -1, -1, 1000}, 0, 4},
  };
  const std::chrono::steady_clock::time_point now{seconds(10'000)};
  for (const Case& c : cases) {
    Heads heads;
    for (std::size_t level = 0; level < kLevels; ++level) {
      if (c.waited[level] >= 0) heads[level] = now - seconds(c.waited[level]);
    }
    EXPECT_EQ(next_level(heads, now, seconds(c.ageing)), c.next) << ::testing::PrintToString(c.waited);
  }
}

}  // namespace
}  // namespace pool::priority
