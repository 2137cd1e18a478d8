// The demo of stage 05, run as its users run it: what it counts, draws, writes and refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "../../01-basic-pool/tests/json_checker.hpp"
#include "../../02-bounded-queue/tests/demo_output.hpp"
#include "../../03-priority/tests/demo_program.hpp"

namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class AutoscaleDemo : public DemoProgram {
 protected:
  AutoscaleDemo() : DemoProgram("autoscale_demo") {}
};

class AutoscaleDemoFiles : public AutoscaleDemo {
 protected:
  static constexpr int kFiles = 60, kHostile = 5;

  AutoscaleDemoFiles() {
    for (int i = 0; i < kFiles; ++i)
      folder_.write((i % 3 == 0 ? "below/deep/file" : "file") + std::to_string(100 + i),
                    "some words " + std::string(500, 'x') + "\n");
    for (int i = 0; i < kHostile; ++i) folder_.write(std::to_string(i) + ".toml", "never counted\n");
    folder_.write("binary", std::string(10, '\0'));
  }
};

// C2 S5.6
TEST_F(AutoscaleDemoFiles, CountsAllFilesButThoseThatEndAThread) {
  const Ended demo = run({"--json", "--seconds=1", "--interval=10"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_EQ(demo.err, "");
  ASSERT_TRUE(JsonChecker::accepts(demo.out)) << demo.out;
  EXPECT_EQ(number(demo.out, "files"), kFiles);
  EXPECT_EQ(number(demo.out, "lines"), kFiles);
  EXPECT_EQ(number(demo.out, "words"), 3 * kFiles);
  EXPECT_THAT(demo.out, HasSubstr("\"skipped\":{\"binary\":1,"));
  EXPECT_THAT(demo.out, HasSubstr("\"verified\":true,\"changed_meanwhile\":0"));
  EXPECT_EQ(number(demo.out, "reads"), kFiles + kHostile + 1);
  EXPECT_EQ(number(demo.out, "hostile"), kHostile);
  for (const char* policy : {"load-ratio", "hill-climbing"}) {
    const std::size_t at = demo.out.find("\"policy\":\"" + std::string(policy) + "\"");
    ASSERT_NE(at, std::string::npos) << policy;
    EXPECT_EQ(number(demo.out, "died", at), kHostile) << policy;
    EXPECT_EQ(number(demo.out, "failed", at), kHostile) << policy;
    EXPECT_GE(number(demo.out, "started", at), 2 + kHostile) << "those who died were replaced";
    EXPECT_GT(number(demo.out, "workers", demo.out.find("\"samples\"", at)), 0) << policy;
  }
}

// C2
TEST_F(AutoscaleDemoFiles, PrintsChartsPoliciesAndWhoHasDied) {
  const Ended demo = run({"--seconds=1", "--interval=10", "--min=1", "--max=6", "--lanes=4"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_EQ(demo.err, "");
  EXPECT_THAT(demo.out, HasSubstr("folder    .\n          66 files in 3 folders\n"
                                  "source    slowed down for this demo: a read takes 27 ms, 4 at a time\n"));
  EXPECT_THAT(demo.out, HasSubstr("\npool      1 to 6 workers, the policy is asked every 10 ms\n"));
  EXPECT_THAT(demo.out, MatchesRegex(".*\nload-ratio: [^\n]+\nload +[_=#]+[^\n]*\nwaiting +[0-9]+ [^\n]*\n.*"
                                     "\nworkers +6 [^\n]*\n.*\ndied +x[x ]*\n +0 +[0-9.]+ s\n"
                                     "hill-climbing: .*\ndied +x[x ]*\n.*"));
  EXPECT_THAT(demo.out, HasSubstr("\n  load: (active + waiting) / workers  _ below 0.3  = between  # above 0.8\n"));
  EXPECT_THAT(demo.out, MatchesRegex(".*\n +done after +wait p50 +p90 +workers: most +mean +steps\n"
                                     "load-ratio +[^\n]+\nhill-climbing +[^\n]+\n.*"));
  EXPECT_THAT(demo.out, HasSubstr("\nhostile   5 *.toml files end the thread that handles them\n"));
  EXPECT_THAT(demo.out, MatchesRegex(".*\n +load-ratio: 5 workers died, 5 jobs failed\n"
                                     " +[0-9]+ started = [0-9]+ retired [+] 5 died [+] [0-9]+ to the end\n.*"));
  EXPECT_THAT(demo.out, HasSubstr("\nresult    60 text files, "));
  EXPECT_THAT(demo.out, HasSubstr("\nskipped   1 binary file\n"));
  EXPECT_THAT(demo.out, HasSubstr("\nverified  in all other files the same was found as one by one\n"));
}

TEST_F(AutoscaleDemoFiles, OnePolicyIfOneIsAskedForAndAnyFileTypeMayBeHostile) {
  const Ended demo = run({"--seconds=1", "--policy=hill-climbing", "--hostile=txt", "--quiet", "--svg=one.svg"});
  EXPECT_EQ(demo.status, 0) << demo.err;
  EXPECT_THAT(demo.out, MatchesRegex("result    65 text files, [^\n]*\n[^\n]*\nskipped   1 binary file\n"));
  const std::string svg = content_of(folder_ / "one.svg");
  EXPECT_THAT(svg, HasSubstr(">hill-climbing</text>"));
  EXPECT_THAT(svg, Not(HasSubstr(">load-ratio</text>")));
  EXPECT_THAT(svg, Not(HasSubstr("Two policies")));
  EXPECT_THAT(svg, HasSubstr("0 workers died on the way"));
}

TEST_F(AutoscaleDemoFiles, NamesWhatItCannotReadIndexesTheRestAndEndsWithStatus1) {
  TempFolder folder;
  folder.write("open", "one two\n");
  folder.write("secret", "text");
  folder.lock("secret");
  const Ended demo = run({"--seconds=1", "--policy=load-ratio", folder.path()});
  if (demo.status == 0) GTEST_SKIP() << "this user may read everything";
  EXPECT_EQ(demo.status, 1);
  EXPECT_EQ(demo.err, "autoscale_demo: cannot read '" + (folder / "secret") + "': Permission denied\n");
  EXPECT_THAT(demo.out, HasSubstr("the same was found as one by one"));
}

TEST_F(AutoscaleDemoFiles, KeepsTo80PlainColumnsInAPipe) {
  folder_.write("a name that is far too long for a page of eighty columns, even alone", "often and\x1b[31m colour");
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"--seconds=1", "--max=1000", "--lanes=1000", "--interval=5"},
           {"--seconds=1", "--policy=load-ratio", "--hostile=" + std::string(90, 'n') + "\x1b[31m"}}) {
    const Ended demo = run(arguments);
    EXPECT_EQ(demo.status, 0);
    EXPECT_EQ(demo.err, "");
    EXPECT_LE(lines_of(demo.out).size(), 60u);
    for (const std::string& line : lines_of(demo.out)) {
      EXPECT_LE(line.size(), 80u) << line;
      EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
      EXPECT_TRUE(std::none_of(line.begin(), line.end(), [](unsigned char c) { return c < 32 || c > 126; })) << line;
    }
  }
}

// The chart is drawn over itself: up to its first line, again and again.
TEST_F(AutoscaleDemoFiles, SuitsTheScreen) {
  const std::vector<std::string> arguments{"--seconds=1", "--policy=load-ratio"};
  const std::string up = "\x1b[12A";
  const Ended live = run_on_a_screen(arguments, 80);
  EXPECT_THAT(live.out, HasSubstr("\x1b[32m"));
  EXPECT_NE(live.out.find(up), live.out.rfind(up)) << "more than once";
  environment_.emplace_back("NO_COLOR=1");
  environment_[0] = "LC_ALL=C.UTF-8";
  const Ended plain = run_on_a_screen(arguments, 50);
  EXPECT_EQ(plain.status, 0);
  EXPECT_THAT(plain.out, HasSubstr(up));
  EXPECT_THAT(plain.out, Not(HasSubstr("m█")));
  EXPECT_THAT(plain.out, HasSubstr("\n  done after "));
  environment_.emplace_back("TERM=dumb");
  std::erase(environment_, "TERM=xterm");
  const Ended dumb = run_on_a_screen(arguments, 80);
  EXPECT_EQ(dumb.status, 0);
  EXPECT_THAT(dumb.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(dumb.out, HasSubstr("▁ below 0.3"));
}

TEST_F(AutoscaleDemoFiles, WritesTheChartsAsAPicture) {
  const Ended demo = run({"--quiet", "--seconds=1", "--svg=policies.svg"});
  EXPECT_EQ(demo.status, 0) << demo.err;
  const std::string svg = content_of(folder_ / "policies.svg");
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 400 "));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  for (const char* part : {"<title id=\"title\">", "<desc id=\"description\">", "prefers-color-scheme:dark",
                           ">load-ratio</text>", ">hill-climbing</text>", "5 workers died on the way"})
    EXPECT_THAT(svg, HasSubstr(part));
  for (const char* part : {"<script", "nan", "inf", "href"}) EXPECT_THAT(svg, Not(HasSubstr(part)));
  EXPECT_EQ(std::count(svg.begin(), svg.end(), '<'), std::count(svg.begin(), svg.end(), '>'));
  const Ended nowhere = run({"--quiet", "--seconds=1", "--policy=load-ratio", "--svg=no/such/folder.svg"});
  EXPECT_EQ(nowhere.status, 1);
  EXPECT_EQ(nowhere.err, "autoscale_demo: cannot write 'no/such/folder.svg': No such file or directory\n");
}

