// Harvest: what the workers of one run have found so far, each for itself, and when they did what.
//
// Thread safety: each worker uses its own number; gather() is for when all is done.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <vector>

#include <indexer/index.hpp>
#include <indexer/text.hpp>
#include <indexer/walk.hpp>
#include "tree_run.hpp"

class Harvest {
 public:
  Harvest(const TreePlan& plan, indexer::Progress& progress)
      : plan_(plan), progress_(progress), recorder_(plan.workers), shares_(plan.workers + 1) {}

  [[nodiscard]] const TreePlan& plan() const { return plan_; }
  [[nodiscard]] Recorder& recorder() { return recorder_; }
  [[nodiscard]] std::size_t caller() const { return recorder_.caller(); }  // the number of who is no worker

  // What is directly in the folder.
  indexer::Folder list(std::size_t worker, const std::string& folder, indexer::Origin origin);

  // The file's text, which is large or not; then one of the two: it is counted as it is, or was, in pieces.
  indexer::FileText read(std::size_t worker, const std::string& file);
  [[nodiscard]] bool is_large(const indexer::FileText& text) const { return text.text.size() > plan_.piece; }
  void count(std::size_t worker, const std::string& file, const indexer::FileText& text);
  void counted(std::size_t worker, const std::string& file, indexer::FileText&& text, const indexer::Totals& totals);
  indexer::Totals count_piece(std::size_t worker, std::string_view piece, bool last);

  // Merges it all, which the caller does.
  TreeRun gather();

 private:
  struct Found {
    std::string path;
    indexer::Completion done;
  };
  struct alignas(64) Share {
    indexer::Index index;
    std::vector<Found> found;
    std::size_t pieces = 0;
  };

  void note(std::size_t worker, const std::string& file, const indexer::FileReport& report);

  const TreePlan& plan_;
  indexer::Progress& progress_;
  Recorder recorder_;
  std::vector<Share> shares_;
  std::atomic<std::size_t> finished_{0};
};
