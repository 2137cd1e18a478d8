// The parts of the demo that can be had without running it: pieces of a text, timelines, and how they are drawn.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <indexer/index.hpp>
#include "../../03-priority/demo/svg.cpp"  // NOLINT(bugprone-suspicious-include)
#include "../demo/pieces.cpp"              // NOLINT(bugprone-suspicious-include)
#include "../demo/recorder.cpp"            // NOLINT(bugprone-suspicious-include)
#include "../demo/timeline_chart.cpp"      // NOLINT(bugprone-suspicious-include)
#include "../demo/timeline_svg.cpp"        // NOLINT(bugprone-suspicious-include)

namespace {

using pool::priority::Priority;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// The halves of the halves, as fork_and_join has them, down to pieces of at most so many bytes.
void add_pieces(indexer::Index& index, std::string_view text, std::size_t piece, bool last, std::size_t& pieces) {
  const std::size_t cut = text.size() > piece ? cut_near_middle(text) : text.size();
  if (cut == text.size()) {
    ++pieces;
    return index.add(count_piece(text, last));
  }
  add_pieces(index, text.substr(0, cut), piece, false, pieces);
  add_pieces(index, text.substr(cut), piece, last, pieces);
}

TEST(Pieces, AddUpToTheWholeWhateverIsInTheText) {
  std::vector<std::string> texts = {"",          "\n",           " ",           "word",         "one two",
                                    "one two\n", "a\r\n",        "a\r\nb\r\nc", " \n \n\n a b", "no_space_at_all",
                                    "a\n\n\n\n", "\xc3\xa9 \xff"};
  std::mt19937 random(4);  // its numbers are the same everywhere
  for (int i = 0; i < 300; ++i) {
    std::string text;
    for (std::size_t size = random() % 80; text.size() < size;) text += "ab9_ \n\t\r.\xc3"[random() % 10];
    texts.push_back(text);
  }
  std::size_t most = 0;
  for (const std::string& text : texts) {
    indexer::Index whole;
    whole.add(indexer::count(text));
    for (const std::size_t piece : {1U, 2U, 7U, 30U}) {
      indexer::Index sum;
      std::size_t pieces = 0;
      add_pieces(sum, text, piece, true, pieces);
      EXPECT_TRUE(sum == whole) << '"' << text << "\" in pieces of " << piece;
      EXPECT_EQ(sum.totals().lines, whole.totals().lines) << '"' << text << "\" in pieces of " << piece;
      most = std::max(most, pieces);
    }
  }
  EXPECT_GT(most, 20U);
}

TEST(Pieces, AreAboutHalfAsLargeAsTheWhole) {
  EXPECT_EQ(cut_near_middle("aaaa bbbb"), 5U);
  EXPECT_EQ(cut_near_middle("a bbbbbbb"), 2U) << "the last space before the middle, if there is none behind it";
  EXPECT_EQ(cut_near_middle("aaaaaaaaa"), 9U) << "nowhere";
}

// What has begun within something else is what counts, until it ends.
TEST(Recorder, DrawsTheInnermostOfWhatHasBegun) {
  Recorder recorder(2);
  recorder.begin(1, Priority::normal, nullptr);  // a job, of which nothing is known
  {
    Recorder::Activity reading(recorder, 1, Doing::file);
    recorder.steal(1, 0);
    recorder.steal(0, 1);
    recorder.steal(1, 0);
    recorder.begin(1, Priority::normal, nullptr);
    { const Recorder::Activity within(recorder, 1, Doing::other); }
    recorder.end(1);
    reading.turns_out_to_be(Doing::large);
  }
  recorder.end(1);
  const Timeline timeline = recorder.timeline();
  ASSERT_EQ(timeline.workers.size(), 2U);
  EXPECT_TRUE(timeline.workers[0].stretches.empty());
  EXPECT_TRUE(timeline.caller.stretches.empty());
  const Lane& lane = timeline.workers[1];
  std::vector<Doing> what;
  double before = 0;
  for (const Stretch& stretch : lane.stretches) {
    if (what.empty() || what.back() != stretch.what) what.push_back(stretch.what);
    EXPECT_LE(before, stretch.begin);
    EXPECT_LT(stretch.begin, stretch.end);
    before = stretch.end;
  }
  EXPECT_THAT(what, ElementsAre(Doing::large, Doing::other, Doing::large));
  EXPECT_EQ(lane.steals.size(), 2U);
  EXPECT_EQ(timeline.workers[0].steals.size(), 1U);
  EXPECT_EQ(lane.left_out, 0U);
}

TEST(Recorder, KeepsWhatFitsAndCountsTheRest) {
  Recorder recorder(1, 20);  // two lanes
  for (int i = 0; i < 100; ++i) const Recorder::Activity one(recorder, 0, Doing::file);
  { const Recorder::Activity one(recorder, recorder.caller(), Doing::other); }
  const Timeline timeline = recorder.timeline();
  EXPECT_EQ(timeline.workers[0].left_out, 189U);
  EXPECT_LE(timeline.workers[0].stretches.size(), 5U);
  EXPECT_EQ(timeline.caller.left_out, 0U);
}

Lane lane_of(std::vector<Stretch> stretches, std::vector<double> steals = {}) {
  Lane lane;
  lane.stretches = std::move(stretches);
  lane.steals = std::move(steals);
  return lane;
}

TEST(Timeline, AColumnShowsWhatLastedLongestInIt) {
  const Lane lane =
      lane_of({{0, 1.2, Doing::file}, {1.2, 2.4, Doing::large}, {3.6, 3.9, Doing::other}}, {0.5, 0.6, 3.9, 4.5});
  EXPECT_THAT(columns_of(lane, 4, 4), ElementsAre(Doing::file, Doing::large, Doing::nothing, Doing::nothing));
  EXPECT_THAT(columns_of(lane, 4, 40)[37], Doing::other);
  EXPECT_THAT(steals_in_columns(lane, 4, 4), ElementsAre(2U, 0U, 0U, 2U));
  EXPECT_NEAR(lane.busy(), 2.7, 1e-9);
}

Contest small_contest() {
  Contest contest;
  contest.plan.workers = 2;
  contest.former.name = "slow";
  contest.former.best.timeline = {
      {lane_of({{0, 1, Doing::file}, {1, 4, Doing::large}}), lane_of({{0, 1, Doing::file}})},
      lane_of({{0, 0.25, Doing::other}}),
      4};
  contest.forking.name = "fast";
  contest.forking.best.timeline = {{lane_of({{0, 2, Doing::large}}), lane_of({{0, 2, Doing::file}}, {1.0})}, {}, 2};
  return contest;
}

TEST(TimelineChart, DrawsBothPoolsOnOneAxis) {
  std::ostringstream out;
  print_timelines(out, indexer::Terminal{.width = 40}, small_contest());
  EXPECT_THAT(out.str(), HasSubstr("slow                              4.00 s\n"
                                   "  caller    ++..........................\n"
                                   "  worker 0  ooooooo#####################\n"
                                   "  worker 1  ooooooo.....................\n"
                                   "fast                              2.00 s\n"
                                   "  worker 0  ##############\n"
                                   "  worker 1  oooooooooooooo\n"
                                   "                   ^\n"
                                   "            0                     4.00 s\n"));
}

TEST(TimelineChart, DrawsTheFirstWorkersOfMany) {
  Contest contest = small_contest();
  contest.former.best.timeline.workers.resize(30);
  std::ostringstream out;
  print_timelines(out, indexer::Terminal{}, contest);
  EXPECT_THAT(out.str(), HasSubstr("\n  worker 7  ..."));
  EXPECT_THAT(out.str(), Not(HasSubstr("worker 8 ")));
  EXPECT_THAT(out.str(), HasSubstr("\n  and 22 workers more\n"));
  EXPECT_THAT(timeline_svg(contest), HasSubstr(">and 22 workers more</text>"));
}

TEST(TimelineSvg, DrawsARectangleForEachStretchAndAMarkForEachSteal) {
  const std::string svg = timeline_svg(small_contest());
  const auto count = [&](std::string_view part) {
    std::size_t times = 0;
    for (std::size_t at = svg.find(part); at != std::string::npos; at = svg.find(part, at + 1)) ++times;
    return times;
  };
  EXPECT_EQ(count("<rect class=\"file\""), 3U + 1U) << "and one in the legend";
  EXPECT_EQ(count("<rect class=\"large\""), 2U + 1U);
  EXPECT_EQ(count("<rect class=\"other\""), 1U + 1U);
  EXPECT_EQ(count("<path class=\"steal\""), 1U + 1U);
  EXPECT_EQ(count("<rect"), count("/>") - count("<path")) << "each is closed";
  EXPECT_EQ(count("<text"), count("</text>"));
}

}  // namespace
