// What the user may ask of this stage's demo.
#pragma once

#include <cstddef>
#include <string>

#include <indexer/command_line.hpp>
#include <indexer/settings.hpp>

struct Options {
  std::string folder = ".";
  std::size_t workers = indexer::Settings::default_jobs();  // of each pool
  std::string large;                                        // a file of the user's; empty: one is made
  bool first = false;                                       // it is found first, and not last
  std::size_t piece = 128;                                  // KB in which a larger file is counted
  std::size_t rounds = 5;
  bool quiet = false, json = false;
  std::string svg;  // where the timelines go; empty: nowhere
};

void declare(indexer::CommandLine& line, Options& options);
