// The parts of the demo's first half: an index that answers while it grows, jobs by the hundred, cancellation in the
// midst of it. A demo is a program and no library, so the sources that are tested here are included.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "../../01-basic-pool/tests/temp_folder.hpp"
#include "../demo/counting.cpp"       // NOLINT(bugprone-suspicious-include)
#include "../demo/mention_index.cpp"  // NOLINT(bugprone-suspicious-include)
#include "../demo/question.cpp"       // NOLINT(bugprone-suspicious-include)
#include "../demo/script.cpp"         // NOLINT(bugprone-suspicious-include)
#include "../demo/session.cpp"        // NOLINT(bugprone-suspicious-include)

namespace {

using ::testing::ElementsAre;

std::vector<std::pair<std::uint32_t, std::uint64_t>> pairs(const Answer& answer) {
  std::vector<std::pair<std::uint32_t, std::uint64_t>> result;
  for (const Mention& mention : answer.mentions) result.emplace_back(mention.file, mention.uses);
  return result;
}

TEST(MentionIndex, AnswersWhoMentionsANameAndHowOftenTheMostFirst) {
  MentionIndex index(2);
  index.add(0, 0, indexer::count("a b"));
  index.add(1, 1, indexer::count("b b b"));
  index.add(0, 2, indexer::count("b c"));
  const Answer b = index.who_mentions("b");
  EXPECT_THAT(pairs(b), ElementsAre(std::pair(1, 3), std::pair(0, 1), std::pair(2, 1)));
  EXPECT_EQ(b.uses, 5u);
  EXPECT_EQ(b.known, 3u);
  const Answer nobody = index.who_mentions("d");
  EXPECT_TRUE(nobody.mentions.empty());
  EXPECT_EQ(nobody.uses, 0u);
  EXPECT_EQ(nobody.known, 3u);
}

TEST(MentionIndex, AgreesWithAnIndexOfTheSameFilesAndNoOther) {
  indexer::Index expected;
  MentionIndex index(2);
  for (const char* text : {"a b", "b"}) expected.add("", {indexer::Outcome::text, 0, text, {}, {}});
  index.add(0, 0, indexer::count("a b"));
  EXPECT_FALSE(agree(index, expected));
  index.add(1, 1, indexer::count("b"));
  EXPECT_TRUE(agree(index, expected));
  index.add(1, 2, indexer::count(""));
  EXPECT_FALSE(agree(index, expected));  // a file too many, although nothing is in it
}

TEST(MentionIndex, NoAnswerKnowsHalfAFileWhoeverFillsIt) {
  constexpr std::uint32_t kEach = 300;
  MentionIndex index(2);
  std::latch ready(3);
  const auto fill = [&](std::size_t shard) {
    ready.arrive_and_wait();
    for (std::uint32_t i = 0; i < kEach; ++i) index.add(shard, i, indexer::count("x y x"));
  };
  std::jthread first(fill, 0), second(fill, 1);
  ready.arrive_and_wait();
  Answer answer;
  do {
    answer = index.who_mentions("x");
    ASSERT_EQ(answer.mentions.size(), answer.known);
    ASSERT_EQ(answer.uses, 2 * answer.known);
  } while (answer.known < 2 * kEach);
}

TEST(CountInBlocks, FindsTheSameAsCountingInOneGo) {
  std::string lines;
  for (int i = 0; i < 30'000; ++i) lines += "word" + std::to_string(i % 700) + (i % 7 == 0 ? "\n" : " ");
  for (const std::string& text : {lines, lines + "no line end", std::string(), std::string("\n"),
                                  std::string(200'000, 'x'), std::string(200'000, '\n')}) {
    const indexer::Counts whole = indexer::count(text), blocks = count_in_blocks(text, {});
    EXPECT_EQ(whole.totals, blocks.totals) << text.size();
    EXPECT_EQ(whole.uses, blocks.uses) << text.size();
  }
}

// S3.6
TEST(CountInBlocks, StopsWhenItIsCancelled) {
  const CancelSource source;
  source.cancel("enough");
  EXPECT_THROW(static_cast<void>(count_in_blocks("text", source.token())), Cancelled);
}

// S3.6, S3.8
TEST(Backlog, CountsEveryJobThatEndsWhetherItRanOrNot) {
  ThreadPool pool({.workers = 1});
  std::latch running(1), go(1);
  const CancelSource source;
  std::atomic<int> ran{0};
  const Backlog<int> backlog(pool, 10, {.token = source.token()}, [&](std::size_t number) {
    return [&, number](const CancelToken&) {
      if (number == 0) running.count_down(), go.wait();
      ++ran;
      return static_cast<int>(number);
    };
  });
  running.wait();  // number 0 runs, and all others are queued
  EXPECT_FALSE(backlog.wait_until(std::chrono::steady_clock::now(), 1));
  source.cancel();
  EXPECT_TRUE(backlog.wait_until(Time::max(), 9));
  EXPECT_FALSE(backlog.wait_until(std::chrono::steady_clock::now(), 10));
  go.count_down();
  EXPECT_TRUE(backlog.wait_until(Time::max(), 10));
  EXPECT_EQ(ran, 1);
  pool.wait_idle();
  const Totals totals = pool.totals();
  EXPECT_EQ(totals.submitted, 10u);
  EXPECT_EQ(totals.completed + totals.failed, 1u);
  EXPECT_EQ(totals.cancelled, 9u);
}

// S3.2
TEST(Ask, AQuestionOvertakesAllThatIsQueuedAndKnowsWhatWasIndexedBefore) {
  MentionIndex index(1);
  ThreadPool pool({.workers = 1, .ageing = Duration::zero()});
  std::latch running(1), go(1);
  const Backlog<void> backlog(pool, 10, {.priority = Priority::low}, [&](std::size_t number) {
    return [&, number](const CancelToken&) {
      if (number == 0) running.count_down(), go.wait();
      index.add(0, static_cast<std::uint32_t>(number), indexer::count("name"));
    };
  });
  running.wait();
  const auto late = ask(pool, index, "name", {.priority = Priority::low});
  const auto urgent = ask(pool, index, "name", {});
  go.count_down();
  EXPECT_EQ(urgent.get().known, 1u);
  EXPECT_EQ(late.get().known, 10u);
}

class SessionOfFiles : public ::testing::Test {
 protected:
  static constexpr std::size_t kFiles = 12;

  SessionOfFiles() {
    for (std::size_t i = 0; i < kFiles; ++i) folder_.write("file" + std::to_string(100 + i), "name and name\n");
    session_.found.folder = folder_.path();
    session_.found.listing = indexer::walk(folder_.path());
  }

  const TempFolder folder_;
  Session session_{2};
  std::ostringstream nowhere_;
  indexer::Progress progress_{nowhere_, {}, "", kFiles};
  const CancelSource source_;
};

// S3.1, S3.4
TEST_F(SessionOfFiles, AsksItsScriptAndFindsWhatOneByOneFinds) {
  SessionPlan plan{{}, source_.token(), [] {}, [](const Asking& asking) { ask_script({"name", "x", "and"}, asking); }};
  run(session_, plan, progress_);
  verify(session_, source_.token(), progress_);
  ASSERT_EQ(session_.replies.size(), 3u);
  EXPECT_EQ(session_.replies[0].answer.uses, 2 * session_.replies[0].answer.known);
  EXPECT_GE(session_.replies[0].answer.known, kFiles / 3);
  EXPECT_EQ(session_.replies[1].answer.uses, 0u);
  EXPECT_EQ(session_.replies[2].answer.uses, kFiles);
  EXPECT_GE(session_.replies[2].waited, 0);
  ASSERT_TRUE(session_.found.sequential);
  EXPECT_EQ(session_.found.comparison.verdict, indexer::Comparison::Verdict::same);
  EXPECT_EQ(session_.totals.completed, kFiles + 3);
}

TEST_F(SessionOfFiles, NoticesIfTheRunsDiffer) {
  SessionPlan plan{{}, source_.token(), [] {}, [](const Asking&) {}};
  run(session_, plan, progress_);
  session_.index.add(0, 0, indexer::count("once more"));
  verify(session_, source_.token(), progress_);
  EXPECT_EQ(session_.found.comparison.verdict, indexer::Comparison::Verdict::different);
}

// S3.6, S3.8
TEST_F(SessionOfFiles, CancelledBeforeItBeginsItIndexesNothingAndAsksNothing) {
  SessionPlan plan{{},
                   source_.token(),
                   [&] { source_.cancel("SIGINT"); },
                   [](const Asking& asking) { ask_script({"name"}, asking); }};
  run(session_, plan, progress_);
  EXPECT_EQ(session_.cancelled, kFiles);
  EXPECT_EQ(session_.index.files(), 0u);
  EXPECT_TRUE(session_.replies.empty());
  EXPECT_EQ(session_.totals.cancelled, session_.totals.submitted);
  EXPECT_EQ(session_.found.ended, 2u);
  verify(session_, source_.token(), progress_);
  EXPECT_FALSE(session_.found.sequential);
}

// S3.6
TEST_F(SessionOfFiles, AQuestionThatIsCancelledHasNoReply) {
  const MentionIndex index(1);
  ThreadPool pool({.workers = 1});
  source_.cancel();
  EXPECT_FALSE(reply_to("name", ask(pool, index, "name", {.token = source_.token()})));
}

}  // namespace
