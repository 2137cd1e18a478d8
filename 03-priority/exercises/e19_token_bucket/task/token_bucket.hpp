// TokenBucket: so many a second, and so many at once after a quiet time.
//
// Thread safety: none; whoever shares a bucket guards it.
// Invariant:  (B1) in any time t at most  t * per_second + burst  are let through, with no rounding
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include <pool/priority/clock.hpp>
#include <pool/testing/todo.hpp>

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
    static_cast<void>(clock_);
    static_cast<void>(credit_);
    POOL_TODO("first what has flowed in since, then the token");
  }

  // How long it is until there is a token: 0 if there is one now.
  [[nodiscard]] Duration until_next() {
    POOL_TODO("what is missing, divided by what a nanosecond brings; rounded which way?");
  }

 private:
  static constexpr std::int64_t kToken = 1'000'000'000;  // credit; so one nanosecond brings rate_ of it

  static std::int64_t checked(std::int64_t number) {
    // Yours: what is refused?
    return number;
  }

  const std::int64_t rate_;  // credit that a nanosecond brings
  const std::int64_t full_;  // credit of a full bucket
  const Clock& clock_;
  Time last_;            // when credit_ was right
  std::int64_t credit_;  // at most full_
};

}  // namespace exercise
