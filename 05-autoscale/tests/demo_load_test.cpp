// The parts of the demo that can be had without running it: the plan of a load, what a policy is listened to, how it is
// drawn, and a run without a program around it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <indexer/walk.hpp>
#include "../../01-basic-pool/tests/temp_folder.hpp"
#include "../../03-priority/demo/svg.cpp"  // NOLINT(bugprone-suspicious-include)
#include "../demo/experiment.cpp"          // NOLINT(bugprone-suspicious-include)
#include "../demo/live_chart.cpp"          // NOLINT(bugprone-suspicious-include)
#include "../demo/load_chart.cpp"          // NOLINT(bugprone-suspicious-include)
#include "../demo/load_plan.cpp"           // NOLINT(bugprone-suspicious-include)
#include "../demo/load_svg.cpp"            // NOLINT(bugprone-suspicious-include)
#include "../demo/policy_run.cpp"          // NOLINT(bugprone-suspicious-include)

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> names(std::size_t files) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < files; ++i) result.push_back(std::to_string(i) + (i % 10 == 0 ? ".toml" : ".txt"));
  return result;
}

TEST(LoadPlan, HandsInEachFileOnceInTheOrderOfTime) {
  for (const std::size_t files : {1U, 2U, 5U, 100U, 1500U, 4000U, 5000U}) {
    ::Options options;
    const LoadPlan plan = plan_of(options, names(files), {});
    const std::size_t all = std::min(files, LoadPlan::kMost);
    EXPECT_EQ(plan.files.size(), all);
    EXPECT_EQ(plan.due.size(), all);
    EXPECT_EQ(plan.trickle + plan.burst + plan.second_burst, all);
    EXPECT_EQ(plan.hostile(), (all + 9) / 10);
    EXPECT_TRUE(std::is_sorted(plan.due.begin(), plan.due.end()));
    EXPECT_GE(plan.due.front(), 0);
    EXPECT_LT(plan.due.back(), plan.seconds);
  }
}

TEST(LoadPlan, TheSourceIsBusyForSomeOfTheTimeAndTheSmallestPoolWithTheTrickleNearlyAlways) {
  ::Options options;
  options.seconds = 6;
  options.lanes = 8;
  options.min = 2;
  const LoadPlan plan = plan_of(options, names(1500), {});
  const double a_read = std::chrono::duration<double>(plan.a_read).count();
  EXPECT_NEAR(a_read * 1500 / 8, 0.45 * 6, 0.01);
  EXPECT_NEAR(static_cast<double>(plan.trickle) * a_read / 2, 5.0 / 6 * 1.2, 0.02);
  EXPECT_EQ(plan_of(options, names(1), {}).a_read, std::chrono::milliseconds(100)) << "and no longer";
  options.lanes = 1;
  EXPECT_EQ(plan_of(options, names(4000), {}).a_read, std::chrono::milliseconds(1)) << "and no shorter";
  options.min = 1000;
  EXPECT_EQ(plan_of(options, names(20), {}).trickle, 10U) << "no more than the source can serve";
}

Moment moment(double at, std::size_t workers, std::size_t active = 0, std::size_t queued = 0) {
  Moment result;
  result.at = at;
  result.load.workers = workers;
  result.load.active = active;
  result.load.queued = queued;
  return result;
}

TEST(Watch, WritesDownWhatAPolicySawAndHasDecided) {
  Watch watch([](const Load& load) { return load.queued > 0 ? 2 : -1; });
  const Policy policy = watch.policy();
  EXPECT_EQ(policy({.workers = 9, .queued = 1}), 2);
  watch.start();
  EXPECT_EQ(policy({.workers = 3}), -1);
  EXPECT_EQ(policy({.workers = 2, .active = 1, .queued = 4}), 2);
  const std::vector<Moment> seen = watch.so_far();
  ASSERT_EQ(seen.size(), 2U) << "what was before the start is forgotten";
  EXPECT_EQ(seen[0].load.workers, 3U);
  EXPECT_EQ(seen[0].decision, -1);
  EXPECT_EQ(seen[1].decision, 2);
  EXPECT_EQ(seen[1].ratio(), 2.5);
  EXPECT_LE(seen[0].at, seen[1].at);
}