TEST_F(AutoscaleDemo, RefusesBadArgumentsWithStatus2) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--policy", "guess"}, "--policy wants one of load-ratio|hill-climbing|both, not 'guess'"},
      {{"--min", "0"}, "--min wants a number from 1 to 999, not '0'"},
      {{"--max", "1001"}, "--max wants a number from 2 to 1000, not '1001'"},
      {{"--max", "many"}, "--max wants a number from 2 to 1000, not 'many'"},
      {{"--min", "4", "--max=4"}, "--min 4 wants a larger --max than 4: else there is nothing to decide"},
      {{"--min=30"}, "--min 30 wants a larger --max than 20: else there is nothing to decide"},
      {{"--interval", "0"}, "--interval wants a number from 5 to 10000, not '0'"},
      {{"--interval"}, "--interval wants a value: --interval MS"},
      {{"--seconds", "0"}, "--seconds wants a number from 1 to 600, not '0'"},
      {{"--lanes", "-1"}, "--lanes wants a number from 1 to 1000, not '-1'"},
      {{"--hostile", ""}, "--hostile wants a value that is not empty"},
      {{"none"}, "there is no folder 'none'"},
      {{"--quiet=1"}, "--quiet takes no value"},
  };
  for (const auto& [arguments, message] : cases) {
    const Ended demo = run(arguments);
    EXPECT_EQ(demo.status, 2) << arguments[0];
    EXPECT_EQ(demo.out, "");
    EXPECT_EQ(demo.err, "autoscale_demo: " + message + "\nTry 'autoscale_demo --help'.\n");
  }
}

