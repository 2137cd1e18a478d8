// The demo of stage 01, run as its users run it: output, errors, exit statuses.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <locale.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "demo_program.hpp"
#include "json_checker.hpp"

namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
namespace fs = std::filesystem;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    lines.emplace_back(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(text.size(), lines.back().size() + 1));
  }
  return lines;
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c != '\n' && std::iscntrl(c); });
}

// S1.8
TEST_F(Demo, ShowsThePoolTheJobsTheCompletionsTheDistributionAndTheShutdown) {
  for (int i = 0; i < 40; ++i) folder_.write("file" + std::to_string(i), "some words\n");
  const Ended demo = run({"--jobs", "3", folder_.path()});
  EXPECT_EQ(demo.status, 0);
  EXPECT_EQ(demo.err, "");
  EXPECT_THAT(demo.out, HasSubstr("3 workers started: PoolWorker-0, PoolWorker-1, PoolWorker-2\n"));
  EXPECT_THAT(demo.out, HasSubstr("completed 40 jobs, one for each file, in "));
  EXPECT_THAT(demo.out, HasSubstr("... and 35 more\n"));
  EXPECT_THAT(demo.out, HasSubstr("result    40 text files, 440 B, 40 lines, 80 words, 80 identifiers,\n"));
  EXPECT_THAT(demo.out, HasSubstr(" 1  some   40  ######"));
  EXPECT_THAT(demo.out, HasSubstr("verified  both runs found exactly the same\n"));
  EXPECT_THAT(demo.out, HasSubstr("shutdown  queue drained, 3 workers joined\n"));

  int jobs = 0, workers = 0, who = 0;
  for (const std::string& line : lines_of(demo.out)) {
    int worker = -1, number = 0;
    if (line.starts_with("  PoolWorker-") &&
        std::sscanf(line.c_str(), "  PoolWorker-%d %d job", &worker, &number) == 2) {
      ++workers;
      jobs += number;
    }
    if (line.starts_with("          PoolWorker-") && line.ends_with(" 11 B") &&
        std::sscanf(line.c_str(), " PoolWorker-%d file%d ", &worker, &number) == 2)
      ++who;
  }
  EXPECT_EQ(workers, 3);
  EXPECT_EQ(jobs, 40);
  EXPECT_EQ(who, 5) << demo.out;
}

TEST_F(Demo, FillsAPageOf60LinesAnd80ColumnsAtMost) {
  std::string words;
  for (int i = 0; i < 100; ++i)
    words += "an_identifier_that_is_rather_long_for_a_table_of_eighty_columns_" + std::to_string(i) + " ";
  for (int i = 0; i < 50; ++i) folder_.write(std::string(200, 'n') + std::to_string(i), words);
  folder_.write("binary", std::string(10, '\0'));
  fs::create_symlink("x", folder_ / "link");
  folder_.write(".git/x", "");
  folder_.write("cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55");
  const Ended demo = run({"--jobs", "100", folder_.path()});
  EXPECT_EQ(demo.status, 0);
  EXPECT_LE(lines_of(demo.out).size(), 60u);
  for (const std::string& line : lines_of(demo.out)) EXPECT_LE(line.size(), 80u) << line;
  EXPECT_THAT(demo.out, HasSubstr("skipped   1 binary file, 1 symbolic link, 1 version-control folder,\n"
                                  "          1 cache or build folder\n"));
  EXPECT_THAT(demo.out, HasSubstr("100 workers started: PoolWorker-0, PoolWorker-1, ..., PoolWorker-99\n"));
}

TEST_F(Demo, SaysSoWhenThereIsNoText) {
  const Ended empty = run({folder_.path()});
  EXPECT_EQ(empty.status, 0);
  EXPECT_THAT(empty.out, HasSubstr("there is no text in this folder"));
  folder_.write("binary", std::string(10, '\0'));
  const Ended binary = run({folder_.path()});
  EXPECT_EQ(binary.status, 0);
  EXPECT_THAT(binary.out, HasSubstr("there is no text in this folder"));
  EXPECT_THAT(binary.out, HasSubstr("skipped   1 binary file\n"));
}

TEST_F(Demo, PrintsNoEscapeCodesIntoAFileWhateverTheFilesAreCalled) {
  for (const char* name : {"\x1b[31mred", "new\nline", "\"quoted\"", "-rf", "\xff\xfe", "caf\xc3\xa9"})
    folder_.write(name, "text");
  const Ended text = run({"--jobs=1", folder_.path()});
  EXPECT_EQ(text.status, 0);
  EXPECT_FALSE(has_control_characters(text.out)) << text.out;
  EXPECT_THAT(text.out, HasSubstr("\\x1b[31mred"));
  EXPECT_EQ(text.err, "");
}

TEST_F(Demo, PrintsOneValidJsonObject) {
  folder_.write("a", "b c b\n");
  folder_.write("binary", std::string(3, '\0'));
  const Ended demo = run({"--json", "--jobs=1", "--top=1", folder_.path()});
  EXPECT_EQ(demo.status, 0);
  EXPECT_EQ(demo.err, "");
  EXPECT_TRUE(JsonChecker::accepts(demo.out)) << demo.out;
  const std::string expected =
      R"({"folder":")" + folder_.path() +
      R"(","files":1,"bytes":6,"lines":1,"words":3,"identifiers":3,"distinct_identifiers":2,)"
      R"("skipped":{"binary":1,"links":0,"special":0,"version_control":0,"caches":0,"vanished":0},"unreadable":[],)"
      R"("top":[{"identifier":"b","uses":2}],"workers":[{"name":"PoolWorker-0","jobs":2,"bytes":6}],"seconds":{"walk":)";
  EXPECT_EQ(demo.out.substr(0, expected.size()), expected);
  EXPECT_THAT(demo.out, HasSubstr(R"(},"verified":true,"changed_meanwhile":0})"));
}

