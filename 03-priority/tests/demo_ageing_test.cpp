// The demo's experiment on ageing: when low jobs start, and how that is drawn.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <string>
#include <vector>

#include "../demo/ageing.cpp"           // NOLINT(bugprone-suspicious-include)
#include "../demo/ageing_chart.cpp"     // NOLINT(bugprone-suspicious-include)
#include "../demo/generated_texts.cpp"  // NOLINT(bugprone-suspicious-include)

namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

AgeingPlan short_plan() {
  AgeingPlan plan;
  plan.flood = milliseconds(40);
  plan.low_jobs = 4;
  plan.interval = milliseconds(1);
  return plan;
}

// S3.2: there is always a critical job in the queue until the flood ends, and it goes first. (A low job starts after
// somebody has read the end of the flood from the same clock; so this holds on the slowest machine.)
TEST(Ageing, WithoutItLowJobsStartWhenTheFloodEnds) {
  const AgeingRun run = run_ageing(short_plan(), Duration::zero());
  ASSERT_EQ(run.started.size(), 4u);
  EXPECT_GT(run.critical, 0u);
  for (const double started : run.started) EXPECT_GE(started, 0.040);
  EXPECT_EQ(name_of(run), "no ageing");
}

// S3.3
TEST(Ageing, WithItNoLowJobStartsBeforeItsTime) {
  const AgeingRun run = run_ageing(short_plan(), milliseconds(10));
  ASSERT_EQ(run.started.size(), 4u);
  for (std::size_t i = 0; i < run.started.size(); ++i) {
    EXPECT_GE(run.started[i], std::min(run.handed_in[i] + 0.010, 0.040)) << i;
  }
  EXPECT_EQ(name_of(run), "ageing 10 ms");
}

// S3.3: on a machine that is busy with other things, the flood may be over before anything is old. Not every time.
TEST(Ageing, WithItLowJobsStartBeforeTheFloodEnds) {
  for (int attempt = 0; attempt < 100; ++attempt)
    if (run_ageing(short_plan(), milliseconds(5)).started.front() < 0.040) return;
  FAIL() << "in none of 100 runs";
}

// S3.6
TEST(Ageing, EndsWhenItIsCancelled) {
  const CancelSource source;
  source.cancel("SIGINT");
  AgeingPlan plan = short_plan();
  plan.flood = std::chrono::hours(1);
  plan.token = source.token();
  EXPECT_THROW(static_cast<void>(run_ageing(plan, milliseconds(10))), Cancelled);
}

TEST(AgeingChart, MarksWhatHappenedOnALineOfTime) {
  EXPECT_EQ(timeline({}, 4, 8, 8), ".....");
  EXPECT_EQ(timeline({0.5, 2.5, 2.6, 6}, 4, 8, 8), "o.2.. o");
  EXPECT_EQ(timeline({-1, 99}, 0, 8, 8), "o      o");  // the ends hold what is beyond them
  EXPECT_EQ(timeline(std::vector<double>(12, 1.0), 0, 8, 8), ".+");
}

TEST(AgeingChart, HasALineForEachSetting) {
  AgeingRun off, on;
  off.handed_in = on.handed_in = {0.0, 0.01};
  off.started = {0.4, 0.4};
  on.ageing = milliseconds(50);
  on.started = {0.05, 0.06};
  const AgeingExperiment experiment{{}, {off, on}};
  EXPECT_DOUBLE_EQ(whole_time(experiment), 0.44);
  EXPECT_DOUBLE_EQ(on.longest_wait(), 0.05);
  std::ostringstream out;
  print(out, indexer::Terminal{}, experiment);
  EXPECT_THAT(out.str(), HasSubstr("\n  handed in      oo...."));
  EXPECT_THAT(out.str(), HasSubstr("\n  no ageing      ......"));
  EXPECT_THAT(out.str(), HasSubstr(".2\n  ageing 50 ms   .......o"));
  EXPECT_THAT(out.str(), HasSubstr("longest wait: 400 ms without ageing, 50 ms with ageing 50 ms\n"));
}

}  // namespace
