// The demo's experiment on waiting: what it measures, and how times become histograms.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "../demo/counting.cpp"         // NOLINT(bugprone-suspicious-include)
#include "../demo/generated_texts.cpp"  // NOLINT(bugprone-suspicious-include)
#include "../demo/histogram.cpp"        // NOLINT(bugprone-suspicious-include)
#include "../demo/mention_index.cpp"    // NOLINT(bugprone-suspicious-include)
#include "../demo/question.cpp"         // NOLINT(bugprone-suspicious-include)
#include "../demo/waiting.cpp"          // NOLINT(bugprone-suspicious-include)
#include "../demo/waiting_chart.cpp"    // NOLINT(bugprone-suspicious-include)

namespace {

using ::testing::HasSubstr;

TEST(Histogram, ATimeIsInTheLastBucketThatBeginsNoLaterThanIt) {
  const Histogram histogram({0.0, 9e-6, 10e-6, 29e-6, 1e-3, 2.9e-3, 3.0, 1e9});
  EXPECT_EQ(histogram.buckets()[0], 2u);
  EXPECT_EQ(histogram.buckets()[1], 2u);
  EXPECT_EQ(histogram.buckets()[5], 2u);
  EXPECT_EQ(histogram.buckets().back(), 2u);
  EXPECT_EQ(histogram.most(), 2u);
  EXPECT_EQ(std::accumulate(histogram.buckets().begin(), histogram.buckets().end(), std::size_t{0}), histogram.size());
}

TEST(Histogram, AQuantileIsTheSmallestTimeThatEnoughDoNotExceed) {
  const Histogram five({5, 1, 4, 2, 3});
  EXPECT_EQ(five.quantile(0.01), 1);
  EXPECT_EQ(five.quantile(0.2), 1);
  EXPECT_EQ(five.quantile(0.21), 2);
  EXPECT_EQ(five.quantile(0.5), 3);
  EXPECT_EQ(five.quantile(0.9), 5);
  EXPECT_EQ(five.quantile(1), 5);
  EXPECT_EQ(Histogram({7}).quantile(0.5), 7);
  EXPECT_EQ(Histogram({}).quantile(0.5), 0);
}

TEST(Histogram, ChartsShowTheBucketsThatAnyOfThemUses) {
  const Histogram low({20e-6}), high({0.5}), none({});
  EXPECT_EQ(used_buckets({&low, &high}).first, 1u);
  EXPECT_EQ(used_buckets({&low, &high}).end, 11u);
  EXPECT_EQ(used_buckets({&none, &high}).first, 10u);
  EXPECT_EQ(used_buckets({&none}).end, 0u);
}

TEST(Histogram, BucketsHaveNamesForPeople) {
  using indexer::Encoding;
  EXPECT_EQ(bucket_name(0, Encoding::ascii), "below 10 us");
  EXPECT_EQ(bucket_name(1, Encoding::utf8), "10 to 30 µs");
  EXPECT_EQ(bucket_name(4, Encoding::ascii), "300 us to 1 ms");
  EXPECT_EQ(bucket_name(8, Encoding::ascii), "30 to 100 ms");
  EXPECT_EQ(bucket_name(10, Encoding::ascii), "300 ms to 1 s");
  EXPECT_EQ(bucket_name(12, Encoding::ascii), "over 3 s");
}

TEST(GeneratedTexts, AreTheSameEveryTimeAndEndWithTheirLines) {
  const auto texts = generated_texts(3);
  EXPECT_EQ(texts, generated_texts(3));
  EXPECT_NE(texts[0], texts[1]);
  for (const std::string& text : texts) {
    EXPECT_EQ(text.size(), kTextSize);
    EXPECT_EQ(text.back(), '\n');
  }
  EXPECT_GT(indexer::count(texts[0]).uses.count(generated_word(0)), 0u);
}

// C2
TEST(Waiting, EveryTextIsIndexedInBothRunsAndEveryQuestionIsCounted) {
  std::ostringstream nowhere;
  WaitingPlan plan;
  plan.texts = 60;
  plan.interval = std::chrono::milliseconds(1);
  const WaitingExperiment experiment = measure_waiting(plan, nowhere, {});
  for (const WaitingRun* run : {&experiment.one_line, &experiment.priorities}) {
    EXPECT_EQ(run->known, plan.texts) << run->name;
    EXPECT_GT(run->waits.size(), 0u) << run->name;
    EXPECT_GT(run->seconds, 0) << run->name;
    EXPECT_GE(run->all_seconds, run->seconds) << run->name;
    EXPECT_GE(run->waits.quantile(1), run->waits.quantile(0.5)) << run->name;
  }
  EXPECT_EQ(experiment.one_line.name, "all at normal");
  EXPECT_EQ(experiment.priorities.name, "critical before low");
  EXPECT_EQ(nowhere.str(), "");
}

// S3.6
TEST(Waiting, EndsWhenItIsCancelled) {
  const CancelSource source;
  source.cancel("SIGINT");
  WaitingPlan plan;
  plan.token = source.token();
  std::ostringstream nowhere;
  EXPECT_THROW(static_cast<void>(measure_waiting(plan, nowhere, {})), Cancelled);
}

TEST(WaitingChart, DrawsBothRunsOnOneAxisOrBelowEachOther) {
  WaitingExperiment experiment{
      {}, {"slow", Histogram({0.2, 0.2, 0.5}), 1, 1.5, 1}, {"fast", Histogram({20e-6}), 2, 2, 1}};
  std::ostringstream wide, narrow;
  print(wide, indexer::Terminal{}, experiment);
  EXPECT_THAT(wide.str(), HasSubstr("\n                 slow                            fast\n"));
  EXPECT_THAT(wide.str(),
              HasSubstr("\n    10 to 30 us                                  ############################ 1\n"));
  EXPECT_THAT(wide.str(), HasSubstr("\n  100 to 300 ms  ############################ 2\n"));
  EXPECT_THAT(wide.str(), HasSubstr("  slow                3 questions, p50 200 ms, p90 500 ms, max 500 ms,\n"
                                    "                      all indexed after 1.00 s, all answered after 1.50 s\n"));
  print(narrow, indexer::Terminal{.width = 50}, experiment);
  EXPECT_THAT(narrow.str(), HasSubstr("\n                 slow\n"));
  EXPECT_THAT(narrow.str(), HasSubstr("\n                 fast\n"));
}

}  // namespace
