// The rule as tables. No time passes here, and no dice are thrown.
#include <e42_bounded_retries/retries.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <optional>
#include <stdexcept>

using exercise::Retries;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {
constexpr double kAlmostOne = 0.9999999;

std::optional<milliseconds> pause(const Retries& retries, unsigned attempt, milliseconds since = 0ms,
                                  double dice = 0.5) {
  return retries.next(attempt, since, dice);
}
}  // namespace

TEST(Attempts, AreBounded) {
  const Retries three({.attempts = 3});
  EXPECT_TRUE(pause(three, 1));
  EXPECT_TRUE(pause(three, 2));
  EXPECT_FALSE(pause(three, 3));
  EXPECT_FALSE(pause(three, 4));
  EXPECT_FALSE(pause(Retries({.attempts = 1}), 1)) << "one attempt is no retry";
}

TEST(Pauses, Double) {
  const Retries retries({.attempts = 10, .first = 100ms, .longest = 1000ms, .deadline = 1h});
  EXPECT_EQ(pause(retries, 1), 50ms);
  EXPECT_EQ(pause(retries, 2), 100ms);
  EXPECT_EQ(pause(retries, 3), 200ms);
  EXPECT_EQ(pause(retries, 4), 400ms);
  EXPECT_EQ(pause(retries, 5), 500ms) << "half of the longest";
  EXPECT_EQ(pause(retries, 9), 500ms);
}

TEST(Pauses, NeverOverflow) {
  const unsigned many = std::numeric_limits<unsigned>::max();
  const Retries retries({.attempts = many, .first = 100ms, .longest = 10s, .deadline = 1h});
  for (const unsigned attempt : {8U, 31U, 32U, 33U, 63U, 64U, 65U, 1000U, many - 1}) {
    EXPECT_EQ(pause(retries, attempt), 5s) << attempt;
  }
  EXPECT_EQ(pause(Retries({.attempts = many, .first = 0ms, .longest = 10s}), many - 1), 0ms);
  EXPECT_EQ(pause(Retries({.first = 10s, .longest = 1s}), 1), 500ms) << "the longest is the longest";
}

TEST(Jitter, IsFull) {
  const Retries retries({.first = 100ms});
  EXPECT_EQ(pause(retries, 1, 0ms, 0), 0ms);
  EXPECT_EQ(pause(retries, 1, 0ms, 0.25), 25ms);
  EXPECT_EQ(pause(retries, 1, 0ms, kAlmostOne), 99ms);
}

TEST(Deadline, NothingBeginsAfterIt) {
  const Retries retries({.attempts = 10, .first = 100ms, .deadline = 1s});
  EXPECT_EQ(pause(retries, 1, 949ms), 50ms);
  EXPECT_FALSE(pause(retries, 1, 950ms)) << "it would begin at the deadline";
  EXPECT_FALSE(pause(retries, 1, 2s));
  EXPECT_FALSE(pause(retries, 1, milliseconds::max())) << "no overflow here either";
  EXPECT_EQ(pause(retries, 1, 999ms, 0), 0ms);
}

TEST(Options, AreLookedAt) {
  EXPECT_THROW(Retries({.attempts = 0}), std::invalid_argument);
  EXPECT_THROW(Retries({.first = -1ms}), std::invalid_argument);
  EXPECT_THROW(Retries({.longest = -1ms}), std::invalid_argument);
  EXPECT_THROW(Retries({.deadline = -1ms}), std::invalid_argument);
}
