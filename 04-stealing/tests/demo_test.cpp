// The demo of stage 04, run as its users run it: what it counts, draws, writes and refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
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
namespace fs = std::filesystem;

class StealingDemo : public DemoProgram {
 protected:
  StealingDemo() : DemoProgram("stealing_demo") { environment_.push_back("TMPDIR=" + temporary_.path()); }

  // No folder; ThreadSanitizer, when it starts, has a file there for a moment.
  [[nodiscard]] bool left_nothing() const {
    for (const fs::directory_entry& entry : fs::directory_iterator(temporary_.path())) {
      if (entry.is_directory()) return false;
    }
    return true;
  }

  const TempFolder temporary_;  // where it makes its large file
};

class StealingDemoFiles : public StealingDemo {
 protected:
  static constexpr int kFiles = 30;

  StealingDemoFiles() {
    for (int i = 0; i < kFiles; ++i)
      folder_.write((i % 3 == 0 ? "below/deep/file" : "file") + std::to_string(100 + i),
                    "some words " + std::string(500, 'x') + "\n");
    folder_.write("binary", std::string(10, '\0'));
  }
};

// C2
TEST_F(StealingDemoFiles, CountsEveryFileAndOneAsLargeAsAllOfThem) {
  const Ended demo = run({"--json", "--workers=3", "--rounds=4", "--piece=1"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_EQ(demo.err, "");
  ASSERT_TRUE(JsonChecker::accepts(demo.out)) << demo.out;
  EXPECT_EQ(number(demo.out, "files"), kFiles + 1);
  EXPECT_EQ(number(demo.out, "lines"), 2 * kFiles);
  EXPECT_EQ(number(demo.out, "words"), 2 * 3 * kFiles);
  EXPECT_EQ(number(demo.out, "bytes"), 2 * 512 * kFiles);
  EXPECT_THAT(demo.out, HasSubstr("\"skipped\":{\"binary\":1,"));
  EXPECT_THAT(demo.out, HasSubstr("\"verified\":true,\"changed_meanwhile\":0"));
  const std::size_t last = demo.out.find("\"stage 04, fork and join\"");
  ASSERT_NE(last, std::string::npos);
  EXPECT_EQ(number(demo.out, "files", last), kFiles + 2) << "the binary one, too";
  double pieces = 0;
  for (std::size_t at = demo.out.find("\"pieces\":", last); at != std::string::npos;
       at = demo.out.find("\"pieces\":", at + 1))
    pieces += number(demo.out, "pieces", at);
  EXPECT_GT(pieces, 15) << "512 * 30 bytes, in pieces of at most 1,000";
  EXPECT_TRUE(left_nothing());
}

TEST_F(StealingDemoFiles, TakesAFileOfTheUsersAsTheLargeOne) {
  const TempFolder elsewhere;
  const std::string large = elsewhere.write("log", std::string(3000, 'y') + " one\r\ntwo three\n\n no end");
  const Ended demo = run({"--json", "--workers=2", "--rounds=1", "--piece=1", "--large", large});
  EXPECT_EQ(demo.status, 0) << demo.err;
  EXPECT_EQ(number(demo.out, "files"), kFiles + 1);
  EXPECT_EQ(number(demo.out, "lines"), kFiles + 4);
  EXPECT_EQ(number(demo.out, "words"), 3 * kFiles + 6);
  EXPECT_THAT(demo.out, HasSubstr("\"verified\":true"));
  EXPECT_THAT(run({"--rounds=1", "--first", "--large", large}).out,
              MatchesRegex(".*\nlarge     [^\n]+: 3.0 KB, found first\n.*"));
}

// C2
TEST_F(StealingDemoFiles, PrintsTimelinesCountsTimesAndComparison) {
  const Ended demo = run({"--workers=2", "--rounds=2"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_EQ(demo.err, "");
  EXPECT_THAT(demo.out, HasSubstr("folder    .\n          31 files in 3 folders\n"
                                  "large     one more file, with all their texts: 15.4 KB, found last\n"
                                  "pools     2 workers in each, the fastest of 2 rounds\n"));
  EXPECT_THAT(demo.out, MatchesRegex(".*\nstage 03, a job a file [^\n]+s\n  caller    [^\n]+\n  worker 0  [.+o#]+\n"
                                     "  worker 1  [.+o#]+\nstage 04, fork and join .*"));
  EXPECT_THAT(demo.out, HasSubstr("\n  o small files   # the large file   + walking, merging   . nothing to do\n"
                                  "  ^ has stolen work from another worker\n"));
  EXPECT_THAT(
      demo.out,
      MatchesRegex(".*\n  stage 04  worker 1 +[0-9]+ files? +[0-9]+ pieces? +[0-9]+ steals? +[0-9]+ % busy\n.*"));
  EXPECT_THAT(demo.out, HasSubstr("\nresult    31 text files, "));
  EXPECT_THAT(demo.out, HasSubstr("\nskipped   1 binary file\n"));
  EXPECT_THAT(demo.out, HasSubstr("\ntime      one by one "));
  EXPECT_THAT(demo.out, HasSubstr("\nverified  all runs found exactly the same as one by one\n"));
  EXPECT_THAT(run({"--quiet", "--rounds=1"}).out,
              MatchesRegex("result    31 text files, [^\n]*\n[^\n]*\nskipped   1 binary file\n"));
}

TEST_F(StealingDemoFiles, NamesWhatItCannotReadIndexesTheRestAndEndsWithStatus1) {
  TempFolder folder;
  folder.write("open", "one two\n");
  folder.write("secret", "text");
  folder.lock("secret");
  const Ended demo = run({folder.path()});
  if (demo.status == 0) GTEST_SKIP() << "this user may read everything";
  EXPECT_EQ(demo.status, 1);
  EXPECT_EQ(demo.err, "stealing_demo: cannot read '" + (folder / "secret") + "': Permission denied\n");
  EXPECT_THAT(demo.out, HasSubstr("all runs found exactly the same"));
}

TEST_F(StealingDemoFiles, KeepsTo80PlainColumnsInAPipe) {
  folder_.write("a name that is far too long for a page of eighty columns, even alone", "often and\x1b[31m colour");
  const TempFolder elsewhere;
  const std::string large = elsewhere.write(std::string(90, 'n') + "\x1b[31m", "text\n");
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"--workers=20"}, {"--workers=3", "--large=" + large}}) {
    const Ended demo = run(arguments);
    EXPECT_EQ(demo.status, 0);
    EXPECT_EQ(demo.err, "");
    EXPECT_LE(lines_of(demo.out).size(), 80u);
    for (const std::string& line : lines_of(demo.out)) {
      EXPECT_LE(line.size(), 80u) << line;
      EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
      EXPECT_TRUE(std::none_of(line.begin(), line.end(), [](unsigned char c) { return c < 32 || c > 126; })) << line;
    }
  }
}

TEST_F(StealingDemoFiles, SuitsTheScreen) {
  EXPECT_THAT(run_on_a_screen({"--rounds=1"}, 80).out, HasSubstr("\x1b[32m"));
  environment_.emplace_back("NO_COLOR=1");
  environment_[0] = "LC_ALL=C.UTF-8";
  const Ended wide = run_on_a_screen({"--rounds=1"}, 80);
  EXPECT_EQ(wide.status, 0);
  EXPECT_THAT(wide.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(wide.out, HasSubstr("▒ small files   █ the large file"));
  EXPECT_THAT(run_on_a_screen({"--rounds=1"}, 50).out, HasSubstr("▒ small files\r\n  █ the large file\r\n"));
}

TEST_F(StealingDemoFiles, WritesTheTimelinesAsAPicture) {
  const Ended demo = run({"--quiet", "--rounds=1", "--svg=timelines.svg"});
  EXPECT_EQ(demo.status, 0) << demo.err;
  const std::string svg = content_of(folder_ / "timelines.svg");
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 400 "));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  for (const char* part :
       {"<title id=\"title\">", "<desc id=\"description\">", "prefers-color-scheme:dark", ">worker 0<"})
    EXPECT_THAT(svg, HasSubstr(part));
  for (const char* part : {"<script", "nan", "inf", "href"}) EXPECT_THAT(svg, Not(HasSubstr(part)));
  EXPECT_EQ(std::count(svg.begin(), svg.end(), '<'), std::count(svg.begin(), svg.end(), '>'));
  const Ended nowhere = run({"--quiet", "--rounds=1", "--svg=no/such/folder.svg"});
  EXPECT_EQ(nowhere.status, 1);
  EXPECT_EQ(nowhere.err, "stealing_demo: cannot write 'no/such/folder.svg': No such file or directory\n");
  EXPECT_TRUE(left_nothing());
}

TEST_F(StealingDemo, RefusesBadArgumentsWithStatus2) {
  folder_.write("binary", std::string(10, '\0'));
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--workers", "0"}, "--workers wants a number from 1 to 1000, not '0'"},
      {{"--workers", "many"}, "--workers wants a number from 1 to 1000, not 'many'"},
      {{"--rounds", "101"}, "--rounds wants a number from 1 to 100, not '101'"},
      {{"--piece", "0"}, "--piece wants a number from 1 to 1000000, not '0'"},
      {{"--piece"}, "--piece wants a value: --piece KB"},
      {{"--large", "none"}, "there is no file 'none'"},
      {{"--large", "binary"}, "--large wants a text file, not 'binary'"},
      {{"--large", "."}, "--large wants a text file, not '.'"},
      {{"--large", ""}, "--large wants a value that is not empty"},
      {{"none"}, "there is no folder 'none'"},
      {{"--first=1"}, "--first takes no value"},
  };
  for (const auto& [arguments, message] : cases) {
    const Ended demo = run(arguments);
    EXPECT_EQ(demo.status, 2) << arguments[0];
    EXPECT_EQ(demo.out, "");
    EXPECT_EQ(demo.err, "stealing_demo: " + message + "\nTry 'stealing_demo --help'.\n");
  }
}

