// What the user may ask of this stage's demo, beyond what all demos understand.
#pragma once

#include <cstddef>
#include <string>

#include <indexer/settings.hpp>
#include "bounded_index.hpp"

inline constexpr std::size_t kDefaultCapacity = 64;

struct Options : indexer::Settings {
  Options() { top = 5; }  // identifiers are not what this stage is about

  std::size_t capacity = kDefaultCapacity;  // texts that may wait in the queue; 0: no limit
  std::string overflow = "block";
  bool experiment = false, no_experiment = false;
  std::size_t files = 2000;  // that the experiment generates
  std::string svg;           // where its chart goes; empty: nowhere
  bool measure = false;

  [[nodiscard]] PoolPlan plan() const { return {jobs, capacity, pool::bounded::parse_overflow(overflow)}; }

  // Whether to run the experiment, and not only to index the folder. Throws indexer::UsageError for a contradiction.
  [[nodiscard]] bool runs_experiment() const;
};

// Declares all of them, the common ones among them.
void declare(indexer::CommandLine& line, Options& options);
