#include "histogram.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

Histogram::Histogram(std::vector<double> seconds) : sorted_(std::move(seconds)) {
  std::sort(sorted_.begin(), sorted_.end());
  for (const double time : sorted_) {
    const auto above = std::upper_bound(kBegins.begin() + 1, kBegins.end(), time);
    ++buckets_[static_cast<std::size_t>(above - kBegins.begin()) - 1];
  }
}

std::size_t Histogram::most() const {
  return *std::max_element(buckets_.begin(), buckets_.end());
}

double Histogram::quantile(double share) const {
  if (sorted_.empty()) return 0;
  const double rank = std::ceil(share * static_cast<double>(sorted_.size()));
  return sorted_[std::clamp<std::size_t>(static_cast<std::size_t>(rank), 1, sorted_.size()) - 1];
}

Range used_buckets(const std::vector<const Histogram*>& histograms) {
  Range range;
  for (std::size_t i = 0; i < Histogram::kBegins.size(); ++i) {
    for (const Histogram* histogram : histograms) {
      if (histogram->buckets()[i] == 0) continue;
      if (range.end == 0) range.first = i;
      range.end = i + 1;
    }
  }
  return range;
}
