// The three ways of the demo to index a tree: all find the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <indexer/walk.hpp>
#include "../../01-basic-pool/tests/temp_folder.hpp"
#include "../demo/contest.cpp"        // NOLINT(bugprone-suspicious-include)
#include "../demo/fork_and_join.cpp"  // NOLINT(bugprone-suspicious-include)
#include "../demo/harvest.cpp"        // NOLINT(bugprone-suspicious-include)
#include "../demo/large_file.cpp"     // NOLINT(bugprone-suspicious-include)
#include "../demo/pieces.cpp"         // NOLINT(bugprone-suspicious-include)
#include "../demo/recorder.cpp"       // NOLINT(bugprone-suspicious-include)
#include "../demo/tree_run.cpp"       // NOLINT(bugprone-suspicious-include)

namespace {

// A deep folder beside a wide one, and a large file of both.
class SkewedTree : public ::testing::Test {
 protected:
  SkewedTree() {
    std::string deep;
    for (int i = 0; i < 20; ++i) {
      deep += "deep/";
      folder_.write(deep + "file", "level " + std::to_string(i) + "\nno end of line");
    }
    for (int i = 0; i < 60; ++i) folder_.write("wide/" + std::to_string(i), "some words " + std::to_string(i) + '\n');
    folder_.write("wide/binary", std::string(10, '\0'));
    folder_.write("wide/.git/hidden", "text");
    folder_.write("empty", "");
    large_.emplace(indexer::walk(folder_.path()).files, pool::priority::CancelToken());
  }

  [[nodiscard]] TreePlan plan(std::size_t workers) const {
    return {.tree = {folder_.path(), large_->path()}, .workers = workers, .piece = 50};
  }
  TreeRun run(TreeRun (*way)(const TreePlan&, indexer::Progress&), const TreePlan& plan) const {
    std::ostringstream nowhere;
    indexer::Progress progress(nowhere, {}, "", 100);
    return way(plan, progress);
  }

