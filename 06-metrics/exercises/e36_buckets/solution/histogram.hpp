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

namespace exercise {

using Duration = std::chrono::nanoseconds;

constexpr unsigned kSubBits = 3;  // 2^3 buckets for each power of two
constexpr std::size_t kBuckets = 488;
constexpr double kRelativeError = 1.0 / 16;

// Below 8 ns, each nanosecond has its own. From there on, from each power of two to the next there are eight, all of the
// same width. What is below zero, of a clock that is not steady, counts as 0.
[[nodiscard]] inline std::size_t bucket_of(Duration duration) {
  // #todo
  const auto ns = static_cast<std::uint64_t>(std::max(duration.count(), Duration::rep{0}));
  if (ns < (1U << kSubBits)) return static_cast<std::size_t>(ns);
  const auto power = static_cast<unsigned>(std::bit_width(ns)) - 1 - kSubBits;  // ns >> power is from 8 to 15
  return (std::size_t{power} << kSubBits) + static_cast<std::size_t>(ns >> power);
  // #instead
  // static_cast<void>(duration);
  // POOL_TODO("which power of two, and which eighth of it?");
  // #end
}

// The least duration that belongs to a bucket, and how many nanoseconds do.
[[nodiscard]] inline std::uint64_t lower_end(std::size_t bucket) {
  // #todo
  if (bucket < (2U << kSubBits)) return bucket;
  const std::size_t power = (bucket >> kSubBits) - 1;
  return std::uint64_t{bucket - (power << kSubBits)} << power;
  // #instead
  // static_cast<void>(bucket);
  // POOL_TODO("bucket_of(), backwards");
  // #end
}
[[nodiscard]] inline std::uint64_t width(std::size_t bucket) {
  // #todo
  return bucket < (2U << kSubBits) ? 1 : std::uint64_t{1} << ((bucket >> kSubBits) - 1);
  // #instead
  // static_cast<void>(bucket);
  // POOL_TODO("an eighth of its power of two");
  // #end
}

class Histogram {
 public:
  void add(Duration duration) { ++buckets_[bucket_of(duration)]; }

  // All that another one has seen: of another worker, or another machine.
  void add(const Histogram& other) {
    // #todo
    for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
    // #instead
    // static_cast<void>(other);
    // POOL_TODO("as if all had been counted here");
    // #end
  }

  [[nodiscard]] std::uint64_t count() const {
    std::uint64_t count = 0;
    for (const std::uint64_t each : buckets_) count += each;
    return count;
  }

  // The least duration that at least this part of all do not exceed, or what is at most 1/16 of it away: 0.5 the median,
  // 0 the least, 1 the greatest. 0 if nothing was counted. std::invalid_argument for what is not from 0 to 1.
  [[nodiscard]] Duration quantile(double part) const {
    // #todo
    if (!(part >= 0 && part <= 1)) {
      throw std::invalid_argument("a quantile is from 0 to 1, not " + std::to_string(part) + "; p99 is 0.99");
    }
    const std::uint64_t count = this->count();
    if (count == 0) return Duration::zero();
    const auto rank = static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(count)));
    std::uint64_t left = std::clamp<std::uint64_t>(rank, 1, count);
    std::size_t bucket = 0;
    for (; left > buckets_[bucket]; ++bucket) left -= buckets_[bucket];
    return Duration(static_cast<Duration::rep>(lower_end(bucket) + width(bucket) / 2));
    // #instead
    // static_cast<void>(part);
    // POOL_TODO("which one, in their order? In which bucket is it? And which duration of it do you say?");
    // #end
  }

 private:
  std::vector<std::uint64_t> buckets_ = std::vector<std::uint64_t>(kBuckets);
};

}  // namespace exercise

// #todo
// Why shifts, and no logarithm. std::bit_width() is one instruction, and exact. A logarithm takes twenty times as long, and
// is rounded: just below 2^49 it says 49. That this would do no harm here (the last eighth of one power and the first of
// the next have numbers that follow each other, so both ways give the same bucket) is luck that one has to prove first.
//
// Why eight. The middle of a bucket is at most half its width from all that lies in it, and its width is an eighth of its
// power of two, which is no more than its lower end. A half of an eighth is the 1/16 that is promised. Who says the lower
// end instead of the middle has twice the error, and always in the same direction: his p99 looks better than it is.
//
// Why the rank is rounded up. The quantile is a duration that somebody had. Of ten, the 99th percentile is the tenth, since
// nine of ten are only 90 %. Rounded down it would be the ninth, and the one outlier, for whose sake one looks at p99 at
// all, never shows up in a small sample.
//
// Why histograms can be added up, and percentiles cannot. A bucket counts how many; these are sums. A percentile has
// forgotten how many it stands for.
// #end
