// Deadline: how long a wait may last. Not at all, until a moment, or for ever: every wait of the stage takes one.
//
// Thread safety: a value.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>

#include <pool/basic/sync.hpp>

namespace pool::bounded {

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] static Deadline never() { return Deadline(std::nullopt); }
  [[nodiscard]] static Deadline now() { return Deadline(Clock::time_point::min()); }

  // So long from now; longer than the clock can tell is never. Throws std::invalid_argument for a negative timeout and
  // for one that is not a number.
  template <class Rep, class Period>
  [[nodiscard]] static Deadline after(std::chrono::duration<Rep, Period> timeout);

  [[nodiscard]] bool is_now() const { return end_ == Clock::time_point::min(); }

  // Waits on `changed` until it is notified, wakes for no reason, or the time is up; false says that it is.
  [[nodiscard]] bool wait(sync::condition_variable& changed, std::unique_lock<sync::mutex>& lock) const;

  // This one, or so long from now, whichever comes first.
  [[nodiscard]] Deadline at_most(Clock::duration timeout) const;

 private:
  explicit Deadline(std::optional<Clock::time_point> end) : end_(end) {}

  std::optional<Clock::time_point> end_;
};

template <class Rep, class Period>
Deadline Deadline::after(std::chrono::duration<Rep, Period> timeout) {
  using Seconds = std::chrono::duration<double>;
  if (!(timeout >= timeout.zero())) {
    throw std::invalid_argument("pool: a timeout of " + std::to_string(Seconds(timeout).count()) +
                                " s, but a timeout is 0 (do not wait) or more");
  }
  if (timeout == timeout.zero()) return now();
  const Clock::time_point start = Clock::now();
  if (Seconds(timeout) >= Seconds(Clock::time_point::max() - start)) return never();
  return Deadline(start + std::chrono::ceil<Clock::duration>(timeout));
}

inline bool Deadline::wait(sync::condition_variable& changed, std::unique_lock<sync::mutex>& lock) const {
  if (!end_) return changed.wait(lock), true;
  return changed.wait_until(lock, *end_) == std::cv_status::no_timeout;
}

inline Deadline Deadline::at_most(Clock::duration timeout) const {
  const Clock::time_point end = Clock::now() + timeout;
  return end_ && *end_ < end ? *this : Deadline(end);
}

}  // namespace pool::bounded