TEST_F(Demo, PrintsValidJsonOfUnreadableFilesWithOddNames) {
  folder_.write("\x1b \n \" \\ \xff", "text");
  folder_.lock("\x1b \n \" \\ \xff");
  const Ended demo = run({"--json", "--no-verify", folder_.path()});
  if (demo.status == 0) GTEST_SKIP() << "this user may read everything";
  EXPECT_EQ(demo.status, 1);
  EXPECT_TRUE(JsonChecker::accepts(demo.out)) << demo.out;
  EXPECT_THAT(demo.out, HasSubstr("/\\u001b \\u000a \\\" \\\\ \xef\xbf\xbd\",\"reason\":\"Permission denied\"}"));
  EXPECT_THAT(demo.out, HasSubstr("\"verified\":null"));
}

TEST_F(Demo, NamesWhatItCannotReadIndexesTheRestAndEndsWithStatus1) {
  folder_.write("open", "one two\n");
  folder_.write("secret", "text");
  folder_.write("closed/file", "text");
  folder_.lock("secret");
  folder_.lock("closed");
  const Ended demo = run({folder_.path()});
  if (demo.status == 0) GTEST_SKIP() << "this user may read everything";
  EXPECT_EQ(demo.status, 1);
  EXPECT_EQ(demo.err, "basic_demo: cannot read '" + (folder_ / "closed") + "': Permission denied\n" +
                          "basic_demo: cannot read '" + (folder_ / "secret") + "': Permission denied\n");
  EXPECT_THAT(demo.out, HasSubstr("result    1 text file, 8 B, 1 line, 2 words, 2 identifiers,"));
  EXPECT_THAT(demo.out, HasSubstr("unread    2 could not be read"));
  EXPECT_THAT(demo.out, HasSubstr("both runs found exactly the same"));
}

TEST_F(Demo, RefusesBadArgumentsWithStatus2) {
  const std::string file = folder_.write("file", "");
  fs::create_directory(folder_ / "closed");
  folder_.lock("closed");
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--jobs", "0"}, "--jobs wants a number from 1 to 1000, not '0'"},
      {{"--jobs", "-1"}, "--jobs wants a number from 1 to 1000, not '-1'"},
      {{"--jobs", "abc"}, "--jobs wants a number from 1 to 1000, not 'abc'"},
      {{"--jobs", "1001"}, "--jobs wants a number from 1 to 1000, not '1001'"},
      {{"--fast"}, "there is no option '--fast'; there are: --jobs"},
      {{folder_ / "none"}, "there is no folder '" + (folder_ / "none") + "'"},
      {{file}, "'" + file + "' is not a folder"},
      {{folder_ / "closed"}, "the folder '" + (folder_ / "closed") + "' cannot be read: Permission denied"},
  };
  for (const auto& [arguments, message] : cases) {
    const Ended demo = run(arguments);
    if (arguments[0] == folder_ / "closed" && demo.status == 0) continue;  // this user may read everything
    EXPECT_EQ(demo.status, 2) << arguments[0];
    EXPECT_EQ(demo.out, "");
    EXPECT_THAT(demo.err, HasSubstr("basic_demo: " + message));
    EXPECT_THAT(demo.err, HasSubstr("Try 'basic_demo --help'."));
  }
}

TEST_F(Demo, HelpsAndEndsWithStatus0) {
  const Ended demo = run({"--help"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_THAT(demo.out, HasSubstr("Usage: basic_demo [OPTION]... [FOLDER]"));
  for (const std::string& line : lines_of(demo.out)) EXPECT_LE(line.size(), 80u) << line;
}

TEST_F(Demo, QuietPrintsTheResultAlone) {
  folder_.write("a", "b\n");
  const Ended demo = run({"--quiet", folder_.path()});
  EXPECT_EQ(demo.status, 0);
  EXPECT_THAT(demo.out, MatchesRegex("result .*\n")) << demo.out;
  EXPECT_THAT(demo.out, Not(HasSubstr("pool")));
}

TEST_F(Demo, UsesColourOnAScreenUnlessNoColorIsSet) {
  folder_.write("a", "b\n");
  EXPECT_THAT(run_on_a_screen({folder_.path()}).out, HasSubstr("\x1b[1m"));
  environment_.emplace_back("NO_COLOR=1");
  const Ended plain = run_on_a_screen({folder_.path()});
  EXPECT_EQ(plain.status, 0);
  EXPECT_THAT(plain.out, HasSubstr("result "));
  EXPECT_THAT(plain.out, Not(HasSubstr("\x1b")));
}

TEST_F(Demo, DrawsBarsInUnicodeWhereTheLocaleAllows) {
  folder_.write("a", "b\n");
  const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (utf8 == nullptr) GTEST_SKIP() << "there is no locale C.UTF-8";
  ::freelocale(utf8);
  environment_[0] = "LC_ALL=C.UTF-8";
  const Ended demo = run({folder_.path()});
  EXPECT_THAT(demo.out, HasSubstr("█"));
}

TEST_F(Demo, EndsWithStatus1WhenTheOutputCannotBeWritten) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  if (full < 0) GTEST_SKIP() << "there is no /dev/full";
  folder_.write("a", "b\n");
  const Ended demo = run({folder_.path()}, full);
  ::close(full);
  EXPECT_EQ(demo.status, 1);
  EXPECT_EQ(demo.err, "basic_demo: the output could not be written\n");
}

}  // namespace
