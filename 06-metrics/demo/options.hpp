// What the user may ask of this stage's demo.
#pragma once

#include <cstddef>
#include <string>

#include <indexer/command_line.hpp>
#include <indexer/settings.hpp>

struct Options {
  std::string folder = ".";
  std::size_t jobs = indexer::Settings::default_jobs();
  std::size_t top = 8;
  bool verify = true;
  bool quiet = false, json = false;
  std::string trace;  // where the timeline goes; empty: a file among the temporary ones
};

void declare(indexer::CommandLine& line, Options& options);

// The file that is written if the user names none.
[[nodiscard]] std::string default_trace_file();
