// Histogram: times in buckets that grow by about a factor of three, and quantiles of the same times.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

class Histogram {
 public:
  // Where the buckets begin, in seconds. The first one also holds all that is shorter, the last one all that is longer.
  static constexpr std::array kBegins{0.0, 10e-6, 30e-6, 100e-6, 300e-6, 1e-3, 3e-3, 10e-3, 30e-3, 0.1, 0.3, 1.0, 3.0};

  explicit Histogram(std::vector<double> seconds);

  [[nodiscard]] const std::array<std::size_t, kBegins.size()>& buckets() const { return buckets_; }
  [[nodiscard]] std::size_t most() const;  // in one bucket
  [[nodiscard]] std::size_t size() const { return sorted_.size(); }

  // The smallest time that is not exceeded by this share (more than 0, up to 1) of all: the nearest rank. 0 if there is
  // none.
  [[nodiscard]] double quantile(double share) const;

 private:
  std::vector<double> sorted_;
  std::array<std::size_t, kBegins.size()> buckets_{};
};

// The buckets, from the first to the last, in which any of them has something. {0, 0} if none has.
struct Range {
  std::size_t first = 0, end = 0;
};
Range used_buckets(const std::vector<const Histogram*>& histograms);
