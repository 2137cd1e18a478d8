// Buckets as a table and over all powers of two; quantiles against the sorted truth.
#include <e36_buckets/histogram.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

using exercise::bucket_of;
using exercise::Duration;
using exercise::Histogram;
using exercise::kBuckets;
using exercise::kRelativeError;
using exercise::lower_end;
using exercise::width;

namespace {

constexpr std::uint64_t kLongest = static_cast<std::uint64_t>(Duration::max().count());

Duration ns(std::uint64_t count) {
  return Duration(static_cast<Duration::rep>(count));
}

// The one that has so large a part of all at or below it.
Duration truth(const std::vector<Duration>& sorted, double part) {
  const double rank = std::max(1.0, std::ceil(part * static_cast<double>(sorted.size())));
  return sorted[static_cast<std::size_t>(rank) - 1];
}

Histogram histogram_of(const std::vector<Duration>& all) {
  Histogram histogram;
  for (const Duration each : all) histogram.add(each);
  return histogram;
}

}  // namespace

TEST(Buckets, AreOneNanosecondWideAtFirst) {
  for (std::uint64_t i = 0; i < 16; ++i) {
    EXPECT_EQ(bucket_of(ns(i)), i);
    EXPECT_EQ(lower_end(i), i);
    EXPECT_EQ(width(i), 1U);
  }
}

TEST(Buckets, CutEachPowerOfTwoIntoEight) {
  struct Case {
    std::uint64_t duration;
    std::size_t bucket;
  };
  for (const Case& one : std::vector<Case>{{16, 16},
                                           {17, 16},
                                           {18, 17},
                                           {31, 23},
                                           {32, 24},
                                           {35, 24},
                                           {36, 25},
                                           {1023, 63},
                                           {1024, 64},
                                           {1151, 64},
                                           {1152, 65},
                                           {std::uint64_t{1} << 49U, 8 * 47},
                                           {(std::uint64_t{1} << 49U) - 1, 8 * 47 - 1},
                                           {kLongest, kBuckets - 1}}) {
    EXPECT_EQ(bucket_of(ns(one.duration)), one.bucket) << one.duration << " ns";
  }
}

TEST(Buckets, AreJoinedEndToEnd) {
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    ASSERT_EQ(lower_end(i), end) << "bucket " << i;
    ASSERT_GE(width(i), 1U);
    end += width(i);
    ASSERT_EQ(bucket_of(ns(lower_end(i))), i) << "its first";
    ASSERT_EQ(bucket_of(ns(end - 1)), i) << "its last";
    ASSERT_TRUE(width(i) == 1 || width(i) * 8 <= lower_end(i)) << "bucket " << i << " is too wide";
  }
  EXPECT_EQ(end, kLongest + 1);
}

TEST(Buckets, WhatIsBelowZeroIsZero) {
  EXPECT_EQ(bucket_of(Duration(-1)), 0U);
  EXPECT_EQ(bucket_of(Duration::min()), 0U);
}

TEST(Quantile, OfNothingIsZero) {
  EXPECT_EQ(Histogram().quantile(0.99), Duration::zero());
}

TEST(Quantile, IsExactWhereBucketsAre) {
  const Histogram ten = histogram_of({ns(1), ns(2), ns(3), ns(4), ns(5), ns(6), ns(7), ns(8), ns(9), ns(10)});
  EXPECT_EQ(ten.quantile(0.5), ns(5));
  EXPECT_EQ(ten.quantile(0.51), ns(6));
  EXPECT_EQ(ten.quantile(0.9), ns(9));
  EXPECT_EQ(ten.quantile(1), ns(10));
}

TEST(Quantile, OfASmallSampleTheWorstIsSeen) {
  EXPECT_EQ(histogram_of({ns(1), ns(1), ns(1), ns(9)}).quantile(0.99), ns(9));
}

TEST(Quantile, ZeroIsTheLeast) {
  EXPECT_EQ(histogram_of({ns(5), ns(7)}).quantile(0), ns(5));
}

TEST(Quantile, IsForAPartOfAll) {
  const Histogram one = histogram_of({ns(5)});
  for (const double wrong : {-0.01, 1.01, 99.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(static_cast<void>(one.quantile(wrong)), std::invalid_argument) << wrong;
  }
}

// Whatever was counted: small, large, of all sizes, all in one bucket.
TEST(Quantile, IsWithinTheStatedError) {
  std::mt19937_64 random(6);
  for (int round = 0; round < 200; ++round) {
    const auto least = static_cast<double>(random() % 40), most = least + static_cast<double>(random() % 23);
    std::uniform_real_distribution<double> power(least, most + 0.001);
    std::vector<Duration> all(1 + random() % 500);
    for (Duration& each : all) each = Duration(static_cast<Duration::rep>(std::exp2(power(random))));
    const Histogram histogram = histogram_of(all);
    std::sort(all.begin(), all.end());
    for (const double part : {0.0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1.0}) {
      const auto exact = static_cast<double>(truth(all, part).count());
      const auto said = static_cast<double>(histogram.quantile(part).count());
      ASSERT_LE(std::abs(said - exact), kRelativeError * exact) << "quantile " << part << " of " << all.size();
    }
  }
}

TEST(Sum, OfTwoIsWhatOneWouldHaveSeen) {
  std::mt19937_64 random(12);
  Histogram one, other, both;
  for (int i = 0; i < 1000; ++i) {
    const Duration each = ns(random() % 1'000'000);
    (i % 7 == 0 ? one : other).add(each);
    both.add(each);
  }
  one.add(other);
  EXPECT_EQ(one.count(), 1000U);
  for (const double part : {0.0, 0.5, 0.9, 0.99, 1.0}) EXPECT_EQ(one.quantile(part), both.quantile(part));
}
