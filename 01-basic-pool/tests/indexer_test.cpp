// The indexer without a pool: counting, indexes, and comparing two runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <indexer/count.hpp>
#include <indexer/index.hpp>
#include <indexer/report.hpp>
#include <indexer/run.hpp>
#include "temp_folder.hpp"

namespace indexer {

std::ostream& operator<<(std::ostream& out, const Totals& totals) {
  return out << totals.bytes << " bytes, " << totals.lines << " lines, " << totals.words << " words, "
             << totals.identifiers << " identifiers";
}

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

FileText text_file(std::string text) {
  FileText file;
  file.outcome = Outcome::text;
  file.text = std::move(text);
  return file;
}

TEST(Count, CountsLinesWordsAndIdentifiersByTheirDefinitions) {
  struct Case {
    std::string text;
    std::uint64_t lines, words, identifiers;
  };
  const Case cases[] = {
      {"", 0, 0, 0},
      {"\n", 1, 0, 0},
      {"one", 1, 1, 1},  // no newline at the end
      {"one\n", 1, 1, 1},
      {"one\ntwo", 2, 2, 2},
      {"one\r\ntwo\r\n", 2, 2, 2},  // CRLF
      {" \t\v\f\r one ", 1, 1, 1},
      {"a+b", 1, 1, 2},
      {"_x __y z_9", 1, 3, 3},
      {"9abc 0xff 10u 1e9", 1, 4, 0},  // numbers
      {"+ - 42", 1, 3, 0},
      {"na\xc3\xafve", 1, 1, 2},          // UTF-8 splits identifiers, not words
      {"\xff\xfe\x80", 1, 1, 0},          // not UTF-8
      {std::string("a\0b", 3), 1, 1, 2},  // NUL is no whitespace
  };
  for (const Case& c : cases) {
    const Totals expected{c.text.size(), c.lines, c.words, c.identifiers};
    EXPECT_EQ(count(c.text).totals, expected) << "in '" << c.text << "'";
  }
}

TEST(Count, CountsEachIdentifier) {
  EXPECT_THAT(count("int a = b + a; // a").uses, UnorderedElementsAre(Pair("int", 1), Pair("a", 3), Pair("b", 1)));
}

TEST(Count, TakesALineOfTenMillionBytes) {
  std::string text;
  while (text.size() < 10'000'000) text += "word,";
  const Counts counts = count(text);
  const Totals expected{text.size(), 1, 1, text.size() / 5};
  EXPECT_EQ(counts.totals, expected);
  EXPECT_THAT(counts.uses, ElementsAre(Pair("word", text.size() / 5)));
}

TEST(Count, OfPiecesCutAfterANewlineAddsUpToThatOfTheWhole) {
  const std::string text = "a b\n\n c\r\nlast one\nwithout end";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    if (cut > 0 && text[cut - 1] != '\n') continue;
    Totals sum = count(text.substr(0, cut)).totals;
    sum += count(text.substr(cut)).totals;
    EXPECT_EQ(sum, count(text).totals) << "cut at " << cut;
  }
}

TEST(Index, MergedInAnyOrderEqualsOneThatSawAllFiles) {
  const std::vector<std::string> texts = {"a b c a\n", "b b", "", "c\nd\n", "long_enough_not_to_lie_in_the_string a"};
  const Skipped skipped{.links = 2, .caches = 1};
  Index all;
  for (const std::string& text : texts) all.add("file", text_file(text));
  all.add(skipped, {{"x", 13}, {"y", 5}});

  for (const bool backwards : {false, true}) {
    Index left, right;
    for (std::size_t i = 0; i < texts.size(); ++i) (i < 2 ? left : right).add("file", text_file(texts[i]));
    left.add({}, {{"y", 5}});
    right.add(skipped, {{"x", 13}});
    Index& target = backwards ? right : left;
    target.merge(std::move(backwards ? left : right));
    EXPECT_TRUE(target == all) << "backwards: " << backwards;
    EXPECT_EQ(target.uses("a"), 3u);
  }
}

TEST(Index, OfAFileInPiecesEqualsOneThatSawTheWhole) {
  const std::string text = "one two\none three\n4 + one\n";
  Index whole, pieces;
  static_cast<void>(whole.add("a", text_file(text)));
  pieces.add(count(std::string_view(text).substr(8)));
  EXPECT_FALSE(whole == pieces);
  pieces.add(count(std::string_view(text).substr(0, 8)));
  EXPECT_FALSE(whole == pieces) << "a piece is no file";
  static_cast<void>(pieces.add("a", text_file("")));
  EXPECT_TRUE(whole == pieces);
  EXPECT_EQ(pieces.uses("one"), 3U);
}

