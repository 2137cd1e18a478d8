// Histogram: how often a duration of each size was seen. A bucket's width grows with the duration, so the error is a
// share of it, and 488 numbers are enough for a nanosecond as for 292 years.
//
// Thread safety: none; it is a value.
// Invariants:  (H1) each duration is in exactly one bucket: the one whose lower end is the greatest that is not above it
//              (H2) a quantile is at most 1/16 of the true one away from it
#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <pool/testing/todo.hpp>

namespace exercise {

using Duration = std::chrono::nanoseconds;

constexpr unsigned kSubBits = 3;  // 2^3 buckets for each power of two
constexpr std::size_t kBuckets = 488;
constexpr double kRelativeError = 1.0 / 16;

// Below 8 ns, each nanosecond has its own. From there on, from each power of two to the next there are eight, all of the
// same width. What is below zero, of a clock that is not steady, counts as 0.
[[nodiscard]] inline std::size_t bucket_of(Duration duration) {
  static_cast<void>(duration);
  POOL_TODO("which power of two, and which eighth of it?");
}

// The least duration that belongs to a bucket, and how many nanoseconds do.
[[nodiscard]] inline std::uint64_t lower_end(std::size_t bucket) {
  static_cast<void>(bucket);
  POOL_TODO("bucket_of(), backwards");
}
[[nodiscard]] inline std::uint64_t width(std::size_t bucket) {
  static_cast<void>(bucket);
  POOL_TODO("an eighth of its power of two");
}

class Histogram {
 public:
  void add(Duration duration) { ++buckets_[bucket_of(duration)]; }

  // All that another one has seen: of another worker, or another machine.
  void add(const Histogram& other) {
    static_cast<void>(other);
    POOL_TODO("as if all had been counted here");
  }

  [[nodiscard]] std::uint64_t count() const {
    std::uint64_t count = 0;
    for (const std::uint64_t each : buckets_) count += each;
    return count;
  }

  // The least duration that at least this part of all do not exceed, or what is at most 1/16 of it away: 0.5 the median,
  // 0 the least, 1 the greatest. 0 if nothing was counted. std::invalid_argument for what is not from 0 to 1.
  [[nodiscard]] Duration quantile(double part) const {
    static_cast<void>(part);
    POOL_TODO("which one, in their order? In which bucket is it? And which duration of it do you say?");
  }

 private:
  std::vector<std::uint64_t> buckets_ = std::vector<std::uint64_t>(kBuckets);
};

}  // namespace exercise