TEST_F(AutoscaleDemo, CopesWithAFolderWithoutFiles) {
  const Ended demo = run({"--svg=empty.svg"});
  EXPECT_EQ(demo.status, 0) << demo.err;
  EXPECT_THAT(demo.out, HasSubstr("0 files in 1 folder\n"));
  EXPECT_THAT(demo.out, HasSubstr("there is no *.toml: nobody had to die\n"));
  EXPECT_THAT(demo.out, HasSubstr("the same was found as one by one"));
}

TEST_F(AutoscaleDemoFiles, EndsOnASignal) {
  const Ended demo = run({"--seconds=600"}, [](pid_t child, Output& output) {
    EXPECT_TRUE(output.read_until("the policy is asked every"));
    ::kill(child, SIGINT);
  });
  EXPECT_EQ(demo.status, 130);
  EXPECT_EQ(demo.err, "autoscale_demo: interrupted (SIGINT)\n");
  EXPECT_THAT(demo.out, Not(HasSubstr("result")));
}

TEST_F(AutoscaleDemo, Helps) {
  const Ended demo = run({"--help"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_THAT(demo.out, HasSubstr("Usage: autoscale_demo [OPTION]... [FOLDER]"));
  for (const char* option : {"--policy", "--min N", "--max N", "--interval MS", "--svg FILE"})
    EXPECT_THAT(demo.out, HasSubstr(option));
  for (const std::string& line : lines_of(demo.out)) EXPECT_LE(line.size(), 80u) << line;
}

}  // namespace
