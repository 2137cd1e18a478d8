// Three ways to index the same tree: one file after the other; a job a file, as the stages before have it; and as
// fork-join recursion over folders and large files. All walk through the tree themselves, and find the same.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <indexer/progress.hpp>
#include <indexer/run.hpp>
#include <pool/priority/cancellation.hpp>
#include "recorder.hpp"

struct Tree {
  std::string folder;
  std::string large;         // a file beside it
  bool large_first = false;  // it is found before the folder, and not after it
};

struct TreePlan {
  Tree tree;
  std::size_t workers = 2;
  std::size_t piece = 128'000;  // bytes; a larger file is a large one, and may be counted in pieces of at most so many
  pool::priority::CancelToken token = {};
};

struct Tally {
  std::size_t files = 0;
  std::size_t pieces = 0;  // of large files
};

struct TreeRun {
  indexer::Run run;                // its files are in the order of their paths
  std::vector<std::string> paths;  // of these files
  std::vector<Tally> tallies;      // of the workers
  Timeline timeline;
};

// Each throws Cancelled if the plan's token is, and what a pool may throw.
TreeRun one_by_one(const TreePlan& plan, indexer::Progress& progress);
TreeRun a_job_a_file(const TreePlan& plan, indexer::Progress& progress);   // on the pool of stage 03
TreeRun fork_and_join(const TreePlan& plan, indexer::Progress& progress);  // on the pool of this stage

// Gives both runs the same paths, where a file has come or gone between them: to who has not seen it, it has vanished.
void align(TreeRun& a, TreeRun& b);
