// What the indexer's demos show and understand: safe text, bars, progress, JSON, the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include <indexer/command_line.hpp>
#include <indexer/json.hpp>
#include <indexer/printable.hpp>
#include <indexer/progress.hpp>
#include <indexer/settings.hpp>
#include <indexer/terminal.hpp>
#include "temp_folder.hpp"

namespace indexer {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Printable, ShowsNothingThatCouldControlTheTerminal) {
  struct Case {
    std::string bytes, ascii, utf8;
  };
  const Case cases[] = {
      {"plain.txt", "plain.txt", "plain.txt"},
      {"new\nline\ttab", "new\\nline\\ttab", "new\\nline\\ttab"},
      {"\x1b[31mred", "\\x1b[31mred", "\\x1b[31mred"},
      {"bell\x07 del\x7f", "bell\\x07 del\\x7f", "bell\\x07 del\\x7f"},
      {"back\\slash", "back\\\\slash", "back\\\\slash"},
      {"caf\xc3\xa9", "caf\\xc3\\xa9", "caf\xc3\xa9"},
      {"c1 \xc2\x9b", "c1 \\xc2\\x9b", "c1 \\xc2\\x9b"},                                      // CSI as one character
      {"rtl \xe2\x80\xae", "rtl \\xe2\\x80\\xae", "rtl \\xe2\\x80\\xae"},                     // right-to-left override
      {"\xff\xfe", "\\xff\\xfe", "\\xff\\xfe"},                                               // no UTF-8
      {"\xc0\xaf \xed\xa0\x80", "\\xc0\\xaf \\xed\\xa0\\x80", "\\xc0\\xaf \\xed\\xa0\\x80"},  // overlong; surrogate
      {"cut \xe2\x82", "cut \\xe2\\x82", "cut \\xe2\\x82"},                                   // ends within a character
  };
  for (const Case& c : cases) {
    EXPECT_EQ(printable(c.bytes, Encoding::ascii), c.ascii);
    EXPECT_EQ(printable(c.bytes, Encoding::utf8), c.utf8);
  }
}

TEST(Fit, IsExactlyAsWideAsAsked) {
  EXPECT_EQ(fit("abc", 5, Encoding::ascii), "abc  ");
  EXPECT_EQ(fit("abcdefghijkl", 12, Encoding::ascii), "abcdefghijkl");
  EXPECT_EQ(fit("abcdefghijklm", 12, Encoding::ascii), "abc...hijklm");
  EXPECT_EQ(fit("abcdefghijklm", 12, Encoding::utf8), "abc…fghijklm");
  for (std::size_t width = 0; width < 20; ++width)
    EXPECT_EQ(columns(fit("ab\xc3\xa9"
                          "defghijklmnopqrstuvwxyz",
                          width, Encoding::utf8)),
              width);
}

