// The contest: the same skewed tree, indexed in three ways, several times over. Of each way the fastest run counts, and
// every run has to find what the first one has found, one file after the other.
#pragma once

#include <array>
#include <cstddef>
#include <iosfwd>
#include <string>

#include <indexer/json.hpp>
#include <indexer/report.hpp>
#include <indexer/terminal.hpp>
#include "tree_run.hpp"

struct Contestant {
  std::string name;
  TreeRun best;
};

struct Contest {
  TreePlan plan;
  std::size_t rounds = 0;
  Contestant alone, former, forking;
  indexer::Findings
      found;  // of this stage's pool, compared: of the first run that differs from one by one, if any does

  [[nodiscard]] std::array<const Contestant*, 2> pools() const { return {&former, &forking}; }
};

// `screen` is for progress, on `errors`; `files` is how many there are, as far as is known. Throws Cancelled if the token
// of the plan is.
Contest run_contest(const TreePlan& plan, std::size_t rounds, std::size_t files, std::ostream& errors,
                    const indexer::Terminal& screen);

// Members of a JSON object.
void write_members(indexer::JsonWriter& json, const Contest& contest);
