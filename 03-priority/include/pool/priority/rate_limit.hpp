// RateLimiter: a token bucket. So many a second on average, so many at once after a quiet time; beyond that, whoever
// asks waits, or is refused.
//
// (The bucket as in J. Turner, "New directions in communications", 1986; kept as the moment at which it will be full,
// so there is nothing to refill.)
// Thread safety: every member may be called from any thread. Those who wait are served one after the other.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>

#include <pool/basic/executor.hpp>
#include <pool/basic/sync.hpp>
#include <pool/priority/clock.hpp>

namespace pool::priority {

// More was asked for than the rate allows.
class RateExceeded : public basic::PoolError {
  using PoolError::PoolError;
};

enum class Beyond { delay, reject };

struct RateLimit {
  double per_second = 0;          // up to a million, kept to within a thousandth; 0: no limit
  std::size_t burst = 1;          // how many may come at once
  Beyond beyond = Beyond::delay;  // what becomes of more
};

enum class [[nodiscard]] Admission{ok, exceeded, closed};

class RateLimiter {
 public:
  // Throws std::invalid_argument for a rate outside 0 to a million, for a burst of 0, and for one that would take more
  // than thirty years to fill. The clock must outlive the limiter.
  RateLimiter(const RateLimit& limit, Clock& clock);

  // Whether one more is allowed now; if so, it is counted. Never waits.
  Admission try_admit();

  // For `delay`, waits until one more is allowed, and counts it; never `exceeded` then. For `reject` as try_admit().
  Admission admit();

  // One that was admitted has come to nothing, and is not counted.
  void give_back();

  // Nobody waits any more, and nobody is admitted.
  void close();

 private:
  [[nodiscard]] Time allowed_at(Time now) const;  // with mutex_ held

  const RateLimit limit_;
  Clock& clock_;
  const std::unique_ptr<Alarm> alarm_;
  const Duration interval_;  // between two, at the rate
  sync::mutex turn_;         // held by the one who waits; the others wait for it
  sync::mutex mutex_;
  sync::cell<Time> empty_until_{Time::min()};  // guarded by mutex_: by then all that was taken has flowed in again
  sync::cell<bool> closed_{false};             // guarded by mutex_
};

}  // namespace pool::priority