TEST(Numbers, AreShownForPeople) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(123456789), "123,456,789");
  EXPECT_EQ(byte_size(999), "999 B");
  EXPECT_EQ(byte_size(1000), "1.0 KB");
  EXPECT_EQ(byte_size(999'960), "1.0 MB");
  EXPECT_EQ(byte_size(115'800'000), "115.8 MB");
  EXPECT_EQ(duration(0.00042), "0.4 ms");
  EXPECT_EQ(duration(0.0424), "42 ms");
  EXPECT_EQ(duration(1.234), "1.23 s");
  EXPECT_EQ(duration(123.4), "2 min 03 s");
  EXPECT_EQ(counted(1, "file"), "1 file");
  EXPECT_EQ(counted(2000, "file"), "2,000 files");
}

TEST(Bar, ShowsEvenALittleAndNeverMoreThanItsWidth) {
  const Terminal ascii, utf8{.encoding = Encoding::utf8};
  EXPECT_EQ(bar(ascii, 5, 10, 10), "#####");
  EXPECT_EQ(bar(ascii, 1, 1e6, 10), "#");
  EXPECT_EQ(bar(ascii, 20, 10, 10), "##########");
  EXPECT_EQ(bar(ascii, 0, 10, 10), "");
  EXPECT_EQ(bar(ascii, 1, 0, 10), "");
  EXPECT_EQ(bar(utf8, 5.5, 10, 10), "█████▌");
  EXPECT_EQ(bar(utf8, 1, 1e6, 10), "▏");
}

TEST(Styled, AddsEscapeCodesOnlyWhereThereIsColour) {
  EXPECT_EQ(styled(Terminal{}, Style::bad, "x"), "x");
  EXPECT_EQ(styled(Terminal{.colour = true}, Style::bad, "x"), "\x1b[31mx\x1b[0m");
}

constexpr Pace kAtOnce{std::chrono::milliseconds(0), std::chrono::milliseconds(0)};

TEST(Progress, DrawsOneLineOverItselfAndErasesIt) {
  std::ostringstream screen;
  {
    Progress progress(screen, Terminal{.interactive = true}, "indexing", 4, kAtOnce);
    progress.completed(1000);
    progress.show();
    EXPECT_THAT(screen.str(), HasSubstr("indexing  ######"));
    EXPECT_THAT(screen.str(), HasSubstr("1 of 4 files  1.0 KB"));
    progress.completed(1000);
    progress.show();
    EXPECT_THAT(screen.str(), HasSubstr("2 of 4 files  2.0 KB"));
  }
  EXPECT_EQ(screen.str().back(), '\r');
  EXPECT_THAT(screen.str(), Not(HasSubstr("\n")));
  EXPECT_THAT(screen.str(), Not(HasSubstr("\x1b")));
}

TEST(Progress, StaysBelowTheWidthOfTheTerminal) {
  for (const std::size_t width : {1u, 2u, 10u, 30u, 50u, 80u, 200u}) {
    std::ostringstream screen;
    Progress progress(screen, Terminal{.interactive = true, .width = width}, "indexing", 1234567, kAtOnce);
    progress.show();
    EXPECT_LE(columns(screen.str()), width > 1 ? width - 1 : 1);
  }
}

TEST(Progress, DrawsNothingWithoutATerminalNorInTheFirstMoments) {
  std::ostringstream out;
  {
    Progress piped(out, Terminal{}, "indexing", 4, kAtOnce);
    piped.show();
    Progress brief(out, Terminal{.interactive = true}, "indexing", 4, {std::chrono::hours(1), {}});
    brief.show();
  }
  EXPECT_EQ(out.str(), "");
}

TEST(JsonWriter, WritesValidJsonWhateverItIsGiven) {
  JsonWriter json;
  json.begin_object().member("a", std::uint64_t{1}).member("half", 0.5).member("yes", true).key("none").null();
  json.key("list").begin_array().value("x").begin_object().end_object().begin_array().end_array().value(false);
  json.end_array().member("nan", std::numeric_limits<double>::quiet_NaN());
  json.member("text", "q\" b\\ n\n esc\x1b del\x7f u\xc3\xa9 bad\xff.").end_object();
  EXPECT_EQ(json.text(), R"({"a":1,"half":0.5,"yes":true,"none":null,"list":["x",{},[],false],"nan":null,)"
                         "\"text\":\"q\\\" b\\\\ n\\u000a esc\\u001b del\\u007f u\xc3\xa9 bad\xef\xbf\xbd.\"}");
}

class CommandLineTest : public ::testing::Test {
 protected:
  CommandLineTest() {
    declare(line_, settings_);
    line_.choice("--overflow", overflow_, {"block", "reject"}, "what to do");
  }
  // What is wrong with the arguments; empty if nothing is.
  std::string fault(const std::vector<std::string>& arguments) {
    try {
      static_cast<void>(line_.parse(arguments));
      return "";
    } catch (const UsageError& error) {
      return error.what();
    }
  }

  const TempFolder folder_;
  Settings settings_;
  std::string overflow_ = "block";
  CommandLine line_{"demo", "Does things."};
};

TEST_F(CommandLineTest, UnderstandsOptionsInBothForms) {
  EXPECT_EQ(line_.parse({"--jobs", "3", "--top=5", "--no-verify", folder_.path(), "--overflow=reject"}), Parsed::run);
  EXPECT_EQ(settings_.jobs, 3u);
  EXPECT_EQ(settings_.top, 5u);
  EXPECT_FALSE(settings_.verify);
  EXPECT_EQ(settings_.folder, folder_.path());
  EXPECT_EQ(overflow_, "reject");
  EXPECT_EQ(line_.parse({"--verify"}), Parsed::run);
  EXPECT_TRUE(settings_.verify);
}

TEST_F(CommandLineTest, SaysWhatIsWrongAndWhatWouldBeRight) {
  for (const std::string bad : {"0", "-1", "abc", "1001", "", "4x", " 4", "99999999999999999999"})
    EXPECT_EQ(fault({"--jobs", bad}), "--jobs wants a number from 1 to 1000, not '" + bad + "'");
  EXPECT_EQ(fault({"--jobs"}), "--jobs wants a value: --jobs N");
  EXPECT_EQ(fault({"--jbos", "3"}),
            "there is no option '--jbos'; there are: --jobs --verify --no-verify --top --quiet --json --overflow "
            "--help");
  EXPECT_EQ(fault({"--quiet=1"}), "--quiet takes no value");
  EXPECT_EQ(fault({"--overflow", "explode"}), "--overflow wants one of block|reject, not 'explode'");
  EXPECT_EQ(fault({folder_.path(), "more"}), "one argument too many: 'more'");
  EXPECT_THAT(fault({folder_ / "none"}), HasSubstr("there is no folder"));
  EXPECT_THAT(fault({"--", "--jobs"}), HasSubstr("there is no folder '--jobs'"));
  EXPECT_THAT(fault({"\x1b[2J"}), HasSubstr("'\\x1b[2J'"));
}

TEST_F(CommandLineTest, HelpNamesEveryOption) {
  EXPECT_EQ(line_.parse({"--help"}), Parsed::help);
  EXPECT_EQ(line_.parse({"-h"}), Parsed::help);
  for (const char* part : {"Usage: demo [OPTION]... [FOLDER]", "Does things.", "--jobs N", "--verify", "--no-verify",
                           "--top N", "--quiet", "--json", "--overflow block|reject", "--help"})
    EXPECT_THAT(line_.help(), HasSubstr(part));
}

}  // namespace
}  // namespace indexer
