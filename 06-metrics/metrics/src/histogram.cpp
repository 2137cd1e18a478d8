#include <pool/metrics/histogram.hpp>

#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>

namespace pool::metrics {

void Histogram::add_to(Distribution& all) const {
  all.buckets.resize(kBuckets);
  for (std::size_t i = 0; i < kBuckets; ++i) all.buckets[i] += buckets_[i].load(std::memory_order_relaxed);
  all.sum += Duration(static_cast<Duration::rep>(sum_.load(std::memory_order_relaxed)));
}

std::uint64_t Distribution::count() const {
  return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
}

Duration Distribution::mean() const {
  const std::uint64_t count = this->count();
  return count == 0 ? Duration::zero() : sum / static_cast<Duration::rep>(count);
}

// The middle of the bucket in which the one lies that has so many before it.
Duration Distribution::quantile(double part) const {
  if (!(part >= 0 && part <= 1)) {
    throw std::invalid_argument("pool: a quantile is from 0 to 1, not " + std::to_string(part) +
                                "; the 99th percentile is 0.99");
  }
  const std::uint64_t count = this->count();
  if (count == 0) return Duration::zero();
  const auto rank = static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(count)));
  std::uint64_t left = std::clamp(rank, std::uint64_t{1}, count);
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    if (left <= buckets[i]) return Duration(static_cast<Duration::rep>(lower_end(i) + width(i) / 2));
    left -= buckets[i];
  }
  return Duration::max();
}

std::uint64_t Distribution::shorter_than(Duration duration) const {
  if (buckets.empty() || duration <= Duration::zero()) return 0;
  const auto end = buckets.begin() + static_cast<std::ptrdiff_t>(bucket_of(duration));
  return std::accumulate(buckets.begin(), end, std::uint64_t{0});
}

}  // namespace pool::metrics
