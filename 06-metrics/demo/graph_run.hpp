// The index of a folder as a graph of tasks: one node for each folder below it, which hands in a task for each of its files
// and waits for them as a group; then one that merges what the workers have found.
//
//   index 01-basic-pool ─┐
//   index docs          ─┼─► merge
//   …                   ─┘
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <indexer/run.hpp>
#include <pool/metrics/stats.hpp>

#include "folder_groups.hpp"

struct GroupDone {
  std::string name;
  std::size_t files = 0, ended = 0;
};

struct GraphResult {
  indexer::Run run;
  std::vector<GroupDone> groups;
  pool::metrics::Stats stats;        // when all had ended
  std::vector<std::string> slowest;  // the longest tasks, one line each
  std::string trace;                 // of tasks, steals and parks: JSON
  std::vector<std::string> workers;  // their names
  std::string task;                  // of one file: as the registry shows it
};

// show(files that are done) is called on this thread, a few times a second.
[[nodiscard]] GraphResult run_graph(const std::string& folder, const std::vector<std::string>& files,
                                    std::size_t workers, const std::function<void()>& show,
                                    indexer::Progress& progress);
