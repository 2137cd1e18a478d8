// Indexing with the pool of this stage: the caller reads the files, the workers count what is in them.
//
// A job owns its text, and so the queue holds what was read and is not yet counted. How much that may be is what
// `capacity` says; what becomes of a text for which there is no room, `overflow`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <indexer/progress.hpp>
#include <indexer/run.hpp>
#include <pool/bounded/thread_pool.hpp>
#include "in_system.hpp"

inline constexpr std::string_view kCaller = "the caller";

struct PoolPlan {
  std::size_t workers = 1;
  std::size_t capacity = 0;  // 0: no limit
  pool::bounded::Overflow overflow = pool::bounded::Overflow::block;
};

struct BoundedRun {
  indexer::Run run;                  // of the files that were counted; worker number `workers.size()` is the caller
  std::vector<std::string> workers;  // the names of the threads
  std::size_t ended = 0;             // how many of them have ended
  std::size_t left = 0;              // jobs in the queue when they had
  std::size_t rejected = 0;          // files that the pool refused: counted by QueueFull
  std::size_t dropped = 0;           // files that it took and did not count: counted by their futures
  pool::bounded::PoolStats stats;    // what the pool itself says about all that, at rest

  [[nodiscard]] bool partial() const { return rejected + dropped > 0; }
};

BoundedRun index_bounded(const std::vector<std::string>& files, const PoolPlan& plan, InSystem& in_system,
                         indexer::Progress& progress);
