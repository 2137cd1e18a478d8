// Histogram: quantiles to within what it says.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <pool/metrics/histogram.hpp>

namespace pool::metrics {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

Distribution seen(const Histogram& histogram) {
  Distribution all;
  histogram.add_to(all);
  return all;
}

// S6.8: the buckets cover all durations, without a gap.
TEST(Histogram, HasOneBucketForEachDuration) {
  EXPECT_EQ(lower_end(0), 0U);
  for (std::size_t i = 0; i + 1 < kBuckets; ++i) {
    ASSERT_EQ(lower_end(i) + width(i), lower_end(i + 1)) << i;
    ASSERT_EQ(bucket_of(Duration(static_cast<Duration::rep>(lower_end(i)))), i);
    ASSERT_EQ(bucket_of(Duration(static_cast<Duration::rep>(lower_end(i + 1) - 1))), i);
    ASSERT_LE(static_cast<double>(width(i)), std::max(1.0, static_cast<double>(lower_end(i)) / 8));
  }
  EXPECT_EQ(bucket_of(Duration::max()), kBuckets - 1);
  EXPECT_EQ(bucket_of(Duration(-5)), 0U);
}

// S6.8: against the exact ones, for durations of several shapes.
TEST(Histogram, GivesQuantilesWithinTheStatedError) {
  std::mt19937_64 random(17);
  std::lognormal_distribution<double> skewed(10, 3);
  std::uniform_int_distribution<std::int64_t> even(0, 1'000'000);
  std::exponential_distribution<double> rare(1e-6);
  for (int shape = 0; shape < 4; ++shape) {
    Histogram histogram;
    std::vector<std::int64_t> all;
    for (int i = 0; i < 20'000; ++i) {
      const std::int64_t ns = shape == 0   ? static_cast<std::int64_t>(skewed(random))
                              : shape == 1 ? even(random)
                              : shape == 2 ? static_cast<std::int64_t>(rare(random))
                                           : 7;
      all.push_back(ns);
      histogram.add(nanoseconds(ns));
    }
    std::sort(all.begin(), all.end());
    const Distribution distribution = seen(histogram);
    ASSERT_EQ(distribution.count(), all.size());
    for (const double part : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const auto rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(all.size())));
      const auto exact = static_cast<double>(all[std::max<std::size_t>(rank, 1) - 1]);
      const auto said = static_cast<double>(distribution.quantile(part).count());
      EXPECT_LE(std::abs(said - exact), kRelativeError * exact) << "shape " << shape << ", quantile " << part;
    }
  }
}

// S6.8
TEST(Histogram, OfNothingSaysZero) {
  const Distribution nothing;
  EXPECT_EQ(nothing.count(), 0U);
  EXPECT_EQ(nothing.mean(), nanoseconds(0));
  EXPECT_EQ(nothing.quantile(0.5), nanoseconds(0));
  EXPECT_EQ(nothing.shorter_than(seconds(1)), 0U);
  EXPECT_EQ(seen(Histogram()).quantile(1), nanoseconds(0));
  EXPECT_THROW(static_cast<void>(nothing.quantile(99)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(nothing.quantile(-0.1)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(nothing.quantile(std::nan(""))), std::invalid_argument);
}

// S6.8
TEST(Histogram, KnowsSumAndMeanExactly) {
  Histogram histogram;
  for (int i = 1; i <= 100; ++i) histogram.add(seconds(i));
  EXPECT_EQ(seen(histogram).sum, seconds(5050));
  EXPECT_EQ(seen(histogram).mean(), std::chrono::milliseconds(50'500));
}

// S6.12: cumulative counts, exact at powers of two.
TEST(Histogram, CountsWhatIsShorter) {
  Histogram histogram;
  for (const std::int64_t ns : {0, 1, 1023, 1024, 1025, 5000}) histogram.add(nanoseconds(ns));
  EXPECT_EQ(seen(histogram).shorter_than(nanoseconds(1024)), 3U);
  EXPECT_EQ(seen(histogram).shorter_than(nanoseconds(4096)), 5U);
  EXPECT_EQ(seen(histogram).shorter_than(nanoseconds(8192)), 6U);
  EXPECT_EQ(seen(histogram).shorter_than(nanoseconds(0)), 0U);
}

// S6.11: several write to the shared one; a reader sees it grow, and nothing is lost.
TEST(Histogram, LosesNothingToManyWriters) {
  Histogram histogram;
  std::vector<std::thread> writers;
  for (int t = 0; t < 4; ++t) {
    writers.emplace_back([&] {
      for (int i = 0; i < 5'000; ++i) histogram.add_shared(nanoseconds(i));
    });
  }
  std::uint64_t before = 0;
  while (before < 20'000) {
    const std::uint64_t now = seen(histogram).count();
    ASSERT_GE(now, before);
    before = now;
    std::this_thread::yield();
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(seen(histogram).count(), 20'000U);
}

}  // namespace
}  // namespace pool::metrics
