// The demo of stage 03, run as its users run it: what it counts, answers, prints and refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "../../01-basic-pool/tests/json_checker.hpp"
#include "../../02-bounded-queue/tests/demo_output.hpp"
#include "demo_program.hpp"

namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class PriorityDemoFiles : public PriorityDemo {
 protected:
  static constexpr int kFiles = 30;

  // File number i has i + 1 lines, mentions "often" in each, "third" once if it is a third one, and "rare" if it is 7.
  PriorityDemoFiles() {
    for (int i = 0; i < kFiles; ++i) {
      std::string text;
      for (int line = 0; line <= i; ++line) text += "often enough\n";
      if (i % 3 == 0) text.insert(0, "third ");
      if (i == 7) text.insert(0, "rare rare ");
      folder_.write("file" + std::to_string(100 + i), text);
    }
    folder_.write("binary", std::string(10, '\0'));
  }
};

// The answer to one question, from the JSON output.
struct Question {
  Question(const std::string& json, const std::string& name)
      : at(json.find("{\"name\":\"" + name + "\"")),
        uses(number(json, "uses", at)),
        files(number(json, "files", at)),
        known(number(json, "known", at)) {}

  std::size_t at;
  double uses, files, known;
};

// C2, S3.8
TEST_F(PriorityDemoFiles, CountsWhatIsInTheFilesAndTheBooksBalance) {
  const Ended demo = run({"--no-experiment", "--json", "--workers=3"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_EQ(demo.err, "");
  ASSERT_TRUE(JsonChecker::accepts(demo.out)) << demo.out;
  constexpr int kLines = kFiles * (kFiles + 1) / 2;
  EXPECT_EQ(number(demo.out, "files"), kFiles);
  EXPECT_EQ(number(demo.out, "lines"), kLines);
  EXPECT_EQ(number(demo.out, "words"), 2 * kLines + kFiles / 3 + 2);
  EXPECT_EQ(number(demo.out, "identifiers"), 2 * kLines + kFiles / 3 + 2);
  EXPECT_EQ(number(demo.out, "distinct"), 4);
  EXPECT_THAT(demo.out, HasSubstr("\"partial\":false"));
  EXPECT_THAT(demo.out, HasSubstr("\"verified\":true"));
  constexpr int kJobs = kFiles + 1 + 5;  // the binary file, and the script's questions
  EXPECT_EQ(number(demo.out, "submitted"), kJobs);
  EXPECT_EQ(number(demo.out, "completed"), kJobs);
  for (const char* none : {"failed", "cancelled", "active", "pending", "expired", "given_up"})
    EXPECT_EQ(number(demo.out, none), 0) << none;
}

// S3.1, S3.4
TEST_F(PriorityDemoFiles, AnswersWhoMentionsANameFromWhatIsIndexedSoFar) {
  const Ended demo = run({"--no-experiment", "--json", "--workers=2", "--ask=often,nobody_at_all,third,rare,often"});
  constexpr int kLines = kFiles * (kFiles + 1) / 2;
  const Question first(demo.out, "often");
  EXPECT_EQ(first.files, first.known);  // each file mentions it, so it is mentioned in all that are known
  EXPECT_LE(first.known, kFiles);
  const Question nobody(demo.out, "nobody_at_all");
  EXPECT_EQ(nobody.uses, 0);
  EXPECT_EQ(nobody.files, 0);
  const Question third(demo.out, "third");
  EXPECT_EQ(third.uses, third.files);
  EXPECT_LE(third.files, kFiles / 3.0);
  EXPECT_GE(third.known, 3 * (kFiles + 1) / 5 - 1);  // it is the third of five, and one file may be the binary one
  const Question rare(demo.out, "rare");
  EXPECT_EQ(rare.uses, 2 * rare.files);
  const Question last(demo.out.substr(rare.at), "often");  // when all is known
  EXPECT_EQ(last.uses, kLines);
  EXPECT_EQ(last.files, kFiles);
  EXPECT_EQ(last.known, kFiles);
}

// C2
TEST_F(PriorityDemoFiles, PrintsQuestionsResultJobsAndComparison) {
  const Ended demo = run({"--no-experiment", "--workers=2", "--ask=nobody_at_all,often"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_EQ(demo.err, "");
  EXPECT_THAT(demo.out, HasSubstr("2 workers started: PoolWorker-0, PoolWorker-1\n"
                                  "jobs      31 files at low, a job each; meanwhile questions at critical\n"));
  EXPECT_THAT(demo.out, MatchesRegex(".*\nwho mentions nobody_at_all\\? +waited [^\n]+ran [^\n]+\n  nobody of [0-9]+ "
                                     "files? so far\n.*"));
  EXPECT_THAT(demo.out, HasSubstr("\n  465 times in 30 of 30 files so far; most in file129\n"));
  EXPECT_THAT(demo.out, HasSubstr("\nresult    30 text files, "));
  EXPECT_THAT(demo.out, HasSubstr("\nskipped   1 binary file\n"));
  EXPECT_THAT(demo.out, HasSubstr("\ntotals    33 submitted = 33 completed + 0 failed + 0 cancelled + 0 active"));
  EXPECT_THAT(demo.out, HasSubstr("\nverified  both runs found exactly the same\n"));
  EXPECT_THAT(demo.out, HasSubstr("\nshutdown  queue drained, 2 workers joined\n"));
  EXPECT_THAT(run({"--quiet"}).out, MatchesRegex("result    30 text files, [^\n]*\n[^\n]*\nskipped   1 binary file\n"));
}

// S3.7
TEST_F(PriorityDemo, FilesThatAreNotStartedByTheDeadlineExpire) {
  std::string words;
  for (int i = 0; i < 400'000; ++i) words += "word" + std::to_string(i % 1000) + '\n';
  folder_.write("00-large", words);  // takes far longer than the deadline, and the only worker has to do it first
  for (int i = 1; i < 20; ++i) folder_.write("small" + std::to_string(i), "some words\n");
  const Ended demo = run({"--no-experiment", "--workers=1", "--deadline=1", "--json"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_GT(number(demo.out, "expired"), 0);
  EXPECT_EQ(number(demo.out, "files") + number(demo.out, "expired"), 20);
  EXPECT_EQ(number(demo.out, "given_up"), 0);
  EXPECT_EQ(number(demo.out, "cancelled"), number(demo.out, "expired"));
  EXPECT_THAT(demo.out, HasSubstr("\"partial\":true"));
  EXPECT_THAT(demo.out, HasSubstr("\"verified\":null"));
  EXPECT_THAT(run({"--no-experiment", "--workers=1", "--deadline=1"}).out,
              MatchesRegex(".*\nmissing   partial: [0-9]+ of 20 files, [0-9]+ expired before they started\n"
                           "verified  no: a partial result is not compared with one by one\n.*"));
}

// C2
TEST_F(PriorityDemoFiles, LetsTheUserTypeQuestionsOnATerminal) {
  const Ended demo = run_on_a_screen({"--no-experiment", "--patience=600"}, 100, [](pid_t, Output& screen) {
    ASSERT_TRUE(screen.read_until("who mentions? "));
    screen.type("  rare?\n");
    ASSERT_TRUE(screen.read_until("so far"));
    screen.type("\n");  // no more questions
  });
  EXPECT_EQ(demo.status, 0);
  EXPECT_EQ(demo.err, "");
  EXPECT_THAT(demo.out, HasSubstr("who mentions rare?"));
  EXPECT_THAT(demo.out, Not(HasSubstr("ThreadPool?")));
  EXPECT_THAT(demo.out, HasSubstr("both runs found exactly the same"));
}

TEST_F(PriorityDemoFiles, EndsByItselfWhenNobodyTypes) {
  const Ended demo = run_on_a_screen({"--no-experiment", "--patience=0"}, 80);
  EXPECT_EQ(demo.status, 0);
  EXPECT_THAT(demo.out, HasSubstr("(all is indexed, and nobody asks)"));
  EXPECT_THAT(run_on_a_screen({"--no-experiment", "--script"}, 80).out, Not(HasSubstr("who mentions? ")));
}

TEST_F(PriorityDemoFiles, TheExperimentsFollowOnlyInTheCurrentFolderOrOnRequest) {
  folder_.write("below/file", "text");
  const std::string texts = "--texts=20";
  EXPECT_THAT(run({texts}).out, HasSubstr("\nageing: "));
  EXPECT_THAT(run({texts, "--experiment", "below"}).out, HasSubstr("\nwaiting: "));
  for (const std::vector<std::string>& without :
       std::vector<std::vector<std::string>>{{"below"}, {"--no-experiment"}, {"--quiet"}, {"--json"}}) {
    const Ended demo = run(without);
    EXPECT_EQ(demo.status, 0);
    EXPECT_THAT(demo.out, Not(HasSubstr("ageing"))) << without[0];
  }
}

TEST_F(PriorityDemoFiles, KeepsTo80PlainColumnsInAPipe) {
  folder_.write("a name that is far too long for a page of eighty columns, even alone", "often and\x1b[31m colour");
  const Ended demo =
      run({"--texts=300", "--workers=20", "--ask=often,a_name_that_is_far_too_long_for_a_page,\x1b[31m"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_EQ(demo.err, "");
  for (const std::string& line : lines_of(demo.out)) {
    EXPECT_LE(line.size(), 80u) << line;
    EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
    EXPECT_TRUE(std::none_of(line.begin(), line.end(), [](unsigned char c) { return c < 32 || c > 126; })) << line;
  }
}

TEST_F(PriorityDemoFiles, SuitsTheScreen) {
  const std::vector<std::string> arguments = {"--script", "--texts=300"};
  EXPECT_THAT(run_on_a_screen(arguments, 80).out, HasSubstr("\x1b[36m"));
  environment_.emplace_back("NO_COLOR=1");
  environment_[0] = "LC_ALL=C.UTF-8";
  const Ended wide = run_on_a_screen(arguments, 80);
  EXPECT_EQ(wide.status, 0);
  EXPECT_THAT(wide.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(wide.out, MatchesRegex(".*\n +all at normal +critical before low\r.*"));
  EXPECT_THAT(run_on_a_screen(arguments, 50).out, MatchesRegex(".*\n +critical before low\r.*"));
}

TEST_F(PriorityDemo, WritesTheChartsAsPictures) {
  const Ended demo = run({"--quiet", "--texts=50", "--waiting-svg=waiting.svg", "--ageing-svg=ageing.svg"});
  EXPECT_EQ(demo.status, 0) << demo.err;
  for (const char* name : {"waiting.svg", "ageing.svg"}) {
    const std::string svg = content_of(folder_ / name);
    EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 ")) << name;
    EXPECT_TRUE(svg.ends_with("</svg>\n")) << name;
    for (const char* part : {"<title id=\"title\">", "<desc id=\"description\">", "prefers-color-scheme:dark"})
      EXPECT_THAT(svg, HasSubstr(part)) << name;
    for (const char* part : {"<script", "nan", "inf", "href"}) EXPECT_THAT(svg, Not(HasSubstr(part))) << name;
    EXPECT_EQ(std::count(svg.begin(), svg.end(), '<'), std::count(svg.begin(), svg.end(), '>')) << name;
  }
  const Ended nowhere = run({"--quiet", "--texts=1", "--ageing-svg=no/such/folder.svg"});
  EXPECT_EQ(nowhere.status, 1);
  EXPECT_EQ(nowhere.err, "priority_demo: cannot write 'no/such/folder.svg': No such file or directory\n");
}

TEST_F(PriorityDemo, RefusesBadArgumentsWithStatus2) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--workers", "0"}, "--workers wants a number from 1 to 1000, not '0'"},
      {{"--workers", "many"}, "--workers wants a number from 1 to 1000, not 'many'"},
      {{"--deadline", "-5"}, "--deadline wants a number from 1 to 1000000, not '-5'"},
      {{"--deadline"}, "--deadline wants a value: --deadline MS"},
      {{"--texts", "100001"}, "--texts wants a number from 1 to 100000, not '100001'"},
      {{"--patience", "-1"}, "--patience wants a number from 0 to 86400, not '-1'"},
      {{"--ask", ""}, "--ask wants a value that is not empty"},
      {{"--ask", ",,"}, "--ask wants names with commas between them, not ',,'"},
      {{"--experiment", "--no-experiment"}, "--experiment and --no-experiment contradict each other"},
      {{"--ageing-svg=x", "--no-experiment"}, "a chart of the experiments and --no-experiment contradict each other"},
      {{"none"}, "there is no folder 'none'"},
  };
  for (const auto& [arguments, message] : cases) {
    const Ended demo = run(arguments);
    EXPECT_EQ(demo.status, 2) << arguments[0];
    EXPECT_EQ(demo.out, "");
    EXPECT_EQ(demo.err, "priority_demo: " + message + "\nTry 'priority_demo --help'.\n");
  }
}

TEST_F(PriorityDemo, CopesWithAFolderWithoutText) {
  const Ended demo = run({"--no-experiment"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_THAT(demo.out, HasSubstr("\nresult    there is no text in this folder\n"));
  EXPECT_THAT(demo.out, HasSubstr("\n  nobody of 0 files so far\n"));
}

TEST_F(PriorityDemo, Helps) {
  const Ended demo = run({"--help"});
  EXPECT_EQ(demo.status, 0);
  EXPECT_THAT(demo.out, HasSubstr("Usage: priority_demo [OPTION]... [FOLDER]"));
  for (const std::string& line : lines_of(demo.out)) EXPECT_LE(line.size(), 80u) << line;
}

}  // namespace
