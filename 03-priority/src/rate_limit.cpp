#include <pool/priority/rate_limit.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace pool::priority {

namespace {

Duration interval_of(const RateLimit& limit) {
  constexpr double kFastest = 1e6;  // an interval is a whole number of nanoseconds: a thousand here
  if (!(limit.per_second >= 0 && limit.per_second <= kFastest)) {
    throw std::invalid_argument("pool: a rate of " + std::to_string(limit.per_second) +
                                " a second, but a rate is from 0 (no limit) to a million");
  }
  if (limit.burst == 0) throw std::invalid_argument("pool: a burst of 0 lets nothing through; it is 1 or more");
  if (limit.per_second == 0) return Duration::zero();
  constexpr double kLongest = 1e9;  // seconds; some thirty years, which a Time can hold many times
  if (static_cast<double>(limit.burst) / limit.per_second > kLongest) {
    throw std::invalid_argument("pool: a burst of " + std::to_string(limit.burst) + " at " +
                                std::to_string(limit.per_second) + " a second takes more than thirty years to fill");
  }
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / limit.per_second));
}

}  // namespace

RateLimiter::RateLimiter(const RateLimit& limit, Clock& clock)
    : limit_(limit), clock_(clock), alarm_(clock.alarm()), interval_(interval_of(limit)) {}

// #region bucket
Time RateLimiter::allowed_at(Time now) const {
  const Time full_at = std::max(empty_until_.read(), now);
  return full_at - interval_ * static_cast<Duration::rep>(limit_.burst - 1);
}

Admission RateLimiter::try_admit() {
  if (limit_.per_second == 0) return Admission::ok;
  std::lock_guard lock(mutex_);
  if (closed_.read()) return Admission::closed;
  const Time now = clock_.now();
  if (allowed_at(now) > now) return Admission::exceeded;
  empty_until_.write() = std::max(empty_until_.read(), now) + interval_;
  return Admission::ok;
}
// #endregion bucket

Admission RateLimiter::admit() {
  if (limit_.per_second == 0 || limit_.beyond == Beyond::reject) return try_admit();
  std::lock_guard turn(turn_);
  for (;;) {
    const Admission admission = try_admit();
    if (admission != Admission::exceeded) return admission;
    Time next;
    {
      std::lock_guard lock(mutex_);
      next = allowed_at(clock_.now());
    }
    alarm_->wait_until(next);  // a call of close() is kept, should it have come meanwhile
  }
}

void RateLimiter::give_back() {
  std::lock_guard lock(mutex_);
  empty_until_.write() -= interval_;
}

void RateLimiter::close() {
  {
    std::lock_guard lock(mutex_);
    closed_.write() = true;
  }
  alarm_->call();
}

}  // namespace pool::priority
