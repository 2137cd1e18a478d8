// Retries: when to try again, and when to stop.
//
// Thread safety: next() is a pure function.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <stdexcept>

namespace exercise {

using std::chrono::milliseconds;

class Retries {
 public:
  struct Options {
    unsigned attempts = 3;  // in all
    milliseconds first{100};
    milliseconds longest{10'000};
    milliseconds deadline{60'000};  // nothing begins later than that after the start
  };

  explicit Retries(Options options) : options_(options) {
  }

  // After the attempt of that number (1 is the first) has failed: the pause before the next one; none: give up.
  // dice: from 0 to below 1.
  [[nodiscard]] std::optional<milliseconds> next(unsigned attempt, milliseconds since_start, double dice) const {
    static_cast<void>(since_start);
    static_cast<void>(dice);
    return attempt > 0 ? std::optional(options_.first) : std::nullopt;  // for ever
  }

 private:
  Options options_;
};

}  // namespace exercise