TEST(Index, DiffersWhenOneIdentifierIsUsedOnceMore) {
  Index a, b;
  a.add("file", text_file("x y y"));
  b.add("file", text_file("x x y"));
  EXPECT_EQ(a.totals(), b.totals());
  EXPECT_FALSE(a == b);
}

TEST(Index, CountsWhatIsNotTextByItsKind) {
  Index index;
  for (const Outcome outcome : {Outcome::binary, Outcome::vanished, Outcome::link, Outcome::special}) {
    FileText file;
    file.outcome = outcome;
    index.add("file", file);
  }
  FileText file;
  file.error = EIO;
  index.add("broken", file);
  const Skipped expected{.links = 1, .special = 1, .binary = 1, .vanished = 1};
  EXPECT_TRUE(index.skipped() == expected);
  EXPECT_THAT(index.unreadable(), ElementsAre(Unreadable{"broken", EIO}));
  EXPECT_EQ(index.files(), 0u);
}

TEST(Index, ShowsTheMostFrequentIdentifiersFirstAndEqualOnesByName) {
  Index index;
  index.add("file", text_file("b c a b c z z z"));
  std::vector<std::pair<std::string, std::uint64_t>> shown;
  for (const auto& [identifier, uses] : index.top(3)) shown.emplace_back(identifier, uses);
  EXPECT_THAT(shown, ElementsAre(Pair("z", 3), Pair("b", 2), Pair("c", 2)));
  EXPECT_EQ(index.top(100).size(), 4u);
  EXPECT_THAT(index.top(0), IsEmpty());
}

Run run_over(const std::vector<std::string>& files) {
  std::ostringstream nowhere;
  Progress progress(nowhere, Terminal{}, "", files.size());
  return index_sequentially(files, progress);
}

TEST(Compare, FindsTwoRunsOverTheSameFilesEqual) {
  const TempFolder folder;
  const std::vector<std::string> files = {folder.write("a", "x\n"), folder.write("b", std::string(9, '\0')),
                                          folder / "gone"};
  const Comparison comparison = compare(run_over(files), run_over(files));
  EXPECT_EQ(comparison.verdict, Comparison::Verdict::same);
  EXPECT_THAT(comparison.changed, IsEmpty());
}

TEST(Compare, TellsAFileThatChangedFromARunThatIsWrong) {
  const TempFolder folder;
  const std::vector<std::string> files = {folder.write("a", "x\n"), folder.write("b", "y\n")};
  const indexer::Run before = run_over(files);

  folder.write("b", "y and more\n");
  Comparison comparison = compare(before, run_over(files));
  EXPECT_EQ(comparison.verdict, Comparison::Verdict::changed);
  EXPECT_THAT(comparison.changed, ElementsAre(1u));

  std::filesystem::remove(files[1]);
  comparison = compare(before, run_over(files));
  EXPECT_EQ(comparison.verdict, Comparison::Verdict::changed);
  EXPECT_THAT(comparison.changed, ElementsAre(1u));

  indexer::Run wrong = run_over(files);
  ++wrong.files[0].file.totals.words;
  comparison = compare(before, wrong);
  EXPECT_EQ(comparison.verdict, Comparison::Verdict::different);
  EXPECT_THAT(comparison.different, ElementsAre(0u));
}

TEST(Compare, SaysDifferentWhenOnlyTheIndexesDiffer) {
  const TempFolder folder;
  const std::vector<std::string> files = {folder.write("a", "x\n")};
  indexer::Run lost = run_over(files);
  lost.index = {};
  EXPECT_EQ(compare(lost, run_over(files)).verdict, Comparison::Verdict::different);
}

TEST(ExitStatus, IsOneForWhatCouldNotBeReadAndForRunsThatDiffer) {
  Findings good;
  good.sequential.emplace();
  EXPECT_EQ(exit_status(good), 0);

  Findings changed = good;
  changed.comparison.verdict = Comparison::Verdict::changed;
  EXPECT_EQ(exit_status(changed), 0);

  Findings different = good;
  different.comparison.verdict = Comparison::Verdict::different;
  EXPECT_EQ(exit_status(different), 1);

  Findings unread = good;
  unread.parallel.index.add({}, {{"secret", EACCES}});
  EXPECT_EQ(exit_status(unread), 1);
}

TEST(Shares, SayWhatEachWorkerDid) {
  indexer::Run run;
  for (const std::size_t worker : {0u, 2u, 2u})
    run.files.push_back({{Outcome::text, {.bytes = 10}, {}, {}}, worker, 0});
  const std::vector<Share> all = shares(run, 3);
  EXPECT_EQ(all[0].jobs, 1u);
  EXPECT_EQ(all[1].jobs, 0u);
  EXPECT_EQ(all[2].jobs, 2u);
  EXPECT_EQ(all[2].bytes, 20u);
}

}  // namespace
}  // namespace indexer
