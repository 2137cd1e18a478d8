// Histogram: how often a duration of each size was seen, in buckets whose width grows with the duration: eight for each
// power of two, as in HdrHistogram (G. Tene). So any quantile is known to within 1/16 = 6.25 % of itself, from a
// nanosecond to 292 years, in 4 KB.
//
// Thread safety: add() by one thread at a time, add_shared() by any (but not on the same histogram); any may read.
// Invariants:  (H1) what was counted is in one bucket, and never leaves it; snapshots only grow
//              (H2) below 16 ns a bucket is one nanosecond; above, its width is at most 1/8 of its lower end
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <pool/basic/sync.hpp>
#include <pool/priority/clock.hpp>

namespace pool::metrics {

using priority::Duration;

// #region buckets
constexpr unsigned kSubBits = 3;  // 2^3 buckets for each power of two
constexpr std::size_t kBuckets = ((63 - kSubBits) << kSubBits) + (std::size_t{1} << kSubBits);
constexpr double kRelativeError = 1.0 / 16;

// Durations below zero, of a clock that is not steady, count as 0.
[[nodiscard]] constexpr std::size_t bucket_of(Duration duration) {
  const auto ns = static_cast<std::uint64_t>(std::max(duration.count(), Duration::rep{0}));
  if (ns < (1U << kSubBits)) return static_cast<std::size_t>(ns);
  const auto power = static_cast<unsigned>(std::bit_width(ns)) - 1 - kSubBits;  // ns >> power is from 8 to 15
  return (std::size_t{power} << kSubBits) + static_cast<std::size_t>(ns >> power);
}

// The least duration that belongs to it, and how many nanoseconds do.
[[nodiscard]] constexpr std::uint64_t lower_end(std::size_t bucket) {
  if (bucket < (2U << kSubBits)) return bucket;
  const std::size_t power = (bucket >> kSubBits) - 1;
  return std::uint64_t{bucket - (power << kSubBits)} << power;
}
[[nodiscard]] constexpr std::uint64_t width(std::size_t bucket) {
  return bucket < (2U << kSubBits) ? 1 : std::uint64_t{1} << ((bucket >> kSubBits) - 1);
}
// #endregion buckets

// What was counted by one moment. Plain data.
struct Distribution {
  std::vector<std::uint64_t> buckets = {};  // empty: nothing was counted
  Duration sum{0};

  [[nodiscard]] std::uint64_t count() const;
  [[nodiscard]] Duration mean() const;  // 0, if nothing was counted
  // The duration that so large a part of all does not exceed, 0.99 say, to within kRelativeError; 0, if nothing was
  // counted. Throws std::invalid_argument for a part that is not from 0 to 1.
  [[nodiscard]] Duration quantile(double part) const;
  // How many were shorter: exactly, if a bucket begins with that duration, as with every power of two nanoseconds.
  [[nodiscard]] std::uint64_t shorter_than(Duration duration) const;
};

class Histogram {
 public:
  void add(Duration duration) {
    bump(buckets_[bucket_of(duration)], 1);
    bump(sum_, duration.count() > 0 ? static_cast<std::uint64_t>(duration.count()) : 0);
  }
  void add_shared(Duration duration) {
    buckets_[bucket_of(duration)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(duration.count() > 0 ? static_cast<std::uint64_t>(duration.count()) : 0, std::memory_order_relaxed);
  }
  void add_to(Distribution& all) const;

 private:
  using Count = sync::atomic<std::uint64_t>;
  static void bump(Count& count, std::uint64_t by) {  // there is one writer: no locked instruction is needed
    count.store(count.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  std::array<Count, kBuckets> buckets_{};
  Count sum_{0};  // ns
};

}  // namespace pool::metrics
