// The demo of stage 06, run as its users run it: what it counts, prints, writes and refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "../../01-basic-pool/tests/json_checker.hpp"
#include "../../02-bounded-queue/tests/demo_output.hpp"
#include "../../03-priority/tests/demo_program.hpp"

namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class SystemDemo : public DemoProgram {
 protected:
  static constexpr int kFiles = 40;

  SystemDemo() : DemoProgram("system_demo") {
    for (int i = 0; i < kFiles; ++i)
      folder_.write((i % 4 == 0 ? "below/deep/file" : "file") + std::to_string(100 + i), "three words here\n");
  }
};

// C2
TEST_F(SystemDemo, CountsWhatIsThere) {
  const Ended demo = run({"--json"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_EQ(demo.err, "");
  ASSERT_TRUE(JsonChecker::accepts(demo.out)) << demo.out;
  EXPECT_EQ(number(demo.out, "files"), kFiles);
  EXPECT_EQ(number(demo.out, "lines"), kFiles);
  EXPECT_EQ(number(demo.out, "words"), 3 * kFiles);
  EXPECT_THAT(demo.out, HasSubstr("\"verified\":true"));
}

// C2 S6.4 S6.8 S6.9: one node for each of the two folders, one that merges, and a task for each file
TEST_F(SystemDemo, TellsOfGroupsTasksTimesAndWorkers) {
  const Ended demo = run({"--jobs=2", "--trace=trace.json"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_EQ(demo.err, "");
  EXPECT_THAT(demo.out, HasSubstr("pool      2 workers started: PoolWorker-0, PoolWorker-1\n"));
  EXPECT_THAT(demo.out, MatchesRegex(".*\ngroups    [.] +30 of   30 [^\n]*\n +below +10 of   10 .*"));
  EXPECT_THAT(demo.out,
              HasSubstr("tasks     43 submitted, 43 completed, 0 failed, 0 cancelled; success rate 100.0 %\n"));
  EXPECT_THAT(demo.out, MatchesRegex(".*\nslowest   [^\n]*file1[0-9]+: [0-9.]+ ms, after [0-9.]+ ms in the queue\n.*"));
  EXPECT_THAT(demo.out, MatchesRegex(".*\nwaited    mean [^\n]*\nran       mean .*"));
  EXPECT_THAT(demo.out, MatchesRegex(".*\nworkers   PoolWorker-0 [^\n]*\n +PoolWorker-1 .*"));
  EXPECT_THAT(demo.out, HasSubstr("verified"));
}

// S6.12
TEST_F(SystemDemo, WritesATimeline) {
  const std::string trace = folder_.path() + "/trace.json";
  const Ended demo = run({"--quiet", "--trace=" + trace});
  EXPECT_EQ(demo.status, 0);
  std::ifstream file(trace);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_TRUE(nlohmann::json::accept(text)) << text.substr(0, 500);
  EXPECT_THAT(text, HasSubstr("file100"));
}

TEST_F(SystemDemo, SaysWhatIsWrong) {
  const Ended demo = run({"--trace=/nowhere/trace.json", "--quiet"});
  EXPECT_EQ(demo.status, 1);
  EXPECT_THAT(demo.err, HasSubstr("cannot write '/nowhere/trace.json': No such file or directory"));
}

// S6.13 S6.15
TEST_F(SystemDemo, InProcessesAFileThatCrashesTheParserCostsThatFile) {
  folder_.write("crashes", "%crash\n");
  folder_.write("not\xffutf8", "three words here\n");
  const Ended demo = run({"--executor=process", "--json", "--jobs=2", "--timeout=600000"});
  EXPECT_EQ(demo.status, 1);
  EXPECT_THAT(demo.err, HasSubstr("system_demo: lost './crashes': process: the worker "));
  EXPECT_THAT(demo.err, HasSubstr(" while it ran 'parse'\n"));
  ASSERT_TRUE(JsonChecker::accepts(demo.out)) << demo.out;
  EXPECT_EQ(number(demo.out, "files"), kFiles + 1);
  EXPECT_EQ(number(demo.out, "lines"), kFiles + 1);
  EXPECT_EQ(number(demo.out, "words"), 3 * (kFiles + 1));
  EXPECT_THAT(demo.out, HasSubstr("\"verified\":true")) << "all but that one";
  EXPECT_EQ(number(demo.out, "died"), 1);
  const auto lost = nlohmann::json::parse(demo.out).at("lost");
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(lost[0].at("file"), "./crashes");
}

// S6.13
TEST_F(SystemDemo, InProcessesNothingIsLostWithoutReason) {
  const Ended demo = run({"--executor", "process", "--quiet", "--timeout=600000"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_EQ(demo.err, "");
  EXPECT_THAT(demo.out, HasSubstr("result    40 text files, "));
}

// S6.14: the file hangs, whatever it is told.
TEST_F(SystemDemo, InProcessesAFileThatHangsIsGivenUp) {
  folder_.write("below/hangs/file", "%hang\n");
  const Ended demo = run({"--executor=process", "--json", "--timeout=1", "below/hangs"});
  EXPECT_EQ(demo.status, 1);
  EXPECT_EQ(demo.err, "system_demo: lost 'below/hangs/file': pool: cancelled (timeout)\n");
  EXPECT_EQ(number(demo.out, "files"), 0);
  EXPECT_EQ(number(demo.out, "killed"), 1);
}

// Those that it has brought itself are lost as well, and that is no error.
TEST_F(SystemDemo, BringsFilesThatHurtTheParser) {
  std::filesystem::create_directory(folder_.path() + "/empty");
  const Ended demo = run({"--executor=process", "--hostile", "--timeout=1", "empty"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_THAT(demo.out, MatchesRegex(".*\nlost      /[^\n]*/crashes.txt\n[^\n]*\n +/[^\n]*/hangs.txt\n.*"));
  const std::string folder = demo.out.substr(demo.out.find('/'), demo.out.find("/crashes.txt") - demo.out.find('/'));
  EXPECT_FALSE(std::filesystem::exists(folder)) << folder;
}

TEST_F(SystemDemo, SaysWhatAnExecutorIs) {
  EXPECT_THAT(run({"--help"}).out, HasSubstr("--executor thread|process"));
  const Ended unknown = run({"--executor=fork"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err, HasSubstr("--executor wants one of thread|process, not 'fork'"));
  const Ended traced = run({"--executor=process", "--trace=trace.json"});
  EXPECT_EQ(traced.status, 2);
  EXPECT_THAT(traced.err, HasSubstr("--trace is for --executor thread"));
  const Ended hostile = run({"--hostile"});
  EXPECT_EQ(hostile.status, 2);
  EXPECT_THAT(hostile.err, HasSubstr("--hostile wants --executor process"));
}

}  // namespace