PolicyRun small_run() {
  PolicyRun run;
  run.name = "some policy";
  run.rule = "a rule";
  run.moments = {moment(1.05, 2, 0, 0), moment(2.05, 2, 1, 0), moment(3.05, 4, 4, 8), moment(7, 8, 8, 2)};
  run.deaths = {0.55, 3.95, 8};
  run.seconds = 8;
  return run;
}

TEST(LoadChart, AColumnShowsTheLastSampleUntilThen) {
  const auto columns = columns_of(small_run(), 10, 5);
  const auto workers = [&](std::size_t i) { return columns[i] ? columns[i]->load.workers : 0; };
  ASSERT_EQ(columns.size(), 5U);
  EXPECT_THAT((std::vector{workers(0), workers(1), workers(2), workers(3), workers(4)}), ElementsAre(2, 4, 4, 8, 0));
  EXPECT_THAT(deaths_in_columns(small_run(), 10, 5), ElementsAre(true, true, false, false, true));
}

TEST(LoadChart, DrawsWhatItIsGiven) {
  const indexer::Terminal plain;  // 80 columns, of which 66 are drawn in
  const std::vector<std::string> lines = chart_lines(plain, small_run(), {6.6, 8, 8});
  ASSERT_EQ(lines.size(), 12U);
  EXPECT_EQ(lines[0], "some policy: a rule");
  const auto drawn = [](std::size_t from, const std::string& signs) { return std::string(14 + from, ' ') + signs; };
  EXPECT_EQ(lines[1],
            "load" + std::string(10 + 10, ' ') + std::string(10, '_') + std::string(10, '=') + std::string(36, '#'));
  EXPECT_EQ(lines[2], "waiting     8 " + std::string(30, ' ') + std::string(36, '#'));
  EXPECT_EQ(lines[4], drawn(30, std::string(36, '#')));
  EXPECT_EQ(lines[5], "workers     8");
  EXPECT_EQ(lines[7], drawn(30, std::string(36, ':'))) << "4 of 8: half of the middle row";
  EXPECT_EQ(lines[9], drawn(10, std::string(20, '#') + std::string(36, '#')));
  EXPECT_EQ(lines[10],
            "died" + std::string(10 + 5, ' ') + "x" + std::string(33, ' ') + "x" + std::string(25, ' ') + "x");
  EXPECT_EQ(lines[11], drawn(0, "0" + std::string(59, ' ') + "6.60 s"));
}

TEST(LoadChart, HasAsManyLinesWhateverThereIsSoFar) {
  PolicyRun run = small_run();
  const std::size_t lines = chart_lines({}, run, {10, 8, 8}).size();
  while (!run.moments.empty()) {
    run.moments.pop_back();
    run.deaths.clear();
    EXPECT_EQ(chart_lines({}, run, {10, 8, 8}).size(), lines);
  }
}

TEST(LiveChart, DrawsNothingUnlessWantedAndNothingOverItselfInAFile) {
  LoadPlan plan;
  plan.seconds = 10;
  for (const bool wanted : {false, true}) {
    std::ostringstream out;
    LiveChart chart(out, {}, wanted);
    for (int i = 0; i < 3; ++i) chart.show(plan, small_run());
    EXPECT_EQ(out.str(), "");
    chart.done(plan, small_run());
    const std::string drawn = out.str();
    EXPECT_EQ(std::count(drawn.begin(), drawn.end(), '\n'), wanted ? 12 : 0);
    EXPECT_THAT(drawn, Not(HasSubstr("\x1b")));
  }
}

TEST(LoadSvg, DrawsTheSamplesOfEachRun) {
  Experiment experiment;
  experiment.plan.seconds = 10;
  experiment.plan.max = 8;
  experiment.plan.lanes = 4;
  experiment.runs = {small_run(), small_run()};
  const std::string svg = load_svg(experiment);
  const auto count = [&](std::string_view part) {
    std::size_t times = 0;
    for (std::size_t at = svg.find(part); at != std::string::npos; at = svg.find(part, at + 1)) ++times;
    return times;
  };
  for (const char* area : {"queue", "crew", "busy"})
    EXPECT_EQ(count("<path class=\"" + std::string(area) + "\""), 2U) << area;
  EXPECT_EQ(count("<path class=\"death\""), 2 * 3U + 1U) << "and one in the legend";
  EXPECT_EQ(count("<line class=\"lanes\""), 2U + 1U);
  EXPECT_EQ(count("<text"), count("</text>"));
  experiment.plan.lanes = 9;
  EXPECT_THAT(load_svg(experiment), Not(HasSubstr("<line class=\"lanes\""))) << "nobody comes so far";
}

