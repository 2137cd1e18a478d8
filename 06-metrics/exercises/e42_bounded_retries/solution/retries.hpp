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
    // #todo
    if (options.attempts == 0) throw std::invalid_argument("retries: 0 attempts, but 1 or more would be right");
    if (std::min({options.first, options.longest, options.deadline}) < milliseconds::zero()) {
      throw std::invalid_argument("retries: a time is negative");
    }
    // #end
  }

  // After the attempt of that number (1 is the first) has failed: the pause before the next one; none: give up.
  // dice: from 0 to below 1.
  [[nodiscard]] std::optional<milliseconds> next(unsigned attempt, milliseconds since_start, double dice) const {
    // #todo
    if (attempt >= options_.attempts) return std::nullopt;
    milliseconds bound = std::min(options_.first, options_.longest);
    for (unsigned i = 1; i < attempt && bound < options_.longest && bound > milliseconds::zero(); ++i) {
      bound = bound > options_.longest / 2 ? options_.longest : 2 * bound;
    }
    const milliseconds pause(static_cast<milliseconds::rep>(static_cast<double>(bound.count()) * dice));
    if (since_start >= options_.deadline || pause >= options_.deadline - since_start) return std::nullopt;
    return pause;
    // #instead
    // static_cast<void>(since_start);
    // static_cast<void>(dice);
    // return attempt > 0 ? std::optional(options_.first) : std::nullopt;  // for ever
    // #end
  }

 private:
  Options options_;
};

}  // namespace exercise

// #todo
// Why a bound on three things. On the number, because a job that kills its worker will kill the next one. On the pause,
// because a day between two attempts is no attempt. On the time in all, because whoever waits has gone by then.
//
// Why full jitter. A pause of the bound itself keeps those together who have failed together; half of it and a bit of
// chance keeps them close. Chance over the whole interval spreads them evenly, and the mean load on a server that comes
// back is the lowest.
//
// Why not `first << (attempt - 1)`. After 64 attempts that is no number, and after fewer it is negative. Doubling stops
// where it has nothing left to say: at the longest.
// #end
