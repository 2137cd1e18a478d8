// A bucket on a clock that the tests move: what is let through is compared with what the rate says, to the nanosecond.
#include <e19_token_bucket/token_bucket.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>

using namespace std::chrono_literals;
using exercise::TokenBucket;
using pool::priority::Duration;
using pool::priority::ManualClock;

namespace {

// How many go through now.
int taken(TokenBucket& bucket, int limit = 1'000'000) {
  int count = 0;
  while (count < limit && bucket.try_take()) ++count;
  return count;
}

}  // namespace

TEST(TokenBucket, ABurstGoesThroughAtOnce) {
  ManualClock clock;
  TokenBucket bucket(1, 3, clock);
  EXPECT_EQ(taken(bucket), 3);
}

TEST(TokenBucket, WhileTheClockStandsStillThereIsNoMore) {
  ManualClock clock;
  TokenBucket bucket(1000, 2, clock);
  EXPECT_EQ(taken(bucket), 2);
  for (int i = 0; i < 1000; ++i) ASSERT_FALSE(bucket.try_take());
}

TEST(TokenBucket, TokensComeAtTheRate) {
  ManualClock clock;
  TokenBucket bucket(10, 1, clock);
  EXPECT_EQ(taken(bucket), 1);
  for (int i = 0; i < 20; ++i) {
    clock.advance(100ms - 1ns);
    ASSERT_FALSE(bucket.try_take());
    clock.advance(1ns);
    ASSERT_EQ(taken(bucket), 1);
  }
  clock.advance(350ms);
  EXPECT_EQ(taken(bucket), 1) << "a bucket of one does not save up";
}

TEST(TokenBucket, AskingOftenLosesNothing) {
  ManualClock clock;
  TokenBucket bucket(10, 1, clock);
  EXPECT_EQ(taken(bucket), 1);
  for (int i = 1; i <= 1000; ++i) {
    clock.advance(10ms);
    ASSERT_EQ(taken(bucket), i % 10 == 0 ? 1 : 0) << i * 10 << " ms";
  }
}

TEST(TokenBucket, ThreeASecondAreThreeThousandInAThousandSeconds) {
  ManualClock clock;
  TokenBucket bucket(3, 2, clock);  // with room for the part of the next token that comes with a token
  EXPECT_EQ(taken(bucket), 2);
  int count = 0;
  for (int ms = 0; ms < 1'000'000; ms += 7) {
    clock.advance(7ms);
    count += taken(bucket);
  }
  EXPECT_EQ(count, 3000);
}

TEST(TokenBucket, SevenInTenNanoseconds) {
  ManualClock clock;
  TokenBucket bucket(700'000'000, 7, clock);
  EXPECT_EQ(taken(bucket), 7);
  for (int i = 0; i < 1000; ++i) {
    clock.advance(10ns);
    ASSERT_EQ(taken(bucket), 7);
  }
}

TEST(TokenBucket, AHundredYearsOfQuietBringABurst) {
  for (const std::int64_t rate : {1LL, 700LL, 1'000'000LL, 999'999'937LL, 1'000'000'000LL}) {
    ManualClock clock;
    TokenBucket bucket(rate, 5, clock);
    EXPECT_EQ(taken(bucket), 5);
    for (int i = 0; i < 2; ++i) {
      clock.advance(24h * 365 * 100);
      EXPECT_EQ(taken(bucket), 5) << rate << " a second";
    }
  }
}

TEST(TokenBucket, SaysWhenToComeBack) {
  ManualClock clock;
  TokenBucket bucket(3, 2, clock);
  EXPECT_EQ(bucket.until_next(), 0ns);
  EXPECT_EQ(taken(bucket), 2);
  for (const Duration wait : {333'333'334ns, 333'333'333ns, 333'333'333ns}) {
    ASSERT_EQ(bucket.until_next(), wait);
    clock.advance(wait - 1ns);
    ASSERT_EQ(bucket.until_next(), 1ns);
    ASSERT_FALSE(bucket.try_take());
    clock.advance(1ns);
    ASSERT_EQ(bucket.until_next(), 0ns);
    ASSERT_EQ(taken(bucket), 1);
  }
}

TEST(TokenBucket, ABurstOfTheMostFits) {
  ManualClock clock;
  TokenBucket bucket(TokenBucket::kMost, TokenBucket::kMost, clock);
  EXPECT_EQ(taken(bucket, 1000), 1000);
  clock.advance(10h);
  EXPECT_EQ(taken(bucket, 1000), 1000);
}

TEST(TokenBucket, RefusesWhatMakesNoSense) {
  ManualClock clock;
  for (const std::int64_t wrong : {std::int64_t{0}, std::int64_t{-1}, TokenBucket::kMost + 1}) {
    EXPECT_THROW(TokenBucket(wrong, 1, clock), std::invalid_argument) << wrong;
    EXPECT_THROW(TokenBucket(1, wrong, clock), std::invalid_argument) << wrong;
  }
}