class SlowFiles : public ::testing::Test {
 protected:
  SlowFiles() {
    for (int i = 0; i < 40; ++i) folder_.write(std::to_string(100 + i) + ".txt", "some words " + std::to_string(i));
    for (int i = 0; i < 4; ++i) folder_.write(std::to_string(i) + ".toml", "text");
    options_.seconds = 1;
    options_.interval = 5;
    options_.max = 4;
  }
  [[nodiscard]] LoadPlan plan(const pool::priority::CancelToken& token = {}) const {
    return plan_of(options_, indexer::walk(folder_.path()).files, token);
  }

  TempFolder folder_;
  ::Options options_;
};

// S5.6: and whatever policy decides, even one that is out of its mind, the index is right.
TEST_F(SlowFiles, AllPoliciesFindTheSame) {
  int calls = 0;
  const Contender mad{"mad", "up and down", [calls](const Load&) mutable { return ++calls % 2 == 0 ? 100 : -100; }};
  std::vector<Contender> all = contenders("both");
  ASSERT_EQ(all.size(), 2U);
  all.push_back(mad);
  std::ostringstream nowhere;
  LiveChart live(nowhere, {}, false);
  const Experiment experiment = run_experiment(plan(), all, nowhere, {}, live);
  EXPECT_EQ(experiment.found.comparison.verdict, indexer::Comparison::Verdict::same);
  EXPECT_EQ(experiment.found.sequential->index.files(), 40U);
  ASSERT_EQ(experiment.runs.size(), 3U);
  for (const PolicyRun& run : experiment.runs) {
    EXPECT_EQ(run.run.files.size(), 40U) << run.name;
    EXPECT_EQ(run.died, 4U) << run.name;
    EXPECT_EQ(run.failed, 4U) << run.name;
    EXPECT_EQ(run.deaths.size(), 4U) << run.name;
    EXPECT_LE(run.most_workers(), 4U) << run.name;
    EXPECT_LE(run.retired + run.died, run.started) << run.name;
    EXPECT_FALSE(run.moments.empty()) << run.name;
    EXPECT_LE(run.wait(0.5), run.wait(0.9)) << run.name;
    EXPECT_GE(run.seconds, 1) << run.name;
  }
  EXPECT_EQ(nowhere.str(), "");
}

// A run that has counted a word too many is found out, and that is not forgotten.
TEST_F(SlowFiles, TheExperimentComparesEveryRun) {
  std::ostringstream nowhere;
  LiveChart live(nowhere, {}, false);
  const Experiment experiment = run_experiment(plan(), contenders("load-ratio"), nowhere, {}, live);
  indexer::Run wrong = experiment.runs[0].run;
  wrong.index.add(indexer::count("word"));
  indexer::Comparison worst;
  verify(*experiment.found.sequential, wrong, worst);
  EXPECT_EQ(worst.verdict, indexer::Comparison::Verdict::different);
  verify(*experiment.found.sequential, experiment.runs[0].run, worst);
  EXPECT_EQ(worst.verdict, indexer::Comparison::Verdict::different);
}

TEST_F(SlowFiles, EndsWhenItIsCancelled) {
  const pool::priority::CancelSource source;
  source.cancel("SIGINT");
  EXPECT_THROW(static_cast<void>(run_policy(
                   plan(source.token()), contenders("load-ratio")[0], [](const PolicyRun&) {}, [](std::uint64_t) {})),
               pool::priority::Cancelled);
}

// However many ask for it, 12 reads of 10 ms take 60 ms at least, if two are served at a time.
TEST_F(SlowFiles, TheSourceServesSoManyAtATimeAndNoMore) {
  SlowSource source(2, std::chrono::milliseconds(10));
  std::atomic<int> right{0};
  const indexer::Stopwatch time;
  {
    ThreadPool pool({.workers = 6});
    for (int i = 0; i < 12; ++i)
      pool.post([&] { right += source.read(folder_ / "100.txt").text == "some words 0" ? 1 : 0; });
  }
  EXPECT_GE(time.seconds(), 0.06);
  EXPECT_EQ(right, 12);
}

}  // namespace
