// What the user may ask of this stage's demo.
#pragma once

#include <cstddef>
#include <string>

#include <indexer/command_line.hpp>

struct Options {
  std::string folder = ".";
  std::string policy = "both";  // load-ratio, hill-climbing or both
  std::size_t min = 2, max = 20;
  std::size_t interval = 50;     // milliseconds, where the pool itself takes ten seconds
  std::size_t seconds = 6;       // that each policy is watched, unless it needs longer
  std::size_t lanes = 8;         // reads that the source serves at a time
  std::string hostile = "toml";  // files whose name ends in this end the thread that handles them
  bool quiet = false, json = false;
  std::string svg;  // where the chart goes; empty: nowhere
};

void declare(indexer::CommandLine& line, Options& options);

// What is wrong with two options together that are right alone: a UsageError.
void check(const Options& options);
