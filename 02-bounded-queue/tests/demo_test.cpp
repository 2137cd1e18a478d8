// The demo of stage 02, run as its users run it: what it counts, prints and refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "../../01-basic-pool/tests/json_checker.hpp"
#include "demo_output.hpp"
#include "demo_program.hpp"

namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class BoundedDemoFiles : public BoundedDemo {
 protected:
  static constexpr int kFiles = 60;

  BoundedDemoFiles() {
    // The first text takes far longer to count than all others take to read: meanwhile the queue is full.
    std::string words;
    for (int i = 0; i < 400'000; ++i) words += "word" + std::to_string(i % 1000) + ' ';
    folder_.write("00-large", words);
    for (int i = 1; i < kFiles; ++i) folder_.write("small" + std::to_string(i), "some words\n");
  }

  Ended index(const std::string& policy, const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"--no-experiment", "--jobs=1", "--capacity=2", "--overflow=" + policy};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
};

// S2.2
TEST_F(BoundedDemoFiles, EveryFileIsCountedRefusedOrDroppedWhateverThePolicy) {
  for (const std::string& policy : kPolicies) {
    const Ended demo = index(policy, {"--json"});
    EXPECT_EQ(demo.status, 0) << policy;
    ASSERT_TRUE(JsonChecker::accepts(demo.out)) << demo.out;
    const Counts pool(demo.out, demo.out.find("\"pool\""));
    EXPECT_EQ(pool.accepted + pool.rejected, kFiles) << policy;
    EXPECT_EQ(pool.accepted, pool.completed + pool.ran_in_caller + pool.dropped) << policy;
    EXPECT_EQ(number(demo.out, "files"), pool.completed + pool.ran_in_caller) << policy;
    if (policy != "reject") {
      EXPECT_EQ(pool.rejected, 0) << policy;
    }
    if (policy != "run_in_caller") {
      EXPECT_EQ(pool.ran_in_caller, 0) << policy;
    }
    if (policy != "drop_oldest") {
      EXPECT_EQ(pool.dropped, 0) << policy;
    }
    const bool partial = pool.rejected + pool.dropped > 0;
    EXPECT_THAT(demo.out, HasSubstr(partial ? "\"partial\":true" : "\"partial\":false"));
    EXPECT_THAT(demo.out, HasSubstr(partial ? "\"verified\":null" : "\"verified\":true"));
  }
}

// S2.1, S2.5
TEST_F(BoundedDemoFiles, NoMoreTextsWaitThanTheCapacityAllows) {
  for (const std::string& policy : kPolicies) {
    const Ended demo = index(policy, {"--json"});
    EXPECT_LE(number(demo.out, "high_water"), 2) << policy;
    EXPECT_GE(number(demo.out, "high_water"), 1) << policy;
  }
  const Ended unlimited = index("reject", {"--json", "--capacity=0"});
  EXPECT_EQ(number(unlimited.out, "accepted"), kFiles);
  EXPECT_EQ(number(unlimited.out, "rejected"), 0);
}

// S2.2
TEST_F(BoundedDemoFiles, ACallerWhoWaitsAndOneWhoHelpsFindTheSame) {
  const auto found = [](const std::string& json) {
    const std::size_t begin = json.find("\"files\"");
    return json.substr(begin, json.find("\"workers\"") - begin);
  };
  const Ended block = index("block", {"--json", "--top=1000"});
  const Ended helps = index("run_in_caller", {"--json", "--top=1000"});
  EXPECT_EQ(found(block.out), found(helps.out));
  EXPECT_EQ(number(block.out, "files"), kFiles);
  EXPECT_GT(number(helps.out, "ran_in_caller"), 0);
  EXPECT_EQ(number(helps.out, "jobs", helps.out.find("\"name\":\"the caller\"")), number(helps.out, "ran_in_caller"));
  EXPECT_THAT(block.out, Not(HasSubstr("the caller")));
  EXPECT_THAT(index("run_in_caller", {}).out, HasSubstr("\n  the caller    "));
}

// S2.2
TEST_F(BoundedDemoFiles, SaysHowManyFilesAreMissingFromAPartialResult) {
  const std::vector<std::pair<std::string, std::string>> cases = {{"reject", "rejected"}, {"drop_oldest", "dropped"}};
  for (const auto& [policy, fate] : cases) {
    const Ended demo = index(policy, {});
    EXPECT_EQ(demo.status, 0);
    EXPECT_EQ(demo.err, "");
    const std::size_t partial = demo.out.find("\npartial   ");
    ASSERT_NE(partial, std::string::npos) << demo.out;
    const int missing = std::atoi(demo.out.c_str() + partial + 11);
    EXPECT_GT(missing, 0);
    EXPECT_THAT(demo.out, HasSubstr(" not in the result: " + std::to_string(missing) + " " + fate + "\n"));
    EXPECT_THAT(demo.out, HasSubstr(", " + std::to_string(missing) + " " + fate + ", 0 "));
    EXPECT_THAT(demo.out, HasSubstr("result    " + std::to_string(kFiles - missing) + " text file"));
    EXPECT_THAT(demo.out, HasSubstr("\nverified  no: a partial result is not compared with one by one\n"));
    EXPECT_THAT(index(policy, {"--quiet"}).out, HasSubstr(" not in the result: "));
  }
}

// S2.5
TEST_F(BoundedDemoFiles, ShowsThePoolsStatistics) {
  const Ended demo = index("block", {"--jobs=3"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_EQ(demo.err, "");
  EXPECT_THAT(demo.out, HasSubstr("3 workers started: PoolWorker-0, PoolWorker-1, PoolWorker-2\n"
                                  "queue     of 2 texts at most, when it is full: block\n"));
  EXPECT_THAT(demo.out, HasSubstr("\njobs      60 accepted, 0 rejected, 0 dropped, 0 ran in caller, high-water mark "));
  EXPECT_THAT(demo.out, HasSubstr("mean job      idle\n  PoolWorker-0 "));
  EXPECT_THAT(demo.out, HasSubstr("verified  both runs found exactly the same\n"));
  EXPECT_THAT(demo.out, HasSubstr("shutdown  queue drained, 3 workers joined\n"));
  EXPECT_THAT(index("block", {"--capacity=0"}).out, HasSubstr("\nqueue     without a limit\n"));
}

TEST_F(BoundedDemo, PrintsItsSamplesAsATable) {
  folder_.write("a", "some words\n");
  const Ended demo = run({"--measure"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_EQ(demo.err, "");
  EXPECT_THAT(demo.out, HasSubstr("accepted 1\ncompleted 1\nrejected 0\nran_in_caller 0\ndropped 0\nhigh_water 1\n"
                                  "arrivals 1\npeak_memory "));
  EXPECT_THAT(demo.out, MatchesRegex(".*\nsample [^\n]+ 0 0\nend\n"));  // at the end nothing is left
}

TEST_F(BoundedDemo, RefusesBadArgumentsWithStatus2) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--capacity", "-1"}, "--capacity wants a number from 0 to 1000000000, not '-1'"},
      {{"--capacity", "many"}, "--capacity wants a number from 0 to 1000000000, not 'many'"},
      {{"--capacity", "1000000001"}, "--capacity wants a number from 0 to 1000000000, not '1000000001'"},
      {{"--overflow", "explode"}, "--overflow wants one of block|reject|run_in_caller|drop_oldest, not 'explode'"},
      {{"--files", "0"}, "--files wants a number from 1 to 100000, not '0'"},
      {{"--svg", ""}, "--svg wants a value that is not empty"},
      {{"--svg"}, "--svg wants a value: --svg FILE"},
      {{"--experiment", "--no-experiment"}, "--experiment and --no-experiment contradict each other"},
      {{"--svg=x", "--no-experiment"}, "--svg, the chart of the experiment, and --no-experiment contradict each other"},
      {{"--jobs", "0"}, "--jobs wants a number from 1 to 1000, not '0'"},
      {{"none"}, "there is no folder 'none'"},
  };
  for (const auto& [arguments, message] : cases) {
    const Ended demo = run(arguments);
    EXPECT_EQ(demo.status, 2) << arguments[0];
    EXPECT_EQ(demo.out, "");
    EXPECT_EQ(demo.err, "bounded_demo: " + message + "\nTry 'bounded_demo --help'.\n");
  }
}

TEST_F(BoundedDemo, Helps) {
  const Ended demo = run({"--help"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_THAT(demo.out, HasSubstr("Usage: bounded_demo [OPTION]... [FOLDER]"));
  EXPECT_THAT(demo.out, HasSubstr("--overflow block|reject|run_in_caller|drop_oldest"));
  for (const std::string& line : lines_of(demo.out)) EXPECT_LE(line.size(), 80u) << line;
}

}  // namespace