  TempFolder folder_;
  std::optional<LargeFile> large_;
};

TEST_F(SkewedTree, TheLargeFileIsAsLargeAsAllOthersTogether) {
  indexer::Index others, large;
  for (const std::string& file : indexer::walk(folder_.path()).files) static_cast<void>(others.add(file));
  static_cast<void>(large.add(large_->path()));
  EXPECT_EQ(large.totals().words, others.totals().words);
  EXPECT_EQ(large.totals().lines, others.totals().lines);
  EXPECT_EQ(large.totals().identifiers, others.totals().identifiers);
  EXPECT_EQ(large.totals().bytes, others.totals().bytes + 20) << "the ends of lines that there were not";
  EXPECT_EQ(large_->bytes(), large.totals().bytes);
}

TEST_F(SkewedTree, AllWaysFindTheSameOnAnyNumberOfWorkers) {
  const TreeRun alone = run(one_by_one, plan(1));
  EXPECT_EQ(alone.run.files.size(), 20U + 61U + 1U + 1U);
  EXPECT_EQ(alone.run.index.skipped().binary, 1U);
  EXPECT_EQ(alone.run.index.skipped().version_control, 1U);
  for (int round = 0; round < 20; ++round) {
    for (const std::size_t workers : {1U, 2U, 5U}) {
      TreePlan plan = this->plan(workers);
      plan.tree.large_first = round % 2 == 1;
      for (const auto way : {a_job_a_file, fork_and_join}) {
        const TreeRun done = run(way, plan);
        EXPECT_EQ(done.paths, alone.paths);
        EXPECT_EQ(indexer::compare(alone.run, done.run).verdict, indexer::Comparison::Verdict::same);
        std::size_t files = 0, pieces = 0;
        for (const Tally& tally : done.tallies) files += tally.files, pieces += tally.pieces;
        EXPECT_EQ(files, alone.run.files.size());
        if (way == a_job_a_file) {
          EXPECT_EQ(pieces, 0U);
        } else {
          EXPECT_GE(pieces, large_->bytes() / 50);
        }
      }
    }
  }
}

// Whether anything in the timeline is of that kind.
bool shows(const TreeRun& run, Doing what) {
  const auto has_it = [what](const Lane& lane) {
    return std::any_of(lane.stretches.begin(), lane.stretches.end(),
                       [what](const Stretch& stretch) { return stretch.what == what; });
  };
  return std::any_of(run.timeline.workers.begin(), run.timeline.workers.end(), has_it) || has_it(run.timeline.caller);
}

TEST_F(SkewedTree, FilesAreDrawnAsWhatTheyAre) {
  TreePlan both = plan(3), small = both, large = both;
  small.piece = large_->bytes();  // so none is larger
  large.tree.folder = folder_ / "wide/.git";
  large.tree.large_first = true;
  fs::remove(folder_ / "wide/.git/hidden");
  for (const auto way : {one_by_one, a_job_a_file, fork_and_join}) {
    EXPECT_TRUE(shows(run(way, both), Doing::file) && shows(run(way, both), Doing::large));
    EXPECT_FALSE(shows(run(way, small), Doing::large));
    EXPECT_FALSE(shows(run(way, large), Doing::file));
    const TreeRun done = run(way, both);
    for (const Lane& lane : done.timeline.workers)
      for (const Stretch& stretch : lane.stretches) EXPECT_LE(stretch.end, done.timeline.seconds);
    EXPECT_FALSE(done.timeline.caller.stretches.empty()) << "it merges";
  }
}

TEST_F(SkewedTree, EndsWhenItIsCancelled) {
  const pool::priority::CancelSource source;
  source.cancel("SIGINT");
  TreePlan plan = this->plan(2);
  plan.token = source.token();
  for (const auto way : {one_by_one, a_job_a_file, fork_and_join})
    EXPECT_THROW(static_cast<void>(run(way, plan)), pool::priority::Cancelled);
  EXPECT_THROW(LargeFile({large_->path()}, source.token()), pool::priority::Cancelled);
}

// A run that has lost a file which is there, or has counted a word too many, is found out.
TEST_F(SkewedTree, TheContestComparesEveryRun) {
  std::ostringstream nowhere;
  const Contest contest = run_contest(plan(2), 3, 83, nowhere, {});
  EXPECT_EQ(contest.found.comparison.verdict, indexer::Comparison::Verdict::same);
  EXPECT_EQ(contest.found.listing.files.size(), 83U);
  EXPECT_EQ(nowhere.str(), "");

  TreeRun first = contest.alone.best, wrong = contest.forking.best;
  wrong.run.index.add(indexer::count("word"));
  indexer::Comparison worst;
  verify(first, wrong, worst);
  EXPECT_EQ(worst.verdict, indexer::Comparison::Verdict::different);
  TreeRun right = contest.forking.best;
  verify(first, right, worst);
  EXPECT_EQ(worst.verdict, indexer::Comparison::Verdict::different) << "and it is not forgotten";
}

TEST(Align, WhatOneHasNotSeenHasVanished) {
  const auto run_of = [](const std::vector<std::string>& paths) {
    TreeRun run;
    for (const std::string& path : paths) {
      run.paths.push_back(path);
      run.run.files.push_back({{indexer::Outcome::text, {}, {}, {}}, 1, 2});
    }
    return run;
  };
  TreeRun a = run_of({"a", "c", "d"}), b = run_of({"b", "d", "e"});
  align(a, b);
  const std::vector<std::string> all{"a", "b", "c", "d", "e"};
  EXPECT_EQ(a.paths, all);
  EXPECT_EQ(b.paths, all);
  const auto seen = [](const TreeRun& run) {
    std::string outcomes;
    for (const indexer::Completion& done : run.run.files)
      outcomes += done.file.outcome == indexer::Outcome::text ? '+' : '-';
    return outcomes;
  };
  EXPECT_EQ(seen(a), "+-++-");
  EXPECT_EQ(seen(b), "-+-++");
}

}  // namespace
