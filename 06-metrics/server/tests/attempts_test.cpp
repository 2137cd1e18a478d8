// How many wrong tokens of one address are looked at, and how many addresses are kept.
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include <pool/server/attempts.hpp>

namespace {

using namespace std::chrono_literals;
using pool::priority::ManualClock;
using pool::server::Attempts;

void fill(Attempts& attempts, const std::string& peer) {
  for (int i = 0; i < Attempts::kWrong; ++i) EXPECT_EQ(attempts.judge(peer, false), 0) << peer << i;
}

// S6.23
TEST(Attempts, AreLimitedForEachAddressByItself) {
  ManualClock clock;
  Attempts attempts(clock);
  fill(attempts, "192.0.2.1");
  EXPECT_EQ(attempts.judge("192.0.2.1", false), 60);
  EXPECT_EQ(attempts.judge("192.0.2.1", true), 60);
  EXPECT_EQ(attempts.judge("192.0.2.2", true), 0);
  fill(attempts, "192.0.2.2");
}

TEST(Attempts, BeginAnewAMinuteAfterTheFirstWrongOne) {
  ManualClock clock;
  Attempts attempts(clock);
  EXPECT_EQ(attempts.judge("a", false), 0);
  clock.advance(59s);
  for (int i = 1; i < Attempts::kWrong; ++i) EXPECT_EQ(attempts.judge("a", false), 0);
  EXPECT_EQ(attempts.judge("a", true), 1);  // what is refused does not make it longer
  clock.advance(1s);
  fill(attempts, "a");
  EXPECT_EQ(attempts.judge("a", false), 60);
}

TEST(Attempts, RightOnesAreNotCountedAndForgiveNothing) {
  ManualClock clock;
  Attempts attempts(clock);
  for (int i = 0; i < Attempts::kWrong; ++i) {
    for (int right = 0; right < 3; ++right) EXPECT_EQ(attempts.judge("a", true), 0);
    EXPECT_EQ(attempts.judge("a", false), 0);
  }
  EXPECT_EQ(attempts.judge("a", true), 60);
}

TEST(Attempts, OneNetworkOfIPv6IsOneAddress) {
  ManualClock clock;
  Attempts attempts(clock);
  fill(attempts, "2001:db8:1:2::1");
  EXPECT_EQ(attempts.judge("2001:db8:1:2:ffff::9", true), 60);
  EXPECT_EQ(attempts.judge("2001:db8:1:3::1", true), 0);
  fill(attempts, "::ffff:192.0.2.1");  // one of IPv4 that came to a socket of IPv6
  EXPECT_EQ(attempts.judge("::ffff:192.0.2.1", true), 60);
  EXPECT_EQ(attempts.judge("::ffff:192.0.2.2", true), 0);
}

TEST(Attempts, TheAddressThatBeganFirstIsForgottenForOneTooMany) {
  ManualClock clock;
  Attempts attempts(clock);
  fill(attempts, "first");
  clock.advance(1ms);
  fill(attempts, "second");
  clock.advance(1ms);
  for (std::size_t i = 2; i < Attempts::kPeers; ++i) EXPECT_EQ(attempts.judge(std::to_string(i), false), 0);
  EXPECT_EQ(attempts.judge("first", true), 60);
  EXPECT_EQ(attempts.judge("second", false), 60);
  EXPECT_EQ(attempts.judge("one more", false), 0);
  EXPECT_EQ(attempts.judge("first", true), 0);
  EXPECT_EQ(attempts.judge("second", true), 60);
}

}  // namespace