TEST_F(StealingDemo, CopesWithAFolderWithoutText) {
  const Ended demo = run({"--svg=empty.svg"});
  EXPECT_EQ(demo.status, 0) << demo.err;
  EXPECT_THAT(demo.out, HasSubstr("0 files in 1 folder\n"));
  EXPECT_THAT(demo.out, HasSubstr("found exactly the same as one by one"));
}

TEST_F(StealingDemo, EndsOnASignalAndLeavesNothingBehind) {
  std::string lines;
  for (int i = 0; i < 300'000; ++i) lines += "word" + std::to_string(i % 1000) + " often\n";
  folder_.write("file", lines);
  const Ended demo = run_on_a_screen({"--rounds=100", "--workers=2"}, 80, [&](pid_t child, Output&) {
    while (left_nothing()) {  // until it has begun to make its large file
    }
    ::kill(child, SIGINT);
  });
  EXPECT_EQ(demo.status, 130);
  EXPECT_EQ(demo.out, "");
  EXPECT_THAT(demo.err, HasSubstr("stealing_demo: interrupted (SIGINT)\n"));
  EXPECT_TRUE(left_nothing());
}

TEST_F(StealingDemo, Helps) {
  const Ended demo = run({"--help"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_THAT(demo.out, HasSubstr("Usage: stealing_demo [OPTION]... [FOLDER]"));
  for (const std::string& line : lines_of(demo.out)) EXPECT_LE(line.size(), 80u) << line;
}

}  // namespace
