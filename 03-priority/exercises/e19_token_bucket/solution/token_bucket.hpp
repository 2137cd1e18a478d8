// TokenBucket: so many a second, and so many at once after a quiet time.
//
// Thread safety: none; whoever shares a bucket guards it.
// Invariant:  (B1) in any time t at most  t * per_second + burst  are let through, with no rounding
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include <pool/priority/clock.hpp>

namespace exercise {

using pool::priority::Clock;
using pool::priority::Duration;  // nanoseconds
using pool::priority::Time;

class TokenBucket {
 public:
  static constexpr std::int64_t kMost = 1'000'000'000;

  // Both from 1 to kMost; else std::invalid_argument. The clock must outlive the bucket.
  TokenBucket(std::int64_t per_second, std::int64_t burst, const Clock& clock)
      : rate_(checked(per_second)), full_(checked(burst) * kToken), clock_(clock), last_(clock.now()), credit_(full_) {}

  // Takes a token if there is one.
  [[nodiscard]] bool try_take() {
    // #todo
    refill();
    if (credit_ < kToken) return false;
    credit_ -= kToken;
    return true;
    // #instead
    // static_cast<void>(clock_);
    // static_cast<void>(credit_);
    // POOL_TODO("first what has flowed in since, then the token");
    // #end
  }

  // How long it is until there is a token: 0 if there is one now.
  [[nodiscard]] Duration until_next() {
    // #todo what is missing, divided by what a nanosecond brings; rounded which way?
    refill();
    const std::int64_t missing = std::max<std::int64_t>(kToken - credit_, 0);
    return Duration((missing + rate_ - 1) / rate_);  // rounded up: a nanosecond earlier there is none
    // #end
  }

 private:
  static constexpr std::int64_t kToken = 1'000'000'000;  // credit; so one nanosecond brings rate_ of it

  static std::int64_t checked(std::int64_t number) {
    // #todo
    if (number < 1 || number > kMost) throw std::invalid_argument("token bucket: rate and burst are from 1 to 10^9");
    // #instead
    // // Yours: what is refused?
    // #end
    return number;
  }

  // #todo
  void refill() {
    const Time now = clock_.now();
    const std::int64_t elapsed = Duration(now - last_).count();
    last_ = now;
    // Divided before it is multiplied: elapsed * rate_ may be more than 64 bits hold.
    if (elapsed > (full_ - credit_) / rate_) {
      credit_ = full_;
    } else {
      credit_ += elapsed * rate_;
    }
  }

  // #end
  const std::int64_t rate_;  // credit that a nanosecond brings
  const std::int64_t full_;  // credit of a full bucket
  const Clock& clock_;
  Time last_;            // when credit_ was right
  std::int64_t credit_;  // at most full_
};

}  // namespace exercise

// #todo
// Why this. The trick is the unit. If a token is worth 10^9 units of credit, then a rate of r tokens a second is r
// units a nanosecond, a whole number: nothing is rounded, and nothing is lost however often somebody asks. 64 bits hold
// 9 * 10^18, so a burst of 10^9 tokens fits. What does not fit is the product of a long time and a high rate; so the
// question is turned round: is the time longer than what it takes to fill the bucket?
//
// Why not whole tokens, and `last = now`: whoever asks each millisecond throws away a fraction each millisecond, and at
// three a second nothing ever flows in. Why not double: 0.1 added ten times is a little less than 1, so what is due is
// refused. Why not an interval of 10^9 / rate nanoseconds: at 700 million a second that is 1, where 1.43 was meant.
//
// The stage's own RateLimiter keeps one moment instead, "by then the bucket will be full", and has nothing to refill.
// It is shorter, and it does round its interval; for the rates at which one hands work to a pool that is of no matter.
// #end
